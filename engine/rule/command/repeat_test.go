package command

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func newRepeats(t *testing.T, body rule.Value) rule.Repeats {
	t.Helper()
	built, problems := Kind().New(body)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return built.Check.(rule.Repeats)
}

func TestRepeats(t *testing.T) {
	none := rule.Value{Kind: rule.List}
	for _, tt := range []struct {
		name   string
		body   rule.Value
		inputs int // -1: nothing is kept
		want   rule.Repeat
	}{
		{"no inputs", mapOf("run", "lint {files}"), -1, rule.RepeatFiles},
		{"without a parser", with(mapOf("run", "lint {files}"), "inputs", none), 0, rule.RepeatFiles},
		{"with one", with(mapOf("run", "lint {files}", "parse", "gcc"), "inputs", none), 0, rule.RepeatFile},
		{"each", mapOf("run", "lint {files}", "files", "each", "inputs", "*.cfg"), 1, rule.RepeatFile},
		{"none", mapOf("run", "lint", "files", "none", "parse", "gcc", "inputs", "*.cfg"), 1, rule.RepeatInputs},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newRepeats(t, tt.body)
			globs, err := c.Inputs()
			if (err != nil) != (tt.inputs < 0) || err == nil && (globs == nil || len(globs) != tt.inputs) {
				t.Errorf("%q, %v", globs, err)
			}
			if got := c.Repeats(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"lint": "#!/bin/sh\necho 1.2.3\necho late >&2\n", "bad": "#!/bin/sh\nexit 3\n", "mute": "#!/bin/sh\n",
		"much": "#!/bin/sh\nhead -c 70000 /dev/zero\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	where := rule.Place{Root: dir, Env: os.Environ()}
	for _, tt := range []struct{ run, version, want, local, err string }{
		{"./lint", "", "", "lint", ""},
		{"./lint", "./lint", "1.2.3\nlate\n", "lint", ""},
		{"sh", "./lint", "1.2.3\nlate\n", "", ""},
		{"./lint", "./bad", "", "lint", "exited with 3"},
		{"./lint", "./mute", "", "lint", "printed nothing"},
		{"./lint", "./much", "", "lint", "more than 64 KiB"},
		{"./lint", "./absent", "", "lint", "does not exist"},
		{"./absent", "", "", "", "does not exist"},
	} {
		body := mapOf("run", tt.run+" {files}", "inputs", "*.cfg")
		if tt.version != "" {
			body = mapOf("run", tt.run+" {files}", "inputs", "*.cfg", "version_command", tt.version)
		}
		version, local, err := newRepeats(t, body).Program(context.Background(), where)
		if version != tt.want || local != tt.local || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s, %s: %q %q %v", tt.run, tt.version, version, local, err)
		}
	}
}

func mapOf(pairs ...string) rule.Value {
	v := rule.Value{Kind: rule.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Fields = append(v.Fields, rule.Field{Key: pairs[i], Value: rule.Value{Kind: rule.String, Scalar: pairs[i+1]}})
	}
	return v
}

func with(v rule.Value, key string, value rule.Value) rule.Value {
	v.Fields = append(v.Fields, rule.Field{Key: key, Value: value})
	return v
}
