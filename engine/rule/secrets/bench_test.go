package secrets

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// corpus returns about n bytes of real text, in files: those of the folder that
// SOT_CORPUS names, else the Go distribution's source.
func corpus(b *testing.B, n int) (files []*rule.File, size int) {
	root := os.Getenv("SOT_CORPUS")
	if root == "" {
		root = filepath.Join("/usr/local/go", "src")
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
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
		if err == nil && !bytes.Contains(data[:min(len(data), 1024)], []byte{0}) {
			files, size = append(files, rule.NewFile(rule.Entry{Path: path}, data, nil)), size+len(data)
		}
		return err
	})
	if err != nil || size == 0 {
		b.Skip("no corpus: set SOT_CORPUS to a folder of source code", err)
	}
	return files, size
}

// BenchmarkRepository judges 30 MB of source by all patterns.
func BenchmarkRepository(b *testing.B) {
	files, size := corpus(b, 30<<20)
	built, problems := Kind().New(rule.Value{Kind: rule.Map})
	if problems != nil {
		b.Fatal(problems)
	}
	r := &rule.Rule{ID: "secrets", Severity: rule.Error, Check: built.Check}
	b.SetBytes(int64(size))
	found := 0
	for b.Loop() {
		found = 0
		for _, f := range files {
			p := rule.NewPass(context.Background(), r, nil)
			built.Check.(rule.FileCheck).CheckFile(p, f)
			found += len(p.Findings())
		}
	}
	b.ReportMetric(float64(found), "findings")
}

// BenchmarkStart is what a run pays before its first file.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		t := parseTable(tableText)
		newFinder(&t.allow, t.patterns)
	}
}
