package use

import (
	"bytes"

	"github.com/sot-validator/sot/engine/rule"
)

func checkShebangScriptsAreExecutable() rule.Use {
	return rule.Use{
		ID:  "check-shebang-scripts-are-executable",
		Why: "A script with a shebang is meant to be run by its name, which fails without the mode.",
		Doc: `Finds text files with a shebang that are not executable.

The mode is the one that the run judges: the index's under --staged, else the worktree's
where git trusts it (core.fileMode). Differs from pre-commit-hooks, which always asks the
index and so never sees an untracked file.
`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return shebangs{}, nil },
	}
}

// shebangs is the check check-shebang-scripts-are-executable.
type shebangs struct{}

// CheckFile reports the shebang.
func (shebangs) CheckFile(p *rule.Pass, f *rule.File) {
	data := f.Bytes()
	if f.Mode.Regular() && f.Mode&0o111 == 0 && hasShebang(data) {
		end := bytes.IndexAny(data, "\r\n")
		if end < 0 {
			end = len(data)
		}
		p.Range(f, 0, end, "has a shebang but is not executable, run: chmod +x (git add --chmod=+x), or drop the shebang")
	}
}
