package hook

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMerge(t *testing.T) {
	for _, c := range []struct{ name, base, ours, theirs, want, clash string }{
		{"ours is base", "a \nb\n", "a \nb\n", "a\nb\n", "a\nb\n", ""},
		{"apart", "a \nb\nc\n", "a \nb\nC\n", "a\nb\nc\n", "a\nb\nC\n", ""},
		{"touching", "a \nb\nc\n", "a \nB\nc\n", "a\nb\nc\n", "", "line 2"},
		{"same line", "a \nb\n", "A \nb\n", "a\nb\n", "", "line 1"},
		{"same change", "a \nb\nc\n", "a\nb\nC\n", "a\nb\nc\n", "a\nb\nC\n", ""},
		{"no final newline", "a\nb\nc", "A\nb\nc", "a\nb\nc\n", "A\nb\nc\n", ""},
		{"appended to it", "a\nb\nc", "a\nb\nc\nd", "a\nb\nc\n", "", "lines 3-4"},
		{"carriage returns", "a \r\nb\r\nc\r\n", "a \r\nb\r\nC\n", "a\r\nb\r\nc\r\n", "a\r\nb\r\nC\n", ""},
		{"inserted before", "a \nb\nc\nd \n", "x\na \nb\nc\nd \n", "a \nb\nc\nd\n", "x\na \nb\nc\nd\n", ""},
		{"inserted at", "a\nb \nc\n", "a\nx\nb \nc\n", "a\nb\nc\n", "", "line 2"},
		{"deleted beside", "a\nb \nc\nd\n", "a\nb \nd\n", "a\nb\nc\nd\n", "", "line 3"},
		{"emptied", "a \n", "", "a\n", "", "line 1"},
		{"from nothing", "", "x\n", "y\n", "", "line 1"},
		{"two in the way", "a \nb\nc \nd\ne\nf \n", "A \nb\nC \nD\ne\nf \n", "a\nb\nc\nd\ne\nf\n", "", "lines 1, 3-4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, clash := merge([]byte(c.base), []byte(c.ours), []byte(c.theirs))
			if clash != nil {
				if s := lines(clash); s != c.clash || got != nil {
					t.Errorf("got %q, %s, want %q, %s", got, s, c.want, c.clash)
				}
				return
			}
			if string(got) != c.want || c.clash != "" {
				t.Errorf("got %q, want %q %s", got, c.want, c.clash)
			}
		})
	}
}

// mergeFile is git's own three-way merge.
func mergeFile(t testing.TB, dir string, base, ours, theirs []byte) (merged []byte, clean bool) {
	t.Helper()
	for name, data := range map[string][]byte{"base": base, "ours": ours, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "ours", "base", "theirs")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || exit != nil && exit.ExitCode() > 127 {
		t.Fatalf("git merge-file: %v", err)
	}
	return out, err == nil
}

// randomText is lines of few words, so that many are equal.
func randomText(r *rand.Rand, lines int) []string {
	words := []string{"a", "b", "}", "", "\treturn", "x = 1", "end"}
	out := make([]string, lines)
	for i := range out {
		out[i] = words[r.IntN(len(words))]
		if r.IntN(3) == 0 {
			out[i] = fmt.Sprintf("line %d", r.IntN(40))
		}
		out[i] += [...]string{"", "", "", " ", "\t"}[r.IntN(5)] + [...]string{"\n", "\n", "\n", "\r\n"}[r.IntN(4)]
	}
	if lines > 0 && r.IntN(3) == 0 {
		out[lines-1] = strings.TrimRight(out[lines-1], "\r\n")
	}
	return out
}

// randomEdits inserts, removes and changes a few lines.
func randomEdits(r *rand.Rand, in []string, edits int) []string {
	out := slices.Clone(in)
	for range edits {
		at := r.IntN(len(out) + 1)
		switch r.IntN(3) {
		case 0:
			out = slices.Insert(out, at, randomText(r, 1+r.IntN(2))...)
		case 1:
			out = slices.Delete(out, at, min(len(out), at+1+r.IntN(2)))
		case 2:
			if at < len(out) {
				out[at] = fmt.Sprintf("edit %d\n", r.IntN(1000))
			}
		}
	}
	return out
}

func joined(lines []string) []byte { return []byte(strings.Join(lines, "")) }

// trimmedLines is what trailing-whitespace makes of lines.
func trimmedLines(in []string) []string {
	out := slices.Clone(in)
	for i, l := range out {
		body := strings.TrimRight(l, "\r\n")
		out[i] = strings.TrimRight(body, " \t") + l[len(body):]
	}
	return out
}

// Where both we and git merge cleanly, the results are equal; where git cannot,
// we do not; and we refuse little that git would merge.
func TestMergeAgainstGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	n := 150
	if long() {
		n = 4000
	}
	clean, both, strict, other := 0, 0, 0, 0
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		base := randomText(r, r.IntN(60))
		theirs := trimmedLines(base)
		if r.IntN(4) == 0 {
			theirs = randomEdits(r, base, 1+r.IntN(3))
		}
		ours := joined(randomEdits(r, base, r.IntN(4)))
		got, clash := merge(joined(base), ours, joined(theirs))
		want, ok := mergeFile(t, dir, joined(base), ours, joined(theirs))
		switch {
		case ok:
			clean++
			if clash != nil {
				strict++
			} else if bytes.Equal(got, want) {
				both++
			} else {
				other++
				t.Logf("seed %d: base %q\nours %q\ntheirs %q\ngot %q\ngit %q", seed, joined(base), ours, joined(theirs), got, want)
			}
		case clash == nil:
			other++
			t.Logf("seed %d: git finds a conflict: base %q\nours %q\ntheirs %q\ngot %q\ngit %q", seed, joined(base), ours, joined(theirs), got, want)
		}
	}
	t.Logf("of %d merges git makes %d; %d of them alike, %d refused by us, %d unlike", n, clean, both, strict, other)
	if other*100 > n || strict*10 > clean {
		t.Errorf("too many differ from git's: %d unlike, %d refused of %d", other, strict, clean)
	}
}

// What is merged holds exactly the edits of ours, whatever the texts: taking
// the fix back out gives ours again.
func TestMergeKeepsEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c \n", "d\t\r\n", "\n", "e"}), 0, 14)
		base, ours := text.Draw(t, "base"), text.Draw(t, "ours")
		theirs := text.Draw(t, "theirs")
		if rapid.Bool().Draw(t, "fix") {
			theirs = trimmedLines(base)
		}
		b, o, f := joined(base), joined(ours), joined(theirs)
		got, clash := merge(b, o, f)
		if clash != nil {
			if got != nil {
				t.Fatal("both merged and refused")
			}
			return
		}
		for _, c := range [][2][]byte{{o, f}, {f, o}} {
			if bytes.Equal(b, c[0]) && !bytes.Equal(got, c[1]) {
				t.Fatalf("one side is unchanged: got %q, want %q", got, c[1])
			}
		}
		// The edits of ours and the fixes are told apart by hunks of base; every
		// hunk of either is a hunk of the result.
		all := hunksOf(splitLines(b), splitLines(o))
		for _, h := range hunksOf(splitLines(b), splitLines(f)) {
			if !slices.ContainsFunc(all, h.equal) {
				all = append(all, h)
			}
		}
		slices.SortFunc(all, func(x, y hunk) int { return x.start - y.start })
		for i := 1; i < len(all); i++ {
			if all[i].start <= all[i-1].end {
				t.Fatalf("changes that touch were merged: %v", all)
			}
		}
		if want := apply(splitLines(b), all); !bytes.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestHunksApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\n", "\n"}), 0, 30)
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		hunks := hunksOf(a, b)
		if got := apply(a, hunks); !bytes.Equal(got, joined(b)) {
			t.Fatalf("got %q, want %q", got, joined(b))
		}
		for i := 1; i < len(hunks); i++ {
			if hunks[i].start <= hunks[i-1].end {
				t.Fatalf("hunks touch: %v", hunks)
			}
		}
	})
}

// A fix of many lines beside one edit far from them merges: the library alone
// gives up after a hundred differences and calls all of it one.
func TestMergeManyFixes(t *testing.T) {
	var base []string
	for i := range 3000 {
		base = append(base, fmt.Sprintf("line %d \n", i))
	}
	base[0] = "first\n"
	ours := slices.Clone(base)
	ours[0] = "edited\n"
	base[1], ours[1] = "second\n", "second\n"
	got, clash := merge(joined(base), joined(ours), joined(trimmedLines(base)))
	want := append([]string{"edited\n"}, trimmedLines(base)[1:]...)
	if clash != nil || !bytes.Equal(got, joined(want)) {
		t.Errorf("refused at %v", clash)
	}
}

// long says that the whole campaigns were asked for.
func long() bool { return os.Getenv("SOT_LONG") != "" }
