package source_test

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// git runs git in a folder, without the machine's configuration.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "HOME="+dir,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wantAll is git's answer to --all: what is tracked or neither tracked nor
// ignored, and is there.
func wantAll(t *testing.T, dir string) []string {
	t.Helper()
	var want []string
	for path := range strings.SplitSeq(git(t, dir, "ls-files", "-co", "--exclude-standard", "-z"), "\x00") {
		if path == "" || strings.HasSuffix(path, "/") {
			continue
		}
		if info, err := os.Lstat(filepath.Join(dir, path)); err == nil && (!info.IsDir() || isSubmodule(t, dir, path)) {
			want = append(want, path)
		}
	}
	slices.Sort(want)
	return slices.Compact(want)
}

func isSubmodule(t *testing.T, dir, path string) bool {
	t.Helper()
	return strings.HasPrefix(git(t, dir, "ls-files", "-s", "--", path), "160000")
}

func list(t *testing.T, o source.Options) []string {
	t.Helper()
	s, err := source.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	entries, err := s.Files(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Status != rule.Deleted {
			got = append(got, e.Path)
		}
	}
	return got
}

// Over random repositories with ignores at several levels, nested repositories,
// deleted, forced and odd names, --all lists what git lists.
func TestAllListsWhatGitLists(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	names := []string{"a.txt", "b.log", "build", "x y", "-dash", ":colon", "q\"uote", "new\nline", "é", "sub", "deep", "c.o", "[a]", "*"}
	rounds := 25
	if os.Getenv("SOT_LONG") != "" {
		rounds = 1000
	}
	for seed := range rounds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			r := rand.New(rand.NewSource(int64(seed)))
			dir := t.TempDir()
			git(t, dir, "init", "-q")
			random := func() string {
				parts := make([]string, 1+r.Intn(3))
				for i := range parts {
					parts[i] = names[r.Intn(len(names))]
				}
				return filepath.Join(append([]string{dir}, parts...)...)
			}
			scatter := func(n int) {
				for range n {
					path := random()
					if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
						_ = os.WriteFile(path, []byte(path), 0o644) // where a folder is in its place, it stays
					}
				}
			}
			scatter(10)
			git(t, dir, "add", "-A", "-f")
			for _, text := range []string{"*.log\n", "build/\n!b.log\n", "/sub\n*.o\n", "deep/**\n", "*\n!*/\n!a.txt\n", "**/sub\n!/sub/", "[a-c]*.txt\n\\!x\nx?y\n", "build/**/a.txt\n/*/deep\n"} {
				if r.Intn(2) == 0 {
					path := random()
					if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
						_ = os.WriteFile(filepath.Join(filepath.Dir(path), ".gitignore"), []byte(text), 0o644)
					}
				}
			}
			put(t, filepath.Join(dir, ".git/info/exclude"), "*.excluded\nx y\n")
			scatter(12)
			if r.Intn(2) == 0 {
				nested := filepath.Join(dir, "nested")
				put(t, filepath.Join(nested, "inner.txt"), "x")
				git(t, nested, "init", "-q")
			}
			if tracked := strings.Split(git(t, dir, "ls-files", "-z"), "\x00"); len(tracked) > 1 {
				_ = os.Remove(filepath.Join(dir, tracked[0]))
			}
			want := wantAll(t, dir)
			for _, reader := range []string{"git", "go-git"} {
				if got := list(t, source.Options{Dir: dir, Mode: source.All, Reader: reader}); !slices.Equal(got, want) {
					t.Errorf("%s:\ngot  %q\nwant %q", reader, got, want)
				}
			}
		})
	}
}

// What is staged is listed from the index that git names, as under `git commit
// -a` and `git commit PATH`.
func TestStagedHonoursTheIndexFile(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	put(t, filepath.Join(dir, "a.txt"), "a\n")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "start")
	put(t, filepath.Join(dir, "a.txt"), "changed\n")
	other := filepath.Join(dir, ".git", "other-index")
	b, err := os.ReadFile(filepath.Join(dir, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, b, 0o644); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "GIT_INDEX_FILE="+other, "GIT_CONFIG_GLOBAL="+os.DevNull)
	cmd := exec.Command("git", "add", "a.txt")
	cmd.Dir, cmd.Env = dir, env
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got := list(t, source.Options{Dir: dir, Mode: source.Staged, Env: env}); !slices.Equal(got, []string{"a.txt"}) {
		t.Errorf("with the other index: %q", got)
	}
	if got := list(t, source.Options{Dir: dir, Mode: source.Staged, Env: os.Environ()}); len(got) != 0 {
		t.Errorf("with the usual index: %q", got)
	}
}

// An index that is split, or of version 4, lists the same.
func TestIndexShapes(t *testing.T) {
	for _, version := range [][]string{{"--split-index"}, {"--index-version=4"}, {"--index-version=2"}} {
		dir := t.TempDir()
		git(t, dir, "init", "-q")
		for _, name := range []string{"a.txt", "d/b.txt", "d/c.txt"} {
			put(t, filepath.Join(dir, name), name)
		}
		git(t, dir, "add", ".")
		git(t, dir, append([]string{"update-index"}, version...)...)
		put(t, filepath.Join(dir, "d/e.txt"), "e")
		git(t, dir, "add", ".")
		for _, mode := range []source.Mode{source.All, source.Staged} {
			if got, want := list(t, source.Options{Dir: dir, Mode: mode}), wantAll(t, dir); !slices.Equal(got, want) {
				t.Errorf("%v: got %q, want %q", version, got, want)
			}
		}
	}
}
