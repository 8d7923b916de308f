package rule

import (
	"context"
	"fmt"
	"strings"
)

// Repo answers what a check may ask of the repository beside a file's bytes.
// Every method is safe for concurrent use and remembers its answer.
type Repo interface {
	// Tree is everything that the source holds: the index under --staged, the
	// head's tree under --head, else the worktree's files.
	Tree(ctx context.Context) (*Tree, error)
	// Changed are the files that the run was asked to check, sorted by path,
	// deleted ones among them.
	Changed() []Entry
	// Branch is the current branch without "refs/heads/"; "" where the head is
	// detached or there is no repository.
	Branch(ctx context.Context) (string, error)
	// Merging says whether a merge or a rebase is under way.
	Merging(ctx context.Context) (bool, error)
	// Attribute returns the value of a git attribute for the paths that have it set.
	Attribute(ctx context.Context, name string, paths []string) (map[string]string, error)
	// Exists says whether what a symbolic link at path with this target points
	// at exists. It looks; it reads nothing.
	Exists(ctx context.Context, link, target string) (bool, error)
	// Read returns the content of a file of the tree: for a tree check that must
	// look into a few files. It fails with fs.ErrNotExist where there is none.
	Read(ctx context.Context, path string) ([]byte, error)
}

// PolicySource is a Repo that reads what says how files are judged (a schema, an
// .editorconfig) from another commit than the files: see ReadPolicy.
type PolicySource interface {
	ReadPolicy(ctx context.Context, path string) ([]byte, error)
	PolicyTree(ctx context.Context) (*Tree, error)
}

// ReadPolicy returns the content of a file that says how others are judged: where
// the files are not trusted, it is not theirs to say. It fails with
// fs.ErrNotExist where there is none.
func ReadPolicy(ctx context.Context, repo Repo, path string) ([]byte, error) {
	if p, ok := repo.(PolicySource); ok {
		return p.ReadPolicy(ctx, path)
	}
	return repo.Read(ctx, path)
}

// PolicyTree returns the files that ReadPolicy may read.
func PolicyTree(ctx context.Context, repo Repo) (*Tree, error) {
	if p, ok := repo.(PolicySource); ok {
		return p.PolicyTree(ctx)
	}
	return repo.Tree(ctx)
}

// Pass is one rule's place to report to while it runs over some files. It is
// used by one goroutine at a time, and merged by the engine.
type Pass struct {
	ctx       context.Context
	rule      *Rule
	repo      Repo
	fixable   bool
	findings  []Finding
	here      int // how many of them, in a row, are about the last one's file
	faults    []Fault
	skipped   string
	complaint string
	usage     Usage
	asked     *bool // the repository was asked for something
	// unmatched is why there was no place to judge; "" where there was one.
	unmatched string
	doubtful  bool
	memo      map[any]any
}

// Usage is what the operating system says that programs used.
type Usage struct {
	CPUSeconds float64 // user and system time; 0 where it is not known
	PeakMemory int64   // bytes of the largest at its peak; 0 where it is not known
}

// NewPass returns an empty pass of a rule.
func NewPass(ctx context.Context, r *Rule, repo Repo) *Pass {
	_, fixable := r.Check.(Fixer)
	if c, ok := r.Check.(CommandCheck); ok {
		fixable = c.Fixes()
	}
	return &Pass{ctx: ctx, rule: r, repo: repo, fixable: fixable, asked: new(bool)}
}

// Sub returns an empty pass of the same rule with another check: what the
// composed bodies all, any and not are judged with.
func (p *Pass) Sub() *Pass {
	return &Pass{ctx: p.ctx, rule: p.rule, repo: p.repo, fixable: p.fixable, asked: p.asked}
}

// Context is cancelled when the run ends or the rule's time is over.
func (p *Pass) Context() context.Context { return p.ctx }

// Rule returns the rule that runs.
func (p *Pass) Rule() *Rule { return p.rule }

// Repo answers what a check may ask of the repository.
func (p *Pass) Repo() Repo {
	*p.asked = true
	return p.repo
}

// Stated is Repo for a check that Depends: what it asks for is part of its State,
// so that it does not count as asked.
func (p *Pass) Stated() Repo { return p.repo }

// Asked says whether the check has asked the repository for anything: its verdict
// then depends on more than what it was given.
func (p *Pass) Asked() bool { return *p.asked }

// Memo returns the value that make gave for this key in this pass, calling it at
// most once: for another file of the repository that is needed for each of the
// files that the pass is over. Keys are values of unexported types, as with
// context.
func (p *Pass) Memo(key any, make func() any) any {
	if v, ok := p.memo[key]; ok {
		return v
	}
	v := make()
	if p.memo == nil {
		p.memo = map[any]any{}
	}
	p.memo[key] = v
	return v
}

// Findings returns what was reported so far.
func (p *Pass) Findings() []Finding { return p.findings }

// Faults returns the faults so far.
func (p *Pass) Faults() []Fault { return p.faults }

// Range reports a finding at the bytes [start, end) of a file.
func (p *Pass) Range(f *File, start, end int, format string, args ...any) {
	line, col := f.Position(start)
	endLine, endCol := f.Position(max(start, end))
	p.Add(Finding{
		Path: f.Path, Line: line, Column: col, EndLine: endLine, EndColumn: endCol,
		Message: message(format, args), Fixable: p.fixable, Text: f.Text(line),
	})
}

// Line reports a finding on a whole 1-based line of a file.
func (p *Pass) Line(f *File, line int, format string, args ...any) {
	p.Add(Finding{Path: f.Path, Line: line, Message: message(format, args), Fixable: p.fixable, Text: f.Text(line)})
}

// File reports a finding about a whole file.
func (p *Pass) File(f *File, format string, args ...any) {
	p.Add(Finding{Path: f.Path, Message: message(format, args), Fixable: p.fixable})
}

// Path reports a finding about a path: "" is the repository, a directory ends
// in "/".
func (p *Pass) Path(path, format string, args ...any) {
	p.Add(Finding{Path: path, Message: message(format, args)})
}

// Add reports a finding as it is; rule and severity are filled in.
func (p *Pass) Add(f Finding) {
	f.Rule = p.rule.ID
	if f.Severity == 0 {
		f.Severity = p.rule.Severity
	}
	if len(f.Text) > MaxLineText {
		f.Text = strings.ToValidUTF8(f.Text[:MaxLineText], "")
	}
	if n := len(p.findings); n > 0 && p.findings[n-1].Path == f.Path {
		p.here++
	} else {
		p.here = 1
	}
	switch {
	case p.here > MaxFindings+1: // that there are more is said
		p.here = MaxFindings + 2
		return
	case p.here == MaxFindings+1:
		f = Finding{Rule: f.Rule, Severity: f.Severity, Path: f.Path, Fixable: f.Fixable,
			Message: fmt.Sprintf("more than %d findings in this file, the others are not listed", MaxFindings)}
	}
	p.findings = append(p.findings, f)
}

// MaxFindings is how many findings of one rule about one file are kept.
const MaxFindings = 2000

// Fail reports that the rule could not do its work.
func (p *Pass) Fail(kind FaultKind, format string, args ...any) {
	p.faults = append(p.faults, Fault{Rule: p.rule.ID, Kind: kind, Message: message(format, args)})
}

// FailUnexplained is Fail for a program that failed and named nothing, on a file or
// "". See Fault.Unexplained.
func (p *Pass) FailUnexplained(path string, kind FaultKind, format string, args ...any) {
	p.faults = append(p.faults, Fault{Rule: p.rule.ID, Kind: kind, Message: message(format, args), Unexplained: true, Path: path})
}

// Doubt says that of the files in which nothing was found nobody knows whether they
// are good: a program failed, and named others.
func (p *Pass) Doubt() { p.doubtful = true }

// Doubtful says whether Doubt was called.
func (p *Pass) Doubtful() bool { return p.doubtful }

// Skip says that the rule does not run here, and why: a program that is not
// installed, where the rule says that this is no fault. It is then neither
// passed nor failed.
func (p *Pass) Skip(reason string) { p.skipped = reason }

// Skipped returns the reason that Skip gave; "" where the rule ran.
func (p *Pass) Skipped() string { return p.skipped }

// Complain keeps what a fixing program said that failed: no fault, since many exit
// with 1 where something is left to be fixed.
func (p *Pass) Complain(said string) { p.complaint = said }

// Complaint returns what Complain was last told.
func (p *Pass) Complaint() string { return p.complaint }

// Used adds what a program used: the CPU seconds add up, and of the peaks in
// bytes the highest stands. What is not known is 0.
func (p *Pass) Used(cpuSeconds float64, peakBytes int64) {
	p.usage.CPUSeconds += cpuSeconds
	p.usage.PeakMemory = max(p.usage.PeakMemory, peakBytes)
}

// Usage returns what the programs of this pass used so far.
func (p *Pass) Usage() Usage { return p.usage }

// MatchNothing says that the check found no place to judge, and why, as a
// phrase ("no directory matches */shards/"). The rule's on_empty then decides.
func (p *Pass) MatchNothing(why string) { p.unmatched = why }

// Unmatched returns what MatchNothing was told; "" where there were places.
func (p *Pass) Unmatched() string { return p.unmatched }

// Shown is a pattern as a message has it: between quotes where a blank at its
// end would not be seen.
func Shown(pattern string) string {
	if strings.TrimSpace(pattern) == pattern {
		return pattern
	}
	return "'" + pattern + "'"
}

func message(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
