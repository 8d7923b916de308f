package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// commandWork is what is known of a command in a round, and under what the rest
// will be.
type commandWork struct {
	key    ruleKey
	repeat rule.Repeat
	inputs []string          // paths of what a verdict also depends on
	known  ruleWork          // of what need not be run
	left   []rule.Entry      // to run over
	abouts map[string][]byte // of these, by path; "" is all of them together
	ids    map[string]string // what they hold
}

// recallCommand returns the files that a command has yet to run over.
func (p *round) recallCommand(ctx context.Context, x int, taken []rule.Entry) []rule.Entry {
	if p.verdicts == nil || p.verdicts.later || len(taken) == 0 {
		return taken
	}
	if w := p.commands[x]; w != nil {
		return w.left
	}
	w := &commandWork{left: taken, abouts: map[string][]byte{}, ids: map[string]string{}}
	p.commands[x] = w
	var err error
	if w.key, w.inputs, err = p.commandKey(ctx, p.rules[x], p.verdicts); err != nil {
		if inputs, _ := inputsOf(p.rules[x]); inputs != nil {
			p.details = append(p.details, fmt.Sprintf("verdicts of %s are not kept: %v", p.rules[x].ID, err))
		}
		if p.checking != nil {
			w.left = nil
		}
		return w.left
	}
	w.repeat = p.rules[x].Check.(rule.Repeats).Repeats()
	p.recallFiles(ctx, x, w, taken)
	return w.left
}

// recallFiles takes what is known of the files from the cache.
func (p *round) recallFiles(ctx context.Context, x int, w *commandWork, taken []rule.Entry) {
	together := sha256.New()
	var left []rule.Entry
	for i := range taken {
		e := &taken[i]
		if w.repeat == rule.RepeatInputs {
			break
		}
		id, err := p.verdicts.contents.of(ctx, e.Path)
		if err != nil || id == absent {
			if left = append(left, *e); w.repeat == rule.RepeatFiles {
				return
			}
			continue
		}
		w.ids[e.Path] = id
		about := fmt.Appendf(nil, "c %o %s %s", e.Mode, id, e.Path)
		if w.repeat == rule.RepeatFiles {
			fmt.Fprintf(together, "%d %s\n", len(about), about)
			continue
		}
		w.abouts[e.Path] = about
		a, ok := p.verdicts.answer(w.key, about)
		switch ok = ok && !elsewhere(a.findings, e.Path); {
		case p.checking == nil && ok:
			w.known.recall(&a, p.rules[x].ID)
		case p.checking == nil || ok: // what is not known is not verified
			left = append(left, *e)
		}
	}
	if w.repeat != rule.RepeatFile {
		w.abouts[""] = together.Sum([]byte("all "))
		switch a, ok := p.verdicts.answer(w.key, w.abouts[""]); {
		case p.checking != nil && ok, p.checking == nil && !ok:
			left = taken
		case ok:
			a.files, a.bytes = len(taken), plan.Size(taken)
			w.known.recall(&a, p.rules[x].ID)
		}
	}
	w.left = left
}

// recall adds what an answer says to a rule's work.
func (w *ruleWork) recall(a *answer, id string) {
	w.files += a.files
	w.cached += a.files
	w.cachedBytes += a.bytes
	w.findings = append(w.findings, withRule(a.findings, id)...)
}

func inputsOf(x *rule.Rule) ([]string, error) {
	if c, ok := x.Check.(rule.Repeats); ok {
		return c.Inputs()
	}
	return nil, errors.New("it does not say what it depends on")
}

// commandKey hashes all that a command's verdicts depend on beside the files
// that it is given, and returns its inputs. The error is why they are not kept.
func (r *run) commandKey(ctx context.Context, x *rule.Rule, v *verdicts) (ruleKey, []string, error) {
	globs, err := inputsOf(x)
	if err == nil && r.o.Refuse != "" { // asking for its version runs it
		err = errors.New(r.o.Refuse)
	}
	if err != nil {
		return ruleKey{}, nil, err
	}
	if s, ok := x.Check.(rule.Snapshotter); ok && s.Snapshot() == "never" && !r.src.Worktree() {
		return ruleKey{}, nil, errors.New("snapshot: never has it judge the worktree, which is not what is judged")
	}
	inputs, err := r.expand(ctx, globs)
	if err != nil {
		return ruleKey{}, nil, err
	}
	version, local, err := x.Check.(rule.Repeats).Program(ctx, rule.Place{Root: r.src.Root(), Env: r.commandEnv()})
	if err != nil {
		return ruleKey{}, nil, err
	}
	tree, err := r.src.Tree(ctx)
	switch {
	case err != nil:
		return ruleKey{}, nil, err
	case local != "" && tree.Lookup(local) != nil:
		inputs = append(inputs, local)
	case version == "":
		return ruleKey{}, nil, errors.New("nothing tells the program's version; add version_command")
	}
	held, err := v.contents.all(ctx, inputs)
	state := fmt.Sprintf("%s %s %q %x", runtime.GOOS, runtime.GOARCH, version, held)
	return newRuleKey(buildID(r.o.Version), x, state), inputs, err
}

// expand returns the files that globs of inputs name, sorted. A name that is no
// glob counts also where it does not exist: that may change.
func (r *run) expand(ctx context.Context, globs []string) ([]string, error) {
	tree, err := r.src.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out, patterns []string
	for _, g := range globs {
		name := strings.TrimSuffix(g, "/")
		switch {
		case strings.ContainsAny(name, `*?[{\`) || tree.Lookup(name) != nil:
			patterns = append(patterns, g)
		case tree.HasDir(name):
			patterns = append(patterns, name+"/**")
		default:
			if out = append(out, name); isDir(filepath.Join(r.src.Root(), filepath.FromSlash(name))) {
				return nil, fmt.Errorf("the input %s is a folder in which git knows no file", name)
			}
		}
	}
	set, err := glob.Compile(patterns)
	if err != nil {
		return nil, err
	}
	for i := range tree.Entries() {
		e := &tree.Entries()[i]
		if !set.Match(e.Path) {
			continue
		}
		if e.Mode == rule.ModeSubmodule {
			return nil, fmt.Errorf("the input %s is a submodule", e.Path)
		}
		out = append(out, e.Path)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// keepCommands keeps what commands found, where they ran to their end and what
// they ran over is still what it was.
func (p *round) keepCommands(ctx context.Context) {
	if p.verdicts == nil || ctx.Err() != nil {
		return
	}
	for x, w := range p.commands {
		if w != nil && w.key != (ruleKey{}) && len(w.left) > 0 {
			p.keepCommand(ctx, x, w)
		}
	}
}

// stands says whether files hold what they held when their verdict's key was
// made.
func (p *round) stands(ctx context.Context, paths []string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool {
		id, err := p.verdicts.contents.of(ctx, path)
		return err != nil || !p.holds(ctx, path, id)
	})
}

func (p *round) keepCommand(ctx context.Context, x int, w *commandWork) {
	var all []rule.Finding
	inputs := sync.OnceValue(func() bool { return p.stands(ctx, w.inputs) })
	for _, at := range p.of[x] {
		t, s := &p.plan.Tasks[at.task], &p.slots[at.task]
		done := &s.work[at.at]
		good := s.ran && s.worked && done.judged && len(done.faults) == 0 && done.skipped == "" && !hasSecret(done.findings)
		if !good || !s.copied && !(inputs() && p.standFiles(ctx, w, t.Paths)) {
			if w.repeat != rule.RepeatFile {
				return // part of them is none
			}
			continue
		}
		switch {
		case w.repeat != rule.RepeatFile:
		case p.checking != nil:
			p.checking.command(p, w, p.rules[x].ID, t.Paths, done.findings)
		default:
			p.keepFiles(w, t.Paths, done)
		}
		all = append(all, done.findings...)
	}
	about := w.abouts[""]
	switch {
	case about == nil:
		return
	case p.checking != nil:
		p.checking.command(p, w, p.rules[x].ID, []string{""}, all)
		return
	}
	within := w.ids
	if w.repeat == rule.RepeatInputs {
		within = map[string]string{}
		for _, path := range w.inputs {
			within[path] = path
		}
	}
	// A finding shows a line of its file, so that it depends on it.
	if !slices.ContainsFunc(all, func(f rule.Finding) bool { return f.Path != "" && within[f.Path] == "" }) {
		p.verdicts.put(&answer{rule: w.key, findings: all}, about)
	}
}

// standFiles is stands for the files that an invocation was given.
func (p *round) standFiles(ctx context.Context, w *commandWork, paths []string) bool {
	if w.repeat == rule.RepeatInputs {
		return true
	}
	return !slices.ContainsFunc(paths, func(path string) bool { return w.ids[path] == "" || !p.holds(ctx, path, w.ids[path]) })
}

// holds says whether the worktree's file holds what an id stands for.
func (p *round) holds(ctx context.Context, path, id string) bool {
	same, err := p.src.WorktreeHolds(ctx, path, id)
	return same && err == nil || id == absent && errors.Is(err, os.ErrNotExist)
}

// keepFiles keeps an invocation's findings by file, where each is about one that
// it was given.
func (p *round) keepFiles(w *commandWork, paths []string, done *ruleWork) {
	by := map[string][]rule.Finding{}
	for _, f := range done.findings {
		if !slices.Contains(paths, f.Path) {
			return
		}
		by[f.Path] = append(by[f.Path], f)
	}
	for _, path := range paths {
		if about := w.abouts[path]; about != nil && (len(by[path]) > 0 || !done.doubtful) {
			p.verdicts.put(&answer{rule: w.key, files: 1, findings: by[path]}, about)
		}
	}
}
