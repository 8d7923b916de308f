package use

import "github.com/sot-validator/sot/engine/rule"

func checkSymlinks() rule.Use {
	return rule.Use{
		ID:  "check-symlinks",
		Why: "Who follows the link gets an error, or nothing.",
		Doc: `Finds symbolic links that point at nothing.

A link that points at itself, or round in a circle, points at nothing. Differs from
pre-commit-hooks, which always looks at the worktree: under --staged, and with --head, a
target in the repository is there if the index, or that commit, has it.
`,
		Defaults: rule.Selector{Types: []string{"symlink"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return symlinks{}, nil },
	}
}

// symlinks is the check check-symlinks.
type symlinks struct{}

// CheckFile reports a link whose target, which is its content, is not there.
func (symlinks) CheckFile(p *rule.Pass, f *rule.File) {
	if f.Mode != rule.ModeSymlink {
		return
	}
	target := string(f.Bytes())
	found, err := p.Repo().Exists(p.Context(), f.Path, target)
	if err != nil {
		cannot(p, "look where "+f.Path+" points", err)
		return
	}
	if !found {
		p.Path(f.Path, "broken symbolic link: %q does not exist, mend or remove the link", target)
	}
}
