package secrets

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

var update = flag.String("update", "", "make rules/from-gitleaks.toml.txt of this gitleaks.toml")

// source is what is read of gitleaks' configuration.
type source struct {
	Allowlist sourceAllow
	Rules     []struct {
		ID          string
		Regex, Path string
		Entropy     float64
		SecretGroup int
		Keywords    []string
		Allowlists  []sourceAllow
	}
}

type sourceAllow struct {
	Condition, RegexTarget    string
	Regexes, Paths, Stopwords []string
}

// TestTableIsMade converts gitleaks' configuration: its facts alone (expressions,
// words, thresholds), without its sentences.
//
//	go test ./engine/rule/secrets -run TestTableIsMade -update /path/to/gitleaks.toml
func TestTableIsMade(t *testing.T) {
	if *update == "" {
		t.Skip("-update names no file")
	}
	text, err := os.ReadFile(*update)
	if err != nil {
		t.Fatal(err)
	}
	var src source
	if err := toml.Unmarshal(text, &src); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("rules/from-gitleaks.toml.txt", []byte(written(t, src)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func written(t *testing.T, src source) string {
	var b strings.Builder
	line := func(key string, value any) {
		s := fmt.Sprint(value)
		if strings.Contains(s, "\n") {
			t.Fatalf("a value of two lines: %q", s)
		}
		fmt.Fprintln(&b, strings.TrimSuffix(key+" "+s, " "))
	}
	allow := func(a sourceAllow) {
		line("allow", "")
		if a.Condition == "AND" {
			line("all", "")
		}
		if a.RegexTarget != "" {
			line("target", a.RegexTarget)
		}
		for _, e := range a.Regexes {
			line("regex", apart(e))
		}
		for _, e := range a.Paths {
			line("path", e)
		}
		var words []string
		for _, w := range a.Stopwords {
			if len(w) < 2 || strings.ContainsAny(w, " \t") {
				t.Fatalf("a stop word that is too short, or two: %q", w)
			}
			words = append(words, strings.ToLower(w))
		}
		if slices.Sort(words); words != nil {
			line("stop", strings.Join(slices.Compact(words), " "))
		}
	}
	allow(src.Allowlist)
	for _, r := range src.Rules {
		line("rule", r.ID)
		if r.Entropy > 0 {
			line("entropy", strconv.FormatFloat(r.Entropy, 'g', -1, 64))
		}
		if r.SecretGroup > 0 {
			line("group", r.SecretGroup)
		}
		if len(r.Keywords) > 0 {
			line("keywords", strings.ToLower(strings.Join(r.Keywords, "\t")))
		}
		if r.Path != "" {
			line("path", r.Path)
		}
		if r.Regex != "" {
			line("regex", r.Regex)
		}
		for _, w := range anchorWords(r.Regex) {
			key := "anchor"
			if w.folded {
				key = "anchor-folded"
			}
			line(key, fmt.Sprint(w.anchor, " ", w.text))
		}
		for _, a := range r.Allowlists {
			allow(a)
		}
	}
	return b.String()
}

// apart writes a known example of a key so that it means the same and looks like no
// key to other scanners.
func apart(expr string) string { return strings.ReplaceAll(expr, "AIza", "AIza(?:)") }

// TestTable: the embedded table is what the loader takes it for.
func TestTable(t *testing.T) {
	table := builtin()
	if n := len(table.patterns); n < 200 || len(table.allow.path) < 20 || len(table.allow.regex) < 10 || len(table.allow.stop) < 2 {
		t.Fatalf("the table holds %d patterns and the lists %d, %d and %d", n, len(table.allow.path), len(table.allow.regex), len(table.allow.stop))
	}
	seen := map[string]bool{}
	for _, p := range table.patterns {
		if seen[p.id] || p.expr == "" && p.path == "" {
			t.Errorf("%s is there twice, or looks for nothing", p.id)
		}
		seen[p.id] = true
		p.load() // panics on a bad expression
		if want := anchorWords(p.expr); !slices.Equal(p.words, want) {
			t.Errorf("%s: the table's anchors are %v, its expression's %v: make it anew", p.id, p.words, want)
		}
		if p.expr != "" && len(p.words) == 0 && len(p.keywords) == 0 {
			t.Errorf("%s runs on every file", p.id)
		}
		for _, a := range p.allow {
			a.load()
			if !slices.IsSorted(a.stop) {
				t.Errorf("%s: the stop words are not sorted", p.id)
			}
		}
	}
	table.allow.load()
}
