package source

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rounds is how many random repositories a test makes.
func rounds(few, many int) int {
	if os.Getenv("SOT_LONG") != "" {
		return many
	}
	return few
}

// randomText is some random lines from a small stock, so that files share. The
// last ends, because git before 2.44 does not count one that does not.
func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.Intn(30) {
		b.WriteString(strings.Repeat(string(rune('a'+r.Intn(8))), 1+r.Intn(90)))
		b.WriteString("\n")
	}
	return b.String()
}

func edit(r *rand.Rand, text string) string {
	list := strings.SplitAfter(text, "\n")
	for range r.Intn(len(list)/2 + 1) {
		list[r.Intn(len(list))] = strings.Repeat("z", r.Intn(60)) + "\n"
	}
	return strings.Join(list, "")
}

// Over random changes (edits, moves, moves with edits, mode and type changes, in
// the index and in the worktree) both readers list what git lists, with git's
// renames.
func TestRandomChanges(t *testing.T) {
	for seed := range rounds(12, 400) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewSource(int64(seed)))
			r := newRepo(t)
			var names []string
			for i := range 12 {
				name := fmt.Sprintf("%s/%s%d", []string{"a", "b", "a/c", "."}[rnd.Intn(4)], []string{"f", "g", "x.y"}[rnd.Intn(3)], i%5)
				r.write(name, randomText(rnd))
				names = append(names, name)
			}
			r.commit()
			for stage := range 2 {
				for range 6 {
					mutate(r, rnd, names)
				}
				if stage == 0 && rnd.Intn(4) > 0 {
					r.git("add", "-A")
				}
			}
			modes := []Mode{Changed, Staged, All}
			if seed%3 == 0 {
				r.git("add", "-A")
				r.git("commit", "-q", "--allow-empty", "-m", "x")
				modes = []Mode{Range}
			}
			for _, mode := range modes {
				o := r.options(mode)
				o.Base, o.Head = "HEAD~1", "HEAD"
				answers := map[string]reply{}
				for _, o.Reader = range readers {
					answers[o.Reader] = ask(t, o)
				}
				want := r.oracle(mode, o.Base, o.Head)
				if want == nil {
					want = []string{}
				}
				for _, reader := range readers {
					got := answers[reader]
					if diff := cmp.Diff(want, got.lines); got.err != nil || diff != "" {
						t.Errorf("%s by %s: %v (-git +got)\n%s", modeNames[mode], reader, got.err, diff)
					}
				}
			}
		})
	}
}

// mutate changes one file in some way.
func mutate(r *testRepo, rnd *rand.Rand, names []string) {
	name := names[rnd.Intn(len(names))]
	data, err := os.ReadFile(r.path(name))
	if err != nil {
		return
	}
	switch rnd.Intn(7) {
	case 0:
		r.write(name, edit(rnd, string(data)))
	case 1:
		r.remove(name)
	case 2, 3:
		to := fmt.Sprintf("%s-moved%d", name, rnd.Intn(3))
		if rnd.Intn(2) == 0 {
			to = fmt.Sprintf("new%d/%s", rnd.Intn(2), name[strings.LastIndexByte(name, '/')+1:])
		}
		r.remove(name)
		text := string(data)
		if rnd.Intn(3) > 0 {
			text = edit(rnd, text)
		}
		r.write(to, text)
		if rnd.Intn(3) > 0 {
			r.git("add", "-A")
		}
	case 4:
		r.must(os.Chmod(r.path(name), 0o755))
	case 5:
		r.remove(name)
		r.link(name, "target")
	case 6:
		r.write(fmt.Sprintf("extra%d", rnd.Intn(4)), randomText(rnd))
	}
}
