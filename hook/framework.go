package hook

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/rule/message"
	"github.com/sot-validator/sot/engine/source"
)

// framework works out what pre-commit or prek want judged. They have read the
// hook's standard input, and give no file names (pass_filenames: false); what
// they say is in the environment:
//
//	PRE_COMMIT_FROM_REF, PRE_COMMIT_TO_REF  a push, or run --from-ref --to-ref
//	PRE_COMMIT_REMOTE_NAME or _URL          a push
//	PRE_COMMIT_LOCAL_BRANCH                 what is pushed; without a FROM_REF from its root
//
// What they do not say is --all-files and the stage of `run --hook-stage`. Both
// are read from the command line above us, where the system shows it; and since
// they run no hook where nothing is staged, being run with nothing staged means
// --all-files as well (or --files).
func framework(ctx context.Context, o Options, job engine.Options) ([]engine.Options, []string, error) {
	env := func(name string) string { return getenv(job.Source.Env, name) }
	if o.Stage == message.Stage {
		job, err := judged(ctx, o, job)
		return []engine.Options{job}, nil, err
	}
	pushing := env("PRE_COMMIT_REMOTE_NAME") != "" || env("PRE_COMMIT_REMOTE_URL") != ""
	asked := askedFramework(ancestors())
	switch {
	case pushing, asked.stage == "pre-push", asked.stage == "push":
		job.Stage = "pre-push"
	case asked.stage == "manual":
		job.Stage = "manual"
	default:
		job.Stage = "pre-commit"
	}
	from, to := env("PRE_COMMIT_FROM_REF"), env("PRE_COMMIT_TO_REF")
	switch {
	case from != "" && to != "":
		job.Source.Mode, job.Source.Base, job.Source.Head = source.Range, from, to
		return []engine.Options{job}, nil, nil
	case pushing && env("PRE_COMMIT_LOCAL_BRANCH") != "":
		job.Source.Mode, job.Source.Head, job.Source.Against = source.Range, env("PRE_COMMIT_LOCAL_BRANCH"), []string{""}
		return []engine.Options{job}, nil, nil
	}
	all := asked.all
	if !all {
		_, err := git{dir: job.Source.Dir, env: job.Source.Env}.run(ctx, "diff", "--cached", "--quiet", "--no-ext-diff")
		if err != nil && !ended(err, 1) {
			return nil, nil, err
		}
		all = err == nil
	}
	if all {
		job.Source.Mode = source.All
		return []engine.Options{job}, nil, nil
	}
	// The framework has taken what is not staged out of the worktree, and will put
	// it back by a patch that a fix would keep from applying.
	job = staged(job)
	job.Mend = nil
	return []engine.Options{job}, nil, nil
}

// frameworkArgs is what a framework was started with.
type frameworkArgs struct {
	all   bool
	stage string // of --hook-stage; "" where it was not given
}

// askedFramework reads the command line of the framework that runs this hook.
func askedFramework(above iter.Seq[[]string]) (a frameworkArgs) {
	for args := range above {
		if _, commit := parseCommit(args); commit {
			return a
		}
		run := slices.Contains(args, "run")
		for i, arg := range args {
			name, value, joined := strings.Cut(arg, "=")
			switch {
			case name == "--all-files" && !joined, arg == "-a" && run:
				a.all = true
			case name != "--hook-stage" && name != "--stage":
			case joined:
				a.stage = value
			case i+1 < len(args):
				a.stage = args[i+1]
			}
		}
		if a != (frameworkArgs{}) {
			return a
		}
	}
	return a
}
