package data

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
)

// realFiles calls a function with the files below the folder that SOT_CORPUS names
// whose path matches, 3,000 at most, and says how many these are.
func realFiles(t *testing.T, pattern string, f func(path string, data []byte)) int {
	t.Helper()
	root := os.Getenv("SOT_CORPUS")
	if root == "" {
		t.Skip("SOT_CORPUS names no folder of real repositories")
	}
	re, n := regexp.MustCompile(pattern), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || n >= 3000 || !re.MatchString(filepath.ToSlash(path)) {
			return nil //nolint:nilerr // what cannot be read is left out
		}
		if data, err := os.ReadFile(path); err == nil && len(data) < 1<<20 {
			n++
			f(path, data)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Skip("no such files: ", err)
	}
	return n
}

// Real files fit the embedded schemas; what does not is shown, to be looked at.
func TestBuiltinsOnRealFiles(t *testing.T) {
	for name, pattern := range map[string]string{
		"github-workflow":   `/\.github/workflows/[^/]+\.ya?ml$`,
		"github-action":     `/action\.ya?ml$`,
		"github-dependabot": `/\.github/dependabot\.ya?ml$`,
		"github-issue-form": `/\.github/ISSUE_TEMPLATE/[^c/][^/]*\.ya?ml$`,
		"npm-package":       `/package\.json$`,
	} {
		t.Run(name, func(t *testing.T) {
			built, problems := Kind().New(rule.Value{Kind: rule.Map, Fields: []rule.Field{{Key: "schema", Value: str("builtin:" + name)}}})
			if problems != nil {
				t.Fatal(problems)
			}
			bad := 0
			n := realFiles(t, pattern, func(path string, data []byte) {
				p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Severity: rule.Error}, nil)
				built.Check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: path}, data, nil))
				for _, f := range p.Findings() {
					t.Logf("%s:%d:%d: %s", f.Path, f.Line, f.Column, f.Message)
				}
				if len(p.Findings()) > 0 {
					bad++
				}
			})
			t.Logf("%d of %d files do not fit", bad, n)
		})
	}
}

// What yaml.v3 makes of real files is what we make of them.
func TestValuesOfRealFiles(t *testing.T) {
	refused, differ := 0, 0
	n := realFiles(t, `\.ya?ml$`, func(path string, data []byte) {
		got := document.Parse(data, document.YAML)
		var want any
		err := yaml.Unmarshal(data, &want)
		if len(got.Problems) > 0 {
			if err == nil {
				refused++
				t.Logf("%s: refused: %v", path, got.Problems[0])
			}
			return
		}
		if err != nil || len(got.Roots) > 1 {
			return
		}
		if a, b := plain(got.Roots[0].Value), plain(want); !reflect.DeepEqual(a, b) {
			differ++
			t.Logf("%s: another value\n%.300s\n%.300s", path, a, b)
		}
	})
	t.Logf("%d files, %d refused, %d other values", n, refused, differ)
	if differ*100 > n {
		t.Errorf("%d of %d files have another value", differ, n)
	}
}

// plain is a value as JSON.
func plain(v any) string {
	b, err := json.Marshal(textKeys(v))
	return fmt.Sprint(string(b), err)
}

func textKeys(v any) any {
	switch v := v.(type) {
	case map[any]any:
		m := map[string]any{}
		for k, x := range v {
			m[fmt.Sprint(k)] = textKeys(x)
		}
		return m
	case map[string]any:
		for k, x := range v {
			v[k] = textKeys(x)
		}
	case []any:
		for i, x := range v {
			v[i] = textKeys(x)
		}
	}
	return v
}
