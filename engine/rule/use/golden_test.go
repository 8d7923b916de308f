package use

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sot-validator/sot/engine/rule"
)

// subject is a check made of its options, with what running it over bytes takes.
type subject struct {
	check rule.Check
	path  string
}

// newSubject makes a check; options are JSON, such as {"fix": "lf"}.
func newSubject(t testing.TB, id, path, options string) subject {
	t.Helper()
	for _, u := range checks() {
		if u.ID == id {
			check, problems := u.New(valueOf(t, options))
			if len(problems) > 0 {
				t.Fatalf("%s with %s: %v", id, options, problems)
			}
			return subject{check, path}
		}
	}
	t.Fatalf("no check %q", id)
	return subject{}
}

func (s subject) file(data []byte) *rule.File {
	return rule.NewFile(rule.Entry{Path: s.path, Mode: rule.ModeFile, Size: int64(len(data))}, data, nil)
}

func (s subject) findings(data []byte) []rule.Finding {
	r := &rule.Rule{ID: "id", Severity: rule.Error, Check: s.check}
	p := rule.NewPass(context.Background(), r, nil)
	s.check.(rule.FileCheck).CheckFile(p, s.file(data))
	return p.Findings()
}

// fix returns the data after one fix, and whether it changed.
func (s subject) fix(data []byte) ([]byte, bool) {
	before := bytes.Clone(data)
	out, changed := s.check.(rule.Fixer).Fix(s.file(data))
	if !bytes.Equal(before, data) {
		panic("the fix changed its input")
	}
	if !changed {
		return data, false
	}
	return out, true
}

// places returns findings as "line:column-line:column message", a line each.
func places(fs []rule.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "%d:%d-%d:%d %s\n", f.Line, f.Column, f.EndLine, f.EndColumn, f.Message)
	}
	return b.String()
}

// valueOf reads options as the loader would hand them over.
func valueOf(t testing.TB, options string) rule.Value {
	t.Helper()
	if options == "" {
		return rule.Value{}
	}
	d := json.NewDecoder(strings.NewReader(options))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	return toValue(v)
}

func toValue(v any) rule.Value {
	switch v := v.(type) {
	case bool:
		return rule.Value{Kind: rule.Bool, Scalar: strconv.FormatBool(v)}
	case json.Number:
		return rule.Value{Kind: rule.Int, Scalar: v.String()}
	case string:
		return rule.Value{Kind: rule.String, Scalar: v}
	case []any:
		list := rule.Value{Kind: rule.List}
		for _, x := range v {
			list.Items = append(list.Items, toValue(x))
		}
		return list
	case map[string]any:
		m := rule.Value{Kind: rule.Map}
		for k, x := range v {
			m.Fields = append(m.Fields, rule.Field{Key: k, Value: toValue(x)})
		}
		return m
	}
	return rule.Value{Kind: rule.Null}
}

// TestOriginal holds the checks to what their namesakes found and wrote; see
// testdata/original/README.md.
func TestOriginal(t *testing.T) {
	names, err := filepath.Glob("testdata/original/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		id := strings.TrimSuffix(filepath.Base(name), ".txtar")
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			t.Run(id+"/"+f.Name, func(t *testing.T) { original(t, id, parseCase(t, f.Data)) })
		}
	}
}

func original(t *testing.T, id string, c map[string]string) {
	s := newSubject(t, id, c["path"], c["with"])
	in, out := []byte(c["in"]), c["out"]
	findings := s.findings(in)
	if found := len(findings) > 0; found != (c["found"] == "yes") {
		t.Errorf("in %q: found %q, the original: %s", in, places(findings), c["found"])
	}
	if _, ok := s.check.(rule.Fixer); !ok {
		if string(in) != out {
			t.Errorf("the original fixes this, the check does not")
		}
		return
	}
	if got, _ := s.fix(in); string(got) != out {
		t.Errorf("in   %q\nout  %q\nwant %q", in, got, out)
	}
}

// parseCase reads lines such as `in: "a \n"`.
func parseCase(t *testing.T, data []byte) map[string]string {
	c := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if key == "in" || key == "out" || strings.HasPrefix(value, `"`) {
			var err error
			if value, err = strconv.Unquote(value); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		c[key] = value
	}
	return c
}
