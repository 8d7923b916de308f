package engine

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// readRule is what reading files is learned under, as if it were a rule: no
// declared rule's id has parentheses.
const readRule = "(read)"

// loadProfile reads what was learned. What is wrong with it is a note: the run
// starts cold.
func (r *run) loadProfile() {
	path := r.o.Profile
	switch {
	case r.o.NoProfile:
		path = ""
	case path == "":
		path = ProfilePath(r.src)
	}
	var err error
	if r.profile, err = profile.Load(path, profile.Here()); err != nil {
		r.notes = append(r.notes, err.Error())
	}
}

// costs predicts what the rules of a run cost, from the profile; where nothing
// is known of a rule, as usual.
type costs struct {
	rules []profile.Cost
	read  profile.Cost
	cpus  []float64 // that the configuration says; 0 is as learned
	// fresh is the part of the files that is not known from earlier runs.
	fresh float64
	// What was predicted so far, and the standard deviations of it, in seconds.
	seconds, spread float64
}

// said notes a prediction, and returns its seconds.
func (c *costs) said(e profile.Estimate) float64 {
	c.seconds += e.Seconds
	c.spread += e.Spread
	return e.Seconds
}

// doubt is by how much the predictions are usually off, as a fraction.
func (c *costs) doubt() float64 {
	if c.seconds <= 0 {
		return 0
	}
	return c.spread / c.seconds
}

func (r *run) costs() *costs {
	c := &costs{read: r.profile.Cost(readRule, "read"), fresh: 1 - r.verdicts.hitRate(r.files)}
	for _, x := range r.rules {
		c.rules = append(c.rules, r.profile.Cost(x.ID, x.Kind))
		said := 0.0
		if h, ok := x.Check.(rule.CPUHolder); ok {
			said = h.CPUs()
		}
		c.cpus = append(c.cpus, said)
	}
	return c
}

func (c *costs) Sweep(i int, bytes int64, files int) float64 {
	if c.rules[i].Basis == profile.FromNone {
		return c.fresh * plan.Usual.Sweep(i, bytes, files)
	}
	return c.fresh * c.said(c.rules[i].Offered(bytes, files))
}

func (c *costs) Read(bytes int64, files int) float64 {
	if c.read.Basis == profile.FromNone {
		return c.fresh * plan.Usual.Read(bytes, files)
	}
	return c.fresh * c.said(c.read.Estimate(bytes, files))
}

func (c *costs) Whole(i int) float64 {
	if c.rules[i].Basis == profile.FromNone {
		return plan.Usual.Whole(i)
	}
	return c.said(c.rules[i].Estimate(0, 0))
}

func (c *costs) Command(i int, bytes int64, files int) float64 {
	if c.rules[i].Basis == profile.FromNone {
		return plan.Usual.Command(i, bytes, files)
	}
	return c.said(c.rules[i].Estimate(bytes, files))
}

// Start is the command's learned start as far as samples of several sizes tell it.
// A repository's runs are all of one size, and the rest of what is fixed by them is
// shared as is usual: else every long command would seem to be all start, and no
// shard would ever take a part of it, by which more would be known.
func (c *costs) Start(i int, bytes int64, files int) float64 {
	x := &c.rules[i]
	if x.Basis == profile.FromNone {
		return plan.Usual.Start(i, bytes, files)
	}
	usual := x.Estimate(bytes, files).Seconds * plan.Usual.Start(i, bytes, files) / plan.Usual.Command(i, bytes, files)
	return x.Told*x.Fixed + (1-x.Told)*min(x.Fixed, usual)
}

// Parts deals a command's files to as many invocations as leave each with twice
// as much to do as it costs to start one. A program that keeps several processors
// busy by itself is started less often.
func (c *costs) Parts(i int, bytes int64, files, most int) int {
	if c.rules[i].Basis > profile.FromClass {
		return plan.Usual.Parts(i, bytes, files, most)
	}
	x := &c.rules[i]
	variable := x.PerByte*float64(bytes) + x.PerFile*float64(files)
	n := float64(most) / max(1, c.Hold(i).CPUs)
	if x.Fixed > 0 {
		n = min(n, variable/(2*x.Fixed))
	}
	return max(1, int(n))
}

func (c *costs) Hold(i int) plan.Hold {
	h := plan.Hold{CPUs: c.cpus[i], Memory: c.rules[i].Memory}
	if h.CPUs == 0 {
		h.CPUs = c.rules[i].CPUs
	}
	if h.CPUs == 0 {
		h.CPUs = plan.Usual.Hold(i).CPUs
	}
	return h
}

// learn adds what a round saw to the profile's delta. What was cut short, or
// ended in a fault, teaches nothing.
func (p *round) learn(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	start := time.Now()
	defer func() { p.overhead += time.Since(start) }()
	for i := range p.slots {
		t, s := &p.plan.Tasks[i], &p.slots[i]
		if !s.ran || t.Kind == plan.Join {
			continue
		}
		if s.read.files > 0 {
			p.profile.Observe(profile.Observation{Rule: readRule, Kind: "read", Seconds: s.read.seconds, Bytes: s.read.bytes, Files: s.read.files})
		}
		offered := int64(0)
		if t.Kind == plan.Sweep {
			offered = t.Bytes
		}
		for k, w := range s.work {
			if len(w.faults) > 0 || w.skipped != "" || !w.judged || w.cached > 0 && w.files == w.cached {
				continue
			}
			x := p.rules[t.Rules[k]]
			if p.slice.Share(t.Rules[k]) == plan.Again {
				continue // the shard that reports it learns it
			}
			p.profile.Observe(profile.Observation{
				Rule: x.ID, Kind: x.Kind, Seconds: w.seconds, Bytes: w.bytes, Files: w.files - w.cached,
				Offered: max(0, len(t.Files)-w.cached), OfferedBytes: max(0, offered-w.cachedBytes), CPUSeconds: w.cpu, PeakMemory: w.peak,
			})
		}
	}
	for i := range p.states {
		if st := &p.states[i]; st.result.Files > st.result.Cached && len(st.faults) == 0 {
			p.profile.Judged(p.rules[i].ID, p.rules[i].Kind, len(st.findings) > 0)
		}
	}
}

// slow names the rules that ran slower than what was learned says.
func (r *run) slow(rep *report.Report) {
	for _, s := range r.profile.Slow() {
		if s.Rule == readRule {
			continue // the disk's business, not a rule's
		}
		rep.Slow = append(rep.Slow, report.Slow{Rule: s.Rule, Seconds: s.Actual, Expected: s.Expected, Deviation: s.SD})
	}
}

// learned adds to the rules' results what was learned of them before this run.
func (r *run) learned(rep *report.Report) {
	for i := range rep.Rules {
		x := &rep.Rules[i]
		if tasks, mean, sd := r.profile.Learned(x.ID); tasks > 0 {
			x.Learned = &report.Learned{Tasks: tasks, Mean: mean, Deviation: sd}
		}
	}
}

// A run of less than littleWork seconds, of rules that are all known from
// enoughRuns and that took about what was expected, teaches nothing worth the
// milliseconds of writing it down.
const (
	littleWork = 0.1
	enoughRuns = 8
	slackWork  = 0.01 // seconds that are no surprise
)

// saveProfile writes what was learned. That it cannot be kept is a note, and
// no fault: it costs the next run an estimate.
func (r *run) saveProfile(rep *report.Report) {
	start := time.Now()
	defer func() { r.overhead += time.Since(start) }()
	if r.o.Delta != "" {
		if err := r.profile.WriteDelta(r.o.Delta); err != nil {
			r.notes = append(r.notes, fmt.Sprintf("what this run saw was not kept: %v", err))
		}
		return
	}
	known, work, expected := true, 0.0, 0.0
	for _, x := range rep.Rules {
		work += x.Seconds
		expected += x.Estimated
		known = known && (x.Files == 0 || r.profile.Runs(x.ID) >= enoughRuns)
	}
	if known && work < littleWork && math.Abs(work-expected) < max(slackWork, work/2) {
		return
	}
	if err := r.profile.Save(); err != nil {
		r.notes = append(r.notes, fmt.Sprintf("what rules cost was not kept: %v", err))
	}
}
