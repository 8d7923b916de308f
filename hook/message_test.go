package hook

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// testGit runs git in a folder, without the machine's configuration.
func testGit(t testing.TB, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(slices.Concat(os.Environ(), []string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.c", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.c"}), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func newTestRepo(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testGit(t, dir, nil, "init", "-q", "-b", "main")
	return dir
}

// stripped is what is left of a cleaned message after git's stripspace, which
// touches no content.
func stripped(t testing.TB, text []byte, drops []bool) string {
	t.Helper()
	var kept []byte
	n := 0
	for line := range bytes.Lines(text) {
		if !drops[n] {
			kept = append(kept, line...)
		}
		n++
	}
	if n != len(drops) {
		t.Fatalf("%d lines and %d drops", n, len(drops))
	}
	cmd := exec.Command("git", "stripspace")
	cmd.Stdin = bytes.NewReader(kept)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// git is the oracle: the commit-msg hook saves the message that it is given, and
// what is committed must be what clean leaves of it.
func TestCleanAsGitDoes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the hook is a shell script")
	}
	dir := newTestRepo(t)
	raw := filepath.Join(dir, "raw")
	hook := fmt.Sprintf("#!/bin/sh\ncp \"$1\" '%s'\nprintf %%s \"$GIT_EDITOR\" > '%s.editor'\n", raw, raw)
	if err := os.WriteFile(filepath.Join(dir, ".git/hooks/commit-msg"), []byte(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	edit := filepath.Join(dir, "edit.sh")
	write("edit.sh", "cat \"$(dirname \"$0\")/typed\" \"$1\" > \"$1.new\" && cp \"$1.new\" \"$1\"\n")
	line := rapid.SampledFrom([]string{"", "text", "# hash", "; semicolon", " # indented", "#", "trailing  ", "#1 is a number", "more text", "; ------------------------ >8 ------------------------"})
	rapid.Check(t, func(rt *rapid.T) {
		typed := "subject\n" + strings.Join(rapid.SliceOfN(line, 0, 8).Draw(rt, "lines"), "\n") + "\n"
		mode := rapid.SampledFrom([]string{"", "strip", "whitespace", "verbatim", "scissors"}).Draw(rt, "mode")
		char := rapid.SampledFrom([]string{"", ";", "auto"}).Draw(rt, "char")
		verbose, editor := rapid.Bool().Draw(rt, "verbose"), rapid.Bool().Draw(rt, "editor")
		if editor && strings.Contains(typed, ">8") && (char == "auto" || char == ";" && !verbose && mode != "scissors") {
			rt.Skip("a scissors line that was typed by hand cannot be told from git's")
		}
		write("typed", typed)
		args := []string{"commit", "-q", "--allow-empty"}
		if mode != "" {
			args = append([]string{"-c", "commit.cleanup=" + mode}, args...)
		}
		if char != "" {
			args = append([]string{"-c", "core.commentChar=" + char}, args...)
		}
		write("change", rapid.StringMatching("[a-z]{8}").Draw(rt, "change")+"\n# x\n")
		testGit(t, dir, nil, "add", "change")
		if verbose && editor {
			args = append(args, "-v")
		}
		if !editor {
			args = append(args, "-F", filepath.Join(dir, "typed"))
		}
		testGit(t, dir, []string{"GIT_EDITOR=sh '" + edit + "'"}, args...)
		want := testGit(t, dir, nil, "log", "-1", "--format=%B")
		data, err := os.ReadFile(raw)
		if err != nil {
			rt.Fatal(err)
		}
		had, _ := os.ReadFile(raw + ".editor")
		comment := char
		switch char {
		case "":
			comment = "#"
		case "auto":
			comment = autoComment(data, string(had) != ":")
		}
		c := newCleanup(mode, comment, string(had) != ":")
		text, drops := c.clean(data)
		if got := stripped(t, text, drops); strings.TrimSpace(got) != strings.TrimSpace(stripped(t, []byte(want), make([]bool, strings.Count(want, "\n")))) {
			rt.Fatalf("mode %q, char %q, editor %v, verbose %v\ngiven:\n%s\ngot:\n%s\ngit committed:\n%s", mode, char, editor, verbose, data, got, want)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("fix: x\n\n# c\n# ------------------------ >8 ------------------------\ndiff"), "#")
	f.Add([]byte("; ------------------------ >8 ------------------------\n"), "auto")
	f.Add([]byte("\r\n\x00"), ";;")
	f.Fuzz(func(t *testing.T, raw []byte, comment string) {
		if comment == "auto" || comment == "" {
			comment = autoComment(raw, len(raw)%2 == 0)
		}
		text, drops := newCleanup("", comment, true).clean(raw)
		if bytes.Count(text, []byte("\n")) != bytes.Count(raw, []byte("\n")) {
			t.Errorf("%q: lines went lost: %q", raw, text)
		}
		n := 0
		for range bytes.Lines(raw) {
			n++
		}
		if len(drops) != n {
			t.Errorf("%q: %d lines, %d drops", raw, n, len(drops))
		}
	})
}
