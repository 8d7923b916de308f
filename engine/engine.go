package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/source"
)

// Options say what to run on what.
type Options struct {
	Source  source.Options
	Config  string   // --config; "" looks at the root
	Rules   []string // ids; none is all
	Skip    []string // ids, each of which must exist
	SkipEnv []string // ids of SOT_SKIP; unknown ones are named in a note
	// SkipShared are ids of SKIP, which other tools read too: unknown ones are
	// theirs.
	SkipShared []string
	Tags       []string // any of them
	Stage      string   // pre-commit, pre-push, commit-msg, ci or manual

	// Message is the commit message to judge, at the stage commit-msg: it is then
	// the one file that is checked. Nil elsewhere.
	Message *Message

	FailOn        string // error, warning, info or never; "" is what the configuration says
	FailFast      bool   // stop at the first rule that fails
	ChangedLines  bool   // only findings on lines that changed
	Fix           bool   // mend what can be mended
	Diff          bool   // with Fix: show what would change, and write nothing
	Mend          Mender // with Fix of what is staged: takes the fixes to where they belong
	WriteBaseline bool   // accept what is found from now on

	Shard *plan.Shard // the part of the run to do; nil is all of it

	Workers   int          // 0: what the configuration says, else the CPUs
	Policy    sched.Policy // how many of them a run gets
	Barrier   bool         // batch by batch, for comparison
	Profile   string       // file of what rules cost; "" is the repository's own
	NoProfile bool         // neither use nor keep what rules cost
	// Delta, if not "", is the file that what this run saw is written to; the profile
	// is then left as it is.
	Delta    string
	Verdicts string // file of what was found in files that have not changed; "" is the repository's own
	// Memory holds what was found, in the place of a file; nil is the file.
	Memory    *Memory
	CacheSize int64 // its bound in bytes; 0: what the configuration says, else 64 MiB
	NoCache   bool  // neither use nor keep it
	// Remote is the address of a shared cache; "" is what the configuration says.
	// RemoteToken, which allows to write to it, goes to this address alone.
	Remote, RemoteToken string

	// Env is the environment of the programs that command rules run; nil is the
	// process's. Git's own variables are left out of either.
	Env []string
	// Refuse, if not "", is why no command rule runs: each that has something to
	// judge is a fault that says so.
	Refuse string
	// KeepLines asks for Report.Lines.
	KeepLines bool

	Timeout  time.Duration // of the whole run; 0 is none
	Hook     bool          // a git hook runs: the settings below hook: apply
	Budget   time.Duration // what does not fit is left to CI; 0 is what hook: says, below 0 no limit
	CI       bool          // this is CI, which runs everything
	Version  string
	Progress *Progress // may be nil
}

// Run checks files by the rules, and mends where Options.Fix is set. The error
// is a *UsageError, config.Problems or *source.UsageError where the user can
// mend it; what goes wrong later is a fault in the report.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	started := time.Now()
	ctx, cancel := deadline(ctx, o.Timeout)
	defer cancel()
	src, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	// Listing waits for git, and reading the configuration does not. The answer,
	// and an error with it, is remembered for the call that needs it.
	if o.Message == nil {
		var listing sync.WaitGroup
		listing.Go(func() { _, _ = src.Files(ctx) })
		defer func() { // where the configuration cannot be used, nobody waits for it
			cancel()
			listing.Wait()
		}()
	} else if o.Message, err = o.Message.below(src.Root()); err != nil {
		return nil, err
	}
	cfg, err := load(ctx, o, src)
	if err != nil {
		return nil, err
	}
	if o.Hook && o.Mend != nil && !o.Diff {
		o.Fix = o.Fix || cfg.Hook.Fix
	}
	rules, skip, err := choose(cfg.Rules, o)
	if err != nil {
		return nil, err
	}
	r, err := newRun(ctx, o, src, cfg, rules, skip)
	switch {
	case err != nil && errors.Is(context.Cause(ctx), errTimeout):
		return listingTimeout(o, src, started), nil
	case err != nil:
		return nil, err
	}
	defer r.close()
	r.openRemote(ctx)
	r.notes = append(r.notes, unknownSkips(cfg.Rules, o.SkipEnv)...)
	if err := r.check(ctx, r.files); err != nil {
		return nil, err
	}
	if o.Fix {
		if err := r.fix(ctx); err != nil {
			return nil, err
		}
	}
	if o.WriteBaseline {
		if err := r.writeBaseline(); err != nil {
			return nil, err
		}
	}
	return r.report(ctx, started), nil
}

// check runs the rules over the files: once for a plain run, and again over
// what --fix changed.
func (r *run) check(ctx context.Context, files []rule.Entry) error {
	pass, err := r.newPass(ctx, files)
	if err != nil {
		return err
	}
	tasks, options := pass.tasks()
	r.o.Progress.start(tasks, options)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pass.stop = stop
	res, err := runTasks(ctx, tasks, options, pass.do)
	r.o.Progress.finish()
	if err != nil {
		return err
	}
	pass.finish(ctx)
	pass.learn(ctx)
	pass.keepCommands(ctx)
	pass.measure(res.Log)
	r.last = pass
	return nil
}

// runTasks is replaced where a benchmark compares the scheduler with a plain pool.
var runTasks = sched.Run[struct{}]

// Load opens the source and reads the configuration without running anything:
// for the commands that show rules.
func Load(ctx context.Context, o Options) (*source.Source, *config.Config, error) {
	src, err := open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := load(ctx, o, src)
	return src, cfg, err
}

func open(ctx context.Context, o Options) (*source.Source, error) {
	switch {
	case o.Fix && o.ChangedLines:
		return nil, usagef("--fix mends whole files: it does not go with --changed-lines")
	case o.Diff && !o.Fix:
		return nil, usagef("--diff shows what --fix would change: add --fix")
	case o.Fix && o.WriteBaseline:
		return nil, usagef("--write-baseline accepts what --fix mends: use one of them")
	}
	if err := o.checkShard(); err != nil {
		return nil, err
	}
	o.Source.Folders = !o.NoCache
	src, err := source.Open(ctx, o.Source)
	if err != nil {
		return nil, err
	}
	if o.Fix && !o.Diff && !src.Worktree() && (o.Mend == nil || o.Source.Mode != source.Staged) {
		return nil, usagef("--fix writes to the worktree, and this run judges what git holds (%s): run it without --staged or --head, or add --diff", src.Name())
	}
	return src, nil
}

func load(ctx context.Context, o Options, src *source.Source) (*config.Config, error) {
	where, err := configOptions(ctx, o, src)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(where)
	if err == nil && cfg.Default && src.Worktree() {
		for _, name := range []string{"sot.yaml", ".sot.yaml"} {
			if info, err := os.Stat(filepath.Join(src.Root(), name)); err == nil && info.IsDir() {
				return nil, usagef("%s is a folder, where the configuration is looked for: move it away", name)
			}
		}
	}
	var problems config.Problems
	if err != nil && !errors.As(err, &problems) && ctx.Err() == nil {
		return nil, usagef("the configuration cannot be read: %v; make it a regular file inside the repository", err)
	}
	return cfg, err
}

// listingTimeout is the report of a run whose time was over before there was
// anything to check.
func listingTimeout(o Options, src *source.Source, started time.Time) *report.Report {
	rep := &report.Report{
		Tool: report.Tool{Name: "sot", Version: o.Version},
		Run:  report.Run{Source: src.Name(), Started: started, Seconds: time.Since(started).Seconds()},
		Faults: []rule.Fault{{Kind: rule.FaultTimeout, Message: fmt.Sprintf(
			"the run was stopped after its --timeout of %s, while files were listed: nothing was checked", o.Timeout)}},
	}
	if o.Shard != nil {
		rep.Run.Shard = &report.Shard{Index: o.Shard.Index, Of: o.Shard.Of}
	}
	rep.SetExit(0, false)
	return rep
}

var (
	errTimeout  = errors.New("the run's time is over")
	errFailFast = errors.New("stopped by --fail-fast")
)

func deadline(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, d, errTimeout)
}
