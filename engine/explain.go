package engine

import (
	"context"

	"github.com/sot-validator/sot/engine/rule"
)

// Explanation is what `sot explain` shows of a rule in force.
type Explanation struct {
	Rule  *rule.Rule
	Files []string // paths of the whole tree that it speaks of, sorted
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
		if _, message := chosen.Check.(rule.MessageCheck); message {
			continue // it speaks of no file
		}
		for _, e := range r.match(i, all.Entries()) {
			x.Files = append(x.Files, e.Path)
		}
	}
	return x, nil
}
