package hook

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// afterFixes looks at what fixes in the index mean for the commit that git makes
// next: one that changes nothing any more is stopped, as git would have stopped
// it before; and a sequence of commits may lose its step, which is said.
func afterFixes(ctx context.Context, o Options, r *report.Report) error {
	if r.Run.ExitCode != 0 || !slices.ContainsFunc(r.Findings, func(f rule.Finding) bool { return f.Fixed }) {
		return nil
	}
	g := git{dir: o.Engine.Source.Dir, env: o.Engine.Source.Env}
	empty, err := leavesNothing(ctx, g)
	switch {
	case err != nil:
		return err
	case empty:
		r.Run.ExitCode = 1
		r.Notes = append(r.Notes, "without what was fixed there is nothing left to commit, and so no commit is made; `git commit --allow-empty` makes one")
	}
	if command := runningSequence(); command != "" && hasMore(ctx, g) {
		r.Notes = append(r.Notes, "`git "+command+"` does not see that the index was fixed, and may stop at its next step with \"your local changes would be overwritten\": nothing is lost, `git "+command+" --continue` goes on")
	}
	return nil
}

// leavesNothing says whether the index is now what the commit's parent has. A
// merge may be that.
func leavesNothing(ctx context.Context, g git) (bool, error) {
	commit := runningCommit()
	if commit.empty || hasGitFile(ctx, g, "MERGE_HEAD") {
		return false, nil
	}
	args := []string{"diff", "--cached", "--quiet", "--no-ext-diff"}
	if commit.amend {
		args = append(args, "HEAD^")
	}
	_, err := g.run(ctx, append(args, "--")...)
	if ended(err, 1) || commit.amend && ended(err, 128) { // the first commit has no parent
		return false, nil
	}
	return err == nil, err
}

// runningSequence is which git command above the running `git commit` makes one
// commit after another; "" where none does.
func runningSequence() string {
	for args := range ancestors() {
		if len(args) == 0 || strings.TrimSuffix(path.Base(filepath.ToSlash(args[0])), ".exe") != "git" {
			continue
		}
		for _, command := range []string{"rebase", "cherry-pick", "revert"} {
			if slices.Contains(args[1:], command) {
				return command
			}
		}
	}
	return ""
}

// hasMore says whether a sequence has steps after this one.
func hasMore(ctx context.Context, g git) bool {
	todo, err := os.ReadFile(gitFile(ctx, g, "rebase-merge/git-rebase-todo"))
	if err == nil {
		return len(strings.TrimSpace(string(todo))) > 0
	}
	todo, err = os.ReadFile(gitFile(ctx, g, "sequencer/todo")) // its first line is this step
	return err == nil && strings.Contains(strings.TrimSpace(string(todo)), "\n")
}

func hasGitFile(ctx context.Context, g git, name string) bool {
	_, err := os.Stat(gitFile(ctx, g, name))
	return err == nil
}

// gitFile is where a file of the worktree's git directory is.
func gitFile(ctx context.Context, g git, name string) string {
	at, err := g.run(ctx, "rev-parse", "--git-path", name)
	if err != nil {
		return os.DevNull
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(g.dir, at)
	}
	return at
}
