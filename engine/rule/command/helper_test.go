package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sot-validator/sot/engine/rule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// value makes a configuration value of a Go one.
func value(v any) rule.Value {
	switch v := v.(type) {
	case string:
		return rule.Value{Kind: rule.String, Scalar: v}
	case bool:
		return rule.Value{Kind: rule.Bool, Scalar: fmt.Sprint(v)}
	case float64:
		return rule.Value{Kind: rule.Float, Scalar: fmt.Sprint(v)}
	case int:
		return rule.Value{Kind: rule.Int, Scalar: fmt.Sprint(v)}
	case []string:
		out := rule.Value{Kind: rule.List}
		for _, s := range v {
			out.Items = append(out.Items, value(s))
		}
		return out
	}
	panic("no such value")
}

// object makes a map of keys and values, in turn.
func object(pairs ...any) rule.Value {
	out := rule.Value{Kind: rule.Map}
	for i := 0; i < len(pairs); i += 2 {
		v, ok := pairs[i+1].(rule.Value)
		if !ok {
			v = value(pairs[i+1])
		}
		v.Pos = rule.Pos{File: "sot.yaml", Line: i/2 + 1, Column: 5}
		out.Fields = append(out.Fields, rule.Field{Key: pairs[i].(string), KeyPos: v.Pos, Value: v})
	}
	return out
}

// newTest makes a check of a good body.
func newTest(t testing.TB, pairs ...any) *check {
	t.Helper()
	built, problems := newCheck(object(pairs...))
	if problems != nil {
		t.Fatalf("problems: %v", problems)
	}
	return built.Check.(*check)
}

// bench is a folder to run in.
type bench struct {
	t    testing.TB
	root string
	rule rule.Rule
	env  []string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs of these tests are sh scripts")
	}
	return &bench{t: t, root: t.TempDir(), rule: rule.Rule{ID: "r", Severity: rule.Error}, env: os.Environ()}
}

// write makes a file; a name that ends in ".sh" or has no dot is executable.
func (b *bench) write(name, content string) string {
	b.t.Helper()
	full := filepath.Join(b.root, name)
	mode := os.FileMode(0o644)
	if ext := filepath.Ext(name); ext == ".sh" || ext == "" {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), mode); err != nil {
		b.t.Fatal(err)
	}
	return full
}

func (b *bench) place() rule.Place {
	return rule.Place{Root: b.root, Env: b.env, Line: func(path string, line int) string {
		data, err := os.ReadFile(filepath.Join(b.root, path))
		if err != nil {
			return ""
		}
		f := rule.NewFile(rule.Entry{Path: path}, data, nil)
		text, _ := f.Line(line)
		return string(text)
	}}
}

func (b *bench) run(ctx context.Context, c *check, paths ...string) *rule.Pass {
	b.t.Helper()
	p := b.pass(ctx, c)
	c.Run(p, b.place(), paths)
	return p
}

func (b *bench) pass(ctx context.Context, c *check) *rule.Pass {
	r := b.rule
	r.Check = c
	return rule.NewPass(ctx, &r, nil)
}

// show prints what a pass holds, a line each.
func show(p *rule.Pass) string {
	var out []string
	for _, f := range p.Findings() {
		out = append(out, showFinding(f))
	}
	for _, f := range p.Faults() {
		out = append(out, fmt.Sprintf("fault %s: %s", f.Kind, f.Message))
	}
	if p.Skipped() != "" {
		out = append(out, "skipped: "+p.Skipped())
	}
	return strings.Join(out, "\n")
}

func showFinding(f rule.Finding) string {
	s := fmt.Sprintf("%s:%d:%d", f.Path, f.Line, f.Column)
	if f.EndLine > 0 {
		s += fmt.Sprintf("-%d:%d", f.EndLine, f.EndColumn)
	}
	if f.Fixable {
		s += " fixable"
	}
	return s + " " + f.Severity.String() + ": " + f.Message
}
