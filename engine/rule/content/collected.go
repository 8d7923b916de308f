package content

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sot-validator/sot/engine/rule"
)

// collected judges required patterns over all files together. It reads the files
// itself, one after the other, and stops where enough was found: what a file
// holds is no verdict on that file.
type collected struct{ of *check }

// CheckTree reports once what stands in none of the files.
func (c collected) CheckTree(p *rule.Pass, _ *rule.Tree, match, _ []rule.Entry) {
	if len(match) == 0 {
		p.MatchNothing("no file matches")
		return
	}
	found := make([]bool, len(c.of.require))
	n := 0
	for i := range match {
		if !match[i].Mode.Regular() {
			continue
		}
		if p.Context().Err() != nil {
			return // the engine says why
		}
		kept, err := p.Keep(match[i].Path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			p.Fail(rule.FaultUnreadable, "%s: %v", match[i].Path, err)
			return
		}
		if n += c.collect(rule.Keeping(match[i], kept, nil), found); n >= c.of.atLeast {
			return
		}
	}
	var missing []term
	for k, t := range c.of.require {
		if !found[k] {
			missing = append(missing, t)
		}
	}
	what := fmt.Sprintf("in %d files together, %d of %d required patterns stand, wanted %d; missing: %s",
		len(match), n, len(c.of.require), c.of.atLeast, names(missing))
	if len(missing) == 1 && missing[0].message != "" {
		what = missing[0].message
	}
	p.Path("", "%s", what)
}

// ByPaths says that all files are judged, changed or not.
func (c collected) ByPaths(*rule.Rule) (changed bool) { return false }

// collect marks the patterns that stand in a file, and returns how many are new.
func (c collected) collect(f *rule.File, found []bool) (n int) {
	hits := c.of.set.Scan(f.Bytes())
	for k, t := range c.of.require {
		if !found[k] && t.stands(&hits, len(c.of.forbid)+k, f) {
			found[k] = true
			n++
		}
	}
	return n
}

// Reads says nothing of files beside those that the rule names.
func (c collected) Reads() (paths, names []string) { return nil, nil }

// Explain says how the patterns are looked for.
func (c collected) Explain() string { return c.of.Explain() }
