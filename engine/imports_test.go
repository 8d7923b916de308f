package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sot-validator/sot/"

// layers says what each package may import of this module: itself, what is
// listed, and nothing else. Imports point down.
var layers = []struct {
	pkg   string // "x/..." is x and everything below
	below []string
}{
	{"cmd/sot", []string{"action", "hook", "engine", "engine/..."}},
	{"action", []string{"engine", "engine/...", "cache/ghcache"}},
	{"hook", []string{"engine", "engine/..."}},
	{"engine", []string{"engine/...", "cache", "cache/remote"}},
	{"engine/rule", nil},
	{"engine/rule/glob", nil},
	{"engine/rule/filetype", []string{"engine/rule"}},
	{"engine/rule/use", []string{"engine/rule", "engine/rule/glob", "engine/rule/filetype", "engine/rule/use/...", "engine/rule/data/document"}},
	{"engine/rule/content", []string{"engine/rule", "engine/rule/glob", "engine/rule/regexpset"}},
	{"engine/rule/regexpset", nil},
	{"engine/rule/secrets", []string{"engine/rule", "engine/rule/glob", "engine/rule/regexpset"}},
	{"engine/rule/data", []string{"engine/rule", "engine/rule/data/..."}},
	{"engine/rule/data/document", []string{"engine/rule", "engine/rule/use/yamlsyntax", "engine/rule/use/tomlsyntax"}},
	{"engine/rule/data/expression", nil},
	{"engine/rule/data/jsonpath", []string{"engine/rule/data/document"}},
	{"engine/rule/data/internal/...", []string{"engine/rule/data/internal/..."}},
	{"engine/rule/...", []string{"engine/rule", "engine/rule/glob", "engine/rule/filetype"}},
	{"engine/config/importer", []string{"engine/config", "engine/rule", "engine/rule/glob"}},
	{"engine/config", []string{"engine/rule", "engine/rule/glob"}},
	{"engine/source", []string{"engine/rule"}},
	{"engine/plan", []string{"engine/rule", "engine/rule/glob", "engine/profile"}},
	{"engine/sched", []string{"engine/trace"}},
	{"engine/profile", nil},
	{"engine/trace", nil},
	{"engine/report", []string{"engine/rule", "engine/trace"}},
	{"engine/bench", []string{"engine/plan", "engine/sched", "engine/profile", "engine/trace"}},
	{"engine/internal/cputime", nil}, // for tests
	{"cache", nil},
	{"cache/...", []string{"cache"}},
}

// standardOnly are the packages that import the standard library, and of this
// module what layers allows them, but nothing else.
var standardOnly = []string{"engine/rule", "engine/trace", "engine/sched"}

// homes are the libraries that live in one place alone.
var homes = map[string][]string{
	"github.com/go-git/":          {"engine/source"},
	"gopkg.in/yaml.v3":            {"engine/config", "engine/rule/data", "engine/rule/use"},
	"github.com/google/go-github": {"action"},
	"github.com/expr-lang/expr":   {"engine/rule/data/expression"},
	"github.com/theory/jsonpath":  {"engine/rule/data/jsonpath"},
	"github.com/spf13/cobra":      {"cmd/sot"},
	"github.com/klauspost/":       {"cache/ghcache"},
}

func TestImportsPointDown(t *testing.T) {
	mains := map[string]bool{}
	seen := 0
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".git")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(strings.TrimPrefix(filepath.ToSlash(file), "../"))
		seen++
		if f.Name.Name == "main" {
			mains[pkg] = true
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(pkg, imported); why != "" {
				t.Errorf("%s imports %s: %s", file, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("only %d files were looked at", seen)
	}
	if len(mains) != 1 || !mains["cmd/sot"] {
		t.Errorf("package main in %v: `go install ./...` must yield sot alone", mains)
	}
}

// forbidden says why a package may not import another; "" where it may.
func forbidden(pkg, imported string) string {
	for library, at := range homes {
		if strings.HasPrefix(imported, library) && !slices.ContainsFunc(at, func(p string) bool { return covers(p, pkg) }) {
			return "that library is at home in " + strings.Join(at, " and ")
		}
	}
	own, ours := strings.CutPrefix(imported, module)
	if !ours {
		if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") && slices.Contains(standardOnly, pkg) {
			return "this package imports the standard library alone"
		}
		return ""
	}
	for _, l := range layers {
		if !covers(l.pkg, pkg) {
			continue
		}
		if own == pkg || slices.ContainsFunc(l.below, func(p string) bool { return covers(p, own) }) {
			return ""
		}
		return "it is not below " + pkg
	}
	return "the package is in no layer: give it one in this test"
}

func covers(pattern, pkg string) bool {
	if dir, below := strings.CutSuffix(pattern, "/..."); below {
		return strings.HasPrefix(pkg, dir+"/")
	}
	return pattern == pkg
}

func TestForbiddenSeesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ pkg, imports string }{
		{"engine/rule", module + "engine/source"},
		{"engine/rule", "golang.org/x/sys/unix"},
		{"engine/rule/content", module + "engine/rule/naming"},
		{"engine/config", module + "engine/rule/use"},
		{"engine/source", module + "engine/config"},
		{"engine", "github.com/go-git/go-git/v5/plumbing"},
		{"newcomer", module + "engine"},
	} {
		if forbidden(c.pkg, c.imports) == "" {
			t.Errorf("%s may import %s", c.pkg, c.imports)
		}
	}
	if why := forbidden("cmd/sot", module+"engine/report"); why != "" {
		t.Error(why)
	}
}
