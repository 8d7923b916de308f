package content_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/content"
)

// corpus returns about n bytes of real text, in files: those of the folder that
// SOT_CORPUS names, else the Go distribution's source.
func corpus(b *testing.B, n int) (files [][]byte, size int) {
	root := os.Getenv("SOT_CORPUS")
	if root == "" {
		root = filepath.Join(goroot(), "src")
	}
	last := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || size >= n {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && !strings.Contains(string(data[:min(len(data), 1024)]), "\x00") {
			files, size = append(files, data), size+len(data)
		}
		return err
	})
	if last != nil || size == 0 {
		b.Skip("no corpus: set SOT_CORPUS to a folder of source code", last)
	}
	return files, size
}

func goroot() string {
	if dir := os.Getenv("GOROOT"); dir != "" {
		return dir
	}
	return "/usr/local/go"
}

// twenty are patterns that people forbid. Their alternation, for comparison:
// rg -c -e PATTERN -e PATTERN ... FOLDER.
var twenty = []string{
	`console\.(log|debug)\(`, `\bTODO\(bug`, `FIXME|XXX`, `AKIA[0-9A-Z]{16}`, `(?i)password\s*=\s*['"]`, `-----BEGIN [A-Z ]*PRIVATE KEY`,
	`debugger;`, `print_r\(`, `var_dump\(`, `System\.out\.println`, `eval\(.*\)`, `document\.write\(`, `\.innerHTML\s*=`, `xoxb-[0-9a-z]+`,
	`ghp_[0-9A-Za-z]{36}`, `pdb\.set_trace`, `binding\.pry`, `fmt\.Println\(`, `(?i)do not commit`, `https?://localhost`,
}

// BenchmarkTwentyPatterns judges 100 MB of source by one rule of 20 patterns.
func BenchmarkTwentyPatterns(b *testing.B) {
	files, size := corpus(b, 100<<20)
	var items []rule.Value
	for _, p := range twenty {
		items = append(items, str(p))
	}
	built, problems := content.Kind().New(object("forbid", list(items...)))
	if problems != nil {
		b.Fatal(problems)
	}
	r := &rule.Rule{ID: "r", Severity: rule.Error, Check: built.Check}
	b.SetBytes(int64(size))
	found := 0
	for b.Loop() {
		found = 0
		for _, data := range files {
			p := rule.NewPass(context.Background(), r, nil)
			built.Check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: "f"}, data, nil))
			found += len(p.Findings())
		}
	}
	b.ReportMetric(float64(found), "findings")
}
