package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// shardTree writes a monorepo of 24 domains with 16 shards each: 24,000 files
// in 7,500 directories, half a kilobyte a file.
func shardTree(tb testing.TB, dir string) (files, dirs int) {
	tb.Helper()
	made := map[string]bool{}
	put := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if parent := filepath.Dir(path); !made[parent] {
			if err := os.MkdirAll(parent, 0o755); err != nil {
				tb.Fatal(err)
			}
			for p := parent; !made[p] && p != dir; p = filepath.Dir(p) {
				made[p] = true
			}
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
		files++
	}
	filler := strings.Repeat("# what this is for, and who looks after it\n", 10)
	for d := range 24 {
		for s := range 16 {
			shard := fmt.Sprintf("domain-%02d/shards/shard-%02d/", d, s)
			put(shard+"README.md", "# Shard\n\nOwner: team-"+fmt.Sprint(d)+"\n"+filler)
			put(shard+"chart.yaml", fmt.Sprintf("name: shard-%d\nversion: 1.%d.0\nowner: team\nencryption: TRUE\n", s, s)+filler)
			for part := range 9 {
				base := fmt.Sprintf("%spart-%d/", shard, part)
				put(base+"values.yaml", "retention: 30\naudit: on\n"+filler)
				put(base+"values.schema.json", "{}\n")
				for k := range 2 {
					put(fmt.Sprintf("%stemplates/manifest-%d.yaml", base, k), fmt.Sprintf(
						"kind: Service\nmetadata: { name: part-%d, labels: { team: t%d } }\nspec:\n  ports:\n    - { name: http, port: %d }\n    - { name: admin, port: %d }\n", part, d, 8000+k, 9000+k)+filler)
				}
				put(base+"templates/_helpers.tpl", filler)
				put(base+"main.go", "package main\n\nfunc main() {}\n"+filler)
				if part > 0 {
					put(base+"main_test.go", "package main\n"+filler)
				}
			}
		}
	}
	put("README.md", "# All\n")
	put("policies/retention.yaml", "days: 30\nowners: [team]\n"+filler)
	put("schemas/chart.json", `{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["name", "version", "owner"],
 "properties": {"name": {"type": "string", "pattern": "^shard-[0-9]+$"}, "version": {"type": "string"}, "owner": {"type": "string"}, "encryption": {"type": "boolean"}}, "additionalProperties": false}`)
	put("schemas/manifest.json", `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["kind", "metadata", "spec"],
 "properties": {"kind": {"enum": ["Service", "Deployment"]}, "metadata": {"type": "object", "required": ["name"], "properties": {"labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
  "spec": {"type": "object", "properties": {"ports": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/port"}}}}},
 "definitions": {"port": {"type": "object", "required": ["name", "port"], "additionalProperties": false, "properties": {"name": {"type": "string"}, "port": {"type": "integer", "minimum": 1}}}}}`)
	return files, len(made)
}

// shardRules are 379 rules of the kinds that such a monorepo needs, in nine
// batches of which each waits for all rules of those that it depends on.
func shardRules() (text string, n int) {
	kinds := []string{
		// Count of directories; names by pattern with a number range and an ignore list; equality of a set.
		`structure: { each: "DOMAIN/shards/", count: { of: "*/", min: 16, max: 16 } }`,
		`naming: { each: "DOMAIN/shards/*/", pattern: '^shard-(\d+)$', number: { max: 15 }, ignore: [shared] }`,
		`structure: { each: "DOMAIN/shards/shard-00/", exactly: [part-0/, part-1/, part-2/, part-3/, part-4/, part-5/, part-6/, part-7/, part-8/, "*"] }`,
		// A path exists for each of a glob, in all or by a ratio.
		`structure: { each: "*/shards/*/", require: [chart.yaml, README.md, "PART/"] }`,
		`holds: "80%", structure: { each: "*/shards/*/part-*/", require: ["templates/*.yaml", main_test.go] }`,
		// Count of files by a glob; nothing of a kind anywhere; a stated verdict for nothing matched.
		`structure: { count: { of: "**/PART/templates/*.yaml", min: 1, max: 5000 } }`,
		`on_empty: fail, structure: { each: "DOMAIN/", forbid: ["**/*.exe", "**/node_modules/", "**/.env"] }`,
		// Content: all, any, none, a ratio; several terms, k of n; collected over files; without case.
		`files: "DOMAIN/**/chart.yaml", content: { require: ["owner:", 'version: \d+[.]\d+[.]\d+'] }`,
		`files: "**/PART/values.yaml", holds: any, content: { require: [retention] }`,
		`files: "DOMAIN/**/*.yaml", holds: none, content: { require: [{ pattern: password, ignore_case: true }] }`,
		`files: "**/SHARD/README.md", holds: "90%", content: { require: [Owner, team, Shard, nothing], at_least: 3 }`,
		`files: "DOMAIN/*/*/chart.yaml", content: { require: [owner, { pattern: encryption, ignore_case: true }], at_least: 2, together: true }`,
		`files: "**/*.go", content: { forbid: ['panic\(17\)', 'os[.]Exit\(18\)'] }`,
		// Compositions, pairs, unique names, depth, extensions.
		`any: [{ structure: { require: "absent-PART/" } }, { structure: { require: "DOMAIN/" } }]`,
		`structure: { each: "DOMAIN/", pairs: { of: "**/templates/manifest-0.yaml", has: "**/templates/manifest-1.yaml" } }`,
		`structure: { each: "DOMAIN/shards/*/", max_depth: 2, extensions: [md, yaml, json, tpl, go] }`,
		// Charts, manifests and policies: schemas; one field by its path (exists, equals, matches, at least, contains);
		// what a path selects; a value that is another file's; a field over many documents.
		`files: "**/chart.yaml", data: { schema: schemas/chart.json }`,
		`files: "**/PART/templates/*.yaml", data: { schema: schemas/manifest.json }`,
		`files: "**/chart.yaml", data: { assert: [{ expr: 'doc.version matches "^[0-9]+[.][0-9]+[.][0-9]+$"', message: version must be semver, at: /version }, { expr: doc.encryption, at: /encryption }] }`,
		`files: "DOMAIN/**/templates/*.yaml", data: { for_each: "$.spec.ports[?@.port]", assert: [{ expr: value.port >= 1024, message: "no privileged port", at: /port }] }`,
		`files: "DOMAIN/**/values.yaml", data: { with: { policy: policies/retention.yaml }, assert: [{ expr: doc.retention >= policy.days, at: /retention }] }`,
		`files: "**/PART/templates/manifest-0.yaml", data: { with: { sister: "{dir}/manifest-1.yaml" }, assert: [{ expr: 'doc.metadata.name == sister.metadata.name and doc.kind in ["Service"]' }] }`,
		`files: "**/PART/templates/manifest-0.yaml", holds: "90%", data: { assert: [{ expr: 'doc.metadata.labels.team startsWith "t"', at: /metadata/labels }] }`,
		`files: "DOMAIN/**/values.schema.json", data: { assert: [{ expr: len(doc) == 0 }] }`,
	}
	needs := [][]int{{}, {0}, {0}, {0, 2}, {0, 2, 3}, {0, 2, 3}, {0, 2, 3}, {0, 2, 3}, {0, 2, 3}}
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	ids := make([][]string, len(needs))
	for n < 379 {
		batch := n * len(needs) / 379
		var waits []string
		for _, before := range needs[batch] {
			waits = append(waits, ids[before]...)
		}
		id := fmt.Sprintf("r%03d", n)
		ids[batch] = append(ids[batch], id)
		body := strings.NewReplacer("DOMAIN", fmt.Sprintf("domain-%02d", n/len(kinds)%24), "PART", fmt.Sprintf("part-%d", n%9),
			"SHARD", fmt.Sprintf("shard-%02d", n%16)).Replace(kinds[n%len(kinds)])
		if len(waits) > 0 {
			body = "needs: [" + strings.Join(waits, ", ") + "], " + body
		}
		fmt.Fprintf(&b, "  - { id: %s, %s }\n", id, body)
		n++
	}
	return b.String(), n
}

// BenchmarkManyRules runs 379 rules over 24,000 files: the whole pipeline.
func BenchmarkManyRules(b *testing.B) {
	dir := b.TempDir()
	files, dirs := shardTree(b, dir)
	text, n := shardRules()
	if err := os.WriteFile(filepath.Join(dir, "sot.yaml"), []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	b.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	benchGit(b, dir, "init", "-q")
	benchGit(b, dir, "add", "-A")
	for b.Loop() {
		rep, err := Run(b.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, Version: "0.1.0"})
		if err != nil {
			b.Fatal(err)
		}
		if rep.Run.ExitCode != report.ExitClean {
			b.Fatalf("exit code %d: %d findings, %v, %v", rep.Run.ExitCode, len(rep.Findings), rep.Findings[:min(3, len(rep.Findings))], rep.Faults)
		}
	}
	b.ReportMetric(float64(files), "files")
	b.ReportMetric(float64(dirs), "dirs")
	b.ReportMetric(float64(n), "rules")
}
