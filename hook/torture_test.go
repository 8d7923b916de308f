package hook

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var seedFlag = flag.String("seed", "", "run the campaigns on this seed alone, and print its commands")

// campaign runs body over seeds, several at once. SOT_LONG runs them all.
func campaign(t *testing.T, few, all int, body func(t *testing.T, seed uint64)) {
	n := few
	if testing.Short() {
		n = few / 3
	}
	if long() {
		n = all
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i)
	}
	if *seedFlag != "" {
		one, err := strconv.ParseUint(*seedFlag, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = []uint64{one}
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	for _, seed := range seeds {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { body(t, seed) })
		})
	}
	wg.Wait()
}

// halfStaged is a random half-staged repository and how it is to be committed.
type halfStaged struct {
	*mendRepo
	r    *rand.Rand
	kind string            // of commit
	head map[string]string // HEAD's tree before the commit
	seed uint64
}

// Names that tools stumble over.
var oddNames = []string{
	"plain.txt", "with space.txt", " leading", "line\nfeed", "tab\there", `quo"te'`, "back\\slash", "-dash", "*glob[1]?",
	"ünïcode", "not\xffutf8", "deep/er/file", "deep/er/other", "deep/x", "UPPER", "a.crlf",
}

// commitKinds are what is run; the paths of -o and -i are added.
var commitKinds = []string{"plain", "plain", "plain", "plain", "all", "all", "include", "only", "amend"}

func newState(t testing.TB, seed uint64) *halfStaged {
	r := rand.New(rand.NewPCG(seed, 2026))
	var initArgs []string
	if r.IntN(8) == 0 {
		initArgs = []string{"--object-format=sha256"}
	}
	s := &halfStaged{mendRepo: newMendRepo(t, initArgs...), r: r, seed: seed, kind: commitKinds[r.IntN(len(commitKinds))]}
	t.Cleanup(func() {
		if t.Failed() || *seedFlag != "" {
			t.Logf("to repeat: go test ./hook -run '%s' -seed %d\n%s", strings.SplitN(t.Name(), "/", 2)[0], seed, strings.Join(*s.log, "\n"))
		}
	})
	s.write("sot.yaml", rules)
	switch r.IntN(10) {
	case 0:
		s.write(".gitattributes", "* text=auto\n*.crlf text eol=crlf\n")
	case 1:
		s.git("config", "core.autocrlf", "input")
	}
	names := slices.Clone(oddNames)
	r.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
	names = names[:3+r.IntN(7)]
	for _, name := range names {
		s.write(name, s.text(name))
	}
	s.git("add", "-A")
	s.git("commit", "-q", "--no-verify", "-m", "base")
	switch r.IntN(8) {
	case 0:
		s.git("update-index", "--split-index")
	case 1:
		s.git("update-index", "--index-version", "4")
	case 2:
		s.git("update-index", "--force-untracked-cache")
	case 3:
		s.git("worktree", "add", "-q", "--detach", s.dir+"-linked")
		s.dir += "-linked"
	}
	for _, name := range names {
		s.edit(name, true)
	}
	if r.IntN(2) == 0 {
		s.write("added", s.text("added"))
		s.git("add", "added")
	}
	for _, name := range append(names, "added") {
		s.edit(name, false)
	}
	s.write("untracked", "left alone  \n")
	if r.IntN(4) == 0 {
		s.write("intent", "meant  \n")
		s.git("add", "-N", "intent")
	}
	return s
}

// text is a random file: mostly text, dirty here and there. What ends in .txt
// passes for text, whatever it holds.
func (s *halfStaged) text(name string) string {
	if s.r.IntN(12) == 0 && path.Ext(name) == "" {
		return "bin\x00ary  \n" + string(joined(randomText(s.r, 3)))
	}
	lines := randomText(s.r, 1+s.r.IntN(25))
	if s.r.IntN(5) > 0 {
		lines = trimmedLines(lines)
	}
	return string(joined(lines))
}

// edit changes a file in the worktree, and stages it or not.
func (s *halfStaged) edit(name string, stage bool) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil || s.r.IntN(4) == 0 {
		return
	}
	switch k := s.r.IntN(12); {
	case k == 0:
		s.must(os.Chmod(s.path(name), []os.FileMode{0o755, 0o644, 0o600}[s.r.IntN(3)]))
	case k == 1:
		s.must(os.Remove(s.path(name)))
	case k == 2 && stage:
		s.git("mv", "--", name, name+" moved")
		name += " moved"
		s.write(name, string(joined(randomEdits(s.r, splitLines(data), 1))))
	case k == 3 && !stage:
		s.must(os.Remove(s.path(name)))
		s.must(os.Symlink("elsewhere", s.path(name)))
	default:
		s.write(name, string(joined(s.dirty(randomEdits(s.r, splitLines(data), 1+s.r.IntN(3))))))
	}
	if stage {
		s.git("--literal-pathspecs", "add", "-A", "--", name)
	}
}

// dirty adds white space to the end of some lines.
func (s *halfStaged) dirty(lines []string) []string {
	for i, l := range lines {
		if s.r.IntN(12) == 0 {
			body := strings.TrimRight(l, "\r\n")
			lines[i] = body + "  " + l[len(body):]
		}
	}
	return lines
}

// commitArgs is the commit; ok is false where this state has none of its kind.
func (s *halfStaged) commitArgs() []string {
	args := []string{"commit", "-q", "--allow-empty", "-m", "x"}
	some := slices.Sorted(maps.Keys(s.index()))
	one := some[s.r.IntN(len(some))]
	switch s.kind {
	case "all":
		return append(args, "-a")
	case "amend":
		return append(args, "--amend")
	case "include":
		return append([]string{"--literal-pathspecs"}, append(args, "-i", "--", one)...)
	case "only":
		return append([]string{"--literal-pathspecs"}, append(args, "-o", "--", one)...)
	}
	return args
}

// In any half-staged state, a commit with fixes on holds the fixed text of what
// was staged; no other byte of the index or of the worktree changes. A copy of
// the repository, committed without the hook, says what would have been.
func TestTorture(t *testing.T) {
	var states, committed, refused, fixed atomic.Int64
	campaign(t, 24, 2000, func(t *testing.T, seed uint64) {
		s := newState(t, seed)
		control := s.copyTo("control")
		if strings.HasSuffix(s.dir, "-linked") {
			control = s.controlOfLinked()
		}
		args := s.commitArgs()
		before, index := s.worktree(), s.index()
		s.head = s.tree()
		_, errControl := control.try(append(args, "--no-verify")...)
		s.install()
		out, err := s.try(args...)
		states.Add(1)
		if errControl != nil {
			return // git refuses it for its own reasons
		}
		was, wasIndex := control.tree(), control.index()
		ok := err == nil
		if ok {
			committed.Add(1)
		} else if exitOf(err) != 1 || !strings.Contains(out, "error") {
			t.Fatalf("the commit failed for another reason: %v\n%s", err, out)
		}
		n := s.checkMended(before, index, was, wasIndex, out, ok)
		fixed.Add(int64(n))
		refused.Add(int64(strings.Count(out, "not fixed: ")))
	})
	t.Logf("%d states: %d committed, %d files fixed, %d findings of files that were refused", states.Load(), committed.Load(), fixed.Load(), refused.Load())
	if states.Load() >= 20 && (fixed.Load() == 0 || committed.Load() == 0 || committed.Load() == states.Load()) {
		t.Error("the states are all alike")
	}
}

// controlOfLinked copies the main repository and a linked worktree of it.
func (s *halfStaged) controlOfLinked() *mendRepo {
	s.t.Helper()
	main := *s.mendRepo
	main.dir = strings.TrimSuffix(s.dir, "-linked")
	c := main.copyTo("control-main")
	linked := s.copyTo("control-linked")
	id := filepath.Base(s.gitDir())
	s.must(os.WriteFile(linked.path(".git"), []byte("gitdir: "+c.path(".git/worktrees/"+id)+"\n"), 0o666))
	s.must(os.WriteFile(c.path(".git/worktrees/"+id+"/gitdir"), []byte(linked.path(".git")+"\n"), 0o666))
	return linked
}

// checkMended holds a state after the hook against what was before, and against
// the commit and index that a commit without the hook makes. It returns how many
// files were fixed.
func (s *halfStaged) checkMended(before, index, tree, controlIndex map[string]string, out string, ok bool) (fixed int) {
	s.t.Helper()
	after, now := s.worktree(), s.index()
	want := index // the commit failed: git takes back what it staged for it
	if ok {
		want = controlIndex
	}
	keys := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
	if !slices.Equal(keys(now), keys(want)) || !slices.Equal(keys(after), keys(before)) {
		s.t.Errorf("files came or went: index %q, want %q; worktree %q, want %q", keys(now), keys(want), keys(after), keys(before))
		return 0
	}
	head := s.tree()
	if ok && !slices.Equal(keys(head), keys(tree)) {
		s.t.Errorf("the commit holds %q, want %q", keys(head), keys(tree))
	}
	for _, name := range keys(now) {
		staged := s.blobOf(controlIndex[name])
		mended := now[name] != want[name]
		if ok && entryOf(head[name], " ") != entryOf(now[name], "") && head[name] != "" {
			s.t.Errorf("%q: HEAD has %s, the index %s", name, head[name], now[name])
		}
		if ok && s.kind != "only" && head[name] != "" && isFile(now[name]) && tree[name] != s.head[name] && !mended && fixedText(staged) != staged {
			s.t.Errorf("%q: committed as it was staged: %q", name, staged)
		}
		if mended {
			fixed++
			if got := s.blobOf(now[name]); got != fixedText(staged) || entryMode(now[name]) != entryMode(want[name]) {
				s.t.Errorf("%q: the index holds %q, want %q", name, got, fixedText(staged))
			}
		}
		s.checkFile(name, staged, before[name], after[name], mended, ok)
	}
	for name := range after {
		if _, tracked := now[name]; !tracked && after[name] != before[name] {
			s.t.Errorf("%q is not tracked and was changed", name)
		}
	}
	if left := s.leftovers(); left != nil {
		s.t.Errorf("left: %q", left)
	}
	if s.t.Failed() {
		s.t.Log(out)
	}
	return fixed
}

// checkFile holds a worktree file against git's own merge.
func (s *halfStaged) checkFile(name, staged, before, after string, mended, ok bool) {
	s.t.Helper()
	if before == after {
		if mended && before != "" && strings.HasPrefix(before, "-") && s.merged(name, staged, before) != before {
			s.t.Errorf("%q was fixed in the index alone: %q", name, after)
		}
		return
	}
	if !mended && ok {
		s.t.Errorf("%q was changed: %q, was %q", name, after, before)
	}
	want := s.merged(name, staged, before)
	if want == "a conflict" && fixesOnly(before, after) {
		return // a repeated line lets an edit be read in two places, and git reads it nearer to the fix
	}
	if after != want {
		s.t.Errorf("%q holds %q, want %q", name, after, want)
	}
}

// merged is what git's merge makes of a worktree file and the fix of what is
// staged: mode and content, as worktree has it.
func (s *halfStaged) merged(name, staged, before string) string {
	mode, ours, _ := strings.Cut(before, " ")
	base, theirs := []byte(staged), []byte(fixedText(staged))
	if strings.HasSuffix(name, ".crlf") && s.hasAttributes() {
		base, theirs = toCRLF(base), toCRLF(theirs)
	}
	out, clean := mergeFile(s.t, s.t.TempDir(), base, []byte(ours), theirs)
	if !clean {
		return "a conflict"
	}
	return mode + " " + string(out)
}

// fixesOnly says whether lines of before differ from those of after by what the
// rules do to a line, and in nothing else.
func fixesOnly(before, after string) bool {
	a, b := splitLines([]byte(before)), splitLines([]byte(after))
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && trimmedLines(a)[i] != b[i] && a[i]+"\n" != b[i] && trimmedLines(a)[i]+"\n" != b[i] {
			return false
		}
	}
	return true
}

func (s *halfStaged) hasAttributes() bool {
	_, err := os.Stat(s.path(".gitattributes"))
	return err == nil
}

func toCRLF(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// blobOf returns the content of an index entry; "" for none.
func (s *halfStaged) blobOf(entry string) string {
	if !isFile(entry) {
		return ""
	}
	id := strings.Fields(entry)[1]
	out, err := s.command("cat-file", "blob", id).Output()
	if err != nil { // of the control, which has objects of its own
		cmd := s.command("cat-file", "blob", id)
		for _, name := range []string{"control", "control-main"} {
			cmd.Dir = path.Join(filepath.Dir(s.dir), name)
			if out, err = cmd.Output(); err == nil {
				return string(out)
			}
			cmd = s.command("cat-file", "blob", id)
		}
		s.t.Fatalf("no object %s", id)
	}
	return string(out)
}

func isFile(entry string) bool { return strings.HasPrefix(entry, "100") }

func entryMode(entry string) string {
	if len(entry) < 6 {
		return ""
	}
	return entry[:6]
}

// entryOf is mode and id: of ls-tree "mode type id", of ls-files "mode id stage".
func entryOf(entry, tree string) string {
	f := strings.Fields(entry)
	if len(f) < 3 {
		return ""
	}
	if tree != "" {
		return f[0] + " " + f[2]
	}
	return f[0] + " " + f[1]
}
