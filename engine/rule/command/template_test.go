package command

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

func TestSplitWords(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{in: `eslint --fix {files}`, want: `eslint|--fix|{files}`},
		{in: "  a\t b\n c  ", want: `a|b|c`},
		{in: `a 'b  c' "d e" f\ g`, want: `a|b  c|d e|f g`},
		{in: `a '' ""`, want: `a||`},
		{in: `a"b"'c'd`, want: `abcd`},
		{in: `a '\n' "\n" "\"" "\$x" "\\"`, want: `a|\n|\n|"|$x|\`},
		{in: "a\\\n b", want: `a|b`},
		{in: `rg 'foo$' x$ "y$"`, want: `rg|foo$|x$|y$`},
		{in: `a *.js # b ~x y~`, want: `a|*.js|#|b|~x|y~`},
		{in: "a \xff\x00", want: "a|\xff\x00"},
		{in: `a 'b`, err: "a single quote is not closed"},
		{in: `a "b`, err: "a double quote is not closed"},
		{in: `a "b\`, err: "a double quote is not closed"},
		{in: `a \`, err: "a backslash stands at the end"},
		{in: `a | b`, err: `"|" needs a shell`},
		{in: `a && b`, err: `"&" needs a shell`},
		{in: `a > b`, err: `">" needs a shell`},
		{in: `a; b`, err: `";" needs a shell`},
		{in: "a `b`", err: "\"`\" needs a shell"},
		{in: "a \"`b`\"", err: "\"`\" needs a shell"},
		{in: `a $(b)`, err: `"$" is not expanded without a shell`},
		{in: `a $HOME`, err: `"$" is not expanded without a shell`},
		{in: `a "${HOME}"`, err: `"$" is not expanded without a shell`},
		{in: `a $$`, err: `"$" is not expanded without a shell`},
		{in: `a $'b'`, err: `"$" in front of a quote means something else in every shell`},
		{in: `~/bin/a`, err: `"~" is not expanded without a shell`},
	} {
		got, err := splitWords(c.in)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%q: %q, %v, want the error %q", c.in, got, err, c.err)
			}
			continue
		}
		if err != nil || strings.Join(got, "|") != c.want {
			t.Errorf("%q: %q, %v, want %s", c.in, got, err, c.want)
		}
	}
}

// A line that is accepted means what it means to sh.
func TestSplitWordsAgreesWithShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "b", " ", "\t", "\n", `'`, `"`, `\`, `\\`, `\"`, "$", "é", "-", "=", ":", `''`, `""`, `'x y'`, `"x y"`,
		}), 0, 12).Draw(rt, "parts")
		line := strings.Join(parts, "")
		// A line end parts commands in a shell, and words here.
		line = strings.ReplaceAll(line, "\n", " ")
		words, err := splitWords("x " + line)
		if err != nil {
			rt.Skip("refused")
		}
		out, err := exec.Command(sh, "-c", `printf '%s\0' x `+line).Output()
		if err != nil {
			rt.Fatalf("%q: sh: %v", line, err)
		}
		if want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(words, want) {
			rt.Fatalf("%q: %q, sh has %q", line, words, want)
		}
	})
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		body []any
		want string
	}{
		{[]any{"run", ""}, `sot.yaml:1:5: the command is empty, name a program`},
		{[]any{"run", "a", "fix", "b {files} 'c"}, "sot.yaml:1:5: the command has no {files}, put {files} where the paths go, or set files: none\n" +
			"sot.yaml:2:5: a single quote is not closed, quote it, or set shell: true"},
		{[]any{"run", "a {files}", "files", "none"}, `sot.yaml:1:5: files: none gives no paths for {files}, drop it, or set files: many`},
		{[]any{"run", "a --in={files}"}, `sot.yaml:1:5: {files} stands inside a word, make it a word of its own, or set files: each`},
		{[]any{"run", "a {files} {files}"}, `sot.yaml:1:5: {files} stands there 2 times, keep one`},
		{[]any{"run", "{files}", "files", "each"}, `sot.yaml:1:5: {files} cannot be the program, name a program first`},
		{[]any{"run", "a {staged_files}"}, `sot.yaml:1:5: {staged_files} means nothing here, write {files}`},
		{[]any{"run", "A=1 b {files}"}, `sot.yaml:1:5: "A=1" is no program, set it under env:`},
		{[]any{"run", "a {files} | b"}, `sot.yaml:1:5: "|" needs a shell, quote it, or set shell: true`},
		{[]any{"run", "../../x {files}", "dir", "web"}, `sot.yaml:1:5: the program "../../x" is not inside the repository, keep it in the repository, or give an absolute path`},
		{[]any{"run", "a {files}", "dir", "web/../.."}, `sot.yaml:2:5: "web/../.." is not inside the repository, give a folder inside it, relative to its root`},
		{[]any{"run", "a {files}", "env", object("A=B", "x")}, `sot.yaml:1:5: not a variable's name, use letters, digits and _`},
		{[]any{"run", "a\x00 {files}"}, `sot.yaml:1:5: the command holds a NUL byte, remove it`},
		{[]any{"run", "a {files}", "parse", object("regex", "(?P<line>x)")}, `sot.yaml:1:5: bad regex: neither a group (?P<message>...) nor (?P<file>...)`},
		{[]any{"run", "a {files}", "parse", object("regex", "(?P<msg>x)")}, `sot.yaml:1:5: bad regex: unknown group "msg", there are file, line, column, end_line, end_column, severity, message, code`},
		{[]any{"run", "a {files}", "parse", object("errorformat", "%f:%")}, `sot.yaml:1:5: bad errorformat: the pattern cannot be followed`},
		{[]any{"run", "a", "shell", true}, `sot.yaml:1:5: the command has no {files}, put {files} where the paths go, or set files: none`},
		{[]any{"run", `a "{files}"`, "shell", true}, `sot.yaml:1:5: {files} stands in quotes, take it out of the quotes, or write "$@"`},
		{[]any{"run", `sh -c 'a {files}'`, "shell", true}, `sot.yaml:1:5: {files} stands in quotes, take it out of the quotes, or write "$@"`},
		{[]any{"run", `a --x={files}`, "shell", true}, `sot.yaml:1:5: {files} stands inside a word, make it a word of its own, or set files: each`},
	} {
		_, problems := newCheck(object(c.body...))
		var got []string
		for _, p := range problems {
			got = append(got, p.Error())
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%v:\n%s", c.body, d)
		}
	}
}

func TestArgv(t *testing.T) {
	for _, c := range []struct {
		body  []any
		paths []string
		want  string
	}{
		{[]any{"run", "a -x {files} -y"}, []string{"b", "c d"}, `a|-x|b|c d|-y`},
		{[]any{"run", "a --in={files} {files}", "files", "each"}, []string{"b"}, `a|--in=b|b`},
		{[]any{"run", "a b", "files", "none"}, nil, `a|b`},
		{[]any{"run", "a {files} | b", "shell", true}, []string{"$(x)", "c"}, `sh|-c|a "$@" | b|sh|$(x)|c`},
		{[]any{"run", "a --in={files}", "shell", true, "files", "each"}, []string{"b"}, `sh|-c|a --in="$@"|sh|b`},
		{[]any{"run", `for f in "$@"; do a "$f"; done`, "shell", true}, []string{"b"}, `sh|-c|for f in "$@"; do a "$f"; done|sh|b`},
	} {
		got := strings.Join(newTest(t, c.body...).run.argv(c.paths), "|")
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.body, got, c.want)
		}
	}
}

func TestCPUs(t *testing.T) {
	for _, c := range []struct {
		cpus any
		want float64
	}{{"auto", 0}, {4, 4}, {0.5, 0.5}} {
		if got := newTest(t, "run", "a", "files", "none", "cpus", c.cpus).CPUs(); got != c.want {
			t.Errorf("%v: %v", c.cpus, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	built, _ := newCheck(object("run", "a {files}"))
	c := built.Check.(*check)
	if c.files != "many" || c.Snapshot() != "auto" || c.Fixes() || c.parse.parse != nil || c.dir != "" || c.CPUs() != 0 {
		t.Errorf("defaults: %+v", c)
	}
	if !slices.Equal(built.Defaults.Types, []string{"file"}) {
		t.Errorf("types: %v", built.Defaults.Types)
	}
	if k := Kind(); k.Name != "command" || !strings.Contains(k.Doc, "\n") || k.Shape.Type != rule.ObjectShape {
		t.Errorf("kind: %+v", k)
	}
}

// Every key and every parser is explained, and nothing that is not there.
func TestDocNamesTheKeys(t *testing.T) {
	k := Kind()
	for _, key := range k.Shape.Keys {
		if !strings.Contains(k.Doc, key.Name) {
			t.Errorf("the doc does not name %s", key.Name)
		}
	}
	for _, name := range parserNames {
		if !strings.Contains(k.Doc, "`"+name+"`") {
			t.Errorf("the doc does not name the parser %s", name)
		}
		if p := namedParser(name); p.name != name || (p.parse == nil) != (name == "none") {
			t.Errorf("%s is the parser %q", name, p.name)
		}
	}
}
