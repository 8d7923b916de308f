package importer

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func TestPatternsThatPygrepAloneSays(t *testing.T) {
	for pattern, want := range map[string]string{
		`a(?!b)`:   "looks around",
		`^(?!a)b`:  "looks around",
		`(a)\1`:    "refers back",
		`a*`:       "matches nothing",
		`^$`:       "matches nothing",
		`a\Z`:      `\Z`,
		`a\s{2,}$`: "line's end",
		`a\s\B`:    `\B`,
	} {
		if g, err := newGrep(pattern, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, error %v, want %q in it", pattern, g.pattern, err, want)
		}
	}
	if _, err := newGrep("a", []string{"--nope"}); err == nil {
		t.Error("an unknown argument is taken")
	}
	if g, err := newGrep(`.{3,}`, nil); err != nil || g.remark == "" {
		t.Errorf("nothing is said about counted characters: %v", err)
	}
}

// TestGrepAgreesWithPython holds the verdict over whole files to that of
// Python's re, line by line as pygrep does it.
func TestGrepAgreesWithPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	patterns := []string{
		`foo`, `^foo$`, `foo\s`, `foo\s+`, `foo\s+bar`, `\s+bar`, `[^a]b`, `x[^y]`, `x[^y]*z`, `(?x) foo # c`, `(^|\s)bar`, `(foo|x)\s`,
		`foo\s*$`, `\S+\s`, `a.c`, `(?s)a.c`, `(?i)FOO`, `\Afoo`, `foo\n`, `[\s]x`, `(\s|;)bar`, `foo[^b]?x`, `\bfoo\b`, `=\s*"[^"]*"`, `=\s*"`,
	}
	texts := []string{
		"foo", "foo\n", "foo bar\n", "foo\nbar\n", "foo \n bar", "\n", "", "b\n", "a\nb\n", "x\n", "x\ny", "xz\n", "x\nz\n", "a\nc\n", "abc",
		"FOO\n", "\n\nx\n", "foo  \n", "xy\n", " bar\n", "foo\tx\n", "= \"a\"\n", "=\n\"a\"\n", "= \"a\nb\"\n",
	}
	for _, mode := range []string{"lines", "whole", "negate"} {
		var args []string
		switch mode {
		case "whole":
			args = []string{"--multiline"}
		case "negate":
			args = []string{"--negate"}
		}
		script := `import re,sys
for l in sys.stdin.read().split('\0')[:-1]:
  p,t=l.split('\1'); p=p.encode(); t=t.encode()
  if '` + mode + `'=='whole': hit=bool(re.search(p,t,re.M|re.S))
  else: hit=any(re.search(p,x) for x in t.splitlines(True))
  print(int(hit))
`
		var in strings.Builder
		for _, p := range patterns {
			for _, x := range texts {
				in.WriteString(p + "\x01" + x + "\x00")
			}
		}
		cmd := exec.Command(python, "-W", "ignore", "-c", script)
		cmd.Stdin = strings.NewReader(in.String())
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		answers := strings.Fields(string(out))
		carried := 0
		for i, p := range patterns {
			g, err := newGrep(p, args)
			if err != nil {
				t.Logf("%s %q: %v", mode, p, err)
				continue
			}
			carried++
			flags := "(?m)"
			if g.ignoreCase {
				flags = "(?mi)"
			}
			re := regexp.MustCompile(flags + g.pattern)
			for j, x := range texts {
				if got := re.MatchString(x); got != (answers[i*len(texts)+j] == "1") {
					t.Errorf("%s: %q became %q, which says %v of %q", mode, p, g.pattern, got, x)
				}
			}
		}
		if carried < len(patterns)-3 {
			t.Errorf("%s: only %d of %d patterns are carried over", mode, carried, len(patterns))
		}
	}
}
