package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
)

// ShardReport is the report of one shard, and the name of its file for messages.
type ShardReport struct {
	Name string
	*Record
}

// Merge makes one report of those of a run's shards. What shows that they are not
// all of one run (a shard that is missing or there twice, another plan, commit,
// version or source) is a fault in it: what was not checked never passes.
//
// The error is of reports that are no shards' at all.
func Merge(parts []ShardReport) (*Report, error) {
	if len(parts) == 0 {
		return nil, errors.New("there is no report to merge")
	}
	for _, p := range parts {
		if p.Run == nil || p.Run.Run.Shard == nil {
			return nil, fmt.Errorf("%s is no report of a shard: `sot run --shard I/N --format json=FILE` writes one", p.Name)
		}
	}
	m := &merger{}
	m.take(parts)
	m.compare()
	m.missing()
	m.rules()
	m.findings()
	m.comments()
	m.count()
	m.run()
	return m.out, nil
}

// merger merges parts, of each shard one, in the order of their numbers.
type merger struct {
	parts []ShardReport
	of    int
	gone  []int // shards without a report
	out   *Report
}

func (m *merger) shard(i int) *Shard { return m.parts[i].Run.Run.Shard }

func (m *merger) fault(id, format string, args ...any) {
	m.out.Faults = append(m.out.Faults, rule.Fault{Rule: id, Kind: rule.FaultShards, Message: fmt.Sprintf(format, args...)})
}

// take sorts the parts, and leaves out what is there twice.
func (m *merger) take(parts []ShardReport) {
	m.out = &Report{Tool: parts[0].Run.Tool}
	sorted := slices.Clone(parts)
	slices.SortStableFunc(sorted, func(a, b ShardReport) int {
		return cmp.Or(cmp.Compare(a.Run.Run.Shard.Index, b.Run.Run.Shard.Index), strings.Compare(a.Name, b.Name))
	})
	for _, p := range sorted {
		s := p.Run.Run.Shard
		if n := len(m.parts); n > 0 && m.shard(n-1).Index == s.Index {
			m.fault("", "shard %d of %d has two reports, %s and %s: the first counts; give each shard's once", s.Index, s.Of, m.parts[n-1].Name, p.Name)
			continue
		}
		m.parts = append(m.parts, p)
		m.of = max(m.of, s.Of)
	}
	m.explain()
	for _, p := range m.parts {
		m.out.Faults = append(m.out.Faults, p.Run.Faults...)
	}
}

// explain settles which of the programs that failed and named nothing are a fault,
// as a run that is not divided does: none where its rule found something in any
// shard, else the first.
func (m *merger) explain() {
	found, first := map[string]bool{}, map[string]rule.Fault{}
	for _, p := range m.parts {
		for _, id := range p.Run.Run.Shard.Found {
			found[id] = true
		}
		for _, f := range p.Run.Faults {
			if old, ok := first[f.Rule]; f.Unexplained && (!ok || f.Path < old.Path) {
				first[f.Rule] = f
			}
		}
	}
	for i, p := range m.parts {
		run := *p.Run
		run.Faults = slices.DeleteFunc(slices.Clone(run.Faults), func(f rule.Fault) bool {
			return f.Unexplained && (found[f.Rule] || f != first[f.Rule])
		})
		if len(run.Faults) == 0 && len(p.Run.Faults) > 0 && run.Run.ExitCode == ExitFault {
			run.Run.ExitCode = ExitClean // what it found is looked at in the end
		}
		run.Rules = slices.Clone(run.Rules)
		for k := range run.Rules {
			x := &run.Rules[k]
			if _, ok := first[x.ID]; ok && found[x.ID] && x.Status == Faulted && !slices.ContainsFunc(run.Faults, func(f rule.Fault) bool { return f.Rule == x.ID }) {
				x.Status, x.Reason = Passed, ""
			}
		}
		record := *p.Record
		record.Run = &run
		m.parts[i].Record = &record
	}
}

// compare finds parts that are of another run than the first.
func (m *merger) compare() {
	first := m.parts[0]
	for _, p := range m.parts[1:] {
		a, b := first.Run.Run.Shard, p.Run.Run.Shard
		for _, x := range []struct{ what, a, b string }{
			{"number of shards", fmt.Sprint(a.Of), fmt.Sprint(b.Of)},
			{"plan", a.Plan, b.Plan},
			{"list of files", a.Files, b.Files},
			{"commit", a.Commit, b.Commit},
			{"least severity that fails", a.FailOn, b.FailOn},
			{"source", first.Run.Run.Source, p.Run.Run.Source},
			{"version of sot", first.Run.Tool.Version, p.Run.Tool.Version},
		} {
			if x.a != x.b {
				m.fault("", "the shards were not of one run, so that files may have been missed: %s and %s differ in the %s (%s, %s); run all shards of one `sot plan` on one commit",
					first.Name, p.Name, x.what, orNone(x.a), orNone(x.b))
				break // one difference brings others with it
			}
		}
	}
}

func orNone(s string) string { return cmp.Or(s, "none") }

// missing finds the shards without a report.
func (m *merger) missing() {
	for i, k := 1, 0; i <= m.of; i++ {
		if k < len(m.parts) && m.shard(k).Index == i {
			k++
			continue
		}
		m.gone = append(m.gone, i)
	}
	const most = 10
	for i, n := range m.gone {
		if i == most {
			m.fault("", "%d more of the %d shards have no report", len(m.gone)-most, m.of)
			break
		}
		m.fault("", "shard %d of %d has no report: what it judges was not checked; look at its job", n, m.of)
	}
}

// findings unites the findings. A finding may be in two shards where a command that
// was given one file reports another: the same one counts once, and two that share
// a fingerprint (their line's text is the same) are told apart.
func (m *merger) findings() {
	type key struct {
		f     rule.Finding
		shard int
	}
	var all []key
	for _, p := range m.parts {
		for _, f := range p.Run.Findings {
			all = append(all, key{f, p.Run.Run.Shard.Index})
		}
	}
	slices.SortStableFunc(all, func(a, b key) int { return cmp.Or(rule.Compare(a.f, b.f), cmp.Compare(a.shard, b.shard)) })
	seen := map[string][]key{}
	for _, k := range all {
		before := seen[k.f.Fingerprint]
		if slices.ContainsFunc(before, func(o key) bool { return o.shard != k.shard && o.f == k.f }) {
			continue
		}
		seen[k.f.Fingerprint] = append(before, k)
		if len(before) > 0 {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", k.f.Fingerprint, len(before)))
			k.f.Fingerprint = hex.EncodeToString(sum[:])
		}
		m.out.Findings = append(m.out.Findings, k.f)
	}
}

// count counts the findings that remain of each rule, and sorts them.
func (m *merger) count() {
	slices.SortFunc(m.out.Findings, rule.Compare)
	found := map[string]int{}
	for _, f := range m.out.Findings {
		if !f.Fixed {
			found[f.Rule]++
		}
	}
	for i := range m.out.Rules {
		m.out.Rules[i].Findings = found[m.out.Rules[i].ID]
	}
}

// run fills in what is of the run as a whole.
func (m *merger) run() {
	r := &m.out.Run
	*r = Run{Source: m.parts[0].Run.Run.Source, Started: m.parts[0].Run.Run.Started}
	var schedules []*trace.Schedule
	for _, p := range m.parts {
		x := p.Run.Run
		if x.Started.Before(r.Started) {
			r.Started = x.Started
		}
		r.Seconds = max(r.Seconds, x.Seconds)
		r.Files += x.Files
		r.Bytes += x.Bytes
		c := &m.out.Cache
		c.Files, c.Verdicts, c.Seconds = c.Files+p.Run.Cache.Files, c.Verdicts+p.Run.Cache.Verdicts, c.Seconds+p.Run.Cache.Seconds
		if worse(x.ExitCode, r.ExitCode) {
			r.ExitCode = x.ExitCode
		}
		job := Job{Shard: x.Shard.Index, Started: x.Started, Seconds: x.Seconds, ExitCode: x.ExitCode}
		if s := p.Schedule; s != nil {
			schedules = append(schedules, s)
			job.Work, job.Makespan, job.Efficiency, job.Workers = s.Work, s.Makespan, s.Efficiency, s.Workers
		}
		r.Jobs = append(r.Jobs, job)
		m.out.LeftOut += p.SpansLeftOut
	}
	if len(schedules) > 0 {
		m.balance(schedules)
		j := trace.Join(schedules)
		m.out.Schedule = &j.Schedule
		for i, k := 0, 0; i < len(m.parts); i++ {
			if m.parts[i].Schedule != nil {
				r.Jobs[i].FirstWorker = j.First[k]
				k++
			}
		}
	}
	if m.failing() && worse(ExitFindings, r.ExitCode) {
		r.ExitCode = ExitFindings
	}
	slices.SortFunc(m.out.Faults, rule.CompareFaults)
	m.out.Faults = slices.Compact(m.out.Faults)
	if len(m.out.Faults) > 0 && worse(ExitFault, r.ExitCode) {
		r.ExitCode = ExitFault
	}
}

// balance notes how equal the jobs were.
func (m *merger) balance(schedules []*trace.Schedule) {
	sum, most := 0.0, 0.0
	for _, s := range schedules {
		sum += s.Makespan
		most = max(most, s.Makespan)
	}
	if mean := sum / float64(len(schedules)); mean > 0 {
		m.out.Notes = append(m.out.Notes, fmt.Sprintf("merged from the reports of %s, which took %.2f s on average; the longest took %.2f s, %.2f times as much",
			Plural(len(m.parts), "shard", "shards"), mean, most, most/mean))
	}
}

// worse says whether exit code a wins over b: 130 over 2 over 3 over 1.
func worse(a, b int) bool {
	order := []int{ExitClean, ExitFindings, ExitFault, ExitUsage, ExitInterrupted}
	rank := func(code int) int {
		if i := slices.Index(order, code); i >= 0 {
			return i
		}
		return slices.Index(order, ExitFault) // no code of a run's: whatever wrote it did not pass
	}
	return rank(a) > rank(b)
}
