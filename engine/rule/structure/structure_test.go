package structure

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }
func num(n int) rule.Value    { return rule.Value{Kind: rule.Int, Scalar: fmt.Sprint(n)} }

func texts(ss ...string) rule.Value {
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

func counts(kv ...any) rule.Value { return body("count", body(kv...)) }

// entries makes sorted entries; a path that ends in "@" is a submodule.
func entries(paths ...string) []rule.Entry {
	paths = slices.Clone(paths)
	slices.Sort(paths)
	es := []rule.Entry{}
	for _, p := range slices.Compact(paths) {
		e := rule.Entry{Path: p, Mode: rule.ModeFile}
		if path, ok := strings.CutSuffix(p, "@"); ok {
			e = rule.Entry{Path: path, Mode: rule.ModeSubmodule}
		}
		es = append(es, e)
	}
	return es
}

func run(t testing.TB, r rule.Rule, b rule.Value, es []rule.Entry) []string {
	t.Helper()
	built, problems := Kind().New(b)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r.Check = built.Check
	p := rule.NewPass(context.Background(), &r, nil)
	built.Check.(rule.TreeCheck).CheckTree(p, rule.NewTree(es), es, nil)
	var out []string
	for _, f := range p.Findings() {
		if f.Line != 0 {
			t.Errorf("a finding about a path has line %d", f.Line)
		}
		out = append(out, f.Path+": "+f.Message)
	}
	return out
}

func TestStructure(t *testing.T) {
	files := entries("README.md", "LICENSE", "cmd/main.go", "cmd/x.exe", "docs/a.md", "docs/b/c.md", "Makefile", "ext/sub@", "a.b/c", "a/c")
	for _, tt := range []struct {
		name string
		body rule.Value
		want []string
	}{
		{"only, all allowed", body("only", texts("cmd/", "{docs,ext}/", "a*/", "LICENSE", "*.*", "[M]akefile", "absent/")), nil},
		{"only", body("only", texts("cmd/", "ext/", "a/", "docs", "*.*", "license")), []string{
			"LICENSE: LICENSE is not allowed here, did you mean license?",
			"Makefile: Makefile is not allowed here, move or remove it, or add it to only (cmd/, ext/, a/, docs, *.*, license)",
			"a.b/: a.b/ is not allowed here, move or remove it, or add it to only (cmd/, ext/, a/, docs, *.*, license)",
			"docs/: docs/ is a directory, and only allows a file of that name: write it with a slash at its end",
		}},
		{"exactly", body("exactly", texts("cmd/", "docs/", "ext/", "a/", "a.b/", "gone/", "*", "*x/")), []string{": gone/ is missing, add it"}},
		{"exactly, a file for a directory", body("exactly", texts("*/", "*.md", "LICENSE/", "Makefile")), []string{
			"LICENSE: LICENSE is a file, and exactly allows a directory of that name: remove the file",
			": LICENSE/ is missing: there is a file of that name, make it a directory",
		}},
		{"only below", body("each", str("docs/"), "only", str("*.md")), []string{
			"docs/b/: b/ is not allowed here, move or remove it, or add it to only (*.md)",
		}},
		{"require, all there", body("require", texts("README.md", "cmd/", "**/*.go", "docs/*/", "docs/**/c.md", "ext/sub/", "{x,LICENSE}", "./README.md", "/docs/", "**/b/")), nil},
		{"require", body("require", texts("readme.md", "Readme", "docs", "LICENSE/", "**/*.rs", "lib/", "**/lib/", "docs/x.md", "no/x.md", "sub/")), []string{
			": readme.md is missing, rename README.md or add it",
			": Readme is missing, rename README.md or add it",
			": docs is missing: there is a directory of that name, write docs/ in require",
			": LICENSE/ is missing: there is a file of that name, make it a directory",
			": no file matches **/*.rs, add one",
			": lib/ is missing, add it",
			": no directory matches **/lib/, add one",
			": docs/x.md is missing, add it",
			": no/x.md is missing, add it",
			": sub/ is missing, add it",
		}},
		{"forbid", body("forbid", texts("**/*.exe", "**/b/", "vendor/", "cmd", "*.rs")), []string{
			"cmd/x.exe: cmd/x.exe matches **/*.exe, which is forbidden, remove it",
			"docs/b/: docs/b/ matches **/b/, which is forbidden, remove it",
		}},
		{"count of directories", counts("of", str("*/"), "min", num(5), "max", num(5)), nil},
		{"too few directories", counts("of", str("*/"), "min", num(6), "max", num(6)), []string{": */ matches 5 directories, wanted exactly 6"}},
		{"submodules are directories", counts("of", str("**/"), "max", num(6)), []string{": **/ matches 7 directories, wanted at most 6"}},
		{"too many files", counts("of", str("**/*.{md,m*}"), "max", num(2)), []string{": **/*.{md,m*} matches 3 files, wanted at most 2"}},
		{"one file", counts("of", str("LICENSE"), "min", num(2)), []string{": LICENSE matches 1 file, wanted at least 2"}},
		{"each", body("each", str("{cmd,docs}"), "require", str("a.md"), "forbid", str("*.exe")), []string{
			"cmd/: a.md is missing, add it",
			"cmd/x.exe: x.exe matches *.exe, which is forbidden, remove it",
		}},
		{"each includes the root", body("each", texts(".", "docs/"), "require", str("*.md"), "forbid", str("a.md")), []string{
			"docs/a.md: a.md matches a.md, which is forbidden, remove it",
		}},
		{"each of nothing", body("each", str("none/*/"), "require", str("x")), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, rule.Rule{}, tt.body, files); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestQuantifier(t *testing.T) {
	var paths []string
	for i := range 10 {
		paths = append(paths, fmt.Sprintf("g/shards/s%d/data", i))
		if i < 6 {
			paths = append(paths, fmt.Sprintf("g/shards/s%d/README.md", i))
		}
	}
	es := entries(paths...)
	b := body("each", str("*/shards/*/"), "require", str("README.md"))
	for _, tt := range []struct {
		holds rule.Holds
		want  string
	}{
		{rule.HoldsPercent(60), ""},
		{rule.HoldsPercent(61), ": holds in 6 of 10 directories, wanted at least 7 (61%); not in g/shards/s6/, g/shards/s7/, g/shards/s8/ and 1 more"},
		{rule.HoldsAny, ""},
		{rule.HoldsNone, ": holds in 6 of 10 directories, wanted none; in g/shards/s0/, g/shards/s1/, g/shards/s2/ and 3 more"},
		{rule.HoldsBetween(1, 5), ": holds in 6 of 10 directories, wanted 1 to 5; in g/shards/s0/, g/shards/s1/, g/shards/s2/ and 3 more"},
	} {
		if got := strings.Join(run(t, rule.Rule{Holds: tt.holds}, b, es), "\n"); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if got := run(t, rule.Rule{}, b, es); len(got) != 4 || got[0] != "g/shards/s6/: README.md is missing, add it" {
		t.Errorf("holds all: %q", got)
	}
	b = body("each", texts("g/", "g/shards/s7/"), "require", texts("shards/", "data"))
	if got := run(t, rule.Rule{Holds: rule.HoldsAny, Description: "ours"}, b, es[:1]); !slices.Equal(got,
		[]string{": ours: holds in 0 of 1 directory, wanted at least 1; not in g/"}) {
		t.Errorf("with a description: %q", got)
	}
}

// A check that finds no place to judge says so: on_empty is the engine's to judge.
func TestNoPlace(t *testing.T) {
	es := entries("a/b")
	for _, tt := range []struct {
		body rule.Value
		es   []rule.Entry
		want string
	}{
		{body("each", texts("no/*/", "x/"), "require", str("x")), es, "no directory matches no/*/, x/"},
		{body("forbid", str("x")), nil, "no file matches"},
		{body("forbid", str("x")), es, ""},
		{body("require", str("x")), nil, ""}, // that is a finding
	} {
		built, problems := Kind().New(tt.body)
		if problems != nil {
			t.Fatal(problems)
		}
		p := rule.NewPass(context.Background(), &rule.Rule{EmptyFails: true, Check: built.Check}, nil)
		built.Check.(rule.TreeCheck).CheckTree(p, rule.NewTree(tt.es), tt.es, nil)
		if got := p.Unmatched(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		body rule.Value
		want string
	}{
		{body("require", texts("ok", "[")), "bad glob"},
		{body("only", texts("ok", "{")), "bad glob"},
		{body("only", str("a/b/")), "not a name directly"},
		{body("only", str("/")), "not a name directly"},
		{body("forbid", str("./")), "the directory itself"},
		{counts("of", str("*"), "min", num(3), "max", num(2)), "less than min"},
		{body("require", str("../x")), `".."`},
	} {
		_, problems := Kind().New(tt.body)
		if len(problems) != 1 || !strings.Contains(problems[0].What, tt.want) || problems[0].Hint == "" {
			t.Errorf("want one problem with %q and a hint: %v", tt.want, problems)
		}
	}
}

// TestFindIsMatch holds the walk to matching every path, one after the other.
func TestFindIsMatch(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "a.b", "a-b", ".a", "ab"})
	parts := rapid.SampledFrom([]string{"a", "b", "*", "a*", "?", "**", "[ab]", "{a,b}", "{a,b/*}", "*.*", "{**,a}", "[a/]", `\a`, ""})
	rapid.Check(t, func(t *rapid.T) {
		var paths []string
		for range rapid.IntRange(0, 12).Draw(t, "files") {
			paths = append(paths, strings.Join(rapid.SliceOfN(names, 1, 4).Draw(t, "path"), "/"))
		}
		es := realistic(paths)
		pattern := strings.Join(rapid.SliceOfN(parts, 1, 4).Draw(t, "pattern"), "/")
		dir := rapid.Bool().Draw(t, "directories")
		if dir {
			pattern += "/"
		}
		alts, err := glob.Braces(pattern)
		b := &builder{}
		got, ok := b.glob(str(pattern), false)
		if !ok {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for path := range everything(es) {
			for _, a := range alts {
				if strings.Contains(a, "//") {
					continue // no path holds an empty name
				}
				// `a/**` matches a itself in doublestar; here it is what lies below.
				base, isBelow := strings.CutSuffix(strings.TrimSuffix(a, "/"), "/**")
				p, isDir := strings.CutSuffix(path, "/")
				if isDir == strings.HasSuffix(a, "/") && glob.Match(strings.TrimSuffix(a, "/"), p) && !(isBelow && glob.Match(base, p) && !deeper(a, p)) {
					want = append(want, path)
				}
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
		for _, shared := range []bool{true, false} {
			v := view{tree: rule.NewTree(es), hi: len(es), shared: shared}
			if found := got.find(v); !slices.Equal(found, want) {
				t.Fatalf("%q finds %q, want %q, among %v", pattern, found, want, paths)
			}
			if got.any(v) != (len(want) > 0) || got.size(v) != len(want) {
				t.Fatalf("any(%q) or size disagrees with find", pattern)
			}
		}
	})
}

// deeper says whether the pattern X/** matches p as something below X as well.
func deeper(a, p string) bool {
	return glob.Match(strings.TrimSuffix(strings.TrimSuffix(a, "/"), "**")+"**/*", p)
}

// realistic drops the files that would also be directories.
func realistic(paths []string) []rule.Entry {
	all := entries(paths...)
	return slices.DeleteFunc(slices.Clone(all), func(e rule.Entry) bool { return rule.NewTree(all).HasDir(e.Path) })
}

// everything yields each file, and each directory with a trailing slash.
func everything(es []rule.Entry) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, e := range es {
			if !yield(e.Path) {
				return
			}
		}
		for d := range rule.NewTree(es).Dirs() {
			if d != "" && !yield(d+"/") {
				return
			}
		}
	}
}

// BenchmarkTwentyRules judges 20 rules over 27,000 paths, beside one walk of a
// worktree that holds them.
func BenchmarkTwentyRules(b *testing.B) {
	var paths []string
	for i := range 27_000 {
		paths = append(paths, fmt.Sprintf("packages/pkg-%03d/test/fixtures/group-%02d/case-%d/input.js", i%150, i%40, i))
	}
	es := entries(paths...)
	b.Run("walk", func(b *testing.B) { walk(b, paths) })
	b.Run("rules", func(b *testing.B) { twentyRules(b, es) })
}

// walk is what listing the files costs: directories are read and files are
// looked at (lstat), as every run must.
func walk(b *testing.B, paths []string) {
	root := b.TempDir()
	for _, p := range paths {
		p = filepath.Join(root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
				_, err = d.Info()
			}
			return err
		})
		if err != nil || n != len(paths) {
			b.Fatal(n, err)
		}
	}
}

func twentyRules(b *testing.B, es []rule.Entry) {
	bodies := []rule.Value{
		body("only", texts("packages/", "*.*")),
		body("require", texts("packages/", "**/input.js")),
		body("forbid", texts("**/*.exe", "**/node_modules/")),
		counts("of", str("*/"), "max", num(5)),
		body("each", str("packages/*/"), "require", texts("test/", "test/fixtures/*/*/input.js")),
	}
	for b.Loop() {
		for range 4 {
			for _, v := range bodies {
				if got := run(b, rule.Rule{}, v, es); len(got) > 0 {
					b.Fatal(got)
				}
			}
		}
	}
}
