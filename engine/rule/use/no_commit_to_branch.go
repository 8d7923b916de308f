package use

import (
	"regexp"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

func noCommitToBranch() rule.Use {
	return rule.Use{
		ID:  "no-commit-to-branch",
		Why: "What must be reviewed first does not go to the branch that everybody builds from.",
		Doc: `Keeps commits off protected branches.

- branch: the protected branches, one or a list (default main and master).
- pattern: regular expressions (RE2) that a protected branch's name begins with, one or a
  list, beside ` + "`branch`" + `.

It looks at the branch alone, not at files, and finds nothing where the head is detached.
Differs from pre-commit-hooks in the language of patterns: RE2 has no look-around and no
back-references.
`,
		With: rule.Object("options of no-commit-to-branch",
			rule.Key{Name: "branch", Shape: rule.OneOrMore(rule.Str("a branch's name"), "protected branches").Or("[main, master]")},
			rule.Key{Name: "pattern", Shape: rule.OneOrMore(rule.Fmt(rule.FormatRegexp, "what a protected branch's name begins with"), "patterns of protected branches")},
		),
		New: newProtected,
	}
}

// protected is the check no-commit-to-branch.
type protected struct {
	branches []string
	patterns []*regexp.Regexp
}

func newProtected(with rule.Value) (rule.Check, []rule.Problem) {
	c := protected{branches: with.Get("branch").Strings()}
	if c.branches == nil {
		c.branches = []string{"main", "master"}
	}
	value := with.Get("pattern")
	items := value.Items
	if value.Kind == rule.String {
		items = []rule.Value{value}
	}
	var problems []rule.Problem
	for _, v := range items {
		re, err := regexp.Compile("^(?:" + v.Scalar + ")")
		if err != nil {
			problems = append(problems, v.Problemf("write it in RE2's syntax", "bad regular expression: %v", err))
			continue
		}
		c.patterns = append(c.patterns, re)
	}
	return c, problems
}

// CheckRepo reports the current branch where it is protected.
func (c protected) CheckRepo(p *rule.Pass, _ []rule.Entry) {
	branch, err := p.Repo().Branch(p.Context())
	if err != nil {
		cannot(p, "find the current branch", err)
		return
	}
	if branch == "" {
		return
	}
	if slices.Contains(c.branches, branch) || slices.ContainsFunc(c.patterns, func(re *regexp.Regexp) bool { return re.MatchString(branch) }) {
		p.Path("", "branch %s is protected, commit to another one: git switch -c NAME", branch)
	}
}
