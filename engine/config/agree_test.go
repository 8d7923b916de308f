package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

// TestMutationsAgree breaks good files in one or two places, with the engine's
// own kinds, and holds the JSON Schema and the loader to each other:
//   - what the schema refuses, the loader refuses;
//   - where the loader's shapes find something and the schema does not, it is
//     of what no schema can say (a malformed glob, a range upside down).
func TestMutationsAgree(t *testing.T) {
	kinds := realOptions("").Kinds
	schema := compile(t, kinds)
	vocab := newVocabulary(kinds)
	seeds := goodExamples(t)
	rapid.Check(t, func(t *rapid.T) {
		var doc any
		if err := yaml.Unmarshal([]byte(rapid.SampledFrom(seeds).Draw(t, "seed")), &doc); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 2).Draw(t, "mutations") {
			doc = mutate(t, doc, &vocab)
		}
		text, err := json.Marshal(doc) // JSON is YAML
		if err != nil {
			t.Skip("a key that is no string")
		}
		refused := validate(schema, text)
		o := realOptions(string(text))
		_, loadErr := Load(o)
		if refused != nil && loadErr == nil {
			t.Fatalf("the schema refuses what the loader takes:\n%s\n%v", text, refused)
		}
		if refused == nil {
			for _, words := range schemaSays {
				if loadErr != nil && strings.Contains(loadErr.Error(), words) {
					t.Fatalf("the schema takes what the loader refuses:\n%s\n%v", text, loadErr)
				}
			}
			v, _ := parse("f", text)
			for _, p := range (checker{}).check(v, &vocab.top, "x") {
				if !isBeyond(p) {
					t.Fatalf("the schema takes what the loader refuses:\n%s\n%v", text, p)
				}
			}
		}
	})
}

// schemaSays are words of problems that are not of one shape, and that the
// schema says all the same.
var schemaSays = []string{"the rule has no id", "the rule has no kind", "has one kind, and this one", "stands without", "takes no options", "unknown key"}

func isBeyond(p rule.Problem) bool {
	return slices.ContainsFunc(beyondPattern, func(s string) bool { return strings.Contains(p.What, s) })
}

// goodExamples are the examples of the documentation and those of testdata/good
// that use no fake check.
func goodExamples(t *testing.T) (out []string) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "```yaml\n")[1:] {
		example, _, _ := strings.Cut(b, "```")
		out = append(out, example)
	}
	files, _ := filepath.Glob("testdata/good/*.yaml")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(realOptions(string(text))); err == nil {
			out = append(out, string(text))
		}
	}
	return out
}

// mutate changes one place of a document.
func mutate(t *rapid.T, v any, vocab *vocabulary) any {
	switch v := v.(type) {
	case map[string]any:
		keys := sortedKeys(v)
		if len(keys) == 0 || rapid.IntRange(0, 3).Draw(t, "here") == 0 {
			return mutateMap(t, v, keys, vocab)
		}
		k := rapid.SampledFrom(keys).Draw(t, "key")
		v[k] = mutate(t, v[k], vocab)
		return v
	case []any:
		if len(v) == 0 || rapid.IntRange(0, 4).Draw(t, "here") == 0 {
			return odd(t)
		}
		i := rapid.IntRange(0, len(v)-1).Draw(t, "item")
		v[i] = mutate(t, v[i], vocab)
		return v
	}
	return odd(t)
}

func mutateMap(t *rapid.T, v map[string]any, keys []string, vocab *vocabulary) any {
	if len(keys) > 0 && rapid.Bool().Draw(t, "delete") {
		delete(v, rapid.SampledFrom(keys).Draw(t, "deleted"))
		return v
	}
	names := append(keyNames(&vocab.rule), "min", "max", "of", "pattern", "xyzzy", "only", "size")
	v[rapid.SampledFrom(names).Draw(t, "added")] = odd(t)
	return v
}

func odd(t *rapid.T) any {
	return rapid.SampledFrom([]any{
		nil, true, 0, 1, -1, 1.5, "", "x", "all", "80%", "2m", "a b", "/x", "**/*.go", "1-5", "5-1", "trailing-whitespace", "check-json", "snake_case",
		"auto", "error", "https://x.example", "sot:recommended", "../x", "[", "1.2.3", "64MiB", []any{}, []any{"x"}, []any{"a", 1}, []any{nil},
		map[string]any{}, map[string]any{"min": 1}, map[string]any{"use": "check-json"}, []any{map[string]any{"use": "check-json"}},
		[]any{map[string]any{"naming": map[string]any{"case": "snake_case"}, "with": map[string]any{}}}, map[string]any{"maxkb": 1},
	}).Draw(t, "odd")
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
