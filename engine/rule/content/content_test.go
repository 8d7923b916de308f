package content_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/content"
)

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }

func object(pairs ...any) rule.Value {
	v := rule.Value{Kind: rule.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Fields = append(v.Fields, rule.Field{Key: pairs[i].(string), Value: pairs[i+1].(rule.Value)})
	}
	return v
}

func list(items ...rule.Value) rule.Value { return rule.Value{Kind: rule.List, Items: items} }

// run returns the findings as "line:column-line:column message", and the mended
// text.
func run(t testing.TB, body rule.Value, text string) (findings, mended string) {
	t.Helper()
	built, problems := content.Kind().New(body)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := &rule.Rule{ID: "r", Severity: rule.Error, Check: built.Check}
	p := rule.NewPass(context.Background(), r, nil)
	f := rule.NewFile(rule.Entry{Path: "a.txt"}, []byte(text), nil)
	built.Check.(rule.FileCheck).CheckFile(p, f)
	var out []string
	for _, x := range p.Findings() {
		out = append(out, fmt.Sprintf("%d:%d-%d:%d %s", x.Line, x.Column, x.EndLine, x.EndColumn, x.Message))
	}
	if fixer, ok := built.Check.(rule.Fixer); ok {
		if b, ok := fixer.Fix(f); ok {
			mended = string(b)
		}
	}
	return strings.Join(out, "\n"), mended
}

func TestContent(t *testing.T) {
	for name, c := range map[string]struct {
		body           rule.Value
		text           string
		want, wantText string
	}{
		"forbid": {object("forbid", list(object("pattern", str(`fmt\.(Print)`), "message", str("log"), "replace", str("log.$1")))),
			"é fmt.Print\nx\nfmt.Print fmt.Print", "1:3-1:12 log\n3:1-3:10 log\n3:11-3:20 log", "é log.Print\nx\nlog.Print log.Print"},
		"plain":              {object("forbid", list(str("^foo$"))), "foo\nfoo bar\n", "1:1-1:4 must not match ^foo$: remove it", ""},
		"lines":              {object("forbid", list(object("pattern", str("x"), "lines", str("2-3")))), "x\nx\nx\nx", "2:1-2:2 must not match x: remove it\n3:1-3:2 must not match x: remove it", ""},
		"ignore case":        {object("forbid", list(object("pattern", str("todo"), "ignore_case", rule.Value{Kind: rule.Bool, Scalar: "true"}))), "ToDo", "1:1-1:5 must not match todo: remove it", ""},
		"over lines":         {object("forbid", list(str(`a\nb`))), "a\nb\n", "1:1-2:2 must not match a\\nb: remove it", ""},
		"blanks in front":    {object("forbid", list(str(`^\s*debugger`))), "a\n\n\n  debugger\n", `4:3-4:11 must not match ^\s*debugger: remove it`, ""},
		"blanks alone":       {object("forbid", list(str(` +$`))), "a  \n", "1:2-1:4 must not match ' +$': remove it", ""},
		"a blank at the end": {object("require", list(str(`^# `))), "x", "0:0-0:0 must match '^# ', and does not", ""},
		"required":           {object("require", list(str("Copyright"))), "x", "0:0-0:0 must match Copyright, and does not", ""},
		"required in its lines": {object("require", list(object("pattern", str("C"), "lines", str("1-2")))), "x\nx\nC",
			"0:0-0:0 must match C in lines 1-2, and does not", ""},
		"two of three": {object("require", list(str("a"), str("b"), str("c")), "at_least", rule.Value{Kind: rule.Int, Scalar: "2"}), "a c", "", ""},
		"one of three": {object("require", list(str("a"), str("b"), str("c")), "at_least", rule.Value{Kind: rule.Int, Scalar: "2"}), "c",
			"0:0-0:0 holds 1 of 3 required patterns, wanted 2; missing: a, b", ""},
		"not UTF-8":           {object("forbid", list(str("foo"))), "\xff\x00foo", "1:3-1:6 must not match foo: remove it", ""},
		"empty lines":         {object("forbid", list(str("^$"))), "\na\n\nb\n", "1:1-1:1 must not match ^$: remove it\n3:1-3:1 must not match ^$: remove it", ""},
		"no empty line":       {object("forbid", list(str("^$"))), "a\n", "", ""},
		"nothing to point at": {object("forbid", list(str("[ \t]*$"))), "a \n\nb", "1:2-1:3 must not match [ \t]*$: remove it", ""},
		"CRLF in its lines":   {object("forbid", list(object("pattern", str(`x$`), "lines", str("1-2")))), "x\r\nx\r\nx\r\n", "", ""},
		"CR in its lines": {object("forbid", list(object("pattern", str(`x\r?$`), "lines", str("2")))), "x\r\nx\r\nx\r\n",
			"2:1-2:3 must not match x\\r?$: remove it", ""},
		"groups": {object("forbid", list(object("pattern", str(`(?P<a>x)(y)`), "replace", str("${2}_$a$$")))), "xy", "1:1-1:3 must not match (?P<a>x)(y): remove it", "y_x$"},
	} {
		got, mended := run(t, c.body, c.text)
		if got != c.want || mended != c.wantText {
			t.Errorf("%s: got\n%s\nwant\n%s\nmended %q, want %q", name, got, c.want, mended, c.wantText)
		}
	}
}

// texts is a repository of which only Read is asked; it counts.
type texts struct {
	rule.Repo
	of    map[string]string
	reads int
}

func (r *texts) Read(_ context.Context, path string) ([]byte, error) {
	r.reads++
	if text, ok := r.of[path]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func TestTogether(t *testing.T) {
	yes := rule.Value{Kind: rule.Bool, Scalar: "true"}
	abc := list(str("a"), str("b"), object("pattern", str("C"), "ignore_case", yes, "message", str("name a c")))
	for name, tt := range map[string]struct {
		body  rule.Value
		files []string
		want  string
		reads int
	}{
		"all there":      {object("require", abc, "together", yes), []string{"a", "b", "c", "d"}, "", 3},
		"one is missing": {object("require", abc, "together", yes), []string{"a", "bb ab"}, "name a c", 2},
		"two of three": {object("require", abc, "together", yes, "at_least", rule.Value{Kind: rule.Int, Scalar: "2"}), []string{"x", "a a", "x"},
			"in 3 files together, 1 of 3 required patterns stand, wanted 2; missing: b, C", 3},
		"enough": {object("require", abc, "together", yes, "at_least", rule.Value{Kind: rule.Int, Scalar: "1"}), []string{"x", "a", "b"}, "", 2},
		"none":   {object("require", abc, "together", yes), nil, "no file matches", 0},
	} {
		built, problems := content.Kind().New(tt.body)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if _, swept := built.Check.(rule.FileCheck); swept {
			t.Fatal("it is a check of single files")
		}
		repo := &texts{of: map[string]string{}}
		var es []rule.Entry
		for i, text := range tt.files {
			path := fmt.Sprint(i)
			repo.of[path] = text
			es = append(es, rule.Entry{Path: path, Mode: rule.ModeFile})
		}
		p := rule.NewPass(context.Background(), &rule.Rule{Check: built.Check}, repo)
		built.Check.(rule.TreeCheck).CheckTree(p, rule.NewTree(es), es, nil)
		got := p.Unmatched()
		for _, f := range p.Findings() {
			got += f.Path + f.Message
		}
		if got != tt.want || repo.reads != tt.reads {
			t.Errorf("%s: got %q after %d reads, want %q after %d", name, got, repo.reads, tt.want, tt.reads)
		}
	}
}

func TestBadBodiesAreProblems(t *testing.T) {
	for name, body := range map[string]rule.Value{
		"expression":      object("forbid", list(str("("))),
		"lines":           object("forbid", list(object("pattern", str("x"), "lines", str("5-1")))),
		"no such group":   object("forbid", list(object("pattern", str("(x)y"), "replace", str("$1_z")))),
		"matches itself":  object("forbid", list(object("pattern", str(`\bx\b`), "replace", str("x.y")))),
		"no second group": object("forbid", list(object("pattern", str("(x)y"), "replace", str("$2")))),
		"together":        object("forbid", list(str("x")), "require", list(str("x")), "together", rule.Value{Kind: rule.Bool, Scalar: "true"}),
		"at_least":        object("require", list(str("x")), "at_least", rule.Value{Kind: rule.Int, Scalar: "2"}),
	} {
		if _, problems := content.Kind().New(body); len(problems) != 1 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
