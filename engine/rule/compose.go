package rule

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// Operator says how the bodies of a composed rule count.
type Operator string

// The operators, as sot.yaml spells them.
const (
	OpAll Operator = "all" // every body must hold: its findings are the findings of all
	OpAny Operator = "any" // at least one body must hold: one finding a file where none does
	OpNot Operator = "not" // no body may hold: one finding a file where one does
)

// Body is one body of a composed rule.
type Body struct {
	Name  string // the kind's or the built-in check's name, for the message
	Check Check
}

// Compose makes one check of the bodies. All of them judge files, or all of
// them judge the tree; otherwise Compose fails, and the error is a phrase that
// says what is mixed.
//
// The check of files is Blind where all bodies are, and a Fixer where the
// operator is all and one of the bodies is.
func Compose(op Operator, bodies []Body) (Check, error) {
	files, trees := 0, 0
	for _, b := range bodies {
		switch b.Check.(type) {
		case FileCheck:
			files++
		case TreeCheck:
			trees++
		case MessageCheck:
			return nil, fmt.Errorf("%s judges commit messages and cannot be part of %q", b.Name, op)
		case RepoCheck:
			return nil, fmt.Errorf("%s judges the run as a whole and cannot be part of %q", b.Name, op)
		default:
			return nil, fmt.Errorf("%s runs a program and cannot be part of %q", b.Name, op)
		}
	}
	c := composed{op: op, bodies: bodies}
	switch {
	case len(bodies) == 0:
		return nil, fmt.Errorf("%q has no bodies", op)
	case files == len(bodies):
		return composeFiles(c), nil
	case trees == len(bodies):
		return composeTrees(c), nil
	}
	return nil, fmt.Errorf("%q mixes bodies that judge files with bodies that judge the whole tree", op)
}

func composeTrees(c composed) Check {
	for _, b := range c.bodies {
		if _, ok := b.Check.(ByPaths); !ok {
			return composedTree{c}
		}
	}
	return composedByPaths{composedTree{c}}
}

func composeFiles(c composed) Check {
	blind, fixes := true, false
	for _, b := range c.bodies {
		_, isBlind := b.Check.(Blind)
		_, isFixer := b.Check.(Fixer)
		blind, fixes = blind && isBlind, fixes || isFixer
	}
	switch {
	case fixes && c.op == OpAll:
		return composedFixer{composedFile{c}}
	case blind:
		return composedBlind{composedFile{c}}
	}
	return composedFile{c}
}

type composed struct {
	op     Operator
	bodies []Body
}

// State is that of the bodies together.
func (c composed) State(ctx context.Context, repo Repo) (string, error) {
	var all []string
	for _, b := range c.bodies {
		if d, ok := b.Check.(Depends); ok {
			s, err := d.State(ctx, repo)
			if err != nil {
				return "", err
			}
			all = append(all, fmt.Sprintf("%d:%s", len(s), s))
		}
	}
	return strings.Join(all, ""), nil
}

// Beside is that of the bodies together.
func (c composed) Beside(path string) []string {
	var all []string
	for _, b := range c.bodies {
		if x, ok := b.Check.(Beside); ok {
			all = append(all, x.Beside(path)...)
		}
	}
	return all
}

// judge runs every body in a pass of its own and reports what the operator
// makes of them about path ("" is the repository).
func (c composed) judge(p *Pass, path string, run func(Check, *Pass)) {
	var held []string // names of the bodies that hold
	var broken []Finding
	var faults []Fault
	vacant, why := 0, "" // bodies that found no place to judge: they neither hold nor fail
	for _, b := range c.bodies {
		sub := p.Sub()
		_, sub.fixable = b.Check.(Fixer)
		run(b.Check, sub)
		faults = append(faults, sub.faults...)
		broken = append(broken, sub.findings...)
		switch {
		case len(sub.findings)+len(sub.faults) > 0:
		case sub.unmatched != "":
			vacant, why = vacant+1, sub.unmatched
		default:
			held = append(held, b.Name)
		}
	}
	if vacant == len(c.bodies) {
		p.MatchNothing(why)
		return
	}
	if c.op == OpAll {
		p.findings = append(p.findings, broken...)
		p.faults = append(p.faults, faults...)
		return
	}
	switch holds := len(held) > 0; {
	case holds && c.op == OpAny: // one is enough, whatever the others were
	case holds && c.op == OpNot:
		p.Path(path, "%s", c.message(p.rule, held, nil))
	case len(faults) > 0: // a body that could not be judged might have held
		p.faults = append(p.faults, faults...)
	case c.op == OpAny:
		p.Path(path, "%s", c.message(p.rule, nil, broken))
	}
}

// Explain joins what the bodies say of how they work.
func (c composed) Explain() string {
	var out []string
	for _, b := range c.bodies {
		if e, ok := b.Check.(Explainer); ok {
			out = append(out, e.Explain())
		}
	}
	return strings.Join(out, "; ")
}

// message is the rule's description, or a sentence where it has none.
func (c composed) message(r *Rule, held []string, broken []Finding) string {
	if r.Description != "" {
		return r.Description
	}
	if c.op == OpNot {
		return "this must not hold: " + strings.Join(held, ", ")
	}
	const most = 3 // findings told, so that the sentence stays one
	var said []string
	for _, f := range broken {
		if len(said) == most {
			said = append(said, "...")
			break
		}
		said = append(said, f.Message)
	}
	return fmt.Sprintf("none of the %d alternatives holds: %s", len(c.bodies), strings.Join(said, "; "))
}

// composedFile is a FileCheck of FileChecks.
type composedFile struct{ composed }

func (c composedFile) CheckFile(p *Pass, f *File) {
	c.judge(p, f.Path, func(b Check, sub *Pass) { b.(FileCheck).CheckFile(sub, f) })
}

// Reads joins what the bodies read.
func (c composedFile) Reads() (paths, names []string) {
	for _, b := range c.bodies {
		if r, ok := b.Check.(Reader); ok {
			p, n := r.Reads()
			paths, names = append(paths, p...), append(names, n...)
		}
	}
	return paths, names
}

// composedBlind is one that needs no content.
type composedBlind struct{ composedFile }

func (composedBlind) Blind() {}

// composedFixer is one that can mend what some of its bodies find.
type composedFixer struct{ composedFile }

// Fix applies the bodies' fixes one after the other.
func (c composedFixer) Fix(f *File) ([]byte, bool) {
	cur := f
	for _, b := range c.bodies {
		fixer, ok := b.Check.(Fixer)
		if !ok {
			continue
		}
		if data, changed := fixer.Fix(cur); changed {
			cur = f.With(data)
		}
	}
	if cur == f || bytes.Equal(cur.data, f.data) {
		return nil, false
	}
	return cur.data, true
}

// composedTree is a TreeCheck of TreeChecks.
type composedTree struct{ composed }

func (c composedTree) CheckTree(p *Pass, t *Tree, match, changed []Entry) {
	c.judge(p, "", func(b Check, sub *Pass) { b.(TreeCheck).CheckTree(sub, t, match, changed) })
}

// composedByPaths is one of checks that are all ByPaths.
type composedByPaths struct{ composedTree }

// ByPaths says whether one of the bodies looks at what changed.
func (c composedByPaths) ByPaths(r *Rule) (changed bool) {
	for _, b := range c.bodies {
		changed = b.Check.(ByPaths).ByPaths(r) || changed
	}
	return changed
}
