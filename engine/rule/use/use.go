package use

import (
	"github.com/sot-validator/sot/engine/rule"
)

// Kind returns the kind "use". Its body is a check's name; the loader finds the
// check in Uses, holds `with` to the check's shape, and calls the check's New.
func Kind() rule.Kind {
	uses := checks()
	ids := make([]string, len(uses))
	for i, u := range uses {
		ids[i] = u.ID
	}
	return rule.Kind{
		Name: "use", Why: "What every repository wants runs in the process, on bytes that are read once.",
		Doc:   doc,
		Shape: rule.Enum("name of a built-in check", ids...),
		New:   newByName,
		Uses:  uses,
	}
}

const doc = `Runs a built-in check by its name.

    - use: trailing-whitespace        # id defaults to the check's name
    - use: check-added-large-files
      with: { maxkb: 500 }

A check that pre-commit-hooks 6 has too has its id, its options (under ` + "`with`" + `, dashes as
underscores) and its verdicts, and mends files to the same bytes. Where one departs from
that, its own documentation lists the difference: ` + "`sot explain CHECK`" + `.
`

// newByName makes the check that the body names, with no options.
func newByName(body rule.Value) (rule.Built, []rule.Problem) {
	name := body.Str("")
	for _, u := range checks() {
		if u.ID == name {
			check, problems := u.New(rule.Value{})
			return rule.Built{Check: check, Defaults: u.Defaults, Stages: u.Stages}, problems
		}
	}
	return rule.Built{}, []rule.Problem{body.Problemf("`sot explain use` lists those that there are", "no built-in check is called %q", name)}
}
