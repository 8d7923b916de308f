// Package plan turns rules and files into tasks.
//
// A task is what is queued and timed: a sweep (a chunk of files, judged by all
// in-process file rules that wait for the same rules), one whole-repository
// rule, or one invocation of a command. A rule that others need has one more
// task without work of its own, its join, which ends the rule: dependents wait
// for the join alone, so that the graph stays small however many chunks there
// are.
//
// Sweeps are built without matching: which rule wants which file of a chunk is
// decided inside the sweep, on many workers, and only commands, whose
// invocations must be known, are matched here.
package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// Kind is what a task does.
type Kind int8

// The kinds of tasks.
const (
	Sweep   Kind = iota // Rules over Files
	Tree                // one TreeCheck or RepoCheck
	Command             // one invocation over Paths
	Join                // ends a rule that others need
)

// Task is one unit of work.
type Task struct {
	ID       string
	Kind     Kind
	Batch    int          // dependency level of its rules
	Rules    []int        // positions of the rules; one, but for a sweep
	Group    int          // of a sweep: the tasks of one number are chunks for the same rules
	Files    []rule.Entry // of a sweep; part of the shared listing
	Paths    []string     // of a command
	Bytes    int64        // of what is offered to a sweep, or judged by a command, as far as known
	Count    int          // of these files
	Estimate float64      // seconds
	Shares   []float64    // beside Rules: what of the estimate is each rule's own
	Hold     Hold         // of a command
	Needs    []int        // positions of tasks
}

// Hold is what a command's process takes of the machine while it runs.
type Hold struct {
	CPUs   float64 // processors
	Memory int64   // bytes at its peak; 0 where it is not known
}

// Costs predicts what tasks cost.
type Costs interface {
	// Sweep is the seconds of an in-process rule over a chunk of files that is
	// offered to it.
	Sweep(rule int, bytes int64, files int) float64
	// Read is the seconds of reading a chunk for the rules of a sweep.
	Read(bytes int64, files int) float64
	// Whole is the seconds of a whole-repository rule.
	Whole(rule int) float64
	// Command is the seconds of one invocation over so many files.
	Command(rule int, bytes int64, files int) float64
	// Start is what of the seconds of one invocation over so many files each further
	// one would take again.
	Start(rule int, bytes int64, files int) float64
	// Parts is how many invocations at once are worth their start-up, for a
	// command over so many files, at most most.
	Parts(rule int, bytes int64, files, most int) int
	// Hold is what a command holds.
	Hold(rule int) Hold
}

// Input is what a plan is made from.
type Input struct {
	Rules   []*rule.Rule
	Changed []rule.Entry // what the run was asked to check, without deleted files
	Tree    []rule.Entry // everything; nil where no file rule judges it
	Workers int
	Costs   Costs            // nil: what is usual, where nothing was learned
	Skip    func(r int) bool // rules that get no task of their own
	// Taken returns the files that a command rule takes, in order.
	Taken func(r int) []rule.Entry
	Slice *Slice // the part of the run that is to be planned; nil: all of it
}

// Plan is the tasks of a run.
type Plan struct {
	Tasks   []Task
	Batches []int // each rule's dependency level, from 0
}

// Build makes the plan. Needs must be known and free of cycles, which the
// loader has seen to.
func Build(in Input) *Plan {
	if in.Costs == nil {
		in.Costs = usual{}
	}
	b := &builder{Input: in, byID: map[string]int{}, joins: map[int]int{}, own: make([][]int, len(in.Rules))}
	for i, r := range in.Rules {
		b.byID[r.ID] = i
	}
	batches := make([]int, len(in.Rules))
	seen := map[int]int{}
	for i := range batches {
		batches[i] = b.level(i, seen)
	}
	b.levels = batches
	order := make([]int, len(in.Rules))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return batches[x] - batches[y] })
	for len(order) > 0 { // level by level, so that a needed rule's tasks are there
		n := 1
		for n < len(order) && batches[order[n]] == batches[order[0]] {
			n++
		}
		b.batch(order[:n])
		order = order[n:]
	}
	return &Plan{Tasks: b.tasks, Batches: batches}
}

type builder struct {
	Input
	byID   map[string]int
	tasks  []Task
	own    [][]int     // each rule's tasks
	levels []int       // each rule's dependency level
	joins  map[int]int // a needed rule's join
	groups int         // of sweeps
}

func (b *builder) level(i int, seen map[int]int) int {
	if l, ok := seen[i]; ok {
		return l
	}
	seen[i] = 0
	l := 0
	for _, id := range b.Rules[i].Needs {
		if n, ok := b.byID[id]; ok {
			l = max(l, b.level(n, seen)+1)
		}
	}
	seen[i] = l
	return l
}

// batch adds the tasks of the rules of one level.
func (b *builder) batch(rules []int) {
	sweeps := map[string][]int{}
	var keys []string
	for _, i := range rules {
		r := b.Rules[i]
		if b.Skip(i) || b.Slice.Share(i) == Nothing {
			continue
		}
		switch r.Check.(type) {
		case rule.FileCheck:
			key := fmt.Sprint(r.WholeTree(), b.Slice.same(i), sorted(r.Needs))
			if sweeps[key] == nil {
				keys = append(keys, key)
			}
			sweeps[key] = append(sweeps[key], i)
		case rule.CommandCheck:
			b.commands(i)
		default:
			b.add(Task{ID: r.ID, Kind: Tree, Rules: []int{i}, Estimate: b.Costs.Whole(i), Needs: b.needs(i)})
		}
	}
	for _, key := range keys {
		b.sweep(sweeps[key])
	}
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func (b *builder) sweep(rules []int) {
	files := b.Changed
	if b.Rules[rules[0]].WholeTree() {
		files = b.Tree
	}
	files = b.Slice.Files(rules[0], files)
	needs := b.needs(rules[0])
	for n, c := range chunks(files, b.Workers) {
		seconds, shares := b.sweepSeconds(rules, c)
		b.add(Task{
			ID: fmt.Sprintf("%s#%d", b.Rules[rules[0]].ID, n), Kind: Sweep, Rules: rules, Group: b.groups,
			Files: c, Bytes: Size(c), Count: len(c), Estimate: seconds, Shares: shares, Needs: needs,
		})
	}
	b.groups++
}

// sweepSeconds is what a chunk is expected to take, and each rule's share of it.
func (b *builder) sweepSeconds(rules []int, files []rule.Entry) (seconds float64, shares []float64) {
	bytes := Size(files)
	seconds = b.Costs.Read(bytes, len(files))
	shares = make([]float64, len(rules))
	for k, i := range rules {
		shares[k] = b.Costs.Sweep(i, bytes, len(files))
		seconds += shares[k]
	}
	return seconds, shares
}

// Size adds up the files' sizes. One whose size is not known counts as an
// ordinary file of text.
func Size(files []rule.Entry) (bytes int64) {
	for i := range files {
		if bytes += files[i].Size; files[i].Size < 0 {
			bytes += 1 + unknownSize
		}
	}
	return bytes
}

// commands adds a command's invocations. One that takes no file names runs as
// well only where a file matches.
func (b *builder) commands(i int) {
	r := b.Rules[i]
	taken := b.Slice.Files(i, b.Taken(i))
	if len(taken) == 0 {
		return
	}
	parts := b.Costs.Parts(i, Size(taken), len(taken), b.Workers)
	for n, run := range r.Check.(rule.CommandCheck).Split(Paths(taken), parts) {
		over := taken
		if len(run) > 0 { // invocations take the paths in order; one without paths speaks of all
			over, taken = taken[:len(run)], taken[len(run):]
		}
		b.add(Task{
			ID: fmt.Sprintf("%s#%d", r.ID, n), Kind: Command, Rules: []int{i}, Paths: run, Bytes: Size(over), Count: len(over),
			Estimate: b.Costs.Command(i, Size(over), len(over)), Hold: b.Costs.Hold(i), Needs: b.needs(i),
		})
	}
}

// Paths returns the entries' paths.
func Paths(es []rule.Entry) []string {
	paths := make([]string, len(es))
	for i := range es {
		paths[i] = es[i].Path
	}
	return paths
}

func (b *builder) add(t Task) {
	t.Batch = b.levels[t.Rules[0]]
	if t.Shares == nil {
		t.Shares = []float64{t.Estimate}
	}
	for _, r := range t.Rules {
		b.own[r] = append(b.own[r], len(b.tasks))
	}
	b.tasks = append(b.tasks, t)
}

// needs returns the joins of the rules that a rule needs.
func (b *builder) needs(i int) []int {
	var out []int
	for _, id := range b.Rules[i].Needs {
		if n, ok := b.byID[id]; ok {
			out = append(out, b.join(n))
		}
	}
	return out
}

// join returns the task that ends a needed rule. It waits for the rule's own
// tasks, and where there are none for the rules that this one needs, so that a
// rule without files still passes on what went wrong before it.
func (b *builder) join(i int) int {
	if t, ok := b.joins[i]; ok {
		return t
	}
	needs := slices.Clone(b.own[i])
	if len(needs) == 0 {
		needs = b.needs(i)
	}
	t := Task{ID: strings.Join([]string{b.Rules[i].ID, "join"}, "#"), Kind: Join, Batch: b.levels[i], Rules: []int{i}, Needs: needs}
	b.tasks = append(b.tasks, t)
	b.joins[i] = len(b.tasks) - 1
	return b.joins[i]
}
