package use

import (
	"bytes"

	"github.com/sot-validator/sot/engine/rule"
)

func checkExecutablesHaveShebangs() rule.Use {
	return rule.Use{
		ID:  "check-executables-have-shebangs",
		Why: "Without one, the shell at hand runs the file, whatever it was written for.",
		Doc: `Finds executable text files without a shebang.

A shebang is ` + "`#!`" + ` as the file's first two bytes: without it, who runs the file gets
whatever shell is at hand, or an error. A file is executable by the mode that git keeps, the
owner's bit, and by the index where git does not trust the file system (core.fileMode). Differs
from pre-commit-hooks, which asks the file system whether the user that runs it may execute it.
`,
		Defaults: rule.Selector{Types: []string{"text", "executable"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return executables{}, nil },
	}
}

// executables is the check check-executables-have-shebangs.
type executables struct{}

// CheckFile reports the first line, where the shebang belongs.
func (executables) CheckFile(p *rule.Pass, f *rule.File) {
	if !hasShebang(f.Bytes()) {
		p.Line(f, 1, "marked executable but has no shebang, begin it with #!, or run: chmod -x (git add --chmod=-x)")
	}
}

func hasShebang(data []byte) bool { return bytes.HasPrefix(data, []byte("#!")) }
