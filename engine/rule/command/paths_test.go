package command

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestToArgument(t *testing.T) {
	for _, c := range []struct{ dir, path, want string }{
		{"", "a/b", "a/b"},
		{"", "-x", "./-x"},
		{"", "-d/x", "./-d/x"},
		{"", "d/-x", "d/-x"},
		{"", "@x", "./@x"},
		{"", "+x", "./+x"},
		{"", "~x", "./~x"},
		{"", " x", "./ x"},
		{"", "a=b", "./a=b"},
		{"", "d/a=b", "d/a=b"},
		{"", ".git", ".git"},
		{"", "é", "é"},
		{"web", "web/a", "a"},
		{"web", "web/-a", "./-a"},
		{"web", "-a", "../-a"},
		{"web", "webs/a", "../webs/a"},
		{"web/x", "web/a", "../a"},
		{"web/x", "lib/a", "../../lib/a"},
	} {
		if got := toArgument(c.dir, c.path); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.dir, c.path, got, c.want)
		}
	}
}

// What a program is given, and prints as it was given, is mapped back.
func TestPathsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[-a@=. ~\x01é]{1,6}`).Filter(func(s string) bool { return s != "." && s != ".." })
		join := func(label string, least int) string {
			return strings.Join(rapid.SliceOfN(name, least, 4).Draw(t, label), "/")
		}
		dir, p := join("dir", 0), join("path", 1)
		arg := toArgument(dir, p)
		if strings.HasPrefix(arg, "-") || strings.HasPrefix(arg, "@") {
			t.Fatalf("%q becomes %q", p, arg)
		}
		m := mapper{roots: []string{"/repo"}, dir: dir}
		for _, printed := range []string{arg, path.Join("/repo", dir, arg), "./" + arg} {
			if got, inside := m.path(printed); got != p || !inside {
				t.Fatalf("in %q, %q was given as %q, printed as %q, and read as %q, %v", dir, p, arg, printed, got, inside)
			}
		}
	})
}

func TestMapper(t *testing.T) {
	m := mapper{roots: []string{"/repo", "/private/repo"}, dir: "web", only: "web/only"}
	for printed, want := range map[string]string{
		"a":                   "web/a",
		"../a":                "a",
		"./x/../a":            "web/a",
		"/repo/a":             "a",
		"/repo/./x/../a":      "a",
		"/private/repo/a":     "a",
		"/repo":               "",
		"..":                  "",
		"":                    "web/only",
		"-":                   "web/only",
		"<stdin>":             "web/only",
		"/repository/a":       "outside",
		"../../a":             "outside",
		"/etc/passwd":         "outside",
		"/repo/../etc/passwd": "outside",
		"a\x00b":              "outside",
	} {
		got, inside := m.path(printed)
		if !inside {
			got = "outside"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", printed, got, want)
		}
	}
	const said = "see /repo/a,/private/repo/b and '/repo/c', not /repository or /home/repo/d"
	if got := m.message(said); got != "see a,b and 'c', not /repository or /home/repo/d" {
		t.Error(got)
	}
}

func TestURIPath(t *testing.T) {
	for in, want := range map[string]string{
		"a/b.go":             "a/b.go",
		"a%20b.go":           "a b.go",
		"file:///a/%5Bid%5D": "/a/[id]",
		"FILE:///a":          "/a",
		"file://host/a":      "/a",
		"file:/a":            "/a",
		"file:///C:/a":       "C:/a",
		"100%.go":            "100%.go",
		"a#b":                "a#b",
		"a%20b?x#y":          "a b",
		"https://x/a":        "https://x/a",
		"file://":            "",
		"":                   "",
	} {
		if got := uriPath(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSplitWords(f *testing.F) {
	f.Add(`a 'b' "c\"" \d {files}`)
	f.Fuzz(func(t *testing.T, line string) {
		words, err := splitWords(line)
		n := 0
		for _, w := range words {
			n += len(w)
		}
		if err == nil && n > len(line) {
			t.Fatalf("%q grew to %q", line, words)
		}
	})
}
