package source

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestHookHelper is no test: it is what the hooks of the tests below run. It
// writes what a source says in the hook's folder and environment.
func TestHookHelper(t *testing.T) {
	out := os.Getenv("SOT_HOOK_OUT")
	if out == "" {
		t.Skip("only run by a hook")
	}
	var b strings.Builder
	for _, reader := range readers {
		s, err := Open(t.Context(), Options{Mode: Staged, Reader: reader})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := answerOf(t, s)
		fmt.Fprintf(&b, "%s %v %s\n", reader, err, strings.Join(lines, "; "))
		data, err := s.Read(t.Context(), "a.txt")
		fmt.Fprintf(&b, "%s a.txt %v %q\n", reader, err, data)
		_ = s.Close()
	}
	if err := os.WriteFile(out, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Under every way to commit, the hook sees what will be committed and nothing
// else: git names the index to it by GIT_INDEX_FILE.
func TestUnderRealCommits(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string // the paths
		a    string   // what a.txt is in the index
	}{
		{[]string{"commit", "-m", "x"}, []string{"staged"}, "one\n"},
		{[]string{"commit", "-a", "-m", "x"}, []string{"a.txt", "dir/b.txt", "staged"}, "changed\n"},
		{[]string{"commit", "-o", "a.txt", "-m", "x"}, []string{"a.txt"}, "changed\n"},
		{[]string{"commit", "-i", "dir/b.txt", "-m", "x"}, []string{"dir/b.txt", "staged"}, "one\n"},
		{[]string{"commit", "--amend", "-m", "x"}, []string{"staged"}, "one\n"},
		{[]string{"-C", "dir", "commit", "-o", "b.txt", "-m", "x"}, []string{"dir/b.txt"}, "one\n"},
	} {
		for _, linked := range []bool{false, true} {
			name := strings.Join(c.args, " ")
			if linked {
				name += " in a linked worktree"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newRepo(t)
				r.write("a.txt", "one\n")
				r.write("dir/b.txt", "bee\n")
				r.commit()
				hook := "#!/bin/sh\nexec '" + exe + "' -test.run '^TestHookHelper$'\n"
				r.write(".git/hooks/pre-commit", hook)
				r.must(os.Chmod(r.path(".git/hooks/pre-commit"), 0o755))
				if linked {
					r.git("worktree", "add", "-q", r.dir+"2")
					r.dir += "2"
				}
				r.write("staged", "staged\n")
				r.git("add", "staged")
				r.write("a.txt", "changed\n")
				r.write("dir/b.txt", "changed\n")
				out := filepath.Join(filepath.Dir(r.dir), "out")
				r.with("SOT_HOOK_OUT=" + out).git(c.args...)
				data, err := os.ReadFile(out)
				r.must(err)
				checkHook(t, strings.Split(string(data), "\n"), c.want, c.a)
			})
		}
	}
}

func checkHook(t *testing.T, lines, want []string, a string) {
	t.Helper()
	for i, reader := range readers {
		var got []string
		for _, part := range strings.Split(lines[2*i], `" <`) {
			if n := strings.LastIndexByte(part, '"'); n >= 0 {
				got = append(got, part[n+1:])
			}
		}
		slices.Sort(got)
		got = slices.DeleteFunc(got, func(s string) bool { return !slices.Contains(append(want, "a.txt", "dir/b.txt", "staged"), s) })
		if !strings.HasPrefix(lines[2*i], reader+" <nil>") || !slices.Equal(got, want) {
			t.Errorf("%s: the hook saw %q, want %q", reader, lines[2*i], want)
		}
		if read := fmt.Sprintf("%s a.txt <nil> %q", reader, a); lines[2*i+1] != read {
			t.Errorf("the hook read %q, want %q", lines[2*i+1], read)
		}
	}
}
