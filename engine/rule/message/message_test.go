package message

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }

func yes() rule.Value { return rule.Value{Kind: rule.Bool, Scalar: "true"} }

func number(n int) rule.Value { return rule.Value{Kind: rule.Int, Scalar: fmt.Sprint(n)} }

func list(items ...rule.Value) rule.Value { return rule.Value{Kind: rule.List, Items: items} }

func object(pairs ...any) rule.Value {
	v := rule.Value{Kind: rule.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Fields = append(v.Fields, rule.Field{Key: pairs[i].(string), Value: pairs[i+1].(rule.Value)})
	}
	return v
}

// judge returns the findings as "line:column-end message".
func judge(t testing.TB, body rule.Value, m *rule.Message) string {
	t.Helper()
	built, problems := Kind().New(body)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Severity: rule.Error, Check: built.Check}, nil)
	built.Check.(rule.MessageCheck).CheckMessage(p, m)
	var out []string
	for _, x := range p.Findings() {
		if x.Path != "MSG" || x.Line > 0 && x.Text == "" && !strings.Contains(x.Message, "empty") {
			t.Errorf("a finding without its line: %+v", x)
		}
		out = append(out, fmt.Sprintf("%d:%d-%d %s", x.Line, x.Column, x.EndColumn, x.Message))
	}
	return strings.Join(out, "\n")
}

func messageOf(text string, drops ...bool) *rule.Message {
	return &rule.Message{File: rule.NewFile(rule.Entry{Path: "MSG"}, []byte(text), nil), Drops: drops}
}

func TestMessages(t *testing.T) {
	conventional := object("conventional", yes())
	own := object("conventional", object("types", list(str("add"), str("fix")), "scopes", list(str("api"), str("web")), "require_scope", yes()))
	signed := object("trailers", list(str("Signed-off-by"), str("Change-Id")))
	for name, c := range map[string]struct {
		body       rule.Value
		text, want string
	}{
		"conventional":       {conventional, "feat(parser)!: accept tabs\n\nbody\n", ""},
		"in capitals":        {conventional, "Feat: accept tabs", ""},
		"free text":          {conventional, "\naccept tabs\n", `2:1-12 the subject is not conventional, write it as type(scope): description, such as "fix: accept tabs"`},
		"type":               {conventional, "feature: x\n", `1:1-8 "feature" is no type, did you mean "feat"?`},
		"type unlike any":    {object("conventional", object("types", list(str("a"), str("b")))), "oops: x", `1:1-5 "oops" is no type, write one of a, b`},
		"no description":     {conventional, "fix: \n", "1:1-5 the description is missing, write it behind the colon"},
		"no space":           {conventional, "fix:éa\n", "1:5-6 a space is missing behind the colon, add it"},
		"space before scope": {conventional, "fix (x): y", "1:4-5 there is space behind the type, remove it"},
		"empty scope":        {conventional, "fix( ): y", "1:4-7 the scope is empty, name one or remove the parentheses"},
		"body at once":       {conventional, "fix: y\nbody\n", "2:0-0 the subject and the body must be apart, leave this line empty"},
		"own":                {own, "add(api): x", ""},
		"own scope":          {own, "add(db): x", `1:5-7 "db" is no scope, write one of api, web`},
		"scope required":     {own, "fix: x", "1:1-4 there is no scope, put one in parentheses behind the type"},
		"merge":              {conventional, "Merge branch 'x' into main\n", ""},
		"no merge":           {conventional, "Merge it all\n", `1:1-13 the subject is not conventional, write it as type(scope): description, such as "fix: accept tabs"`},
		"revert":             {conventional, "Revert \"fix: x\"\n\nThis reverts commit 0.\n", ""},
		"fixup":              {object("max_subject", number(3)), "fixup! something long", ""},
		"fixup judged":       {object("max_subject", number(3), "generated", yes()), "fixup! x", "1:4-9 the subject has 8 characters, 3 are allowed, say it shorter or move it to the body"},
		"length":             {object("max_subject", number(5)), "\n\nééééé€\nlong body line\n", "3:6-7 the subject has 6 characters, 5 are allowed, say it shorter or move it to the body"},
		"length at most":     {object("max_subject", number(5)), "ééééé   \n", ""},
		"pattern":            {object("pattern", str(`^[A-Z]+-\d+ `)), "AB-1 x\n", ""},
		"not the pattern":    {object("pattern", str(`^[A-Z]+-\d+ `)), "x\n\nAB-1 x", `1:0-0 the subject must match '^[A-Z]+-\d+ ', and does not`},
		"pattern anywhere":   {object("pattern", str(`^Refs: `), "of", str("message")), "x\n\nRefs: 1", ""},
		"pattern nowhere":    {object("pattern", str(`^Refs: `), "of", str("message")), "x\n\na Refs: 1", "1:0-0 the message must match '^Refs: ', and does not"},
		"forbid":             {object("forbid", list(str("WIP"), object("pattern", str("^todo"), "message", str("do it")))), "wip: wiped WIP\n\ntodo\n", "1:1-4 \"WIP\" is forbidden in commit messages, remove it\n1:12-15 \"WIP\" is forbidden in commit messages, remove it\n3:1-5 do it"},
		"forbid in a merge":  {object("forbid", list(str("C++"))), "Merge branch 'c++'", `1:15-18 "C++" is forbidden in commit messages, remove it`},
		"trailers":           {signed, "x\n\nbody\n\nsigned-off-by: A <a@b>\nChange-Id: 1\n", ""},
		"trailers missing":   {signed, "x\n\nbody\n", "3:0-0 the trailer Signed-off-by is missing, `git commit --signoff` adds it\n3:0-0 the trailer Change-Id is missing, add a line \"Change-Id: ...\" to the last paragraph"},
		"trailer is empty":   {signed, "x\n\nSigned-off-by: A\nChange-Id:\n", "4:0-0 the trailer Change-Id has no value, write one behind the colon"},
		"title no trailer":   {object("trailers", list(str("Fixes"))), "Fixes: 1\n", "1:0-0 the trailer Fixes is missing, add a line \"Fixes: ...\" to the last paragraph"},
		"empty":              {conventional, "\n \n\t\n", ""},
	} {
		if got := judge(t, c.body, messageOf(c.text)); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// A comment inside of the last paragraph does not end it.
func TestDroppedLinesAreNoParagraph(t *testing.T) {
	m := messageOf("x\n\nFixes: 1\n\nAcked-by: A\n", false, false, false, true)
	if got := judge(t, object("trailers", list(str("Fixes"), str("Acked-by"))), m); got != "" {
		t.Error(got)
	}
}

func TestBadBodies(t *testing.T) {
	for name, body := range map[string]rule.Value{
		"pattern":        object("pattern", str("(")),
		"forbid":         object("forbid", list(object("pattern", str("(")))),
		"of alone":       object("of", str("message"), "max_subject", number(1)),
		"two at a time ": object("pattern", str("["), "forbid", list(object("pattern", str("a")))),
	} {
		if _, problems := Kind().New(body); len(problems) != 1 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// git is the oracle of what a trailer is.
func TestTrailersAsGitReadsThem(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	line := rapid.SampledFrom([]string{
		"", "", "text of a body", "Fixes: 1", "fixes : 2", "Signed-off-by: A <a@b.c>", "(cherry picked from commit 0)", "  continued", "Fixes:", "no-colon", "a b: c", "x", "Acked-by:A", "#12 is fixed", "#",
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := "title\n" + strings.Join(rapid.SliceOfN(line, 0, 10).Draw(rt, "lines"), "\n") + "\n"
		cmd := exec.Command("git", "interpret-trailers", "--parse", "--no-divider")
		cmd.Stdin, cmd.Env = strings.NewReader(text), append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_DIR="+os.DevNull)
		out, err := cmd.Output()
		if err != nil {
			rt.Fatal(err)
		}
		want := map[string]bool{}
		for l := range strings.Lines(string(out)) {
			name, _, _ := strings.Cut(l, ":")
			want[strings.ToLower(strings.TrimSpace(name))] = true
		}
		got, _ := trailersOf(messageOf(text))
		if len(got) != len(want) {
			rt.Fatalf("%q: got %v, git says %q", text, got, out)
		}
		for name := range got {
			if !want[name] {
				rt.Fatalf("%q: got %v, git says %q", text, got, out)
			}
		}
	})
}

func FuzzMessage(f *testing.F) {
	for _, s := range []string{"fix: x\n\nbody\n\nSigned-off-by: A\n", "", "\xff(:", "a(b)!:\n c", "x\n\n a: b\nc: d", "00\xc10\n"} {
		f.Add(s)
	}
	body := object("conventional", object("scopes", list(str("a")), "require_scope", yes()), "max_subject", number(3), "trailers", list(str("A")),
		"forbid", list(str("WIP"), str("é!")), "pattern", str("x"))
	f.Fuzz(func(t *testing.T, text string) {
		built, _ := Kind().New(body)
		p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Check: built.Check}, nil)
		m := messageOf(text)
		built.Check.(rule.MessageCheck).CheckMessage(p, m)
		for _, x := range p.Findings() {
			if x.Line < 1 || x.Line > m.Lines() || x.EndLine == x.Line && x.EndColumn < x.Column {
				t.Errorf("%q: %+v", text, x)
			}
		}
	})
}
