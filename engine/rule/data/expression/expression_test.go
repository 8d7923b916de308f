package expression

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

func eval(t *testing.T, text string, env Env) (bool, error) {
	t.Helper()
	var names []string
	for n := range env {
		if n != "path" {
			names = append(names, n)
		}
	}
	p, err := Compile(text, names)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	env["path"] = "a/b.yaml"
	return NewMachine(NewBudget(context.Background())).Eval(p, env)
}

func doc() Env {
	return Env{"doc": map[string]any{"s": "a-b-c", "n": 3, "f": 1.5, "list": []any{"x", "y", "x"}, "objects": []any{map[string]any{"k": 1}, map[string]any{"k": 2}}, "nothing": nil}}
}

func TestTrueExpressions(t *testing.T) {
	for _, text := range []string{
		`doc.n > 2 and doc.f < 2`,
		`doc.s matches "^a-"`,
		`path == "a/b.yaml" && path endsWith ".yaml"`,
		`len(split(doc.s, "-")) == 3`,
		`split(doc.s, "-", 2)[1] == "b-c"`,
		`join(split(doc.s, "-"), "+") == "a+b+c"`,
		`join(map(doc.list, # + "!")) == "x!y!x!"`,
		`replace(doc.s, "-", "--") == "a--b--c"`,
		`replace(doc.s, "-", "", 1) == "ab-c"`,
		`repeat("ab", 2) == "abab"`,
		`string(doc.n) + string(doc.f) == "31.5"`,
		`len(uniq(doc.list)) == 2`,
		`all(doc.objects, .k > 0)`,
		`any(doc.objects, {#.k == 2})`,
		`map(doc.objects, .k) == [1, 2]`,
		`sum(doc.objects, .k) == 3`,
		`reduce(doc.list, #acc + #, "") == "xyx"`,
		`(doc.objects | filter(.k > 1) | len()) == 1`,
		`doc.missing == nil and doc?.missing?.deeper == nil`,
		`"x" in doc.list and "s" in doc`,
		`keys(doc.objects[0]) == ["k"]`,
		`let a = doc.n; a * a == 9`,
		`sort(doc.list)[0] == "x"`,
		`upper(doc.s) == "A-B-C" and trim("  a ") == "a"`,
		`(doc.nothing ?? "default") == "default"`,
		`len(concat([1], [2, 3])) == 3`,
	} {
		if ok, err := eval(t, text, doc()); !ok || err != nil {
			t.Errorf("%s: %v, %v", text, ok, err)
		}
	}
}

func TestMistakesHaveAPlace(t *testing.T) {
	for text, want := range map[string]struct {
		line, column int
		words        string
	}{
		`doc.x ==`:               {1, 7, "unexpected token EOF"},
		`dok.x == 1`:             {1, 0, "unknown name dok"},
		"doc.x == 1 and\n  1 + ": {2, 5, "unexpected token EOF"},
		`"a" + 1 == 2`:           {1, 4, "invalid operation"},
		`1 + 2`:                  {0, 0, "expected bool, but got int"},
		`doc.s matches "("`:      {1, 6, "missing closing )"},
		`now() > date("2020")`:   {1, 0, "unknown name now"},
		`repeat("x") == "x"`:     {1, 0, "not enough arguments"},
		`#step(1, 2)`:            {1, 0, "unexpected token"},
	} {
		_, err := Compile(text, []string{"doc"})
		var m *Mistake
		if !errors.As(err, &m) || !strings.Contains(m.Message, want.words) || m.Line != want.line || m.Column != want.column {
			t.Errorf("%s: %+v, want %+v", text, m, want)
		}
	}
}

// What would not end, or fill the memory, is cut.
func TestBounds(t *testing.T) {
	for text, want := range map[string]error{
		`all(doc.hundred, {all(doc.hundred, {all(doc.hundred, {all(doc.hundred, {true})})})})`: ErrSteps,
		`len(reduce(1..100, #acc + #acc, "xxxxxxxx")) > 0`:                                     ErrMemory,
		`len(repeat(repeat("x", 100000), 100000)) > 0`:                                         ErrMemory,
		`len(map(1..1000, {upper(doc.big)})) > 0`:                                              ErrMemory,
		`len(map(1..100000, {keys(doc.map)})) > 0`:                                             ErrMemory,
		`len(replace(doc.big, "", doc.big)) > 0`:                                               ErrMemory,
		`len(join(map(1..1000, {doc.big}), "")) > 0`:                                           ErrMemory,
		`len(join(map(1..1000, {"x"}), doc.big)) > 0`:                                          ErrMemory,
		`len(1..1000000000) > 0`:                                                               ErrMemory,
		`len(flatten(map(1..1000, {1..10000}))) > 0`:                                           ErrMemory,
		`reduce(1..100, {concat(#acc, #acc)}, [1]) == []`:                                      ErrMemory,
		`len(map(1..1000, {split(doc.big, "")})) > 0`:                                          ErrMemory,
	} {
		env := Env{"doc": map[string]any{"big": strings.Repeat("x", 1<<20), "map": map[string]any{}}}
		m := env["doc"].(map[string]any)["map"].(map[string]any)
		env["doc"].(map[string]any)["hundred"] = make([]any, 100)
		for i := range 200 {
			m[strings.Repeat("k", i+2)] = i
		}
		if _, err := eval(t, text, env); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	if _, err := Compile(strings.Repeat("1 + ", 300)+"1 > 0", nil); err == nil || !strings.Contains(err.Error(), "nodes") {
		t.Errorf("a tree of 600 nodes: %v", err)
	}
	if _, err := Compile(strings.Repeat("(", MaxLength), nil); err == nil {
		t.Error("4,096 open brackets compile")
	}
	if _, err := Compile(strings.Repeat(" ", MaxLength)+"true", nil); err == nil {
		t.Error("a text over the limit compiles")
	}
}

func TestTimeAndContextEnd(t *testing.T) {
	p, err := Compile("true", nil)
	if err != nil {
		t.Fatal(err)
	}
	late := NewBudget(context.Background())
	late.deadline = time.Now().Add(-time.Second)
	if _, err := NewMachine(late).Eval(p, Env{"path": ""}); !errors.Is(err, ErrTime) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewMachine(NewBudget(ctx)).Eval(p, Env{"path": ""}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What has no answer says why in a line without Go's names.
func TestFailuresAreExplained(t *testing.T) {
	for text, want := range map[string]string{
		`doc.n contains "x"`:      "a value is a number, where a string is wanted",
		`doc.nothing.x == 1`:      "cannot fetch x from null",
		`doc.list > 3`:            "invalid operation: a list > int",
		`doc.n`:                   "it gives a number, which is neither true nor false",
		`split(doc.n, "") == []`:  "a value is a number, where a string is wanted",
		`string(doc) == ""`:       "string wants a string, a number, true, false or null",
		`uniq(doc.objects) == []`: "uniq wants a list of scalars",
	} {
		_, err := eval(t, text, doc())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "interface") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{`doc.n > 2`, `all(doc.list, # matches "x")`, `reduce(1..9, #acc + #acc, "x") == ""`, `let a = 1; a in [1, 2]`, `doc?.a ?? {"x": 1} == nil`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Compile(text, []string{"doc"})
		if err != nil {
			return
		}
		env := doc()
		env["path"] = "p"
		start := cputime.Used()
		_, _ = NewMachine(NewBudget(context.Background())).Eval(p, env)
		if d := cputime.Used() - start; d > time.Minute {
			t.Fatalf("%q took %s", text, d)
		}
	})
}
