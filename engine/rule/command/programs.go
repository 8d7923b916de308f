package command

import (
	"path/filepath"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// Missing returns the programs of run and fix that are not found where the
// command would run, and whether the rule is skipped without them rather than
// at fault. Of a shell's text only the shell is looked for.
func (c *check) Missing(where rule.Place) (names []string, skips bool) {
	env := slices.Concat(where.Env, c.env)
	dir := filepath.Join(where.Root, filepath.FromSlash(c.dir))
	for _, t := range []*template{c.run, c.fix} {
		if t == nil {
			continue
		}
		name := t.argv(nil)[0]
		if _, err := findProgram(name, dir, env); err != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, c.skipMissing
}
