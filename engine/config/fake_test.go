package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// The kinds of these tests are fakes, so that what is tested is the loader: they
// have the shapes of the real ones in small, and checks that do nothing.

type fakeFile struct{}

func (fakeFile) CheckFile(*rule.Pass, *rule.File) {}

type fakeTree struct{}

func (fakeTree) CheckTree(*rule.Pass, *rule.Tree, []rule.Entry, []rule.Entry) {}

type fakeCommand struct{}

func (fakeCommand) Split(paths []string, _ int) [][]string { return [][]string{paths} }
func (fakeCommand) Run(*rule.Pass, rule.Place, []string)   {}
func (fakeCommand) Fix(*rule.Pass, rule.Place, []string)   {}
func (fakeCommand) Fixes() bool                            { return false }

func fakeKinds() []rule.Kind {
	return []rule.Kind{fakeUse(), fakeStructure(), fakeNaming(), fakeContent(), fakeData(), fakeCommandKind(), fakeMessage(), fakeSecrets()}
}

func fakeUse() rule.Kind {
	file := func(rule.Value) (rule.Check, []rule.Problem) { return fakeFile{}, nil }
	text := rule.Selector{Types: []string{"text"}}
	var ids []string
	uses := []rule.Use{
		{ID: "check-added-large-files", Doc: "Finds large files.", New: file,
			With: rule.Object("", rule.Key{Name: "maxkb", Shape: rule.Integer("KiB", 0)}, rule.Key{Name: "enforce_all", Shape: rule.Boolean("")})},
		{ID: "check-json", Doc: "Parses JSON.", New: file, Defaults: rule.Selector{Types: []string{"json"}}},
		{ID: "end-of-file-fixer", Doc: "Ends files.", New: file, Defaults: text, With: rule.Object("no options")},
		{ID: "forbid-word", Doc: "Needs an option.", New: file, Defaults: text,
			With: rule.Object("", rule.Key{Name: "word", Required: true, Shape: rule.Str("the word")})},
		{ID: "trailing-whitespace", Doc: "Trims lines.", New: file, Defaults: text, Stages: []string{"pre-commit"},
			With: rule.Object("", rule.Key{Name: "chars", Shape: rule.Str("")},
				rule.Key{Name: "markdown_linebreak_ext", Shape: rule.OneOrMore(rule.Str(""), "")})},
	}
	// The names that the packs use, with the options that they give.
	for _, id := range []string{
		"check-case-conflict", "check-executables-have-shebangs", "check-illegal-windows-names", "check-shebang-scripts-are-executable",
		"check-symlinks", "check-toml", "check-vcs-permalinks", "check-xml", "destroyed-symlinks", "detect-private-key",
		"fix-byte-order-marker", "forbid-new-submodules", "mixed-line-ending",
	} {
		uses = append(uses, rule.Use{ID: id, New: file})
	}
	for id, option := range map[string]string{"check-yaml": "unsafe", "check-merge-conflict": "assume_in_merge"} {
		uses = append(uses, rule.Use{ID: id, New: file, With: rule.Object("", rule.Key{Name: option, Shape: rule.Boolean("")})})
	}
	slices.SortFunc(uses, func(a, b rule.Use) int { return strings.Compare(a.ID, b.ID) })
	for _, u := range uses {
		ids = append(ids, u.ID)
	}
	return rule.Kind{Name: "use", Doc: "Runs a built-in check.", Shape: rule.Enum("the check", ids...), Uses: uses}
}

func fakeStructure() rule.Kind {
	globs := rule.OneOrMore(rule.Fmt(rule.FormatGlob, "a glob"), "globs")
	count := rule.Object("how many",
		rule.Key{Name: "of", Required: true, Shape: rule.Fmt(rule.FormatGlob, "of what")},
		rule.Key{Name: "min", Shape: rule.Integer("", 0)}, rule.Key{Name: "max", Shape: rule.Integer("", 0)})
	count.AtLeastOne = []string{"min", "max"}
	shape := rule.Object("", rule.Key{Name: "each", Shape: globs}, rule.Key{Name: "only", Shape: globs},
		rule.Key{Name: "require", Shape: globs}, rule.Key{Name: "forbid", Shape: globs}, rule.Key{Name: "count", Shape: count})
	shape.Keys = append(shape.Keys, rule.Key{Name: "pairs", Shape: rule.OneOrMore(rule.Object("",
		rule.Key{Name: "of", Required: true, Shape: rule.Fmt(rule.FormatGlob, "")}, rule.Key{Name: "has", Required: true, Shape: rule.Fmt(rule.FormatGlob, "")},
		rule.Key{Name: "both", Shape: rule.Boolean("")}), "")},
		rule.Key{Name: "max_depth", Shape: rule.Integer("", 0)}, rule.Key{Name: "owned", Shape: rule.Enum("", "codeowners")})
	shape.AtLeastOne = []string{"only", "require", "forbid", "count", "pairs", "max_depth", "owned"}
	return rule.Kind{Name: "structure", Doc: "Judges the tree.", Shape: shape,
		New: func(rule.Value) (rule.Built, []rule.Problem) { return rule.Built{Check: fakeTree{}}, nil }}
}

func fakeNaming() rule.Kind {
	shape := rule.Object("",
		rule.Key{Name: "case", Shape: rule.Enum("", "snake_case", "kebab-case")},
		rule.Key{Name: "pattern", Shape: rule.Fmt(rule.FormatRegexp, "")},
		rule.Key{Name: "of", Shape: rule.Enum("", "basename", "stem", "directory", "path")})
	shape.ExactlyOne = []string{"case", "pattern"}
	return rule.Kind{Name: "naming", Doc: "Judges names.", Shape: shape, New: func(body rule.Value) (rule.Built, []rule.Problem) {
		return rule.Built{Check: fakeFile{}}, badPattern(body)
	}}
}

func badPattern(v rule.Value) []rule.Problem {
	p := v.Get("pattern")
	if _, err := regexp.Compile(p.Scalar); err != nil {
		return []rule.Problem{p.Problemf("see RE2's syntax", "bad regular expression")}
	}
	return nil
}

func fakeContent() rule.Kind {
	pattern := rule.Object("",
		rule.Key{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "what to look for")},
		rule.Key{Name: "message", Shape: rule.Str("")},
		rule.Key{Name: "replace", Shape: rule.Str("")},
		rule.Key{Name: "lines", Shape: rule.Fmt(rule.FormatLines, "")},
		rule.Key{Name: "ratio", Shape: rule.Shape{Type: rule.NumberShape}})
	list := rule.OneOrMore(rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{rule.Fmt(rule.FormatRegexp, ""), pattern}}, "patterns")
	shape := rule.Object("", rule.Key{Name: "forbid", Shape: list}, rule.Key{Name: "require", Shape: list})
	shape.AtLeastOne = []string{"forbid", "require"}
	return rule.Kind{Name: "content", Doc: "Judges text.", Shape: shape, New: func(body rule.Value) (rule.Built, []rule.Problem) {
		var ps []rule.Problem
		for _, f := range body.Fields {
			for _, item := range f.Value.Items {
				ps = append(ps, badPattern(item)...)
			}
		}
		return rule.Built{Check: fakeFile{}, Defaults: rule.Selector{Types: []string{"text"}}}, ps
	}}
}

func fakeSecrets() rule.Kind {
	zero, most := 0.0, 8.0
	custom := rule.Object("",
		rule.Key{Name: "id", Required: true, Shape: rule.Fmt(rule.FormatID, "")},
		rule.Key{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "")},
		rule.Key{Name: "entropy", Shape: rule.Shape{Type: rule.NumberShape, Min: &zero, Max: &most}})
	shape := rule.Object("", rule.Key{Name: "allow", Shape: rule.OneOrMore(rule.Fmt(rule.FormatGlob, ""), "globs")},
		rule.Key{Name: "except", Shape: rule.OneOrMore(rule.Str(""), "ids")},
		rule.Key{Name: "custom", Shape: rule.ListOf(custom, "patterns")})
	return rule.Kind{Name: "secrets", Doc: "Judges secrets.", Shape: shape, New: func(rule.Value) (rule.Built, []rule.Problem) {
		return rule.Built{Check: fakeFile{}, Defaults: rule.Selector{TypesOr: []string{"text"}}}, nil
	}}
}

// fakeSchema is a check that depends on a file.
type fakeSchema struct {
	fakeFile
	name rule.Value
}

func (f fakeSchema) Verify(read func(string) ([]byte, error)) []rule.Problem {
	if _, err := read(f.name.Scalar); f.name.Set() && err != nil {
		return []rule.Problem{f.name.Problemf("write the path of a schema", "there is no such schema")}
	}
	return nil
}

func fakeData() rule.Kind {
	assert := rule.Object("", rule.Key{Name: "expr", Required: true, Shape: rule.Shape{Type: rule.StringShape, MinItems: 1}}, rule.Key{Name: "at", Shape: rule.Str("")})
	shape := rule.Object("", rule.Key{Name: "schema", Shape: rule.Shape{Type: rule.StringShape, MinItems: 1}},
		rule.Key{Name: "assert", Shape: rule.ListOf(assert, "")},
		rule.Key{Name: "format", Shape: rule.Enum("", "yaml", "json", "toml")},
		rule.Key{Name: "with", Shape: rule.Shape{Type: rule.MapShape, MinItems: 1, Elem: &rule.Shape{Type: rule.StringShape, Format: rule.FormatPath}}})
	shape.AtLeastOne = []string{"schema", "assert"}
	return rule.Kind{Name: "data", Doc: "Judges documents.", Shape: shape, New: func(body rule.Value) (rule.Built, []rule.Problem) {
		return rule.Built{Check: fakeSchema{name: body.Get("schema")}}, nil
	}}
}

func fakeMessage() rule.Kind {
	shape := rule.Object("",
		rule.Key{Name: "conventional", Shape: rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{{Type: rule.BoolShape},
			rule.Object("", rule.Key{Name: "types", Shape: rule.OneOrMore(rule.Fmt(rule.FormatID, ""), "")})}}},
		rule.Key{Name: "max_subject", Shape: rule.Integer("", 1)},
		rule.Key{Name: "trailers", Shape: rule.OneOrMore(rule.Fmt(rule.FormatID, ""), "")},
		rule.Key{Name: "forbid", Shape: rule.ListOf(rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{{Type: rule.StringShape, MinItems: 1},
			rule.Object("", rule.Key{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "")})}}, "")})
	shape.AtLeastOne = []string{"conventional", "max_subject", "trailers", "forbid"}
	return rule.Kind{Name: "message", Doc: "Judges commit messages.", Shape: shape,
		New: func(rule.Value) (rule.Built, []rule.Problem) {
			return rule.Built{Check: fakeCheckOfMessages{}, Stages: []string{"commit-msg"}}, nil
		}}
}

type fakeCheckOfMessages struct{}

func (fakeCheckOfMessages) CheckMessage(*rule.Pass, *rule.Message) {}

func fakeCommandKind() rule.Kind {
	least, most := 0.1, 1024.0
	shape := rule.Object("",
		rule.Key{Name: "run", Required: true, Shape: rule.Shape{Type: rule.StringShape, MinItems: 1}},
		rule.Key{Name: "dir", Shape: rule.Fmt(rule.FormatPath, "")},
		rule.Key{Name: "env", Shape: rule.Shape{Type: rule.MapShape, Elem: &rule.Shape{Type: rule.StringShape}}},
		rule.Key{Name: "cpus", Shape: rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{rule.Enum("", "auto"), {Type: rule.NumberShape, Min: &least, Max: &most}}}})
	return rule.Kind{Name: "command", Doc: "Runs a program.", Shape: shape,
		New: func(rule.Value) (rule.Built, []rule.Problem) { return rule.Built{Check: fakeCommand{}}, nil }}
}

// fakeOptions loads text as sot.yaml; other files come from testdata/files.
func fakeOptions(text string) Options {
	return Options{
		Kinds: fakeKinds(), Version: "0.4.0",
		KnownType: func(tag string) bool { return tag == "text" || tag == "json" || tag == "python" },
		Types:     func() []string { return []string{"text", "json", "python"} },
		Read: func(name string) ([]byte, error) {
			if name == "sot.yaml" {
				return []byte(text), nil
			}
			return testFile(name)
		},
	}
}

func testFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	data, err := os.ReadFile(filepath.Join("testdata", "files", filepath.FromSlash(name)))
	if err != nil {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// load returns the configuration of a text that must load.
func load(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Load(fakeOptions(text))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}
