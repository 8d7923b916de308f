package engine

import (
	"context"
	"fmt"

	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// saveVerdicts writes the cache, and says in the report what it saved.
func (r *run) saveVerdicts(ctx context.Context, rep *report.Report) {
	if r.verdicts == nil {
		return
	}
	r.share(ctx)
	if m := r.o.Memory; m != nil {
		m.take(r.verdicts.store)
	} else if err := r.verdicts.store.Save(); err != nil { // it costs the next run time
		r.details = append(r.details, fmt.Sprintf("verdicts were not kept: %v", err))
	}
	if file, data := r.src.Folders(); data != nil {
		if err := replaceFile(file, data); err != nil {
			r.details = append(r.details, fmt.Sprintf("the folders looked at were not kept: %v", err))
		}
	}
	for i := range rep.Rules {
		x := &rep.Rules[i]
		w := r.last.commands[i]
		if x.Files > x.Cached && (r.verdicts.keys[i] != ruleKey{} || w != nil && w.key != ruleKey{}) {
			rep.Fresh += x.Seconds
		}
		if x.Cached == 0 {
			continue
		}
		rep.Cache.Verdicts += x.Cached
		c := r.profile.Cost(x.ID, x.Kind)
		if c.Basis != profile.FromRule {
			continue
		}
		rep.Cache.Seconds += c.PerFile*float64(x.Cached) + c.PerByte*float64(r.last.cachedBytes(i))
		if _, file := r.rules[i].Check.(rule.FileCheck); !file && x.Cached == x.Files {
			rep.Cache.Seconds += c.Fixed // it was not started at all
		}
	}
	rep.Cache.Files = int(r.last.unread.Load())
}

// cachedBytes are the bytes of the files that rule number i did not judge again.
func (p *round) cachedBytes(i int) (n int64) {
	for _, at := range p.of[i] {
		if s := &p.slots[at.task]; s.ran {
			n += s.work[at.at].cachedBytes
		}
	}
	if w := p.commands[i]; w != nil {
		n += w.known.cachedBytes
	}
	return n
}
