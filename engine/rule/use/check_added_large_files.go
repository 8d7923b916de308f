package use

import "github.com/sot-validator/sot/engine/rule"

func checkAddedLargeFiles() rule.Use {
	return rule.Use{
		ID:  "check-added-large-files",
		Why: "Git keeps what was once committed for ever, and every clone downloads it.",
		Doc: `Keeps large files from being added.

A file is large where its size, in KiB rounded up, is over ` + "`maxkb`" + `. Files that git
LFS keeps (attribute ` + "`filter=lfs`" + `) are not judged.

- maxkb: the largest size allowed, in KiB (default 500).
- enforce_all: judge every file, not only those that are added.

Only added and untracked files are judged unless ` + "`enforce_all`" + ` is set, so a run over all
files finds nothing without it. Differs from pre-commit-hooks, which looks at the index
alone: here a file is added where the run's own comparison (index, worktree or base) says so,
and its size is that of what is judged (under --staged, of what is staged). There, an added
name that is not ASCII is never judged without enforce_all, because git quotes it.
`,
		Defaults: rule.Selector{Types: []string{"file"}},
		With: rule.Object("options of check-added-large-files",
			rule.Key{Name: "maxkb", Shape: rule.Integer("the largest size allowed, in KiB", 0).Or("500")},
			rule.Key{Name: "enforce_all", Shape: rule.Boolean("judge every file, not only those that are added")},
		),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			return largeFiles{int64(with.Get("maxkb").Int(500)), with.Get("enforce_all").Bool(false)}, nil
		},
	}
}

// largeFiles is the check check-added-large-files.
type largeFiles struct {
	maxKB int64
	all   bool
}

// Blind says that the size is enough.
func (largeFiles) Blind() {}

// Sized says whose size is asked for.
func (c largeFiles) Sized(e *rule.Entry) bool { return c.all || e.New() }

// CheckFile reports a file that is over the limit; only then git's attributes
// are asked, which costs a process.
func (c largeFiles) CheckFile(p *rule.Pass, f *rule.File) {
	if !f.Mode.Regular() || !c.all && !f.New() {
		return
	}
	kb := (f.Size + 1023) / 1024
	if kb <= c.maxKB {
		return
	}
	filter, err := p.Repo().Attribute(p.Context(), "filter", []string{f.Path})
	if err != nil {
		cannot(p, "ask git for the attribute filter", err)
		return
	}
	if filter[f.Path] != "lfs" {
		p.Path(f.Path, "%d KB is over the limit of %d KB, keep the file out, or store it with: git lfs track", kb, c.maxKB)
	}
}
