package engine

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

var update = flag.Bool("update", false, "write docs/rules")

const rulePages = "../docs/rules"

// page is what docs/rules says of one kind or built-in check.
type page struct {
	name, doc, why string
	kind           bool
	options        rule.Shape
	fixes          bool
}

func pages() (out []page) {
	for _, k := range Kinds() {
		out = append(out, page{name: k.Name, doc: k.Doc, why: k.Why, kind: true, options: k.Shape})
		for _, u := range k.Uses {
			out = append(out, page{name: u.ID, doc: u.Doc, why: u.Why, options: u.With, fixes: u.Fixes()})
		}
	}
	slices.SortFunc(out, func(a, b page) int { return strings.Compare(a.name, b.name) })
	return out
}

// TestRulePages: docs/rules is what the kinds and checks say of themselves, with
// an example of each that fails and one that passes, which are run:
//
//	go test ./engine -run RulePages -update
//
// The examples are testdata/rules/NAME.txtar, with the marks of
// TestPackExamples: the rule in sot.yaml, the files below fail/ and pass/. Of a
// check without such a file, they are those of the packs.
func TestRulePages(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples hold links and executables")
	}
	texts := map[string]string{"README.md": rulesIndex()}
	for _, p := range pages() {
		if p.why == "" || !strings.HasSuffix(p.why, ".") {
			t.Errorf("%s does not say in a sentence why: %q", p.name, p.why)
		}
		t.Run(p.name, func(t *testing.T) { texts[p.name+".md"] = p.text(t) })
	}
	if t.Failed() {
		return
	}
	if *update {
		if err := cmp.Or(os.RemoveAll(rulePages), os.MkdirAll(rulePages, 0o755)); err != nil {
			t.Fatal(err)
		}
		for name, text := range texts {
			if err := os.WriteFile(filepath.Join(rulePages, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(rulePages)
	if err != nil || len(files) != len(texts) {
		t.Errorf("docs/rules has %d files, want %d (%v)", len(files), len(texts), err)
	}
	for name, text := range texts {
		if got, err := os.ReadFile(filepath.Join(rulePages, name)); err != nil || strings.ReplaceAll(string(got), "\r\n", "\n") != text {
			t.Errorf("docs/rules/%s is not what the code says (%v): go test ./engine -run RulePages -update", name, err)
		}
	}
}

const madeBy = "<!-- made from the code and its examples: go test ./engine -run RulePages -update -->\n\n"

func rulesIndex() string {
	var b strings.Builder
	b.WriteString("# Reference of rules\n\n" + madeBy +
		"A rule has one kind, and the kind `use` runs one of the built-in checks. [rules.md](../rules.md) introduces the kinds,\n" +
		"[packs.md](../packs.md) has rules that come with sot, and `sot explain NAME` prints a page.\n")
	for _, group := range []struct {
		title string
		kind  bool
	}{{"Kinds", true}, {"Built-in checks", false}} {
		fmt.Fprintf(&b, "\n## %s\n\n| | | `sot fix` |\n| --- | --- | --- |\n", group.title)
		for _, p := range pages() {
			if p.kind == group.kind {
				first, _, _ := strings.Cut(strings.TrimSpace(p.doc), "\n")
				fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", p.name, p.name, first, p.mends())
			}
		}
	}
	return b.String()
}

// mends says in a few words whether the rule mends.
func (p page) mends() string {
	switch {
	case p.name == "content":
		return "with `replace`"
	case p.name == "command":
		return "with `fix`"
	case p.name == "pretty-format-json":
		return "with `autofix`"
	case p.name == "use":
		return "some checks"
	case p.fixes:
		return "mends"
	}
	return ""
}

func (p page) text(t *testing.T) string {
	var b strings.Builder
	doc := strings.TrimSpace(strings.ReplaceAll(p.doc, "\n## ", "\n### "))
	fmt.Fprintf(&b, "# %s\n\n%s%s\n\n## Why\n\n%s\n", p.name, madeBy, doc, p.why)
	if p.name != "use" {
		if len(p.options.Keys) > 0 {
			b.WriteString("\n## Options\n\n| option | value | default | |\n| --- | --- | --- | --- |\n")
			optionRows(&b, "", p.options)
		} else {
			b.WriteString("\n## Options\n\nNone.\n")
		}
	}
	b.WriteString("\n## Examples\n")
	if p.name == "detect-aws-credentials" {
		t.Setenv("AWS_SECRET_ACCESS_KEY", "an-example-of-a-secret-key")
		t.Setenv("HOME", t.TempDir())
	}
	config, files := p.examples(t)
	fmt.Fprintf(&b, "\n```yaml\n%s```\n", config)
	id := p.exampleID(config)
	for _, verdict := range []string{"fail", "pass"} {
		b.WriteString(map[string]string{"fail": "\nThis fails:\n", "pass": "\nThis passes:\n"}[verdict])
		for _, f := range files[verdict] {
			b.WriteString(shown(f))
		}
		rep := runExample(t, config, id, files[verdict])
		if p.name != "forbid-submodules" || verdict == "fail" { // which judges nothing else
			judgeExample(t, rep, id, verdict)
		}
		if verdict == "fail" {
			b.WriteString("\nIt finds:\n\n```text\n" + found(rep) + "```\n")
		}
	}
	switch how := p.mends(); how {
	case "":
		b.WriteString("\n## Fixes\n\n`sot fix` mends nothing of it.\n")
	case "mends":
		b.WriteString("\n## Fixes\n\n`sot fix` mends what it finds.\n")
	default:
		fmt.Fprintf(&b, "\n## Fixes\n\n`sot fix` mends what it finds: %s.\n", how)
	}
	return b.String()
}

// optionRows writes the keys of an object, and those of the objects within.
func optionRows(b *strings.Builder, prefix string, s rule.Shape) {
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, k := range s.Keys {
		def := ""
		switch {
		case k.Required:
			def = "(needed)"
		case k.Shape.Default != "":
			def = "`" + k.Shape.Default + "`"
		case k.Shape.Type == rule.BoolShape:
			def = "`false`"
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, k.Name, cell.Replace(k.Shape.String()), def, cell.Replace(k.Shape.Doc))
		if inner := objectIn(k.Shape); inner != nil {
			optionRows(b, prefix+k.Name+".", *inner)
		}
	}
}

// objectIn is the object that a value is, or may be, or holds.
func objectIn(s rule.Shape) *rule.Shape {
	switch s.Type {
	case rule.ObjectShape:
		return &s
	case rule.ListShape:
		return objectIn(*s.Elem)
	case rule.OneOfShape:
		for _, o := range s.OneOf {
			if in := objectIn(o); in != nil {
				return in
			}
		}
	}
	return nil
}

// examples are the rule, and the files that fail and pass it.
func (p page) examples(t *testing.T) (config string, files map[string][]txtar.File) {
	files = map[string][]txtar.File{}
	name := filepath.Join("testdata", "rules", p.name+".txtar")
	prefix, config := "", "version: 1\nrules:\n  - use: "+p.name+"\n"
	if _, err := os.Stat(name); err != nil {
		prefix, name = p.name+"/", p.packWith(t)
	}
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatalf("there are no examples: %v", err)
	}
	for _, f := range a.Files {
		rest, ok := strings.CutPrefix(f.Name, prefix)
		verdict, path, whole := strings.Cut(rest, "/")
		switch {
		case f.Name == "sot.yaml":
			config = string(f.Data)
		case ok && whole:
			files[verdict] = append(files[verdict], txtar.File{Name: path, Data: f.Data})
		}
	}
	if len(files["fail"]) == 0 || len(files["pass"]) == 0 || len(files) > 2 {
		t.Fatalf("%s holds no examples that fail and pass", name)
	}
	return config, files
}

// packWith is the file of the pack that has examples of the check.
func (p page) packWith(t *testing.T) string {
	names, err := filepath.Glob(filepath.Join("testdata", "packs", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), "-- "+p.name+"/fail/") {
			return name
		}
	}
	return filepath.Join("testdata", "rules", p.name+".txtar")
}

// exampleID is the id of the first rule of an example.
func (p page) exampleID(config string) string {
	for line := range strings.Lines(config) {
		for _, key := range []string{"  - id: ", "  - use: "} {
			if id, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), key); ok {
				return id
			}
		}
	}
	return p.name
}

// shown is a file of an example as the page shows it.
func shown(f txtar.File) string {
	name, before := strings.CutPrefix(f.Name, "BEFORE/")
	what := "`" + packName(strings.TrimSuffix(name, "%")) + "`"
	switch {
	case strings.HasSuffix(name, "%"):
		return "\n" + what + ", a submodule" + when(before) + "\n"
	case strings.HasSuffix(name, "@"):
		return "\n" + what + ", a symbolic link to `" + strings.TrimSpace(string(f.Data)) + "`" + when(before) + "\n"
	case strings.HasSuffix(name, "+x"):
		what += ", executable"
	case strings.Contains(name, "#"):
		_, size, _ := strings.Cut(name, "#")
		return "\n" + what + ", of " + size + " KiB" + when(before) + "\n"
	}
	if len(f.Data) == 0 && before {
		return "" // there so that something was committed
	}
	if len(f.Data) == 0 {
		return "\n" + what + when(before) + "\n"
	}
	fence := "```"
	if strings.Contains(string(f.Data), fence) {
		fence += "`"
	}
	text := strings.TrimSuffix(string(f.Data), "\n")
	if strings.HasPrefix(name, ".git/") {
		text = strings.TrimSpace(text)
	}
	return "\n" + what + when(before) + "\n\n" + fence + "text\n" + text + "\n" + fence + "\n"
}

func when(before bool) string {
	if before {
		return ", committed before"
	}
	return ""
}

// found are the findings of a run, one a line.
func found(rep *report.Report) string {
	var b strings.Builder
	for _, f := range rep.Findings {
		place := f.Path
		if f.Line > 0 {
			place += fmt.Sprintf(":%d:%d", f.Line, f.Column)
		}
		fmt.Fprintf(&b, "%s\n", strings.TrimPrefix(place+": "+f.Message, ": "))
	}
	return b.String()
}

// TestDefaults: an option's default is what the check does without the option.
func TestDefaults(t *testing.T) {
	for _, u := range useChecks() {
		for _, k := range u.With.Keys {
			def := k.Shape.Default
			if def == "" && k.Shape.Type == rule.BoolShape {
				def = "false"
			}
			if def == "" {
				continue
			}
			dir := folder(t, map[string]string{"sot.yaml": "version: 1\nrules:\n  - { id: a, use: " + u.ID + ", files: x }\n  - { id: b, use: " + u.ID + ", files: x, with: { " + k.Name + ": " + def + " } }\n"})
			_, cfg, err := Load(t.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, Version: "0.1.0"})
			if err != nil {
				t.Fatalf("%s, %s: %v", u.ID, k.Name, err)
			}
			if a, b := fmt.Sprintf("%#v", cfg.Rules[0].Check), fmt.Sprintf("%#v", cfg.Rules[1].Check); a != b {
				t.Errorf("%s: %s: %s makes %s, its absence %s", u.ID, k.Name, def, b, a)
			}
		}
	}
}

func useChecks() []rule.Use {
	for _, k := range Kinds() {
		if k.Uses != nil {
			return k.Uses
		}
	}
	return nil
}
