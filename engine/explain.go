package engine

import (
	"context"
	"slices"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// Explanation is what `sot explain` shows of a rule in force.
type Explanation struct {
	Rule  *rule.Rule
	Files []string // paths of the whole tree that it speaks of, sorted
	// Kept says whether verdicts are kept, and under what or why not.
	Kept string
	// Tasks, Mean and SD are what was learned of its tasks on this class of
	// machine: of how many, fewer where old ones have faded, and the mean and the
	// sample standard deviation of their seconds.
	Tasks, Mean, SD float64
	Last            *Verdict // nil where no run is known
}

// Explain looks at one rule in force. The error is a *UsageError where there is
// none of this id.
func Explain(ctx context.Context, o Options, id string) (*Explanation, error) {
	src, cfg, err := Load(ctx, o)
	if err != nil {
		return nil, err
	}
	o.Rules = []string{id}
	rules, _, err := choose(cfg.Rules, o)
	if err != nil {
		return nil, err
	}
	r, err := newRun(ctx, o, src, cfg, rules, nil)
	if err != nil {
		return nil, err
	}
	defer r.close()
	all, err := r.everything(ctx)
	if err != nil {
		return nil, err
	}
	x := &Explanation{}
	for i, chosen := range rules {
		if chosen.ID != id {
			continue
		}
		x.Rule = chosen
		x.Kept = r.kept(ctx, chosen)
		x.Tasks, x.Mean, x.SD = r.profile.Learned(id)
		x.Last = r.lastVerdict(id)
		if _, message := chosen.Check.(rule.MessageCheck); message {
			continue // it speaks of no file
		}
		for _, e := range r.match(i, all.Entries()) {
			x.Files = append(x.Files, e.Path)
		}
	}
	return x, nil
}

// kept says whether a rule's verdicts are kept, and under what or why not.
func (r *run) kept(ctx context.Context, x *rule.Rule) string {
	if _, command := x.Check.(rule.CommandCheck); command {
		v := verdicts{contents: &contents{src: r.src}}
		_, inputs, err := r.commandKey(ctx, x, &v)
		if err != nil {
			return "no: " + err.Error()
		}
		return "by the files that it is given, its version, and " + report.Plural(len(inputs), "input", "inputs")
	}
	if _, err := keyOf(ctx, x, r.src, buildID(r.o.Version)); err != nil {
		return "no: " + err.Error()
	}
	switch check := x.Check.(type) {
	case rule.ByPaths:
		if check.ByPaths(x) {
			return "by the paths that it looks at and those of them that changed"
		}
		return "by the paths that it looks at, and by the contents of what it reads"
	case rule.ByNames:
		return "by the names of all files, where a run is asked to check many"
	case rule.Beside:
		if len(check.Beside("a/b")) > 0 {
			return "by each file's content, mode and path, and by the other files that it looks at"
		}
	}
	if slices.Contains(x.Select.Types, "symlink") {
		return "no: links are looked at each time"
	}
	return "by each file's content, mode and path"
}
