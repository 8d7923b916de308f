package command

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sot-validator/sot/engine/rule"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name   string
		script string
		body   []any
		paths  []string
		want   string
	}{
		{"passes", `exit 0`, nil, []string{"a"}, ``},
		{"fails with output", `echo "bad: $1"; echo more >&2; exit 3`, nil, []string{"a"}, ":0:0 error: bad: a\nmore"},
		{"fails for each", `echo bad; exit 1`, []any{"files", "each"}, []string{"a"}, "a:0:0 error: bad"},
		{"fails silently", `exit 1`, nil, []string{"a"}, ":0:0 error: ./tool exited with 1 and printed nothing"},
		{"output that is no failure", `echo hello`, nil, []string{"a"}, ``},
		{"findings with exit 0", `echo "$1:2:3: warning: w"`, []any{"parse", "gcc"}, []string{"a"}, "a:2:3 warning: w"},
		{"findings with exit 1", `echo "$1:2: e" >&2; exit 1`, []any{"parse", "gcc"}, []string{"a"}, "a:2:0 error: e"},
		{"the same finding twice", `echo "a:1: e"; echo "a:1: e"; echo "a:1: f"`, []any{"parse", "gcc"}, []string{"a"}, "a:1:0 error: e\na:1:0 error: f"},
		{"fails and finds nothing", `echo out; echo "no such rule" >&2; exit 2`, []any{"parse", "gcc"}, []string{"a"},
			"fault crash: ./tool exited with 2 and no finding on a, run it by hand; it said:\nno such rule"},
		{"fails and finds nothing, silently", `exit 2`, []any{"parse", "sarif"}, []string{"a"},
			"fault crash: ./tool exited with 2 and no finding on a, run it by hand; it said nothing"},
		{"output of another format", `echo '[{"filePath":"a","messages":[{"line":"x"}]}]'`, []any{"parse", "eslint-json"}, []string{"a"},
			"fault output: ./tool exited with 0 and printed what is no eslint-json (line 1, column 41: unexpected string for \"line\"), check its options for the output's format; it said:\n" +
				`[{"filePath":"a","messages":[{"line":"x"}]}]`},
		{"a signal", `kill -SEGV $$`, []any{"parse", "gcc"}, []string{"a"}, "fault crash: ./tool was ended by a signal (segmentation fault), run it by hand; it said nothing"},
		{"a missing program inside", `nosuchprogram`, nil, []string{"a"},
			"fault missing-tool: ./tool exited with 127: something that it runs is not there, install it, or set on_missing: skip; it said:\ntool: 2: nosuchprogram: not found"},
		{"not executable inside", `./notes.txt`, nil, []string{"a"},
			"fault crash: ./tool exited with 126: something that it runs is not executable, run it by hand; it said:\ntool: 2: ./notes.txt: Permission denied"},
		{"names like options", `for f; do echo "$f:1: x"; done`, []any{"parse", "gcc"}, []string{"-rf", "@a", "a=b", "é", "d/-x"},
			"-rf:1:0 error: x\n@a:1:0 error: x\na=b:1:0 error: x\né:1:0 error: x\nd/-x:1:0 error: x"},
		{"absolute, foreign and odd paths", `echo "$PWD/a:1: in"; echo "/etc/passwd:1: out"; echo "../up:2: out"; echo "<stdin>:1: x"`, []any{"parse", "gcc"}, []string{"a"},
			"a:1:0 error: in\n:0:0 error: /etc/passwd:1: out\n:0:0 error: ../up:2: out\n:0:0 error: x"},
		{"the root in a message", `echo "see $PWD/a"; exit 1`, nil, []string{"a"}, ":0:0 error: see a"},
		{"escapes in a message", `printf 'a:1: \033[31mred\033[0m\007\033]8;;http://x\033\\link\n'`, []any{"parse", "gcc"}, []string{"a"}, "a:1:0 error: redlink"},
		{"severities", `echo "a:1: error: e"; echo "a:2: warning: w"; echo "a:3: note: n"; echo "a:4: Odd: o"`, []any{"parse", "gcc"}, []string{"a"},
			"a:1:0 error: e\na:2:0 warning: w\na:3:0 info: n\na:4:0 error: Odd: o"},
		{"input is empty", `cat`, nil, []string{"a"}, ``},
		{"environment", `echo "$A $B $PWD" | sed "s#$PWD#here#"; exit 1`, []any{"env", object("A", "x y", "B", 3)}, []string{"a"}, ":0:0 error: x y 3 here"},
		{"no files", `echo "$#"; exit 1`, []any{"run", "./tool", "files", "none"}, nil, ":0:0 error: 0"},
		{"a shell", ``, []any{"run", `printf '%s\n' {files} | sed 's/$/:1: x/'`, "shell", true, "parse", "gcc"}, []string{"$(touch pwned)", "a;touch pwned", "a b"},
			"$(touch pwned):1:0 error: x\na;touch pwned:1:0 error: x\na b:1:0 error: x"},
		{"a shell that misses a program", ``, []any{"run", `nosuchprogram {files}`, "shell", true, "on_missing", "skip"}, []string{"a"},
			"skipped: nosuchprogram {files} exited with 127: something that it runs is not there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.write("tool", "#!/bin/sh\n"+c.script+"\n")
			b.write("notes.txt", "x")
			body := c.body
			if len(body) == 0 || body[0] != "run" {
				body = append([]any{"run", "./tool {files}"}, body...)
			}
			got := show(b.run(t.Context(), newTest(t, body...), c.paths...))
			got = strings.ReplaceAll(got, filepath.Join(b.root, "tool"), "tool")
			if strings.Contains(c.want, "it said:\ntool: 2: ") { // shells word this differently
				got, c.want, _ = stripSaid(got, c.want)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if _, err := os.Stat(filepath.Join(b.root, "pwned")); err == nil {
				t.Error("a name was run as a command")
			}
		})
	}
}

// Which of its files a program fails on without a word is found out, where it fails
// on the file alone as well.
func TestUnexplainedExit(t *testing.T) {
	paths := strings.Fields("a b c d e f g h i j k l m")
	for script, want := range map[string]string{
		`for f; do [ $f = g ] && echo "no $f" >&2 && exit 2; done; exit 0`:                                           "g: ./tool exited with 2 and no finding on g, run it by hand; it said:\nno g",
		`for f; do case $f in [gm]) echo "no $f" >&2; c=2;; esac; done; exit $c`:                                     "g: ./tool exited with 2 and no finding on g, run it by hand; it said:\nno g",
		`echo "no such option" >&2; exit 2`:                                                                          "a: ./tool exited with 2 and no finding on a, run it by hand; it said:\nno such option",
		`[ $# -lt 9 ] || { echo "too many" >&2; exit 2; }`:                                                           "a: ./tool exited with 2 and no finding, run it by hand; it said:\ntoo many",
		`for f; do [ $f = m ] || continue; nosuchprogram; exit $?; done`:                                             "m: ./tool exited with 127: something that it runs is not there, install it, or set on_missing: skip",
		`for f; do [ $f = g ] && c=2; [ $f = b ] && [ $# -lt 9 ] && echo "b:1: only in company"; done; exit ${c:-0}`: "a: ./tool exited with 2 and no finding, run it by hand; it said nothing",
	} {
		b := newBench(t)
		b.write("tool", "#!/bin/sh\n"+script+"\n")
		pass := b.run(t.Context(), newTest(t, "run", "./tool {files}", "parse", "gcc"), paths...)
		f := pass.Faults()
		if len(f) != 1 || !f[0].Unexplained || len(pass.Findings()) > 0 {
			t.Errorf("%s:\n%s", script, show(pass))
			continue
		}
		if got := f[0].Path + ": " + f[0].Message; got != want && !(strings.Contains(script, "nosuch") && strings.HasPrefix(got, want)) {
			t.Errorf("%s:\n%s\nwant\n%s", script, got, want)
		}
	}
}

func stripSaid(a, b string) (string, string, bool) {
	a, _, _ = strings.Cut(a, "; it said")
	b, _, ok := strings.Cut(b, "; it said")
	return a, b, ok
}

func TestRunInFolder(t *testing.T) {
	b := newBench(t)
	b.write("web/tool", "#!/bin/sh\nfor f; do echo \"$f:1: $(basename \"$PWD\")\"; done; echo \"$PWD/deep:2: absolute\"\n")
	c := newTest(t, "run", "./tool {files}", "dir", "./web/", "parse", "gcc")
	pass := b.run(t.Context(), c, "web/a", "lib/b", "webs", "web/-x")
	want := "web/a:1:0 error: web\nlib/b:1:0 error: web\nwebs:1:0 error: web\nweb/-x:1:0 error: web\nweb/deep:2:0 error: absolute"
	if got := show(pass); got != want {
		t.Error(got)
	}
	for _, dir := range []string{"absent", "web/tool"} {
		pass := b.run(t.Context(), newTest(t, "run", "./tool {files}", "dir", dir), "a")
		if f := pass.Faults(); len(f) != 1 || f[0].Kind != rule.FaultUnreadable {
			t.Errorf("dir: %s: %s", dir, show(pass))
		}
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(b.root, "out")); err != nil {
		t.Fatal(err)
	}
	pass = b.run(t.Context(), newTest(t, "run", "true {files}", "dir", "out"), "a")
	if got := show(pass); got != "fault unreadable: cannot run in out: it is a link out of the repository, correct dir" {
		t.Error(got)
	}
}

func TestColumnsAndText(t *testing.T) {
	b := newBench(t)
	b.write("a.js", "one\n\"😀😀\" + x\n")
	b.write("tool", `#!/bin/sh
cat <<'E'
[{"filePath":"a.js","messages":[{"ruleId":"r","severity":2,"message":"m","line":2,"column":10,"endLine":2,"endColumn":11,"fix":{"range":[0,1],"text":""}},
{"ruleId":null,"severity":1,"message":"n","line":9,"column":1}]}]
E
exit 1
`)
	b.rule.Severity = rule.Warning
	pass := b.run(t.Context(), newTest(t, "run", "./tool {files}", "parse", "eslint-json", "fix", "./tool {files}"), "a.js")
	want := "a.js:2:8-2:9 fixable warning: m (r)\na.js:9:1 warning: n"
	if got := show(pass); got != want {
		t.Error(got)
	}
	if text := pass.Findings()[0].Text; text != `"😀😀" + x` {
		t.Errorf("text: %q", text)
	}
}

func TestMissingTool(t *testing.T) {
	b := newBench(t)
	b.write("notes.txt", "x")
	b.write("nointerpreter", "#!/no/such/interpreter\n")
	b.write("bin/planted", "#!/bin/sh\nexit 0\n")
	b.env = append(b.env, "PATH=bin::"+os.Getenv("PATH"))
	t.Chdir(b.root)
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "PATH=bin::"+closed+":"+os.Getenv("PATH")) // may not be entered
	for run, want := range map[string]string{
		"nosuchprogram {files}":   "fault missing-tool: nosuchprogram is not on the PATH, install it, or set on_missing: skip",
		"planted {files}":         "fault missing-tool: planted is not on the PATH, install it, or set on_missing: skip",
		"./scripts/x {files}":     "fault missing-tool: ./scripts/x does not exist, create it, correct the path, which starts at the working directory, or set on_missing: skip",
		"./bin {files}":           "fault missing-tool: ./bin does not exist, create it, correct the path, which starts at the working directory, or set on_missing: skip",
		"./nointerpreter {files}": "fault missing-tool: ./nointerpreter needs an interpreter that does not exist, install what its first line names, or set on_missing: skip",
		"./notes.txt {files}":     "fault crash: ./notes.txt is not executable, run chmod +x on it",
	} {
		for _, fix := range []bool{false, true} {
			c := newTest(t, "run", run, "fix", run)
			pass := b.pass(t.Context(), c)
			if fix {
				c.Fix(pass, b.place(), []string{"a"})
			} else {
				c.Run(pass, b.place(), []string{"a"})
			}
			if got := show(pass); got != want {
				t.Errorf("%s: %s", run, got)
			}
		}
	}
	pass := b.run(t.Context(), newTest(t, "run", "nosuchprogram {files}", "on_missing", "skip"), "a")
	if got := show(pass); got != "skipped: nosuchprogram is not on the PATH" {
		t.Error(got)
	}
}

func TestFix(t *testing.T) {
	b := newBench(t)
	b.write("a.txt", "x\n")
	b.write("fixer", "#!/bin/sh\nfor f; do echo fixed > \"$f\"; done; echo noise; exit $CODE\n")
	for code, want := range map[int]string{0: "", 1: "", 3: ""} {
		c := newTest(t, "run", "true {files}", "fix", "./fixer {files}", "env", object("CODE", code))
		pass := b.pass(t.Context(), c)
		c.Fix(pass, b.place(), []string{"a.txt"})
		if got := show(pass); got != want {
			t.Errorf("exit %d: %s", code, got)
		}
	}
	if data, _ := os.ReadFile(filepath.Join(b.root, "a.txt")); string(data) != "fixed\n" {
		t.Errorf("content: %q", data)
	}
	c := newTest(t, "run", "true {files}", "fix", "kill -9 $$; : {files}", "shell", true)
	pass := b.pass(t.Context(), c)
	c.Fix(pass, b.place(), []string{"a.txt"})
	if f := pass.Faults(); len(f) != 1 || f[0].Kind != rule.FaultCrash {
		t.Error(show(pass))
	}
	newTest(t, "run", "true {files}").Fix(pass, b.place(), nil) // nothing to run
}

// After the time is over, nothing of the group is left: not the program, which
// ignores TERM, and not what it started.
func TestTimeoutKillsTheGroup(t *testing.T) {
	b := newBench(t)
	b.write("stubborn", `#!/bin/sh
trap '' TERM
sh -c 'trap "" TERM; echo $$ > grandchild; while :; do sleep 0.05; done' &
echo $$ > child
while :; do sleep 0.05; done
`)
	b.rule.Timeout = 300 * time.Millisecond // for the message: its time is over once both run
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go b.await("child", "grandchild", cancel)
	start := time.Now()
	c := newTest(t, "run", "./stubborn", "files", "none")
	c.grace = 300 * time.Millisecond
	pass := b.run(overtime{ctx}, c)
	want := "fault timeout: ./stubborn did not end within 300ms and was stopped, raise the rule's timeout, or give it fewer files"
	if got := show(pass); got != want {
		t.Error(got)
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("it took %s", d)
	}
	b.gone("child", "grandchild")
}

// overtime is a context that ends as one does whose time is over.
type overtime struct{ context.Context }

func (o overtime) Err() error {
	if o.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

// await calls then once two files hold something.
func (b *bench) await(one, other string, then func()) {
	for !b.holds(one) || !b.holds(other) {
		time.Sleep(time.Millisecond)
	}
	then()
}

func (b *bench) holds(name string) bool {
	info, err := os.Stat(filepath.Join(b.root, name))
	return err == nil && info.Size() > 0
}

// A program that ends when it is asked to is given the time to, and so is what
// it started.
func TestCancelAsksFirst(t *testing.T) {
	b := newBench(t)
	b.write("polite", `#!/bin/sh
trap 'exit 0' TERM
echo $$ > child
sh -c 'trap "sleep 0.2; echo tidy > grandchild-tidy; exit" TERM; echo $$ > grandchild; while :; do sleep 0.01; done' >/dev/null 2>&1 &
while :; do sleep 0.01; done
`)
	ctx, cancel := context.WithCancel(t.Context())
	go b.await("child", "grandchild", cancel)
	c := newTest(t, "run", "./polite", "files", "none")
	c.grace = 10 * time.Second
	start := time.Now()
	pass := b.run(ctx, c)
	if got := show(pass); got != "fault cancelled: ./polite was interrupted" {
		t.Error(got)
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("it took %s", d)
	}
	b.gone("child", "grandchild")
	if _, err := os.Stat(filepath.Join(b.root, "grandchild-tidy")); err != nil {
		t.Error("the grandchild was killed before its time was over")
	}
}

// A program that somebody still writes to is waited for.
func TestBusyProgram(t *testing.T) {
	b := newBench(t)
	b.write("tool", "#!/bin/sh\necho a:1: x\nexit 1\n")
	f, err := os.OpenFile(filepath.Join(b.root, "tool"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = f.Close() })
	if got := show(b.run(t.Context(), newTest(t, "run", "./tool", "files", "none", "parse", "gcc"))); got != "a:1:0 error: x" {
		t.Error(got)
	}
}

// Something in the background that holds the output open does not hang the run.
func TestBackgroundHoldsOutput(t *testing.T) {
	b := newBench(t)
	b.write("tool", "#!/bin/sh\nsh -c 'echo $$ > grandchild; exec sleep 600' &\nwhile ! [ -s grandchild ]; do sleep 0.01; done\necho a:1: x\nexit 1\n")
	c := newTest(t, "run", "./tool", "files", "none", "parse", "gcc")
	c.grace = 300 * time.Millisecond
	if got := show(b.run(t.Context(), c)); got != "a:1:0 error: x" {
		t.Error(got)
	}
	b.gone("grandchild")
}

func TestCancelledBeforeStart(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := show(b.run(ctx, newTest(t, "run", "true", "files", "none"))); got != "fault cancelled: true was interrupted" {
		t.Error(got)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	want := "fault timeout: true did not end within the run's time and was stopped, raise --timeout, or give it fewer files"
	if got := show(b.run(ctx, newTest(t, "run", "true", "files", "none"))); got != want {
		t.Error(got)
	}
}

// gone checks that the processes whose ids the files hold are no more; a
// killed one may wait for init to take its end.
func (b *bench) gone(files ...string) {
	b.t.Helper()
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(b.root, name))
		if err != nil {
			b.t.Error(err)
			continue
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
		if err != nil {
			b.t.Error(err)
			continue
		}
		deadline := time.Now().Add(time.Minute)
		for alive(pid) {
			if time.Now().After(deadline) {
				b.t.Errorf("the %s, process %d, is still there", name, pid)
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// Far more than is kept, and a line without end: bounded, and said.
func TestHugeOutput(t *testing.T) {
	b := newBench(t)
	b.write("text", "#!/bin/sh\necho a:1: kept\nhead -c 34000000 /dev/zero | tr '\\0' x\necho a:1: lost\n")
	pass := b.run(t.Context(), newTest(t, "run", "./text", "files", "none", "parse", "gcc"))
	want := "a:1:0 error: kept\nfault output: ./text printed more than 32 MiB, and the rest is lost, give it fewer files, or make it say less"
	if got := show(pass); got != want {
		t.Errorf("%.300s", got)
	}
	b.write("line", "#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x\nexit 1\n")
	pass = b.run(t.Context(), newTest(t, "run", "./line", "files", "none"))
	if f := pass.Findings(); len(f) != 1 || len(f[0].Message) > maxOutput {
		t.Errorf("%.300s", show(pass))
	}
}

// The environment's PWD is the folder that the program runs in.
func TestWorkingDirectoryVariable(t *testing.T) {
	b := newBench(t)
	b.write("web/a", "")
	b.env = append(b.env, "PWD=/elsewhere")
	c := newTest(t, "run", "printenv PWD", "files", "none", "dir", "web", "parse", object("regex", "(?P<message>.+)"))
	if got := show(b.run(t.Context(), c)); got != ":0:0 error: web" {
		t.Error(got)
	}
}

// Half a line at the end of what was kept is no finding.
func TestCutOutput(t *testing.T) {
	c := newTest(t, "run", "tool {files}", "parse", "gcc")
	p := rule.NewPass(t.Context(), &rule.Rule{ID: "r", Severity: rule.Error, Check: c}, nil)
	v := &invocation{check: c, pass: p, template: c.run}
	v.judge(outcome{stdout: []byte("a:1: whole\na:2: ha"), stderr: []byte("a:3: whole\na:4: ha"), cut: true})
	got, _, _ := strings.Cut(show(p), "\nfault output")
	if got != "a:1:0 error: whole\na:3:0 error: whole" {
		t.Error(got)
	}
}

func TestWholeLines(t *testing.T) {
	for in, want := range map[string]string{"a\nb": "a\n", "a\n": "a\n", "a": ""} {
		if got := wholeLines([]byte(in)); string(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
