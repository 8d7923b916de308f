package filetype

import (
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// The wanted tags are what identify's tags_from_path gave for such files.
func TestTags(t *testing.T) {
	for _, c := range []struct {
		path string
		mode rule.Mode
		head string
		want string
	}{
		{"a/b.py", rule.ModeFile, "", "file non-executable python text"},
		{"a/b.PY", rule.ModeExecutable, "", "executable file python text"},
		{"x.json", rule.ModeFile, "\x00", "file json non-executable text"},
		{"x.png", rule.ModeFile, "text", "binary file image non-executable png"},
		{"h.h", rule.ModeFile, "", "c c++ file header non-executable text"},
		{"README.md", rule.ModeFile, "", "file markdown non-executable plain-text text"},
		{"Dockerfile.dev", rule.ModeFile, "", "dockerfile file non-executable text"},
		{"dev.Dockerfile", rule.ModeFile, "", "dockerfile file non-executable text"},
		{"dockerfile", rule.ModeFile, "", "file non-executable text"},
		{"Makefile/x", rule.ModeFile, "", "file non-executable text"},
		{"go.mod", rule.ModeFile, "", "file go-mod non-executable text"},
		{"Pipfile.lock", rule.ModeFile, "", "file json non-executable text"},
		{"meson_options.txt", rule.ModeFile, "", "file meson meson-options non-executable plain-text text"},
		{".bashrc", rule.ModeFile, "", "bash file non-executable shell text"},
		{".py", rule.ModeFile, "", "file non-executable text"},
		{"..py", rule.ModeFile, "", "file non-executable text"},
		{"x.", rule.ModeFile, "", "file non-executable text"},
		{"x.plist", rule.ModeFile, "bplist\x00", "binary file non-executable plist"},
		{"x.plist", rule.ModeFile, "<?xml", "file non-executable plist text"},
		{"x.plist", rule.ModeExecutable, "#!/bin/sh", "executable file plist text"},
		{"run", rule.ModeFile, "#!/bin/sh\n", "file non-executable text"},
		{"run", rule.ModeExecutable, "#!/bin/sh\n", "executable file sh shell text"},
		{"run", rule.ModeExecutable, "#!/usr/bin/env python3.11.2\n", "executable file python python3 text"},
		{"run", rule.ModeExecutable, "#!/usr/bin/env -S perl -w", "executable file perl text"},
		{"run", rule.ModeExecutable, "#! \t'/usr/bin/node' x\n", "executable file javascript text"},
		{"run", rule.ModeExecutable, "#!\"/bin/bash\n", "bash executable file shell text"},
		{"run", rule.ModeExecutable, "#!/bin/ba\\sh\n", "bash executable file shell text"},
		{"run", rule.ModeExecutable, "#!/bin/sh\xc3\xa9\n", "executable file text"},
		{"run", rule.ModeExecutable, "#!/bin/sh\x07\n", "executable file text"},
		{"run", rule.ModeExecutable, "#!/usr/bin/env nix-shell\n#! nix-shell -i python3 -p x\n", "executable file python python3 text"},
		{"run", rule.ModeExecutable, "#!/usr/bin/env nix-shell\n#! nix-shell -i\n", "executable file text"},
		{"run", rule.ModeExecutable, "#!/bin/sh\x00\n", "binary executable file"},
		{"run", rule.ModeExecutable, "#!", "executable file text"},
		{"link.py", rule.ModeSymlink, "", "symlink"},
		{"module", rule.ModeSubmodule, "", "directory"},
	} {
		if got := strings.Join(Tags(c.path, c.mode, []byte(c.head)), " "); got != c.want {
			t.Errorf("%s %o %q: %s, want %s", c.path, c.mode, c.head, got, c.want)
		}
	}
}

func TestStatic(t *testing.T) {
	for _, c := range []struct {
		path     string
		mode     rule.Mode
		want     string
		complete bool
	}{
		{"a.go", rule.ModeFile, "file go non-executable text", true},
		{"a.plist", rule.ModeFile, "file non-executable plist", false},
		{"a", rule.ModeExecutable, "executable file", false},
		{"a", rule.ModeSymlink, "symlink", true},
		{"a", rule.ModeSubmodule, "directory", true},
	} {
		tags, complete := Static(c.path, c.mode)
		if got := strings.Join(tags, " "); got != c.want || complete != c.complete {
			t.Errorf("%s %o: %s, %v, want %s, %v", c.path, c.mode, got, complete, c.want, c.complete)
		}
	}
}

func TestIsText(t *testing.T) {
	for _, c := range []struct {
		head string
		want bool
	}{
		{"", true}, {"a\n", true}, {"\a\b\t\n\v\f\r\x1b", true}, {"\xff\x80", true},
		{"\x00", false}, {"\x06", false}, {"\x0e", false}, {"\x1a", false}, {"\x1c", false}, {"\x7f", false},
		{strings.Repeat("x", 1023) + "\x00", false},
		{strings.Repeat("x", 1024) + "\x00", true},
	} {
		if got := IsText([]byte(c.head)); got != c.want {
			t.Errorf("%.10q: %v, want %v", c.head, got, c.want)
		}
	}
}

// The look-up is a binary search, and a name's tags say text or binary.
func TestTables(t *testing.T) {
	for _, table := range [][]entry{byExtension[:], byName[:], byInterpreter[:]} {
		for i, e := range table {
			if i > 0 && table[i-1].key >= e.key {
				t.Errorf("%q stands before %q", table[i-1].key, e.key)
			}
			if tags := strings.Fields(e.tags); len(tags) == 0 || !slices.IsSorted(tags) {
				t.Errorf("tags of %q: %q", e.key, e.tags)
			}
		}
	}
	for _, e := range byName {
		if !hasEncoding(e.tags) {
			t.Errorf("%q is neither text nor binary", e.key)
		}
	}
}

func TestKnown(t *testing.T) {
	for _, tag := range []string{"python", "text", "symlink", "executable", "c++", "plist", "sh"} {
		if !Known(tag) || !slices.Contains(All(), tag) {
			t.Errorf("%q is not known", tag)
		}
	}
	if Known("pyton") || Known("") {
		t.Error("a tag that does not exist is known")
	}
	if !slices.IsSorted(All()) {
		t.Error("not sorted")
	}
}

func TestNoAllocation(t *testing.T) {
	Tags("run", rule.ModeFile, nil)
	if n := testing.AllocsPerRun(100, func() {
		Static("a/b.py", rule.ModeFile)
		Static("Dockerfile.dev", rule.ModeExecutable)
		Tags("run", rule.ModeFile, []byte("x"))
		Static("l", rule.ModeSymlink)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTags(f *testing.F) {
	f.Add("a/Dockerfile.py", uint32(rule.ModeExecutable), []byte("#!/usr/bin/env -S 'py\\thon'"))
	f.Add("run", uint32(rule.ModeExecutable), []byte("#!nix-shell\n#! -i \"bash\" -i"))
	f.Add("x.plist", uint32(rule.ModeFile), []byte("\x00"))
	f.Fuzz(func(t *testing.T, path string, mode uint32, head []byte) {
		static, complete := Static(path, rule.Mode(mode))
		tags := Tags(path, rule.Mode(mode), head)
		if !slices.IsSorted(tags) || complete && !slices.Equal(static, tags) {
			t.Fatalf("static %q, %v; tags %q", static, complete, tags)
		}
		for _, tag := range static {
			if !slices.Contains(tags, tag) {
				t.Fatalf("%q was static", tag)
			}
		}
		for _, tag := range tags {
			if !Known(tag) {
				t.Fatalf("%q is not known", tag)
			}
		}
	})
}

func BenchmarkStatic(b *testing.B) {
	paths := []string{"packages/babel-core/src/index.ts", "packages/babel-core/test/fixtures/a/output.js", "README.md", "a/b/options.json", "Makefile"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Static(paths[i%len(paths)], rule.ModeFile)
	}
}
