package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
	"github.com/sot-validator/sot/engine/trace"
)

// run is what all rounds of one run share.
type run struct {
	o        Options
	src      *source.Source
	cfg      *config.Config
	rules    []*rule.Rule
	skip     map[string]string // reasons, by id
	matchers []*plan.Matcher
	needs    [][]int // positions of the rules that each rule needs
	workers  int
	files    []rule.Entry // to check, without deleted and excluded ones
	tree     []rule.Entry // everything, where a rule judges files of it
	whole    whole
	heads    sync.Map        // path -> type tags of files whose head was read for them, in this round
	baseline baseline        // nil under WriteBaseline: what is found is what is written
	accepted []baselineEntry // what the file holds
	snapshot snapshot
	lines    changedLines
	secrets  redactions // over all rounds

	last    *round            // the round whose findings stand
	overlay map[string][]byte // contents under --fix --diff
	mended  []rule.Finding    // what --fix mended
	// mendedBy are the rules whose fix command changed something: what they found
	// may stand at no file.
	mendedBy map[string]bool
	faults   []rule.Fault // of the run as a whole
	diff     []byte       // under --diff
	notes    []string
	pool     []*worker   // one a worker, kept between rounds
	slice    *plan.Slice // the part of the run that this one is; nil: all of it

	checking *checking        // nil but where kept verdicts are verified
	verdicts *verdicts        // of files that have not changed; nil where the cache is off
	details  []string         // notes for --verbose
	profile  *profile.Profile // what was learned, and what this run teaches
	schedule *trace.Schedule  // of the first round, which checks everything
	overhead time.Duration    // spent on learning

	began    time.Time         // of the first round
	deferred []report.Deferred // rules that the budget left to CI
	leftToCI map[string]bool   // their ids
	lateLock sync.Mutex
}

// newRun lists the files and prepares what the rounds need.
func newRun(ctx context.Context, o Options, src *source.Source, cfg *config.Config, rules []*rule.Rule, skip map[string]string) (*run, error) {
	r := &run{o: o, began: time.Now(), src: src, cfg: cfg, rules: rules, skip: skip, overlay: map[string][]byte{}, lines: changedLines{}, leftToCI: map[string]bool{}, mendedBy: map[string]bool{}}
	r.workers = o.Workers
	if r.workers <= 0 {
		r.workers = cfg.Workers
	}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	if o.Mend != nil { // what a killed hook left would be in the way of this one
		left, err := src.Recover()
		if r.notes = append(r.notes, left...); err != nil {
			r.notes = append(r.notes, err.Error())
		}
	}
	r.loadProfile()
	at := make(map[string]int, len(rules))
	for i, x := range rules {
		at[x.ID] = i
	}
	for _, x := range rules {
		var needs []int
		for _, id := range x.Needs {
			if k, ok := at[id]; ok {
				needs = append(needs, k)
			}
		}
		r.needs = append(r.needs, needs)
		m, err := plan.NewMatcher(x.Select)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.ID, err)
		}
		r.matchers = append(r.matchers, m)
	}
	var err error
	if r.accepted, err = readBaseline(ctx, src); err != nil {
		var bad *UsageError
		if !o.WriteBaseline || !errors.As(err, &bad) {
			return nil, err
		}
		r.notes = append(r.notes, err.Error()+", which this run does")
	}
	if !o.WriteBaseline {
		r.baseline = newBaseline(r.accepted)
	}
	if err := r.list(ctx); err != nil {
		return nil, err
	}
	r.openVerdicts(ctx)
	if err := r.cut(); err != nil {
		return nil, err
	}
	for range r.workers {
		r.pool = append(r.pool, &worker{run: r, reader: src.NewReader()})
	}
	if cfg.Default {
		r.notes = append(r.notes, "there is no sot.yaml, so the pack sot:recommended runs; `sot init` writes one")
	}
	return r, nil
}

// list asks the source for the files, and leaves out what `exclude` names.
func (r *run) list(ctx context.Context) error {
	if m := r.o.Message; m != nil {
		r.files, r.tree = []rule.Entry{m.entry()}, []rule.Entry{m.entry()}
		r.overlay[m.Path] = m.Text
		return nil
	}
	files, err := r.src.Files(ctx)
	if err != nil {
		return err
	}
	if r.files, err = r.keep(files); err != nil {
		return err
	}
	for i, x := range r.rules {
		if _, file := x.Check.(rule.FileCheck); file && x.WholeTree() && r.skip[r.rules[i].ID] == "" {
			all, err := r.everything(ctx)
			if err == nil {
				r.tree = all.Entries()
			}
			return err
		}
	}
	return nil
}

// close gives back what the run holds outside memory.
func (r *run) close() {
	for _, w := range r.pool {
		_ = w.reader.Close() // it only read
	}
	r.snapshot.remove()
	if r.verdicts != nil {
		_ = r.verdicts.store.Close()
	}
	_ = r.src.Close()
}

// round is one check of all rules over the files. Tasks write to their own
// slots; a rule's slots are gathered when its last task has ended.
type round struct {
	*run
	files   []rule.Entry
	plan    *plan.Plan
	learned *costs // what the plan's estimates are from
	slots   []slot
	states  []state
	of      [][]place // each rule's places in the slots
	// commands are what is known of the rules that run programs, beside the rules.
	commands []*commandWork
	open     ignores
	shelf    *shelf
	unread   atomic.Int64 // files that were not read, because all is known of them
	stop     context.CancelCauseFunc
	bytes    atomic.Int64
	large    sync.Map // path -> size of text files that are too large to read
	lost     sync.Map // path -> rule.Fault of files that could not be read
}

// slot is what one task leaves.
type slot struct {
	ran    bool
	late   bool       // the budget was over
	worked bool       // a rule ran
	copied bool       // a command ran on a copy of what is judged
	work   []ruleWork // beside plan.Task.Rules
	read   reading
	clocks int // how often a clock was read
}

// reading is what a sweep's task read.
type reading struct {
	seconds float64
	files   int
	bytes   int64
}

// place is a rule's position in a task.
type place struct{ task, at int }

// ruleWork is what one rule did in one task.
type ruleWork struct {
	findings []rule.Finding
	faults   []rule.Fault
	judged   bool // it ran
	files    int
	cached   int // of the files: known from an earlier run
	// cachedBytes are the bytes of these.
	cachedBytes int64
	bytes       int64 // of the files
	seconds     float64
	cpu         float64 // CPU seconds of a command; 0 where not known
	peak        int64   // bytes of a command at its peak; 0 where not known
	skipped     string
	doubtful    bool // see rule.Pass.Doubt
	// unmatched is why a tree check had no place to judge.
	unmatched string
}

// state is what becomes of a rule in a round. It is written once, by the task
// that ends the rule, and read by tasks that wait for that one.
type state struct {
	once      sync.Once
	result    report.RuleResult
	findings  []rule.Finding
	unmatched string          // why there was no place to judge
	found     bool            // something was, whatever became of it
	silenced  map[string]bool // paths where a comment silenced one of its findings
	faults    []rule.Fault
	spent     int64 // nanoseconds of an in-process rule that has a timeout
}

func (r *run) newPass(ctx context.Context, files []rule.Entry) (*round, error) {
	r.heads.Clear() // a fix may have changed what a file is
	p := &round{run: r, files: files, states: make([]state, len(r.rules)), commands: make([]*commandWork, len(r.rules))}
	p.open.read = func(path string) ([]byte, error) { return r.content(ctx, path) }
	if r.o.Message != nil {
		p.open.without = r.o.Message.Path
	}
	input, failed := r.input(files)
	learned := input.Costs.(*costs)
	p.learned = learned
	taken := input.Taken
	input.Taken = func(i int) []rule.Entry {
		return p.recallCommand(ctx, i, r.slice.Files(i, taken(i)))
	}
	p.plan = plan.Build(input)
	if r.last == nil && r.deferOver(p.plan, learned) {
		p.plan = plan.Build(input)
	}
	p.shelf = r.newShelf(p.plan)
	p.slots = make([]slot, len(p.plan.Tasks))
	p.of = make([][]place, len(r.rules))
	for i, t := range p.plan.Tasks {
		if t.Kind != plan.Join {
			for at, x := range t.Rules {
				p.of[x] = append(p.of[x], place{i, at})
			}
		}
	}
	return p, *failed
}

// input is what a plan over some files is made from. Failed is what went wrong
// when files were matched.
func (r *run) input(files []rule.Entry) (in plan.Input, failed *error) {
	failed = new(error)
	return plan.Input{
		Rules: r.rules, Changed: files, Tree: r.tree, Workers: r.workers, Costs: r.costs(), Slice: r.slice,
		Skip: func(i int) bool { return r.skip[r.rules[i].ID] != "" },
		Taken: func(i int) []rule.Entry {
			if r.checking != nil {
				files = r.checking.files
			}
			taken, err := r.matching(i, files)
			if err != nil {
				*failed = err
			}
			return taken
		},
	}, failed
}

// content returns a file's content as the run judges it.
func (r *run) content(ctx context.Context, path string) ([]byte, error) {
	if b, ok := r.overlay[path]; ok {
		return b, nil
	}
	return r.src.Read(ctx, path)
}

// do runs one task. A panic of a rule is caught where the rule is called; one
// that comes here is our own, and is a fault as well: the run goes on.
func (p *round) do(ctx context.Context, w, i int) error {
	t := &p.plan.Tasks[i]
	label := p.rules[t.Rules[0]].ID
	defer p.o.Progress.task(i, label)()
	s := &p.slots[i]
	s.work = make([]ruleWork, len(t.Rules))
	defer func() {
		if v := recover(); v != nil {
			s.work[0].faults = append(s.work[0].faults, panicFault(label, "", v))
		}
		s.ran = true
	}()
	if t.Kind == plan.Join {
		p.end(ctx, t.Rules[0])
		return nil
	}
	var live []int // positions in t.Rules
	for k, x := range t.Rules {
		if p.blocked(x) == "" {
			live = append(live, k)
		}
	}
	if len(live) == 0 {
		return nil
	}
	if s.late = p.late(t); s.late {
		return nil
	}
	s.worked = true
	switch t.Kind {
	case plan.Sweep:
		p.pool[w].sweep(ctx, p, t, live, s)
	case plan.Tree:
		p.pool[w].judgeTree(ctx, p, t.Rules[0], &s.work[0])
	case plan.Command:
		s.copied = p.runCommand(ctx, t, &s.work[0])
	}
	if p.o.FailFast && p.failing(s) {
		p.stop(errFailFast)
	}
	return nil
}

func panicFault(id, path string, v any) rule.Fault {
	where := ""
	if path != "" {
		where = " at " + path
	}
	pc := make([]uintptr, 24)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	var at []string
	for f, more := frames.Next(); more && len(at) < 3; f, more = frames.Next() {
		if strings.Contains(f.Function, "sot-validator/sot") {
			at = append(at, fmt.Sprintf("%s:%d", f.Function[strings.LastIndexByte(f.Function, '/')+1:], f.Line))
		}
	}
	return rule.Fault{Rule: id, Kind: rule.FaultPanic, Message: fmt.Sprintf(
		"stopped by a bug in sot%s: %v (%s); the other rules finished; please report it", where, v, strings.Join(at, " < "))}
}

// blocked returns why a rule does not run: it was asked to be skipped, or a rule
// that it needs failed, faulted or was skipped. The needed rules have ended.
func (p *round) blocked(i int) string {
	if why := p.skip[p.rules[i].ID]; why != "" {
		return why
	}
	for _, k := range p.needs[i] {
		switch status := p.states[k].result.Status; status {
		case report.Failed, report.Faulted, report.Skipped:
			if p.isLeftToCI(p.rules[k].ID) {
				continue
			}
			return fmt.Sprintf("needs %s, which %s", p.rules[k].ID, past[status])
		}
	}
	return ""
}

var past = map[report.Status]string{report.Failed: "failed", report.Faulted: "faulted", report.Skipped: "was skipped"}

// failing says whether a task found what makes the run fail.
func (p *round) failing(s *slot) bool {
	failOn := p.failOn()
	for _, w := range s.work {
		for _, f := range w.findings {
			if failOn > 0 && f.Severity >= failOn {
				return true
			}
		}
	}
	return false
}

// failOn is the least severity that fails the run; 0 for never.
func (r *run) failOn() rule.Severity {
	if s, ok := rule.ParseSeverity(r.o.FailOn); ok {
		return s
	}
	if r.o.FailOn == "never" || r.cfg.FailOnNever {
		return 0
	}
	return r.cfg.FailOn
}

// report makes the report of the run as it stands.
func (r *run) report(ctx context.Context, started time.Time) *report.Report {
	p := r.last
	r.snapshotNotes()
	rep := &report.Report{
		Tool:     report.Tool{Name: "sot", Version: r.o.Version},
		Run:      report.Run{Source: r.src.Name(), Started: started, Files: len(r.files), Bytes: p.bytes.Load()},
		Findings: slices.Concat(p.findings(), r.mended),
		Faults:   p.allFaults(ctx),
		About:    map[string]report.About{},
		Schedule: r.schedule,
		Deferred: r.deferred,
		Diff:     r.diff,
	}
	r.describe(ctx, rep)
	slices.SortFunc(rep.Deferred, func(a, b report.Deferred) int { return strings.Compare(a.Rule, b.Rule) })
	for i, x := range r.rules {
		rep.Rules = append(rep.Rules, p.states[i].result)
		rep.About[x.ID] = report.About{Description: x.Description, Help: x.Help}
	}
	r.slow(rep)
	r.learned(rep)
	r.saveProfile(rep)
	if r.schedule != nil && r.schedule.Work > 0 {
		r.schedule.ProfilingOverhead += r.overhead.Seconds() / r.schedule.Work
	}
	r.saveVerdicts(ctx, rep)
	if r.o.KeepLines {
		rep.Lines = p.linesOfChange(ctx, rep.Findings)
	}
	r.secretsElsewhere(ctx, rep.Findings)
	r.secrets.hide(rep.Findings, rep.Faults)
	r.markFixed(rep)
	slices.SortFunc(rep.Findings, rule.Compare)
	slices.SortFunc(rep.Faults, rule.CompareFaults)
	rep.Faults = slices.CompactFunc(rep.Faults, func(a, b rule.Fault) bool { return a == b })
	rep.SetExit(r.failOn(), interrupted(ctx))
	r.keepVerdicts(ctx, rep)
	rep.Notes, rep.Details = r.notes, r.details
	rep.Run.Seconds = time.Since(started).Seconds()
	return rep
}

// interrupted says whether the user or the system ended the run.
func interrupted(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return cause != nil && !errors.Is(cause, errTimeout) && !errors.Is(cause, errFailFast)
}

// commandEnv is the environment for commands.
func (r *run) commandEnv() []string {
	env := r.o.Env
	if env == nil {
		env = os.Environ()
	}
	return source.CommandEnv(env)
}
