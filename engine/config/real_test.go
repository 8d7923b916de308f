package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// realOptions loads text as sot.yaml, with the kinds of the engine.
func realOptions(text string) Options {
	return Options{
		Kinds:     []rule.Kind{use.Kind(), structure.Kind(), naming.Kind(), content.Kind(), data.Kind(), command.Kind(), message.Kind(), secrets.Kind()},
		KnownType: filetype.Known, Types: filetype.All,
		Read: func(name string) ([]byte, error) {
			if name == fileName && text != "" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	}
}

// TestPacks: every embedded pack loads, and fits the schema.
func TestPacks(t *testing.T) {
	schema := compile(t, realOptions("").Kinds)
	for _, name := range Packs() {
		c, err := Load(realOptions("extends: " + name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, r := range c.Rules {
			if r.Description == "" || !strings.HasPrefix(r.Origin, packPrefix) {
				t.Errorf("%s: rule %s has no description, or a strange origin %q", name, r.ID, r.Origin)
			}
			if name == "sot:strict" && r.Severity != rule.Error {
				t.Errorf("%s: rule %s is only %v", name, r.ID, r.Severity)
			}
		}
		_, told := PackRules(name)
		for _, x := range told {
			i := slices.IndexFunc(c.Rules, func(r *rule.Rule) bool { return r.ID == x.ID })
			if i < 0 || c.Rules[i].Description != x.What || c.Rules[i].Severity.String() != x.Severity {
				t.Errorf("%s: what is told of %s is not what is loaded: %+v", name, x.ID, x)
			}
		}
		for _, r := range c.Rules {
			if r.Origin == name && !slices.ContainsFunc(told, func(x PackRule) bool { return x.ID == r.ID }) {
				t.Errorf("%s: nothing is told of %s", name, r.ID)
			}
		}
		text, _ := Pack(name)
		if err := validate(schema, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "sot:", "sot:none", "recommended", "sot:../packs/recommended", "sot:packs/recommended"} {
		if _, ok := Pack(name); ok {
			t.Errorf("there is a pack %q", name)
		}
	}
}

func TestDefaultPack(t *testing.T) {
	c, err := Load(realOptions(""))
	if err != nil || !c.Default || len(c.Rules) < 10 {
		t.Fatalf("without a file: %+v, %v", c, err)
	}
}

// TestCPUsOfACommand: the key is read, and what is no number of processors is
// told.
func TestCPUsOfACommand(t *testing.T) {
	for text, want := range map[string]float64{"auto": 0, "2": 2, "0.5": 0.5, "0": -1, "many": -1, "-3": -1, ".inf": -1} {
		c, err := Load(realOptions("rules: [{ id: a, command: { run: x, files: none, cpus: " + text + " } }]"))
		if want < 0 {
			if err == nil || !strings.Contains(err.Error(), "write auto or a number from 0.1 to 1024") {
				t.Errorf("cpus: %s: %v", text, err)
			}
			continue
		}
		if err != nil || c.Rules[0].Check.(rule.CPUHolder).CPUs() != want {
			t.Errorf("cpus: %s: %v", text, err)
		}
	}
}

// TestDocumentedExamples: each YAML block of docs/configuration.md is a whole
// file that loads.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	checkExamples(t, "configuration.md", string(text), 10)
}

// TestKindExamples: so is each block of a kind's or a check's documentation
// that starts like one.
func TestKindExamples(t *testing.T) {
	for _, k := range realOptions("").Kinds {
		checkExamples(t, k.Name, k.Doc, 0)
		for _, u := range k.Uses {
			checkExamples(t, u.ID, u.Doc, 0)
		}
	}
}

func checkExamples(t *testing.T, name, doc string, least int) {
	t.Helper()
	schema := compile(t, realOptions("").Kinds)
	blocks := strings.Split(strings.ReplaceAll(doc, "\r\n", "\n"), "```yaml\n")[1:]
	if len(blocks) < least {
		t.Errorf("%s has %d examples, want at least %d", name, len(blocks), least)
	}
	for i, b := range blocks {
		example, _, _ := strings.Cut(b, "```")
		if least == 0 && !strings.Contains(example, "rules:") {
			continue
		}
		if _, err := Load(realOptions(example)); err != nil {
			t.Errorf("%s, example %d: %v\n%s", name, i+1, err, example)
		}
		if err := validate(schema, []byte(example)); err != nil {
			t.Errorf("%s, example %d does not fit the schema: %v\n%s", name, i+1, err, example)
		}
	}
}

// TestDocumentedKeys: docs/configuration.md names every key of the file and of
// a rule.
func TestDocumentedKeys(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	v := newVocabulary(realOptions("").Kinds)
	for _, k := range append(v.top.Keys, v.rule.Keys...) {
		if !strings.Contains(string(text), "`"+k.Name) && !strings.Contains(string(text), "### "+k.Name) {
			t.Errorf("docs/configuration.md does not speak of the key %q", k.Name)
		}
	}
}

// TestSecretsShape: the kind's own shape, its document's example, and what neither
// the shape nor the schema takes.
func TestSecretsShape(t *testing.T) {
	schema := compile(t, realOptions("").Kinds)
	for body, want := range map[string]bool{
		`{}`: true, `{ allow: ["testdata/**"], allow_patterns: "^x", except: ["slack-*"], rules: [private-key, slack-bot-token] }`: true,
		`{ custom: [{ id: a, pattern: "a[0-9]{8}", message: m, entropy: 2.5, keywords: [a], path: "*.env" }] }`: true,
		`{ custom: [{ id: a }] }`: false, `{ custom: [] }`: false, `{ custom: [{ id: a, pattern: aa, entropy: 9 }] }`: false, `{ allowed: x }`: false, `[]`: false,
	} {
		text := "version: 1\nrules:\n  - id: s\n    secrets: " + body + "\n"
		_, err := Load(realOptions(text))
		if (err == nil) != want || (validate(schema, []byte(text)) == nil) != want {
			t.Errorf("%s: loads %v, fits the schema %v, want %v", body, err, validate(schema, []byte(text)), want)
		}
	}
}
