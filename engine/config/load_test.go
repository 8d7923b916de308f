package config

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
	"github.com/sot-validator/sot/engine/rule"
)

// problems returns the problems of a text that must not load.
func problems(t *testing.T, o Options) Problems {
	t.Helper()
	_, err := Load(o)
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatalf("Load gave %v, want problems", err)
	}
	return ps
}

// wantProblem fails where no problem is at the place with these words.
func wantProblem(t *testing.T, ps Problems, text string) {
	t.Helper()
	if !strings.Contains(ps.Error(), text) {
		t.Errorf("problems:\n%v\nwant one with %q", ps, text)
	}
}

// repository is Options.Read over a map.
func repository(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
}

func ids(rules []*rule.Rule) (out []string) {
	for _, r := range rules {
		out = append(out, r.ID)
	}
	return out
}

func TestEveryKeyArrives(t *testing.T) {
	c := load(t, `
version: 1
exclude: ["vendor/**"]
fail_on: warning
workers: 3
hook: { fix: true, budget: 2s }
cache: { size: 64MiB, remote: "https://c.example" }
min_version: 0.1.0
rules:
  - use: check-json
  - id: n
    description: d
    help: https://h.example
    severity: info
    files: ["**/*.go"]
    exclude: "x/**"
    types: text
    types_or: [python, json]
    exclude_types: [json]
    needs: [check-json]
    stages: [ci]
    tags: [a, b]
    timeout: 2m
    holds: "80%"
    on_empty: fail
    naming: { case: snake_case }
`)
	r := c.Rules[1]
	r.Check, r.Digest = nil, [32]byte{}
	want := &rule.Rule{
		ID: "n", Kind: "naming", Description: "d", Help: "https://h.example", Severity: rule.Info,
		Select: rule.Selector{Files: []string{"**/*.go"}, Exclude: []string{"x/**"}, Types: []string{"text"},
			TypesOr: []string{"python", "json"}, ExcludeTypes: []string{"json"}},
		Needs: []string{"check-json"}, Stages: []string{"ci"}, Tags: []string{"a", "b"}, Timeout: 2 * time.Minute,
		Holds: rule.HoldsPercent(80), EmptyFails: true, Origin: "sot.yaml:11",
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("rule\n%+v\nwant\n%+v", r, want)
	}
	c.Rules = nil
	wantConfig := &Config{
		Path: "sot.yaml", Exclude: []string{"vendor/**"}, FailOn: rule.Warning, Workers: 3,
		Hook: Hook{true, 2 * time.Second}, Cache: Cache{64 << 20, "https://c.example"}, MinVersion: "0.1.0",
	}
	if !reflect.DeepEqual(c, wantConfig) {
		t.Errorf("config\n%+v\nwant\n%+v", c, wantConfig)
	}
}

func TestHolds(t *testing.T) {
	for text, want := range map[string]rule.Holds{
		"all": {}, "any": rule.HoldsAny, "none": rule.HoldsNone, `"80%"`: rule.HoldsPercent(80),
		"{min: 1}": rule.HoldsBetween(1, -1), "{max: 3}": rule.HoldsBetween(0, 3), "{min: 1, max: 3}": rule.HoldsBetween(1, 3),
	} {
		c := load(t, "rules: [{id: a, naming: {case: snake_case}, holds: "+text+"}]")
		if c.Rules[0].Holds != want {
			t.Errorf("holds: %s gives %+v, want %+v", text, c.Rules[0].Holds, want)
		}
	}
}

func TestDefaultsOfAKind(t *testing.T) {
	c := load(t, "rules: [{use: trailing-whitespace}, {id: b, use: trailing-whitespace, types: json, stages: ci, severity: warning}]")
	a, b := c.Rules[0], c.Rules[1]
	if a.ID != "trailing-whitespace" || a.Uses != a.ID || a.Kind != "use" || a.Severity != rule.Error {
		t.Errorf("rule %+v", a)
	}
	if !slices.Equal(a.Select.Types, []string{"text"}) || !slices.Equal(a.Stages, []string{"pre-commit"}) {
		t.Errorf("the check's defaults are lost: %+v %v", a.Select, a.Stages)
	}
	if !slices.Equal(b.Select.Types, []string{"json"}) || !slices.Equal(b.Stages, []string{"ci"}) || b.Severity != rule.Warning {
		t.Errorf("the rule's own keys are lost: %+v %v", b.Select, b.Stages)
	}
}

// TestOverride: extended rules keep their place; one with a kind replaces the
// whole, one without changes single keys.
func TestOverride(t *testing.T) {
	o := fakeOptions("")
	o.Read = repository(map[string]string{
		"sot.yaml": "extends: [p/base.yaml, ./more.yaml]\nexclude: [z]\nrules:\n- {id: own, naming: {case: snake_case}}\n" +
			"- {id: b, severity: info}\n- {id: c, use: check-json, needs: own}\n",
		"p/base.yaml":  "exclude: x\nworkers: 7\nfail_on: never\nextends: ../shared.yaml\nrules:\n- {id: a, naming: {case: snake_case}}\n- {id: b, files: '*.go', naming: {case: snake_case}}\n",
		"more.yaml":    "exclude: y\nfail_on: info\nextends: shared.yaml\nrules:\n- {id: c, tags: t, naming: {case: snake_case}}\n- {id: a, severity: warning}\n",
		"shared.yaml":  "rules:\n- {id: s, naming: {case: snake_case}}\n",
		".sot.yaml.no": "",
	})
	c, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ids(c.Rules), []string{"s", "a", "b", "c", "own"}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if !slices.Equal(c.Exclude, []string{"x", "y", "z"}) || c.Workers != 7 || c.FailOn != rule.Info || c.FailOnNever {
		t.Errorf("settings %+v", c)
	}
	a, b, cc := c.Rules[1], c.Rules[2], c.Rules[3]
	if a.Severity != rule.Warning || a.Check == nil || a.Origin != "p/base.yaml:6, changed in more.yaml:6" {
		t.Errorf("a: %+v", a)
	}
	if b.Severity != rule.Info || !slices.Equal(b.Select.Files, []string{"*.go"}) || b.Kind != "naming" {
		t.Errorf("b: %+v", b)
	}
	if cc.Kind != "use" || cc.Tags != nil || cc.Origin != "sot.yaml:6" {
		t.Errorf("c: %+v", cc)
	}
}

func TestWhichFile(t *testing.T) {
	good := "rules: [{use: check-json}]"
	o := fakeOptions("")
	o.Read = repository(map[string]string{".sot.yaml": good, "ci/other.yaml": good, "base.yaml": good})
	if c, err := Load(o); err != nil || c.Path != ".sot.yaml" || c.Default {
		t.Errorf("hidden file: %+v, %v", c, err)
	}
	o.File = "./ci/other.yaml"
	if c, err := Load(o); err != nil || c.Path != "ci/other.yaml" || c.Rules[0].Origin != "ci/other.yaml:1" {
		t.Errorf("named file: %+v, %v", c, err)
	}
	o.File = "none.yaml"
	wantProblem(t, problems(t, o), "none.yaml:1:1: there is no such file")

	o.File, o.Read = "", repository(map[string]string{"sot.yaml": good, ".sot.yaml": good})
	wantProblem(t, problems(t, o), ".sot.yaml:1:1: both sot.yaml and .sot.yaml exist, keep one of them")

	o.Read = repository(nil)
	if c, err := Load(o); err != nil || !c.Default || c.Path != "" || c.Rules[0].Origin != DefaultPack {
		t.Errorf("no file: %+v, %v", c, err)
	}
}

func TestFileOutside(t *testing.T) {
	o := fakeOptions("")
	o.File, o.Read = "../shared/sot.yaml", repository(map[string]string{"base.yaml": "rules: [{use: check-json}]"})
	wantProblem(t, problems(t, o), "there is no such file")
	o.ReadOutside = repository(map[string]string{"../shared/sot.yaml": "extends: sot:recommended"})
	if _, err := Load(o); err != nil {
		t.Errorf("a pack, from outside: %v", err)
	}
	o.ReadOutside = repository(map[string]string{"../shared/sot.yaml": "extends: base.yaml"})
	wantProblem(t, problems(t, o), "../shared/sot.yaml:1:10: a configuration outside the repository can extend packs only")
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	o := fakeOptions("")
	o.Read = func(string) ([]byte, error) { return nil, broken }
	if _, err := Load(o); !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
	o.Read = func(name string) ([]byte, error) {
		switch name {
		case "sot.yaml":
			return []byte("extends: dir"), nil
		case "dir":
			return nil, broken
		}
		return nil, fs.ErrNotExist
	}
	wantProblem(t, problems(t, o), `sot.yaml:1:10: the file "dir" cannot be read: disk on fire`)
}

func TestLimits(t *testing.T) {
	many := strings.Repeat("- use: check-json\n", maxRules+1)
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += fmt.Sprintf("%c: &%c [*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s]\n", c, c, p, p, p, p, p, p, p, p, p, p)
	}
	merges := "a: &a {k0: 1}\n"
	for i := 1; i < 60; i++ {
		merges += fmt.Sprintf("a%d: &a%d {<<: [*a%s, *a%s], k%d: 1}\n", i, i, number0(i-1), number0(i-1), i)
	}
	for name, c := range map[string]struct{ text, want string }{
		"rules":   {"rules:\n" + many, "there are 10001 rules, more than the limit of 10000"},
		"bytes":   {"# " + strings.Repeat("x", maxBytes), "sot.yaml:1:1: the file has 1048578 bytes"},
		"depth":   {"rules: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "sot.yaml:1:107: the nesting is deeper than 100"},
		"deeper":  {"rules: " + strings.Repeat("[", 20000), "sot.yaml:1:"},
		"bomb":    {bomb, "there are more than 200000 values once aliases are expanded"},
		"merges":  {merges, "there are more than 200000 values once aliases are expanded"},
		"itself":  {"rules: &r [*r]\n", `sot.yaml:1:12: the anchor "r" contains itself`},
		"utf16":   {"\xff\xfer\x00", "sot.yaml:1:1: the file is UTF-16, save it as UTF-8"},
		"nul":     {"rules:\n- use\x00", "sot.yaml:2:6: there is a NUL byte"},
		"latin1":  {"rules:\n# \u00fc \xfc", "sot.yaml:2:5: the byte 0xFC is not UTF-8"},
		"control": {"rules:\n- use: \x01", "sot.yaml:2:8: "},
	} {
		t.Run(name, func(t *testing.T) {
			start := cputime.Used()
			wantProblem(t, problems(t, fakeOptions(c.text)), c.want)
			if d := cputime.Used() - start; d > 10*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func number0(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint(i)
}

// TestExtendsLimits: a chain that is too long, and too many files.
func TestExtendsLimits(t *testing.T) {
	chain := map[string]string{}
	for i := range 20 {
		chain[fmt.Sprintf("f%d.yaml", i)] = fmt.Sprintf("extends: f%d.yaml", i+1)
	}
	o := fakeOptions("")
	o.File, o.Read = "f0.yaml", repository(chain)
	wantProblem(t, problems(t, o), "f10.yaml:1:10: extends goes on for more than 10 files in a row")

	wide, list := map[string]string{}, []string{}
	for i := range 120 {
		name := fmt.Sprintf("f%d.yaml", i)
		wide[name] = fmt.Sprintf("rules: [{id: r%d, use: check-json}]", i)
		list = append(list, name)
	}
	wide["sot.yaml"] = "extends: [" + strings.Join(list, ", ") + "]"
	o.File, o.Read = "", repository(wide)
	wantProblem(t, problems(t, o), "or 100 in all")
}

// TestDeepNeeds: a chain of as many rules as there may be, and a ring of them.
func TestDeepNeeds(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n- {id: r0, use: check-json}\n")
	for i := 1; i < 5000; i++ {
		fmt.Fprintf(&b, "- {id: r%d, use: check-json, needs: r%d}\n", i, i-1)
	}
	load(t, b.String())
	ring := strings.Replace(b.String(), "{id: r0,", "{id: r0, needs: r4999,", 1)
	wantProblem(t, problems(t, fakeOptions(ring)), "r0 -> r4999 -> r4998 -> r4997 -> r4996 -> r4995 -> (4989 more) -> ")
}

func TestMinVersion(t *testing.T) {
	for _, c := range []struct {
		have, want string
		ok         bool
	}{
		{"0.4.0", "0.4.0", true}, {"v0.4.0", "0.3.9", true}, {"0.4.0", "0.4.1", false}, {"0.4.0", "0.10.0", false},
		{"0.4.0-rc.1", "0.4.0", false}, {"0.4.0", "0.4.0-rc.1", true}, {"0.4.0-rc.2", "0.4.0-rc.10", false},
		{"0.4.0-alpha", "0.4.0-1", true}, {"1.0.0+b", "1.0.0", true}, {"dev", "9.9.9", true}, {"", "9.9.9", true},
	} {
		o := fakeOptions("min_version: " + c.want + "\nrules: [{use: check-json}]")
		o.Version = c.have
		if _, err := Load(o); (err == nil) != c.ok {
			t.Errorf("version %q for min_version %q: %v", c.have, c.want, err)
		}
	}
}

func TestComposedRules(t *testing.T) {
	c := load(t, `
rules:
  - { id: a, all: [{use: trailing-whitespace}, {content: {forbid: x}}] }
  - { id: b, not: [{structure: {require: x}}] }
  - { id: c, files: x, any: [{use: trailing-whitespace}, {use: check-json}] }
`)
	a, b, cc := c.Rules[0], c.Rules[1], c.Rules[2]
	if _, ok := a.Check.(rule.FileCheck); !ok || a.Kind != "all" || !slices.Equal(a.Select.Types, []string{"text"}) {
		t.Errorf("a: %+v", a)
	}
	if !b.WholeTree() || b.Kind != "not" {
		t.Errorf("b: %+v", b)
	}
	if cc.Select.Types != nil || cc.Stages != nil {
		t.Errorf("c: what the bodies do not share is taken over: %+v", cc)
	}
}

// A rule's digest changes with whatever it says, and with nothing else.
func TestDigest(t *testing.T) {
	digest := func(text string) [32]byte {
		t.Helper()
		return load(t, "version: 1\nrules:\n  - "+text).Rules[0].Digest
	}
	base := digest("{id: a, naming: {case: snake_case}}\n")
	if same := digest("id: a # moved\n    naming:\n      case: 'snake_case'\n"); same != base {
		t.Error("another way to write it has another digest")
	}
	seen := map[[32]byte]string{base: "base"}
	for _, text := range []string{
		"{id: b, naming: {case: snake_case}}", "{id: a, naming: {case: kebab-case}}", "{id: a, naming: {case: snake_case, of: stem}}",
		"{id: a, severity: warning, naming: {case: snake_case}}", "{id: a, description: d, naming: {case: snake_case}}",
		"{id: check-yaml, use: check-yaml}", "{id: check-yaml, use: check-yaml, with: {unsafe: true}}", "{id: check-yaml, use: check-yaml, with: {unsafe: false}}",
	} {
		d := digest(text + "\n")
		if other, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", text, other)
		}
		seen[d] = text
	}
}
