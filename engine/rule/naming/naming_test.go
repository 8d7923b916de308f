package naming_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/naming"
)

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }
func num(s string) rule.Value { return rule.Value{Kind: rule.Int, Scalar: s} }

func list(ss ...string) rule.Value {
	v := rule.Value{Kind: rule.List}
	for _, s := range ss {
		v.Items = append(v.Items, str(s))
	}
	return v
}

// body makes a map of keys and values in turn.
func body(kv ...any) rule.Value {
	v := rule.Value{Kind: rule.Map}
	for i := 0; i < len(kv); i += 2 {
		v.Fields = append(v.Fields, rule.Field{Key: kv[i].(string), Value: kv[i+1].(rule.Value)})
	}
	return v
}

func check(t interface{ Fatal(...any) }, b rule.Value) rule.Check {
	built, problems := naming.Kind().New(b)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return built.Check
}

// found returns "path: message" of each finding over the files.
func found(c rule.Check, holds rule.Holds, paths ...string) []string {
	r := &rule.Rule{ID: "r", Severity: rule.Error, Check: c, Holds: holds}
	p := rule.NewPass(context.Background(), r, nil)
	switch c := c.(type) {
	case rule.FileCheck:
		for _, path := range paths {
			c.CheckFile(p, rule.NewFile(rule.Entry{Path: path}, nil, nil))
		}
	case rule.TreeCheck:
		slices.Sort(paths)
		var es []rule.Entry
		for _, path := range paths {
			es = append(es, rule.Entry{Path: path})
		}
		c.CheckTree(p, rule.NewTree(es), es, es)
	}
	var out []string
	for _, f := range p.Findings() {
		out = append(out, f.Path+": "+f.Message)
	}
	return out
}

func TestCase(t *testing.T) {
	for _, tt := range []struct{ style, of, path, want string }{
		{"snake_case", "stem", "a/my_module.py", ""},
		{"snake_case", "stem", "a/__init__.py", ""},
		{"snake_case", "stem", "a/_x1.py", ""},
		{"snake_case", "stem", "a/.hidden_file", ""},
		{"snake_case", "stem", "MyModule.py", "my_module.py"},
		{"snake_case", "stem", "my-module.v2.py", "my_module_v2.py"},
		{"snake_case", "stem", "HTTPServer2Go.py", "http_server2_go.py"},
		{"snake_case", "stem", "---.py", "rename it"},
		{"snake_case", "basename", "my_module.test.py", ""},
		{"snake_case", "basename", "myModule.Test.PY", "my_module.test.PY"},
		{"kebab-case", "stem", "a-b.go", ""},
		{"kebab-case", "stem", "-a.go", "a.go"},
		{"kebab-case", "stem", "A_b.go", "a-b.go"},
		{"camelCase", "stem", "fooBar.js", ""},
		{"camelCase", "stem", "FooBar.js", "fooBar.js"},
		{"PascalCase", "stem", "FooBar.tsx", ""},
		{"PascalCase", "stem", "foo-bar.tsx", "FooBar.tsx"},
		{"PascalCase", "stem", "élan.tsx", "Élan.tsx"},
		{"SCREAMING_SNAKE_CASE", "stem", "READ_ME.md", ""},
		{"SCREAMING_SNAKE_CASE", "stem", "readMe.md", "READ_ME.md"},
		{"SCREAMING-KEBAB-CASE", "stem", "read_me.md", "READ-ME.md"},
		{"flatcase", "stem", "foo_bar.go", "foobar.go"},
		{"lowercase", "stem", "a b-C.TXT", "a b-c.TXT"},
		{"lowercase", "basename", "a.TXT", "a.txt"},
		{"lowercase", "basename", "A.b.txt", "a.b.txt"},
		{"UPPERCASE", "stem", "a.txt", "A.txt"},
		{"snake_case", "path", "my_app/x.go", ""},
		{"snake_case", "path", "my-app/x.go", "my_app"},
		{"snake_case", "stem", "日本.py", ""},
		{"snake_case", "stem", "a\xff.py", "a.py"},
	} {
		got := found(check(t, body("case", str(tt.style), "of", str(tt.of))), rule.Holds{}, tt.path)
		switch {
		case tt.want == "" && len(got) > 0:
			t.Errorf("%+v: %q", tt, got)
		case tt.want != "" && (len(got) != 1 || !strings.HasSuffix(got[0], tt.want)):
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

func TestMessages(t *testing.T) {
	for _, tt := range []struct {
		body rule.Value
		path string
		want []string
	}{
		{body("case", str("snake_case")), "a/MyMod.py", []string{`a/MyMod.py: "MyMod.py" is not snake_case, rename to my_mod.py`}},
		{body("case", list("snake_case", "PascalCase")), "a-b.py", []string{`a-b.py: "a-b.py" is not snake_case or PascalCase, rename to a_b.py or AB.py`}},
		{body("pattern", str(`^[a-z]+$`)), "x/A.py", []string{`x/A.py: "A" does not match ^[a-z]+$, rename it`}},
		{body("pattern", str(`^[a-z]+\.py$`)), "x/a.py", []string{`x/a.py: "a" does not match ^[a-z]+\.py$, and "a.py" would: write of: basename`}},
		{body("pattern", str(`^[a-z]+\.py$`)), "x/A.py", []string{`x/A.py: "A" does not match ^[a-z]+\.py$, rename it`}},
		{body("pattern", str(`^[a-z]+\.py$`), "of", str("basename")), "x/A.py", []string{`x/A.py: "A.py" does not match ^[a-z]+\.py$, rename it`}},
		{body("pattern", str(`[a-z]`)), "x/Ab.py", nil},
		{body("pattern", str(`^x/[^/]+\.py$`), "of", str("path")), "x/Ab.py", nil},
		{body("pattern", str(`^(\d+)_`), "number", body("min", num("1"), "max", num("16"))), "017_x.sql",
			[]string{`017_x.sql: the number "017" of "017_x" is not 1 to 16, renumber it`}},
		{body("pattern", str(`^(\d+)_`), "number", body("min", num("1"), "max", num("17"))), "017_x.sql", nil},
		{body("pattern", str(`^(\d+)_`), "number", body("min", num("1"))), "99999999999999999999_x.sql",
			[]string{`99999999999999999999_x.sql: the number "99999999999999999999" of "99999999999999999999_x" is not at least 1, renumber it`}},
		{body("case", str("snake_case"), "ignore", list("README*", "__X__")), "README-x.md", nil},
		{body("case", str("snake_case"), "ignore", list("README*", "__X__")), "a/__X__.md", nil},
		{body("case", str("snake_case"), "ignore", list("b/**")), "b/c/X.md", nil},
		{body("pattern", str(`^${0}$`), "of", str("name")), "web/web.test.ts", nil},
		{body("pattern", str(`^${0}$`)), "web/x.ts", []string{`web/x.ts: "x" does not match ^web$, rename it`}},
		{body("pattern", str(`^${1}-${0}$`)), "a.b/c+/a.b-c+.ts", nil},
		{body("pattern", str(`^${1}-${0}$`)), "axb/c+/a.b-c+.ts", []string{`axb/c+/a.b-c+.ts: "a.b-c+" does not match ^axb-c\+$, rename it`}},
		{body("pattern", str(`^(${1}x|y)$`)), "a/y.ts", nil},
		{body("pattern", str(`^${1}x$`)), "a/x.ts", []string{`a/x.ts: "x" does not match ^${1}x$, rename it`}},
		{body("case", str("kebab-case"), "of", str("name")), "a-b.Test.d.ts", nil},
		{body("case", str("kebab-case"), "of", str("name")), ".a_b.Test.ts", []string{`.a_b.Test.ts: ".a_b.Test.ts" is not kebab-case, rename to .a-b.Test.ts`}},
		{body("pattern", str(`^\.x$`), "of", str("name")), ".x", nil},
		{body("case", str("snake_case"), "ignore", list("b/")), "c/X.md", []string{`c/X.md: "X.md" is not snake_case, rename to x.md`}},
	} {
		if got := found(check(t, tt.body), rule.Holds{}, tt.path); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.path, got, tt.want)
		}
	}
}

func TestDirectoriesAreReportedOnce(t *testing.T) {
	c := check(t, body("case", str("kebab-case"), "of", str("directory"), "ignore", list("Old/", "x/skip_me")))
	paths := []string{"a-b/My_Dir/x.go", "a-b/My_Dir/y.go", "a-b/My_Dir/z/Q.go", "Old/a.go", "x/skip_me/a.go", ".github/a.yml"}
	want := []string{`a-b/My_Dir/: "My_Dir" is not kebab-case, rename to my-dir`}
	if got := found(c, rule.Holds{}, paths...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// a-b, My_Dir, z, x and .github are judged.
	if got := found(c, rule.HoldsPercent(80), paths...); got != nil {
		t.Errorf("4 of 5 hold, yet %q", got)
	}
	want = []string{`: holds in 4 of 5 directories, wanted at least 5 (81%); not in a-b/My_Dir/`}
	if got := found(c, rule.HoldsPercent(81), paths...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	want = []string{`: holds in 4 of 5 directories, wanted none`}
	if got := found(c, rule.HoldsNone, paths...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEachDirectory(t *testing.T) {
	paths := []string{"g/shards/shard-1/x", "g/shards/shard-16/x", "g/shards/README.md", "g/shards/Shard-2/y/z", "h/shards/other/x", "h/shards/tmp/x"}
	c := check(t, body("each", str("*/shards/*/"), "pattern", str(`^shard-(\d+)$`), "number", body("max", num("15")), "ignore", list("tmp")))
	want := []string{
		`g/shards/Shard-2/: "Shard-2" does not match ^shard-(\d+)$, rename it`,
		`g/shards/shard-16/: the number "16" of "shard-16" is not 0 to 15, renumber it`,
		`h/shards/other/: "other" does not match ^shard-(\d+)$, rename it`,
	}
	if got := found(c, rule.Holds{}, paths...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	c = check(t, body("each", list("{g,x}/*", "h"), "pattern", str(`^${0}s$`)))
	want = []string{`g/shards/: "shards" does not match ^gs$, rename it`, `h/: "h" does not match ^${0}s$, rename it`}
	if got := found(c, rule.Holds{}, paths...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProblems(t *testing.T) {
	for want, b := range map[string]rule.Value{
		"error parsing":      body("pattern", str("(")),
		"needs a pattern":    body("case", str("flatcase"), "number", body("min", num("1"))),
		"needs a group":      body("pattern", str("x"), "number", body("min", num("1"))),
		"less than min":      body("pattern", str("(x)"), "number", body("min", num("2"), "max", num("1"))),
		"bad glob":           body("pattern", str("x"), "ignore", list("ok", "[")),
		"is the root":        body("pattern", str("x"), "each", list("a/", ".")),
		"judges files":       body("pattern", str("x"), "each", str("a/"), "of", str("stem")),
		"error parsing ":     body("pattern", str("${0}(")),
		"bad glob ":          body("pattern", str("x"), "each", str("[")),
		`unknown case "Foo"`: body("case", str("Foo")),
	} {
		_, problems := naming.Kind().New(b)
		if len(problems) != 1 || !strings.Contains(problems[0].What, want) || problems[0].Hint == "" {
			t.Errorf("want one problem with %q and a hint: %v", want, problems)
		}
	}
}

// TestRenamesHold: what a message proposes is accepted, whatever the name was.
func TestRenamesHold(t *testing.T) {
	styles := []string{"snake_case", "kebab-case", "camelCase", "PascalCase", "SCREAMING_SNAKE_CASE", "SCREAMING-KEBAB-CASE", "flatcase", "lowercase", "UPPERCASE"}
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SampledFrom([]string{"stem", "basename"}).Draw(t, "of")
		c := check(t, body("case", str(rapid.SampledFrom(styles).Draw(t, "case")), "of", str(of)))
		path := rapid.OneOf(rapid.StringMatching(`[.]?[a-zA-Z0-9_. -]{1,12}`), rapid.String()).Draw(t, "name")
		path = strings.NewReplacer("/", "", "\x00", "").Replace(path)
		if path == "" {
			return
		}
		got := found(c, rule.Holds{}, path)
		if len(got) == 0 {
			return
		}
		_, to, ok := strings.Cut(got[0], ", rename to ")
		if ok && len(found(c, rule.Holds{}, to)) > 0 {
			t.Fatalf("%q: the proposed name does not hold: %q", got[0], found(c, rule.Holds{}, to))
		}
	})
}
