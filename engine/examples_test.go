package engine

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// example is a rule set of docs/examples with a repository that it passes, and
// changes to it of which each breaks the one rule that it names.
type example struct {
	file    string
	batches int
	files   map[string]string
	breaks  []breakage
}

// breakage writes a file of an example, or removes it where text is "-".
type breakage struct{ path, text, rule string }

const sha = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"

func goService() example {
	code := func(pkg, more string) string {
		return "// SPDX-License-Identifier: MIT\n\npackage " + pkg + "\n" + more
	}
	return example{"go-service.yaml", 2, map[string]string{
		"go.mod": "module example.org/service\n\ngo 1.26\n", "README.md": "# Service\n", "LICENSE": "MIT\n", "CODEOWNERS": "* @org/team\n",
		".editorconfig":             "root = true\n[*.go]\nindent_style = tab\n[*]\ninsert_final_newline = true\n",
		"Dockerfile":                "FROM golang:1.26\nUSER 1000\n",
		"Makefile":                  "all:\n\tgo build ./...\n",
		".github/workflows/ci.yaml": "on: push\npermissions: { contents: read }\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@" + sha + "\n",
		"cmd/server/main.go":        code("main", "\nfunc main() {}\n"),
		"internal/store/store.go":   code("store", ""), "internal/store/store_test.go": code("store", ""), "internal/store/doc.go": code("store", ""),
		"internal/gen/api/API.go": "package api\n",
		"api/v1/orders.proto":     "syntax = \"proto3\";\n", "api/v1/users.proto": "syntax = \"proto3\";\n",
		"deploy/migrations/0001_start.up.sql": "select 1;\n", "deploy/migrations/0001_start.down.sql": "select 1;\n",
	}, []breakage{
		{"src/x.go", code("x", ""), "root-layout"},
		{"cmd/tool/tool.go", code("main", ""), "commands"},
		{"internal/a/b/c/d/types.go", code("d", ""), "no-deep-packages"},
		{"internal/my_pkg/doc.go", code("x", ""), "package-names"},
		{"internal/store/new.go", code("store", ""), "tested"},
		{"internal/store/old_test.go", code("store", ""), "no-orphan-tests"},
		{"internal/store/store.go", code("store", "\nfunc f() { fmt.Println() }\n"), "no-print"},
		{"internal/store/store.go", code("store", "\nfunc f() { os.Exit(1) }\n"), "exit-in-main"},
		{"internal/store/store.go", "package store\n", "licence"},
		{"deploy/migrations/2_x.sql", "select 1;\n", "migrations"},
		{"deploy/migrations/0001_start.down.sql", "-", "migration-pairs"},
		{"api/v2/Orders.proto", "syntax = \"proto3\";\n", "unique-protos"},
		{"Dockerfile", "FROM golang:latest\nUSER 1000\n", "container"},
		{"CODEOWNERS", "* @org/team\n/internal/\n", "owners"},
		{"internal/store/store.go", code("store", "\nfunc f() {\n    x()\n}\n"), "editorconfig"},
		{".github/workflows/ci.yaml", "on: push\npermissions: {}\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n", "actions-pinned"},
		{"go.work", "go 1.26\n", "go-no-workspace"},
	}}
}

func helmMonorepo() example {
	files := map[string]string{
		"README.md": "# Charts\n", ".github/CODEOWNERS": "/domain-*/ @org/platform\n",
		"policies/a.md": "encryption and retention\n", "policies/b/c.md": "backup, access\n",
		"library/x.tpl": "x\n", "docs/a.md": "# A\n",
	}
	for d := range 24 {
		domain := fmt.Sprintf("domain-%02d/", d)
		files[domain+"README.md"] = "# Domain\n\nOn-call: the team\n"
		files[domain+"values.yaml"] = "x: 1\n"
		for s := range 16 {
			shard := fmt.Sprintf("%sshards/shard-%02d/", domain, s)
			files[shard+"Chart.yaml"] = fmt.Sprintf("apiVersion: v2\nname: shard-%d\nversion: 1.0.%d\nannotations:\n  owner: team-%d\n", s, s, d)
			files[shard+"values.yaml"] = fmt.Sprintf("primary: %v\nexposed: %v\nbudget: 3\nresources:\n  limits: { cpu: 1 }\n", s == 0, s == 1)
			files[shard+"templates/service.yaml"] = "kind: Service\n"
			files[shard+"tests/service_test.yaml"] = "suite: x\n"
			if d+s > 0 {
				files[shard+"values.schema.json"] = "{}\n"
			}
		}
	}
	const shard = "domain-03/shards/shard-07/"
	return example{"helm-monorepo.yaml", 9, files, []breakage{
		{"extra/a.txt", "x\n", "root-layout"},
		{"domain-24/shards/shard-00/Chart.yaml", "x\n", "domain-count"},
		{"domain-x/README.md", "x\n", "domain-names"},
		{"domain-05/other/a.txt", "x\n", "domain-layout"},
		{"domain-05/shards/shard-16/Chart.yaml", "x\n", "shard-count"},
		{"domain-05/shards/shard-16/values.yaml", "x\n", "shard-names"},
		{shard + "templates/service.yaml", "-", "shard-layout"},
		{shard + "Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n", "charts"},
		{shard + "Chart.yaml", "apiVersion: v2\nname: shard-7\nversion: 1.0.0\nannotations: { owner: team-3 }\ndependencies:\n  - name: a\n    version: ^1.0.0\n", "no-floating-dependencies"},
		{shard + "values.yaml", "x: 1\n", "values"},
		{shard + "values.yaml", "resources:\n  limits: { cpu: 1 }\ndb:\n  Password: hunter2\n", "values"},
		{shard + "values.yaml", "resources:\n  limits: { cpu: 0.5 }\n", "values"},
		{shard + "values.yaml", "exposed: true\nresources:\n  limits: { cpu: 1 }\n", "exposed"},
		{shard + "values.yaml", "exposed: true\noncall: team\nexperiment: true\nresources:\n  limits: { cpu: 1 }\n", "exposed"},
		{shard + "Chart.yaml", "apiVersion: v2\nname: shard-7\nversion: 1.0.x\nannotations: { owner: team-3 }\n", "charts"},
		{shard + "Chart.yaml", "apiVersion: v2\nname: shard-8\nversion: 1.0.0\nannotations: { owner: team-3 }\n", "charts"},
		{shard + "templates/a.sh", "x\n", "templates"},
		{shard + "templates/service.yaml", "image: a:latest\n", "template-images"},
		{shard + "templates/My_Service.yaml", "x: 1\n", "template-names"},
		{shard + "templates/other.yaml", "x: 1\n", "shard-tests"},
		{"policies/a.md", "encryption\n", "policies"},
		{".github/CODEOWNERS", "/domain-*/ @org/platform\n" + shard + "\n", "owners"},
		{"domain-05/README.md", "# Domain\n", "domain-readme"},
	}}
}

func docsSite() example {
	page := func(text string) string { return "---\ntitle: A page\n---\n\n" + text + "\n" }
	return example{"docs-site.yaml", 2, map[string]string{
		"package.json": "{}\n", "package-lock.json": "{}\n", ".editorconfig": "[*]\ntrim_trailing_whitespace = true\n",
		"content/index.md":    page("Welcome to [the guide](en/guide/install.md)."),
		"content/en/index.md": page("install, upgrade, uninstall"), "content/de/index.md": page("x"),
		"content/en/guide/index.md": page("license and support"), "content/de/guide/index.md": page("x"),
		"theme/a.css": "a { }\n", "content/en/guide/first-step.png": "png\n",
	}, []breakage{
		{"src/a.js", "x\n", "root-layout"},
		{"content/en/new/a.png", "x\n", "chapters"},
		{"content/a/b/c/d/index.md", page("x"), "not-too-deep"},
		{"content/en/a.docx", "x\n", "only-pages-and-pictures"},
		{"content/en/My_Page.png", "x\n", "page-names"},
		{"content/en/My_Chapter/index.md", page("x"), "chapter-names"},
		{"content/de/only.md", page("x"), "two-languages"},
		{"content/index.md", "x\n", "front-matter"},
		{"content/index.md", page("# Again"), "one-h1"},
		{"content/index.md", page("[a](http://example.org)"), "links"},
		{"content/index.md", page("![](a.png)"), "pictures-have-text"},
		{"content/index.md", page("TODO"), "no-draft-marks"},
		{"content/en/index.md", page("install"), "topics"},
		{"theme/a.css", "a { } \n", "editorconfig"},
		{"yarn.lock", "x\n", "node-one-lockfile"},
	}}
}

// TestExamples: each example passes its repository, and each of its breakages is
// found by the rule that it is about.
func TestExamples(t *testing.T) {
	if files, err := filepath.Glob("../docs/examples/*.yaml"); err != nil || len(files) != 3 {
		t.Errorf("docs/examples holds %v (%v)", files, err)
	}
	for _, x := range []example{goService(), helmMonorepo(), docsSite()} {
		t.Run(strings.TrimSuffix(x.file, ".yaml"), func(t *testing.T) {
			dir := folder(t, x.files)
			rep := x.run(t, dir)
			batches := 0
			for _, r := range rep.Rules {
				batches = max(batches, r.Batch+1)
			}
			if len(rep.Findings)+len(rep.Faults) > 0 || batches != x.batches {
				t.Fatalf("%d batches, %v %v", batches, rep.Findings, rep.Faults)
			}
			for _, b := range x.breaks {
				x.breaksOne(t, dir, b)
			}
		})
	}
}

func (x example) breaksOne(t *testing.T, dir string, b breakage) {
	path := filepath.Join(dir, filepath.FromSlash(b.path))
	if b.text == "-" {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	} else {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := map[string]bool{}
	rep := x.run(t, dir, b.rule)
	for _, f := range rep.Findings {
		found[f.Rule] = true
	}
	if !found[b.rule] || len(rep.Faults) > 0 {
		t.Errorf("%s with %q: found %v %v, want %s", b.path, b.text, slices.Collect(maps.Keys(found)), rep.Faults, b.rule)
	}
	if text, ok := x.files[b.path]; ok {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func (x example) run(t *testing.T, dir string, only ...string) *report.Report {
	t.Helper()
	config, err := filepath.Abs("../docs/examples/" + x.file)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := Run(t.Context(), Options{Config: config, Rules: only, Source: source.Options{Dir: dir, Mode: source.All}, Version: "0.1.0", NoProfile: true})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}
