package rule

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Rule is one requirement, ready to run.
type Rule struct {
	ID          string
	Kind        string // the kind's name; "all", "any" or "not" where bodies are composed
	Uses        string // the built-in check's name, where Kind is "use"
	Description string
	Help        string // URL
	Severity    Severity
	Select      Selector
	Needs       []string
	Stages      []string // nil: every stage but commit-msg
	Tags        []string
	Timeout     time.Duration // 0: none of its own
	Holds       Holds
	// EmptyFails makes a rule that matches no file a finding (on_empty: fail).
	EmptyFails bool
	Check      Check
	// Digest is a hash of all that the configuration says of the rule: two rules
	// with the same digest judge alike.
	Digest [32]byte
	Origin string // where it is declared: "sot.yaml:12" or "sot:recommended"
}

// WholeTree says whether the rule judges the source's whole tree rather than
// the files that changed.
func (r *Rule) WholeTree() bool {
	_, tree := r.Check.(TreeCheck)
	return tree || r.EmptyFails || !r.Holds.All()
}

// Selector says which files a rule speaks of. Every condition that is set must hold.
type Selector struct {
	Files        []string // doublestar globs, any of them; nil is every file
	Exclude      []string
	Types        []string // tags, all of them
	TypesOr      []string // tags, any of them
	ExcludeTypes []string // tags, none of them
	// Match, where not nil, is a further condition on the path that a built-in
	// check brings (a pattern that is no glob). It is dropped where the rule
	// sets files of its own.
	Match func(path string) bool
}

// Or fills what is not set from the kind's defaults.
func (s Selector) Or(d Selector) Selector {
	if s.Files == nil {
		s.Files, s.Match = d.Files, d.Match
	}
	if s.Exclude == nil {
		s.Exclude = d.Exclude
	}
	if s.Types == nil {
		s.Types = d.Types
	}
	if s.TypesOr == nil {
		s.TypesOr = d.TypesOr
	}
	if s.ExcludeTypes == nil {
		s.ExcludeTypes = d.ExcludeTypes
	}
	return s
}

// Check is what a kind makes of a rule's body: a FileCheck, a TreeCheck, a
// RepoCheck, a MessageCheck or a CommandCheck.
type Check any

// FileCheck judges one file at a time, in process, from its bytes.
type FileCheck interface {
	CheckFile(p *Pass, f *File)
}

// Depends is a FileCheck whose verdict depends on something beside the file's
// content, mode and path.
type Depends interface {
	// State says what that is now, as a text that differs where the verdict may.
	// The error is why no verdict of this check may be kept.
	State(ctx context.Context, repo Repo) (string, error)
}

// Beside is a FileCheck whose verdict on a file depends on the content of some
// other files as well, which follow from the file's path.
type Beside interface {
	// Beside returns their paths from the root; none where there are none. A
	// verdict that depends on one that does not exist depends on that it does not.
	Beside(path string) []string
}

// Fixer is a FileCheck that can mend what it finds.
type Fixer interface {
	// Fix returns the mended content, and false where there is nothing to mend
	// (or nothing that it can mend). It must not change the file's bytes.
	Fix(f *File) ([]byte, bool)
}

// Blind is a FileCheck that judges without the content (a name, a mode, a
// size): a file that only such rules want is not read.
type Blind interface{ Blind() }

// Sized is a Blind check that asks for the Size of some entries: the engine looks
// it up where the source does not know it.
type Sized interface{ Sized(e *Entry) bool }

// TreeCheck judges the whole repository at once.
type TreeCheck interface {
	// CheckTree reports to p. The selector's matching files of the tree are in
	// match (sorted), those of them that changed in changed; a deleted file is
	// in neither.
	CheckTree(p *Pass, t *Tree, match, changed []Entry)
}

// ByPaths is a TreeCheck whose verdict follows from the paths and modes of the
// files that its selector takes, and from what it reads through the pass's Repo:
// from nothing else.
type ByPaths interface {
	// ByPaths says whether the rule's verdict follows from those of them that
	// changed as well.
	ByPaths(r *Rule) (changed bool)
}

// RepoCheck judges a run once, from what the run was asked to check, without
// asking for the whole tree and without the files' content.
type RepoCheck interface {
	// CheckRepo reports to p. The selector's matching files among those that the
	// run was asked to check are in changed, sorted by path; a deleted file is
	// not. It is called once a run, also where changed is empty.
	CheckRepo(p *Pass, changed []Entry)
}

// ByNames is a RepoCheck whose verdict follows from the paths, modes and statuses
// of what changed, and from the paths of the repository's tree: from nothing else.
type ByNames interface {
	RepoCheck
	ByNames()
}

// MessageCheck judges the message of a commit.
type MessageCheck interface {
	CheckMessage(p *Pass, m *Message)
}

// Message is a commit message as git will clean it: lines that git drops
// (comments, what is below the scissors) are empty, so that lines keep the
// numbers that they have in the file.
type Message struct {
	*File
	// Drops says of each line, from the first, whether git drops it.
	Drops []bool
}

// Dropped says whether git drops the 1-based line n.
func (m *Message) Dropped(n int) bool { return n >= 1 && n <= len(m.Drops) && m.Drops[n-1] }

// Explainer is a Check that has something to say to `sot explain` about how it
// works on this rule's body: one sentence.
type Explainer interface{ Explain() string }

// Verifier is a Check that depends on files of the repository that its body
// names: the loader asks it whether they are fit, so that a mistake in them is
// told before a run.
type Verifier interface {
	// Verify returns what is wrong. Read returns a file of the source by its path
	// from the root, and fails with fs.ErrNotExist where there is none.
	Verify(read func(path string) ([]byte, error)) []Problem
}

// CommandCheck runs a program over files.
type CommandCheck interface {
	// Split deals the paths into invocations, each path once, in order, none
	// over the operating system's limit. One empty invocation means that the
	// program takes no files. Parts is how many are worth their start-up.
	Split(paths []string, parts int) [][]string
	// Run runs the program once. It reports findings and faults to the pass,
	// and obeys its context.
	Run(p *Pass, where Place, paths []string)
	// Fix runs the mending program over the paths, in place.
	Fix(p *Pass, where Place, paths []string)
	// Fixes says whether there is a mending program.
	Fixes() bool
}

// Place is where a command runs.
type Place struct {
	// Root is the absolute path of the folder that paths are relative to: the
	// worktree, or a snapshot of what is judged.
	Root string
	// Env is the environment without git's own variables.
	Env []string
	// Line returns the text of a line of a file, for the finding's caret.
	Line func(path string, line int) string
}

// Snapshotter is a CommandCheck that says on what it wants to run.
type Snapshotter interface {
	// Snapshot is "auto", "always" or "never".
	Snapshot() string
}

// Repeats is a CommandCheck whose rule may say what its verdicts depend on beside
// the files that it is given, so that they are kept.
type Repeats interface {
	// Inputs are globs of the files that a verdict depends on, beside those that
	// an invocation is given. The error is why no verdict of this check is kept.
	Inputs() ([]string, error)
	// Program asks the program that would run now for its version, "" where the
	// rule does not say how. Local is its path from the root, where it lies there.
	Program(ctx context.Context, where Place) (version, local string, err error)
	// Repeats says what one verdict is about.
	Repeats() Repeat
}

// Repeat says what a command's verdict is about.
type Repeat int8

// What a verdict is about.
const (
	RepeatFile   Repeat = iota // one file that it was given
	RepeatFiles                // all files that it was given, together
	RepeatInputs               // its inputs alone: it finds its files itself
)

// CPUHolder is a CommandCheck whose rule may say how many processors an
// invocation of its program keeps busy.
type CPUHolder interface {
	// CPUs is that number; 0 is auto: it is learned from the operating system's
	// accounting.
	CPUs() float64
}

// Holds says in how many of a rule's files it must hold. The zero value is all.
type Holds struct {
	set     bool
	percent float64 // used where byRatio
	byRatio bool
	min     int
	max     int // -1: no upper bound
}

// HoldsAny is satisfied by one, HoldsNone by none.
var (
	HoldsAny  = Holds{set: true, min: 1, max: -1}
	HoldsNone = Holds{set: true, min: 0, max: 0}
)

// HoldsPercent is satisfied by at least so many percent of the places, rounded up.
func HoldsPercent(p float64) Holds { return Holds{set: true, byRatio: true, percent: p, max: -1} }

// HoldsBetween is satisfied by lo to hi places; hi -1 is no upper bound.
func HoldsBetween(lo, hi int) Holds { return Holds{set: true, min: lo, max: hi} }

// All says whether each place counts for itself.
func (h Holds) All() bool { return !h.set }

// TooMany says whether fewer places would have satisfied the quantifier: the
// places that hold are then the ones to look at.
func (h Holds) TooMany(held, total int) bool {
	for k := range held {
		if ok, _ := h.Judge(k, total); ok {
			return true
		}
	}
	return false
}

// Judge says whether held places of total satisfy the quantifier, and if not,
// what was wanted, as a phrase.
func (h Holds) Judge(held, total int) (ok bool, want string) {
	lo, hi := h.min, h.max
	switch {
	case !h.set:
		lo, hi = total, -1
	case h.byRatio:
		// The tolerance keeps 80 % of 5 at 4 where the product is 4.000000001.
		lo = int(math.Ceil(h.percent/100*float64(total) - 1e-9))
	}
	if held >= lo && (hi < 0 || held <= hi) {
		return true, ""
	}
	switch {
	case !h.set:
		want = "all"
	case h.byRatio:
		want = fmt.Sprintf("at least %d (%g%%)", lo, h.percent)
	case hi == 0:
		want = "none"
	case hi < 0:
		want = fmt.Sprintf("at least %d", lo)
	case lo == hi:
		want = fmt.Sprintf("exactly %d", lo)
	case lo == 0:
		want = fmt.Sprintf("at most %d", hi)
	default:
		want = fmt.Sprintf("%d to %d", lo, hi)
	}
	return false, want
}

// Kind is what a rule can do. Kinds are listed in engine/kinds.go.
type Kind struct {
	Name string // the key in sot.yaml
	Doc  string // what `sot explain` prints: Markdown, its first line a sentence
	Why  string // one sentence: what it is for
	// Shape is what the loader and the JSON Schema hold the body to.
	Shape Shape
	// New makes the check of a body that fits the shape; the problems are those
	// that a shape cannot say (a bad regular expression), each with its place.
	New func(body Value) (Built, []Problem)
	// Uses are the built-in checks, for the kind "use" alone: its body is then
	// the check's name, and `with` stands beside it.
	Uses []Use
}

// Built is a check with what it brings to its rule.
type Built struct {
	Check    Check
	Defaults Selector
	Stages   []string
}

// Use is one built-in check of the kind "use".
type Use struct {
	ID       string
	Doc      string // Markdown, its first line a sentence
	Why      string // one sentence: what goes wrong without it
	Defaults Selector
	Stages   []string // nil: the rule's default
	// With is the object shape of its options.
	With Shape
	// New makes the check of the options, which fit With; a zero Value is no options.
	New func(with Value) (Check, []Problem)
}

// Fixes says whether the check mends what it finds, where need be by its option
// autofix.
func (u Use) Fixes() bool {
	with := Value{Kind: Map}
	for _, k := range u.With.Keys {
		if k.Name == "autofix" {
			with.Fields = append(with.Fields, Field{Key: k.Name, Value: Value{Kind: Bool, Scalar: "true"}})
		}
	}
	check, _ := u.New(with)
	_, ok := check.(Fixer)
	return ok
}

// RunContext is a shorthand for a pass-less context check: it returns the
// context's error as a fault of the right kind, or nil.
func RunContext(ctx context.Context) *Fault {
	switch ctx.Err() {
	case nil:
		return nil
	case context.DeadlineExceeded:
		return &Fault{Kind: FaultTimeout, Message: "ran out of time"}
	}
	return &Fault{Kind: FaultCancelled, Message: "interrupted"}
}
