package hook

import (
	"slices"
	"strings"
	"testing"
)

func TestParseCommit(t *testing.T) {
	for line, want := range map[string]string{
		"git commit":                               "commit",
		"git commit --amend":                       "amend",
		"/usr/bin/git commit --am -m x":            "amend",
		"git commit -m --amend":                    "commit",
		"git commit -am --amend":                   "commit",
		"git commit -qsm x --amend":                "amend",
		"git commit -- --amend":                    "commit",
		"git commit --message=--amend":             "commit",
		"git commit --amend --no-amend":            "commit",
		"git commit -a --author A --amend":         "amend",
		"git -C dir -c a.b=commit commit --amend":  "amend",
		"git --no-pager --git-dir x commit":        "commit",
		"git-commit --amend":                       "amend",
		`C:\git\bin\git.exe commit --amend`:        "amend",
		"git commit --cleanup=verbatim":            "commit verbatim",
		"git commit --clean strip --amend":         "amend strip",
		"git commit -F file --cleanup scissors":    "commit scissors",
		"git merge --amend":                        "",
		"git -c x=y push":                          "",
		"sh .git/hooks/pre-commit":                 "",
		"python3 /usr/bin/pre-commit commit":       "",
		"":                                         "",
		"git":                                      "",
		"git commit --fixup amend:HEAD":            "commit",
		"git commit --pathspec-from-file --amend ": "commit",
		"git commit -C HEAD --amend":               "amend",
		"git commit -uno -S --amend":               "amend",
	} {
		c, ok := parseCommit(strings.Fields(line))
		got := ""
		if ok {
			got = "commit"
			if c.amend {
				got = "amend"
			}
			got = strings.TrimSpace(got + " " + c.cleanup)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

func TestAskedFramework(t *testing.T) {
	for lines, want := range map[string]frameworkArgs{
		"sh|python3 /usr/bin/pre-commit run --all-files|bash":          {all: true},
		"prek run -a --hook-stage manual":                              {all: true, stage: "manual"},
		"pre-commit run --hook-stage=pre-push sot":                     {stage: "pre-push"},
		"prek hook-impl --hook-type=pre-commit|git commit -a|x run -a": {},
		"prek run|make --all-files":                                    {all: true},
		"ls -a":                                                        {},
		"pre-commit run --hook-stage":                                  {},
	} {
		var above [][]string
		for _, l := range strings.Split(lines, "|") {
			above = append(above, strings.Fields(l))
		}
		if got := askedFramework(slices.Values(above)); got != want {
			t.Errorf("%s: got %+v, want %+v", lines, got, want)
		}
	}
}

func TestAncestorsEnd(t *testing.T) {
	n := 0
	for args := range ancestors() {
		if n++; len(args) == 0 || n > mostAncestors {
			t.Fatalf("ancestor %d: %q", n, args)
		}
	}
}
