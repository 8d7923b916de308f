package importer

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/command"
	"github.com/sot-validator/sot/engine/rule/content"
	"github.com/sot-validator/sot/engine/rule/data"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/rule/message"
	"github.com/sot-validator/sot/engine/rule/naming"
	"github.com/sot-validator/sot/engine/rule/secrets"
	"github.com/sot-validator/sot/engine/rule/structure"
	"github.com/sot-validator/sot/engine/rule/use"
)

var update = flag.Bool("update", false, "rewrite the expected files")

func options() Options {
	return Options{
		Kinds:     []rule.Kind{use.Kind(), structure.Kind(), naming.Kind(), content.Kind(), command.Kind(), message.Kind(), data.Kind(), secrets.Kind()},
		KnownType: filetype.Known, Types: filetype.All, Version: "0.1.0",
	}
}

func noFile(string) ([]byte, error) { return nil, fs.ErrNotExist }

// TestImports compares what is written for files of the shapes that well-known
// repositories have.
func TestImports(t *testing.T) {
	for tool, do := range map[string]func(string, []byte) (*Result, error){
		"pre-commit": func(name string, data []byte) (*Result, error) { return PreCommit(name, data, options()) },
		"ls-lint":    func(name string, data []byte) (*Result, error) { return LsLint(name, data, options()) },
		"lefthook": func(name string, data []byte) (*Result, error) {
			return Lefthook(name, data, func(path string) ([]byte, error) {
				if path == "more.yml" {
					return []byte("pre-commit: {commands: {tsc: {run: x}, other: {run: 'other \"$HOME\"'}}}"), nil
				}
				return nil, fs.ErrNotExist
			}, options())
		},
	} {
		files, err := filepath.Glob(filepath.Join("testdata", tool, "*.y*ml"))
		if err != nil || len(files) < 1 {
			t.Fatalf("%s: %d files, %v", tool, len(files), err)
		}
		for _, file := range files {
			t.Run(tool+"/"+filepath.Base(file), func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				res, err := do(filepath.Base(file), data)
				if err != nil {
					t.Fatal(err)
				}
				golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".golden"
				if *update {
					if err := os.WriteFile(golden, res.Text, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(res.Text)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// TestKnownTools: every row of the tables makes rules that load.
func TestKnownTools(t *testing.T) {
	var hooks []string
	add := func(repo, rev, id, more string) {
		hooks = append(hooks, "- {repo: 'https://example.com/"+repo+"', rev: '"+rev+"', hooks: [{id: "+id+more+"}]}")
	}
	for _, x := range tools {
		repo := "some/repo"
		if x.repos != nil {
			repo = x.repos[0]
		}
		for _, id := range x.ids {
			for _, args := range []string{"", ", args: []", ", args: [--fix, -w, -i, --check, --format, x]"} {
				add(repo, x.rev, id, args)
			}
		}
	}
	for id := range checks() {
		add("pre-commit/pre-commit-hooks", "v4.5.0", id, ", files: x")
	}
	for id := range scripts() {
		add("pre-commit/pre-commit-hooks", "v4.5.0", id, "")
	}
	for _, k := range patternHooks {
		add(k.repo, "v1", k.id, "")
	}
	res, err := PreCommit("x.yaml", []byte("repos:\n"+strings.Join(hooks, "\n")), options())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range res.Notes {
		if n.Kind == Dropped && !strings.Contains(n.Reason, "write a") {
			t.Errorf("%s", n)
		}
	}
	if want := len(hooks) - 3*12; res.Rules < want {
		t.Errorf("%d rules of %d hooks", res.Rules, len(hooks))
	}
}

// TestEveryOption: every option of the built-in checks is one that the check has.
func TestEveryOption(t *testing.T) {
	for id, c := range checks() {
		for _, o := range c.options {
			args := "'" + o.flag + "'"
			if o.kind != isSet {
				args += ", '1'"
				if o.key == "fix" {
					args = "'" + o.flag + "=lf'"
				}
			}
			text := "repos: [{repo: 'https://github.com/pre-commit/pre-commit-hooks', hooks: [{id: " + id + ", files: x, args: [" + args + "]}]}]"
			res, err := PreCommit("x.yaml", []byte(text), options())
			if err != nil {
				t.Errorf("%s %s: %v", id, o.flag, err)
				continue
			}
			if !strings.Contains(string(res.Text), "\n      "+o.key+":") {
				t.Errorf("%s %s is lost:\n%s", id, o.flag, res.Text)
			}
		}
	}
}

// TestNotCarriedOver: what cannot be said is said to be so, and nothing of it is
// written.
func TestNotCarriedOver(t *testing.T) {
	for hook, want := range map[string]string{
		`{id: a, language: docker_image, entry: x}`:                           "docker run",
		`{id: a, language: system, entry: "x 'y"}`:                            "quote is not closed",
		`{id: a, language: system, entry: "A=b x"}`:                           "no program",
		`{id: a, language: system, entry: "x {staged_files}"}`:                "{staged_files}",
		`{id: a, language: system, entry: x, files: '\d+'}`:                   "any number of times",
		`{id: a, language: system, entry: x, exclude: '(?<!a)b'}`:             "looks around",
		`{id: a, language: system, entry: x, types: [nonsense]}`:              `type "nonsense"`,
		`{id: a, language: system, entry: x, types: [symlink]}`:               "regular files",
		`{id: a, language: system, entry: x, stages: [post-checkout]}`:        "stage post-checkout",
		`{id: a, language: system, entry: x, stages: [commit-msg], files: y}`: "the file that holds the commit's message",
		`{id: a, language: system, entry: black, stages: [commit-msg]}`:       "not known to sot",
		`{id: a, language: fail, entry: x, stages: [commit-msg]}`:             "not known to sot",
		`{id: a, language: pygrep, entry: 'a(?=b)'}`:                          "looks around",
		`{id: a, language: pygrep, entry: 'x*'}`:                              "matches nothing",
		`{id: a, language: pygrep, entry: x, args: [--what]}`:                 "--what",
		`{id: a, language: fail, entry: ''}`:                                  "empty",
		`{id: a, language: fail, entry: x, files: '^$'}`:                      "match no path",
		`{name: a, language: system, entry: x}`:                               "no id",
		`{id: a, language: system, entry: 'test "$PRE_COMMIT_FROM_REF" = x'}`: "PRE_COMMIT_",
	} {
		res, err := PreCommit("x.yaml", []byte("repos: [{repo: local, hooks: ["+hook+"]}]"), options())
		if err != nil {
			t.Errorf("%s: %v", hook, err)
			continue
		}
		if res.Rules != 0 || len(res.Notes) != 1 || !strings.Contains(res.Notes[0].String(), want) || res.Notes[0].Kind != Dropped {
			t.Errorf("%s: %d rules, notes %v, want %q", hook, res.Rules, res.Notes, want)
		}
		with, err := PreCommit("x.yaml", []byte("repos: [{repo: local, hooks: ["+hook+", {id: ok, language: system, entry: x}]}]"), options())
		if err != nil || with.Rules != 1 || !strings.Contains(string(with.Text), want) {
			t.Errorf("%s: the file does not say %q: %v\n%s", hook, want, err, with.Text)
		}
	}
}

// TestConventional: what the best known hook of Conventional Commits is told.
func TestConventional(t *testing.T) {
	for args, want := range map[string]string{
		"":                                   "conventional: true",
		"args: [--strict]":                   "conventional: true",
		"args: [feat, fix, chore]":           "types: [feat, fix, chore]",
		"args: [chore]":                      "types: [feat, fix, chore]",
		"args: [feat]":                       "types: [feat]",
		"args: [--scopes, 'api,client']":     "scopes: [api, client]",
		"args: ['--scopes=api', feat]":       "types: [feat]\n        scopes: [api]",
		"args: [--force-scope, feat]":        "types: [feat]\n        require_scope: true",
		"args: [--what]":                     "",
		"args: ['a b']":                      "",
		"args: [--scopes, 'a/b c;d', chore]": "",
	} {
		text := "repos: [{repo: 'https://github.com/compilerla/conventional-pre-commit', hooks: [{id: conventional-pre-commit, stages: [commit-msg], " + args + "}]}]"
		res, err := PreCommit("x.yaml", []byte(text), options())
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if want == "" && res.Rules != 0 || !strings.Contains(string(res.Text), want) {
			t.Errorf("%s: want %q:\n%s", args, want, res.Text)
		}
	}
}

// TestForeignFiles: what is no configuration of the tool is an error with a place.
func TestForeignFiles(t *testing.T) {
	for _, text := range []string{"", "a: [", "a: b", "x", "- 1\n---\n- 2"} {
		_, err := PreCommit("p.yaml", []byte(text), options())
		var problems config.Problems
		if text == "" || text == "a: b" || text == "a: [" || text == "x" {
			if !errors.As(err, &problems) || problems[0].File != "p.yaml" || problems[0].Line < 1 {
				t.Errorf("%q: %v", text, err)
			}
		}
		if _, err := Lefthook("l.yml", []byte("["+text), noFile, options()); !errors.As(err, &problems) {
			t.Errorf("lefthook %q: %v", text, err)
		}
	}
}

// TestScalarsAreRead: what scalar and block write is what YAML reads.
func TestScalarsAreRead(t *testing.T) {
	for _, s := range []string{
		"", "a", "true", "No", "null", "~", "1", "1.5", "0x1f", "1e3", ".5", ".inf", "a: b", "a #b", "- a", "? a", "*a", "&a", "!a", "%a", "@a", "`a",
		"a'b", `a"b`, `\d+`, "a\nb", "a\tb", " a", "a ", "{a}", "[a]", "a,b", "é", "\u202ea", "2020-01-01", "=", "<<", "y", "x {files}", "a\n  b\nc", "a\n", "---", "1_000",
	} {
		f := fields{{"k", s}, {"l", []string{s, s}}}
		var b strings.Builder
		f.write(&b, "")
		var got struct {
			K any
			L []any
		}
		if err := yaml.Unmarshal([]byte(b.String()), &got); err != nil {
			t.Errorf("%q: %v\n%s", s, err, b.String())
			continue
		}
		if got.K != s || len(got.L) != 2 || got.L[0] != s {
			t.Errorf("%q became %#v and %#v:\n%s", s, got.K, got.L, b.String())
		}
	}
}

func TestShellWords(t *testing.T) {
	for text, want := range map[string][]string{
		`a  b`: {"a", "b"}, `a 'b c' "d e"`: {"a", "b c", "d e"}, `a\ b`: {"a b"}, `"a\"b\c"`: {`a"b\c`}, `''`: {""}, `a''b`: {"ab"}, "a\nb": {"a", "b"}, `$x;y`: {"$x;y"},
	} {
		got, err := shellWords(text)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		again, err := shellWords(quoted(got))
		if err != nil || !cmp.Equal(again, want) {
			t.Errorf("%q: quoted as %s, read as %q", text, quoted(got), again)
		}
	}
	for _, text := range []string{`'a`, `"a`, `a\`} {
		if got, err := shellWords(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

// seeds adds the files of testdata and some of the keys that they do not have.
func seeds(f *testing.F, tool string) {
	files, err := filepath.Glob(filepath.Join("testdata", tool, "*.y*ml"))
	if err != nil || len(files) == 0 {
		f.Fatal("no files to begin with", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// mustLoad fails where an import is wrong about its own file. The loader is part
// of the import, so that every result has been read.
func mustLoad(t *testing.T, res *Result, err error) {
	var bug *Error
	if errors.As(err, &bug) {
		t.Fatal(err)
	}
	if err == nil && (res.Rules > 0) != (len(res.Text) > 0) {
		t.Fatalf("%d rules, and a file of %d bytes", res.Rules, len(res.Text))
	}
}

func FuzzPreCommit(f *testing.F) {
	seeds(f, "pre-commit")
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := PreCommit("x.yaml", data, options())
		mustLoad(t, res, err)
	})
}

func FuzzLefthook(f *testing.F) {
	seeds(f, "lefthook")
	f.Fuzz(func(t *testing.T, data []byte) {
		res, err := Lefthook("x.yml", data, noFile, options())
		mustLoad(t, res, err)
	})
}

// FuzzHook fills the places where text of the user's own ends up in the file.
func FuzzHook(f *testing.F) {
	f.Add("a", "b 'c'", `\.py$`, "x|y", "z")
	f.Add("é-\n", "x {files}", "^(?!a/)", "(?x) a # b", "-i")
	f.Fuzz(func(t *testing.T, id, entry, files, exclude, arg string) {
		for _, language := range []string{"system", "script", "pygrep", "fail", "python"} {
			text, err := yaml.Marshal(map[string]any{"repos": []any{map[string]any{"repo": "local", "hooks": []any{map[string]any{
				"id": id, "name": arg, "entry": entry, "language": language, "files": files, "exclude": exclude, "args": []string{arg},
			}}}}})
			if err != nil {
				return
			}
			res, err := PreCommit("x.yaml", text, options())
			mustLoad(t, res, err)
		}
		text, err := yaml.Marshal(map[string]any{"pre-commit": map[string]any{"commands": map[string]any{id: map[string]any{
			"run": entry, "glob": files, "exclude": []string{exclude}, "env": map[string]string{arg: files}, "stage_fixed": true, "tags": arg, "fail_text": exclude,
		}}}})
		if err != nil {
			return
		}
		res, err := Lefthook("x.yml", text, noFile, options())
		mustLoad(t, res, err)
	})
}

func FuzzLsLint(f *testing.F) {
	f.Add([]byte("ls:\n  .js: kebab-case | regex:[a|b]{1,2}\n  a/*:\n    .dir: exists:1\n    .x: exists:2-3\nignore: [a]\n"))
	f.Add([]byte("ls: { .js: 'regex:[a|b]{1,0}', .c: 'regex:x${0}}', .d: 'regex:${1}{2', .e: 'regex:(${0}' }"))
	f.Add([]byte("ls: { .a: 'regex:!${0}', '{b,c}': { .dir: snake_case } }"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var bug *Error
		if _, err := LsLint("x.yml", data, options()); errors.As(err, &bug) {
			t.Fatalf("%q: %v", data, err)
		}
	})
}
