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
	Rules    []int        // positions of the rules; one, but for a sweep
	Files    []rule.Entry // of a sweep; part of the shared listing
	Paths    []string     // of a command
	Estimate float64      // seconds
	Needs    []int        // positions of tasks
}

// Input is what a plan is made from.
type Input struct {
	Rules   []*rule.Rule
	Changed []rule.Entry // what the run was asked to check, without deleted files
	Tree    []rule.Entry // everything; nil where no file rule judges it
	Workers int
	Skip    func(r int) bool // rules that get no task of their own
	// Paths returns the files that a command rule takes, in order.
	Paths func(r int) []string
}

// Plan is the tasks of a run.
type Plan struct {
	Tasks   []Task
	Batches []int // each rule's dependency level, from 0
}

// What a task is expected to cost, in seconds, where nothing was learned: only
// their order matters, commands before sweeps.
const (
	sweepFile     = 20e-6
	treeTask      = 5e-3
	commandTask   = 0.5
	chunksPerCPU  = 16
	smallestChunk = 16
	largestChunk  = 256
)

// Build makes the plan. Needs must be known and free of cycles, which the
// loader has seen to.
func Build(in Input) *Plan {
	b := &builder{Input: in, byID: map[string]int{}, joins: map[int]int{}, own: make([][]int, len(in.Rules))}
	for i, r := range in.Rules {
		b.byID[r.ID] = i
	}
	batches := make([]int, len(in.Rules))
	for i := range batches {
		batches[i] = b.level(i, map[int]int{})
	}
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
	byID  map[string]int
	tasks []Task
	own   [][]int     // each rule's tasks
	joins map[int]int // a needed rule's join
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
		if b.Skip(i) {
			continue
		}
		switch r.Check.(type) {
		case rule.FileCheck:
			key := fmt.Sprint(r.WholeTree(), sorted(r.Needs))
			if sweeps[key] == nil {
				keys = append(keys, key)
			}
			sweeps[key] = append(sweeps[key], i)
		case rule.CommandCheck:
			b.commands(i)
		default:
			b.add(Task{ID: r.ID, Kind: Tree, Rules: []int{i}, Estimate: treeTask, Needs: b.needs(i)})
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
	needs := b.needs(rules[0])
	size := max(smallestChunk, min(largestChunk, len(files)/(max(1, b.Workers)*chunksPerCPU)))
	for n, chunk := 0, []rule.Entry(nil); len(files) > 0; n++ {
		chunk, files = files[:min(size, len(files))], files[min(size, len(files)):]
		b.add(Task{
			ID: fmt.Sprintf("%s#%d", b.Rules[rules[0]].ID, n), Kind: Sweep, Rules: rules,
			Files: chunk, Estimate: sweepFile * float64(len(chunk)), Needs: needs,
		})
	}
}

// commands adds a command's invocations. One that takes no file names runs as
// well only where a file matches.
func (b *builder) commands(i int) {
	r := b.Rules[i]
	matching := b.Paths(i)
	if len(matching) == 0 {
		return
	}
	for n, paths := range r.Check.(rule.CommandCheck).Split(matching, b.Workers) {
		b.add(Task{
			ID: fmt.Sprintf("%s#%d", r.ID, n), Kind: Command, Rules: []int{i},
			Paths: paths, Estimate: commandTask, Needs: b.needs(i),
		})
	}
}

func (b *builder) add(t Task) {
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
	t := Task{ID: strings.Join([]string{b.Rules[i].ID, "join"}, "#"), Kind: Join, Rules: []int{i}, Needs: needs}
	b.tasks = append(b.tasks, t)
	b.joins[i] = len(b.tasks) - 1
	return b.joins[i]
}
