package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// The rules that sot brings itself. They cannot be declared.
const (
	// UnusedIgnore is an ignore comment that silences nothing.
	UnusedIgnore = report.UnusedIgnore
	// OversizedFile is a text file that is too large to be read.
	OversizedFile = "oversized-file"
)

// finish ends every rule that no join has ended.
func (p *round) finish(ctx context.Context) {
	for i := range p.rules {
		p.end(ctx, i)
	}
}

// end gathers what a rule's tasks left, and settles its findings and status:
// ignores, quantifier, fingerprints, changed lines, baseline, in that order.
func (p *round) end(ctx context.Context, i int) {
	st := &p.states[i]
	st.once.Do(func() {
		r := p.rules[i]
		st.result = report.RuleResult{ID: r.ID, Kind: r.Kind, Batch: p.plan.Batches[i]}
		if p.away(i) {
			return
		}
		defer p.repeated(i)
		if why := p.blocked(i); why != "" {
			st.result.Status, st.result.Reason = report.Skipped, why
			return
		}
		unrun, late, skipped := p.gather(i)
		p.secrets.note(st.findings)
		p.silence(i)
		p.quantify(i, unrun)
		rule.SetFingerprints(st.findings)
		p.keepChangedLines(ctx, i)
		st.findings = p.baseline.remove(st.findings)
		p.settle(ctx, i, unrun, late, skipped)
	})
}

// gather adds up a rule's slots. It returns how many of its tasks did not run,
// how many the budget kept from running, and why a command did not.
func (p *round) gather(i int) (unrun, late int, skipped string) {
	st := &p.states[i]
	for _, at := range p.of[i] {
		st.result.Estimated += p.plan.Tasks[at.task].Shares[at.at]
		s := &p.slots[at.task]
		if s.late {
			late++
		}
		if !s.ran {
			unrun++
			continue
		}
		w := s.work[at.at]
		st.findings = append(st.findings, w.findings...)
		st.faults = append(st.faults, w.faults...)
		st.result.Files += w.files
		st.result.Cached += w.cached
		st.result.Seconds += w.seconds
		if w.skipped != "" {
			skipped = w.skipped
		}
		st.unmatched = w.unmatched // a tree check has one task
	}
	if w := p.commands[i]; w != nil {
		st.findings = append(st.findings, w.known.findings...)
		st.result.Files += w.known.files
		st.result.Cached += w.known.cached
	}
	slices.SortFunc(st.findings, rule.Compare)
	st.found = len(st.findings) > 0
	st.faults = explained(st.faults, st.found)
	return unrun, late, skipped
}

// explained settles which of the programs that failed and named nothing are a fault:
// none where the rule found something, else the first. So it does not matter which
// files shared an invocation.
func explained(faults []rule.Fault, found bool) []rule.Fault {
	first := -1
	for i := range faults {
		if f := &faults[i]; f.Unexplained && (first < 0 || f.Path < faults[first].Path) {
			first = i
		}
	}
	if first < 0 {
		return faults
	}
	var out []rule.Fault
	for i, f := range faults {
		if !f.Unexplained || i == first && !found {
			out = append(out, f)
		}
	}
	return out
}

// quantify turns the findings of a rule whose `holds` is not all into one, or
// none: its places are its files. Tree checks judge their places themselves. A
// rule that was stopped on the way has counted too few places to say anything.
func (p *round) quantify(i, unrun int) {
	st, r := &p.states[i], p.rules[i]
	_, tree := r.Check.(rule.TreeCheck)
	_, file := r.Check.(rule.FileCheck)
	if unrun > 0 {
		if !r.Holds.All() {
			st.findings = nil
		}
		return
	}
	if r.EmptyFails && st.result.Files == 0 && (file || tree) {
		st.findings = append(st.findings, p.summary(r, cmp.Or(st.unmatched, "no file matches")+", and on_empty is fail"))
		return
	}
	if tree || r.Holds.All() || st.result.Files == 0 {
		return
	}
	var failing []string
	for _, f := range st.findings {
		if len(failing) == 0 || failing[len(failing)-1] != f.Path {
			failing = append(failing, f.Path)
		}
	}
	held := st.result.Files - len(failing)
	ok, want := r.Holds.Judge(held, st.result.Files)
	st.findings = nil
	if !ok {
		what := fmt.Sprintf("holds in %d of %s, wanted %s", held, report.Plural(st.result.Files, "file", "files"), want)
		if !r.Holds.TooMany(held, st.result.Files) { // else it is the others that are wrong
			what += examples(failing)
		}
		st.findings = append(st.findings, p.summary(r, what))
	}
}

func examples(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	const most = 3
	more := ""
	if len(paths) > most {
		more = fmt.Sprintf(" and %d more", len(paths)-most)
	}
	return "; not in " + strings.Join(paths[:min(most, len(paths))], ", ") + more
}

func (p *round) summary(r *rule.Rule, what string) rule.Finding {
	if r.Description != "" {
		what = r.Description + ": " + what
	}
	return rule.Finding{Rule: r.ID, Severity: r.Severity, Message: what}
}

// settle sets the status.
func (p *round) settle(ctx context.Context, i, unrun, late int, skipped string) {
	st := &p.states[i]
	res := &st.result
	res.Findings = len(st.findings)
	switch {
	case len(st.faults) > 0:
		res.Status = report.Faulted
		res.Reason = string(st.faults[0].Kind)
	case len(st.findings) > 0:
		res.Status = report.Failed
	case late > 0:
		res.Status, res.Reason = report.Skipped, p.defers(i)
	case unrun > 0:
		res.Status = report.Skipped
		res.Reason = "stopped before it had finished"
		if errors.Is(context.Cause(ctx), errFailFast) {
			res.Reason = errFailFast.Error()
		}
	case skipped != "":
		res.Status, res.Reason = report.Skipped, skipped
	default:
		res.Status = report.Passed
		if res.Files == 0 {
			_, file := p.rules[i].Check.(rule.FileCheck)
			_, tree := p.rules[i].Check.(rule.TreeCheck)
			if file || tree || len(p.of[i]) == 0 {
				res.Reason = "no files matched"
			}
			if st.unmatched != "" {
				res.Reason = st.unmatched
			}
		}
	}
}

// findings returns what remains of all rules, and what sot finds itself.
func (p *round) findings() []rule.Finding {
	var out []rule.Finding
	for i := range p.states {
		out = append(out, p.states[i].findings...)
	}
	return append(out, p.builtin()...)
}

// builtin returns the findings of the rules that sot brings itself.
func (p *round) builtin() []rule.Finding {
	var fs []rule.Finding
	if p.slice == nil { // else it is known where the shards' reports are merged
		fs = p.unusedIgnores()
	}
	p.large.Range(func(path, size any) bool {
		fs = append(fs, rule.Finding{Rule: OversizedFile, Severity: rule.Error, Path: path.(string), Message: fmt.Sprintf(
			"not checked: a text file of %d MiB is over the %d MiB that are read; leave it out with `exclude:`", size.(int64)>>20, MaxFile>>20)})
		return true
	})
	rule.SetFingerprints(fs)
	return p.baseline.remove(fs)
}

// allFaults returns the faults of the rules, the files and the run as a whole.
func (p *round) allFaults(ctx context.Context) []rule.Fault {
	out := slices.Concat(p.run.faults, p.src.Unreadable())
	left := 0
	for i := range p.states {
		out = append(out, p.states[i].faults...)
	}
	for i := range p.slots {
		if !p.slots[i].ran {
			left++
		}
	}
	p.lost.Range(func(_, f any) bool {
		out = append(out, f.(rule.Fault))
		return true
	})
	if errors.Is(context.Cause(ctx), errTimeout) {
		out = append(out, rule.Fault{Kind: rule.FaultTimeout, Message: fmt.Sprintf(
			"the run was stopped after its --timeout of %s, with %d of %d tasks not started", p.o.Timeout, left, len(p.slots))})
	}
	return out
}
