package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzLoad: no bytes make Load panic, and every problem's place lies in its file.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.yaml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("a: &a [*a]\n<<: *a\n? [x]\n: y\n")
	f.Add("rules:\u2028- use: x\u0085  y: !!int z\r  q: .nan")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 16<<10 {
			return
		}
		c, err := Load(fakeOptions(text))
		if err == nil {
			if len(c.Rules) == 0 {
				t.Error("loads, and has no rules")
			}
			return
		}
		var ps Problems
		if !errors.As(err, &ps) || len(ps) == 0 {
			t.Fatalf("error %T %v, want problems", err, err)
		}
		lines := strings.Split(text, "\n")
		for _, p := range ps {
			if p.File != "sot.yaml" {
				continue
			}
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > 1+utf8.RuneCountInString(lines[p.Line-1]) {
				t.Errorf("problem outside the file: %v", p)
			}
			if p.What == "" {
				t.Errorf("problem without words: %v", p)
			}
		}
	})
}
