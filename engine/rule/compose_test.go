package rule

import (
	"bytes"
	"context"
	"slices"
	"testing"
)

// has finds files that hold a text; nameHas looks at the name alone.
type has string

func (h has) CheckFile(p *Pass, f *File) {
	if i := bytes.Index(f.Bytes(), []byte(h)); i >= 0 {
		p.Range(f, i, i+len(h), "has %s", string(h))
	}
}

type nameHas string

func (nameHas) Blind() {}
func (h nameHas) CheckFile(p *Pass, f *File) {
	if bytes.Contains([]byte(f.Name()), []byte(h)) {
		p.File(f, "name has %s", string(h))
	}
}

// cuts finds and removes a text.
type cuts struct{ has }

func (c cuts) Fix(f *File) ([]byte, bool) {
	out := bytes.ReplaceAll(f.Bytes(), []byte(c.has), nil)
	return out, len(out) != len(f.Bytes())
}

type faulty struct{}

func (faulty) CheckFile(p *Pass, _ *File) { p.Fail(FaultCrash, "broken") }

type treeHas string

func (h treeHas) CheckTree(p *Pass, t *Tree, _, _ []Entry) {
	if t.Lookup(string(h)) != nil {
		p.Path("", "tree has %s", string(h))
	}
}

func bodies(checks ...Check) (out []Body) {
	for i, c := range checks {
		out = append(out, Body{Name: string(rune('a' + i)), Check: c})
	}
	return out
}

func mustCompose(t *testing.T, op Operator, checks ...Check) Check {
	t.Helper()
	c, err := Compose(op, bodies(checks...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// said runs a check on a file "name" and returns its messages.
func said(c Check, description, text string) (messages []string, faults int) {
	p := NewPass(context.Background(), &Rule{ID: "r", Severity: Error, Description: description, Check: c}, nil)
	c.(FileCheck).CheckFile(p, NewFile(Entry{Path: "d/name"}, []byte(text), nil))
	for _, f := range p.Findings() {
		messages = append(messages, f.Message)
	}
	return messages, len(p.Faults())
}

func TestComposeFiles(t *testing.T) {
	for _, c := range []struct {
		op          Operator
		checks      []Check
		description string
		text        string
		want        []string
		faults      int
	}{
		{OpAll, []Check{has("x"), has("y")}, "", "y x", []string{"has x", "has y"}, 0},
		{OpAll, []Check{has("x"), has("y")}, "no x", "z", nil, 0},
		{OpAll, []Check{has("x"), faulty{}}, "", "x", []string{"has x"}, 1},
		{OpAny, []Check{has("x"), has("y")}, "", "x", nil, 0},
		{OpAny, []Check{has("x"), has("y")}, "", "xy", []string{"none of the 2 alternatives holds: has x; has y"}, 0},
		{OpAny, []Check{has("x"), has("y")}, "either", "xy", []string{"either"}, 0},
		{OpAny, []Check{has("x"), faulty{}}, "", "x", nil, 1},
		{OpAny, []Check{has("x"), faulty{}}, "", "y", nil, 0},
		{OpNot, []Check{has("x"), has("y")}, "", "xy", nil, 0},
		{OpNot, []Check{has("x"), has("y")}, "", "x", []string{"this must not hold: b"}, 0},
		{OpNot, []Check{has("x"), has("y")}, "neither", "", []string{"neither"}, 0},
		{OpNot, []Check{has("x"), faulty{}}, "", "x", nil, 1},
	} {
		got, faults := said(mustCompose(t, c.op, c.checks...), c.description, c.text)
		if !slices.Equal(got, c.want) || faults != c.faults {
			t.Errorf("%s of %v on %q: %q and %d faults, want %q and %d", c.op, c.checks, c.text, got, faults, c.want, c.faults)
		}
	}
}

func TestComposedFindingIsAboutTheFile(t *testing.T) {
	c := mustCompose(t, OpAny, has("x"))
	p := NewPass(context.Background(), &Rule{ID: "r", Severity: Warning, Check: c}, nil)
	c.(FileCheck).CheckFile(p, NewFile(Entry{Path: "d/name"}, []byte("\nx"), nil))
	want := Finding{Rule: "r", Severity: Warning, Path: "d/name", Message: "none of the 1 alternatives holds: has x"}
	if fs := p.Findings(); len(fs) != 1 || fs[0] != want {
		t.Errorf("findings %+v, want %+v", fs, want)
	}
}

// TestComposedAbilities: blind where all bodies are, a fixer only for all, and
// fixable are the findings of those bodies alone that can mend.
func TestComposedAbilities(t *testing.T) {
	for _, c := range []struct {
		check        Check
		blind, fixer bool
	}{
		{mustCompose(t, OpAll, nameHas("x"), nameHas("y")), true, false},
		{mustCompose(t, OpNot, nameHas("x")), true, false},
		{mustCompose(t, OpAny, nameHas("x"), has("y")), false, false},
		{mustCompose(t, OpAll, cuts{"x"}, has("y")), false, true},
		{mustCompose(t, OpAny, cuts{"x"}), false, false},
		{mustCompose(t, OpNot, cuts{"x"}), false, false},
	} {
		_, blind := c.check.(Blind)
		_, fixer := c.check.(Fixer)
		if blind != c.blind || fixer != c.fixer {
			t.Errorf("%T: blind %v, fixer %v; want %v, %v", c.check, blind, fixer, c.blind, c.fixer)
		}
	}
	c := mustCompose(t, OpAll, cuts{"x"}, has("y"), cuts{"z"})
	f := NewFile(Entry{Path: "f"}, []byte("axbycz"), nil)
	p := NewPass(context.Background(), &Rule{Check: c}, nil)
	c.(FileCheck).CheckFile(p, f)
	for _, got := range p.Findings() {
		if want := got.Message != "has y"; got.Fixable != want {
			t.Errorf("%q: fixable %v", got.Message, got.Fixable)
		}
	}
	if out, ok := c.(Fixer).Fix(f); !ok || string(out) != "abyc" {
		t.Errorf("Fix gave %q, %v", out, ok)
	}
	if out, ok := c.(Fixer).Fix(f.With([]byte("aby"))); ok {
		t.Errorf("Fix of a file without anything to mend gave %q", out)
	}
}

func TestComposeTree(t *testing.T) {
	tree := NewTree([]Entry{{Path: "a"}})
	for _, c := range []struct {
		op   Operator
		want int
	}{{OpAll, 1}, {OpAny, 0}, {OpNot, 1}} {
		check := mustCompose(t, c.op, treeHas("a"), treeHas("b"))
		p := NewPass(context.Background(), &Rule{ID: "r", Check: check}, nil)
		check.(TreeCheck).CheckTree(p, tree, nil, nil)
		if fs := p.Findings(); len(fs) != c.want || len(fs) == 1 && fs[0].Path != "" {
			t.Errorf("%s: %+v, want %d findings", c.op, fs, c.want)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	for _, c := range [][]Check{nil, {has("x"), treeHas("y")}, {struct{}{}}} {
		if got, err := Compose(OpAll, bodies(c...)); err == nil {
			t.Errorf("Compose of %v gave %T", c, got)
		}
	}
}

// nowhere is a check of the tree that finds no place to judge.
type nowhere struct{}

func (nowhere) CheckTree(p *Pass, _ *Tree, _, _ []Entry) { p.MatchNothing("no directory matches") }

func (nowhere) Explain() string { return "it looks nowhere" }

// A body without a place neither holds nor fails.
func TestBodiesWithoutAPlace(t *testing.T) {
	tree := NewTree([]Entry{{Path: "a"}})
	for _, c := range []struct {
		op        Operator
		checks    []Check
		found     int
		unmatched string
	}{
		{OpNot, []Check{nowhere{}}, 0, "no directory matches"},
		{OpAny, []Check{nowhere{}, nowhere{}}, 0, "no directory matches"},
		{OpAll, []Check{nowhere{}}, 0, "no directory matches"},
		{OpNot, []Check{nowhere{}, treeHas("a")}, 0, ""},
		{OpNot, []Check{nowhere{}, treeHas("b")}, 1, ""},
		{OpAny, []Check{nowhere{}, treeHas("a")}, 1, ""},
		{OpAny, []Check{nowhere{}, treeHas("b")}, 0, ""},
		{OpAll, []Check{nowhere{}, treeHas("a")}, 1, ""},
	} {
		check := mustCompose(t, c.op, c.checks...)
		p := NewPass(context.Background(), &Rule{Check: check}, nil)
		check.(TreeCheck).CheckTree(p, tree, nil, nil)
		if len(p.Findings()) != c.found || p.Unmatched() != c.unmatched {
			t.Errorf("%s of %v: %v, unmatched %q", c.op, c.checks, p.Findings(), p.Unmatched())
		}
	}
	if got := mustCompose(t, OpAll, nowhere{}, treeHas("a"), nowhere{}).(Explainer).Explain(); got != "it looks nowhere; it looks nowhere" {
		t.Errorf("explained as %q", got)
	}
}

type once struct{}

func (once) CheckRepo(*Pass, []Entry) {}

func TestARunsCheckIsNoBody(t *testing.T) {
	if _, err := Compose(OpAny, bodies(once{})); err == nil || err.Error() != `a judges the run as a whole and cannot be part of "any"` {
		t.Error(err)
	}
}
