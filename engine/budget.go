package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
)

// budget is how long the commands of this run may take: what the caller says,
// else, in a git hook, what sot.yaml says; 0 is no limit. CI runs everything.
func (r *run) budget() time.Duration {
	switch {
	case r.o.CI || r.o.Stage == "ci" || r.o.Budget < 0:
		return 0
	case r.o.Budget == 0 && r.o.Hook:
		return r.cfg.Hook.Budget
	}
	return r.o.Budget
}

// candidate is a command rule that may be left to CI.
type candidate struct {
	rule    int
	work    float64 // predicted seconds of all its invocations
	longest float64 // of one of them
	worth   float64 // expected findings a second
}

// deferOver leaves to CI the commands that do not fit the budget, and says
// whether there are any. Those with the most expected findings a second go first.
// In-process rules always run, and so does a command of which nothing is known:
// it is late at worst.
func (r *run) deferOver(p *plan.Plan, c *costs) bool {
	budget := r.budget().Seconds()
	if budget <= 0 {
		return false
	}
	room := budget * float64(r.workers)
	var all []candidate
	at := map[int]int{}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		x := t.Rules[0]
		if t.Kind != plan.Command || c.rules[x].Basis > profile.FromClass {
			room -= t.Estimate
			continue
		}
		k, ok := at[x]
		if !ok {
			k = len(all)
			at[x] = k
			all = append(all, candidate{rule: x})
		}
		all[k].work += t.Estimate
		all[k].longest = max(all[k].longest, t.Estimate)
	}
	for k := range all {
		all[k].worth = c.rules[all[k].rule].FindingsRate / max(all[k].work, 1e-9)
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(r.rules[a.rule].ID, r.rules[b.rule].ID))
	})
	for _, x := range all {
		if x.longest <= budget && x.work <= room {
			room -= x.work
			continue
		}
		id := r.rules[x.rule].ID
		r.leftToCI[id] = true
		r.skip[id] = fmt.Sprintf("deferred to CI: it is expected to take %.2g s, and the budget is %s", x.work, r.budget())
		r.deferred = append(r.deferred, report.Deferred{Rule: id, Seconds: x.work})
	}
	return len(r.deferred) > 0
}

// isLeftToCI says whether the budget kept a rule from running. It did not fail,
// so that the rules that need it run all the same.
func (r *run) isLeftToCI(id string) bool {
	r.lateLock.Lock()
	defer r.lateLock.Unlock()
	return r.leftToCI[id]
}

// late says whether the budget is over, so that a command is not started any
// more; one that runs may finish.
func (p *round) late(t *plan.Task) bool {
	b := p.budget()
	return b > 0 && t.Kind == plan.Command && time.Since(p.began) > b
}

// defers notes a rule of which the budget kept something from starting.
func (p *round) defers(i int) string {
	seconds := 0.0
	for _, at := range p.of[i] {
		seconds += p.plan.Tasks[at.task].Estimate
	}
	p.lateLock.Lock()
	defer p.lateLock.Unlock()
	p.leftToCI[p.rules[i].ID] = true
	p.deferred = append(p.deferred, report.Deferred{Rule: p.rules[i].ID, Seconds: seconds})
	return fmt.Sprintf("deferred to CI: the budget of %s was over", p.budget())
}
