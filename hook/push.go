package hook

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// ref is one line of the hook's standard input: what is pushed, and what the
// remote has (githooks(5), pre-push). An id of zeros is nothing.
type ref struct{ local, localID, remote, remoteID string }

// maxRefs bounds what is read of the input.
const maxRefs = 100_000

// parseRefs reads "local-ref local-id remote-ref remote-id" lines.
func parseRefs(in io.Reader) ([]ref, error) {
	var refs []ref
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) == 0:
			continue
		case len(f) != 4 || !isID(f[1]) || !isID(f[3]):
			return nil, usagef("standard input is not what git gives the hook pre-push, a line \"local-ref local-id remote-ref remote-id\": %q", lines.Text())
		case len(refs) == maxRefs:
			return nil, usagef("more than %d refs are pushed at once", maxRefs)
		}
		refs = append(refs, ref{f[0], f[1], f[2], f[3]})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("standard input could not be read: %w", err)
	}
	return refs, nil
}

func isID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

func isZero(id string) bool { return strings.Trim(id, "0") == "" }

// pushed judges what the pushed commits change beside what the remote has: each
// head's files that differ from all commits that both sides know. Forced or
// not, new branch or old, is all the same then.
func pushed(ctx context.Context, o Options, job engine.Options) (jobs []engine.Options, notes []string, err error) {
	if o.In == nil {
		return nil, nil, usagef("git says on standard input what is pushed, and there is none: by hand, `sot run --stage pre-push --base origin/main --head HEAD` does the same")
	}
	refs, err := parseRefs(o.In)
	if err != nil {
		return nil, nil, err
	}
	if len(refs) == 0 {
		return nil, []string{"nothing is pushed"}, nil
	}
	p := pusher{git: git{dir: job.Source.Dir, env: job.Source.Env}}
	if len(o.Args) > 0 {
		p.remote = o.Args[0]
	}
	for _, r := range refs {
		if !isZero(r.remoteID) {
			p.has = append(p.has, r.remoteID)
		}
	}
	if err := p.prune(ctx); err != nil {
		return nil, nil, err
	}
	for _, r := range refs {
		against, why, err := p.against(ctx, r)
		switch {
		case err != nil:
			return nil, nil, err
		case why != "":
			notes = append(notes, why)
			continue
		}
		one := job
		one.Source.Mode, one.Source.Head, one.Source.Against = source.Range, r.localID, against
		jobs = append(jobs, one)
	}
	if len(jobs) == 1 && len(refs) == 1 {
		notes = nil
	}
	return jobs, notes, nil
}

// pusher knows what the remote has.
type pusher struct {
	git
	remote string   // its name, or its URL where it has none
	has    []string // commits that the remote has, as far as they are here
}

// prune leaves out what is not here: somebody else has pushed it.
func (p *pusher) prune(ctx context.Context) error {
	var here []string
	for _, id := range p.has {
		_, err := p.run(ctx, "rev-parse", "--quiet", "--verify", id+"^{commit}")
		switch {
		case err == nil:
			here = append(here, id)
		case !ended(err, 1) && !ended(err, 128):
			return err
		}
	}
	p.has = here
	return nil
}

// against returns the commits to compare a pushed ref with, or why there is
// nothing to check. What one ref brings, a later one need not show again.
func (p *pusher) against(ctx context.Context, r ref) (commits []string, why string, err error) {
	if isZero(r.localID) {
		return nil, r.remote + " is deleted on the remote: nothing to check", nil
	}
	head, err := p.run(ctx, "rev-parse", "--quiet", "--verify", r.localID+"^{commit}")
	if ended(err, 1) || ended(err, 128) {
		return nil, r.local + " is no commit: nothing to check", nil
	}
	if err != nil {
		return nil, "", err
	}
	args := append([]string{"rev-list", "--boundary", head, "--not"}, p.has...)
	if p.remote != "" && !strings.HasPrefix(p.remote, "-") {
		args = append(args, "--remotes="+p.remote)
	}
	out, err := p.run(ctx, append(args, "--")...)
	if err != nil {
		return nil, "", err
	}
	fresh := 0
	for line := range strings.Lines(out) {
		if id, boundary := strings.CutPrefix(strings.TrimSpace(line), "-"); boundary {
			commits = append(commits, id)
		} else if id != "" {
			fresh++
		}
	}
	p.has = append(p.has, head)
	switch {
	case fresh == 0:
		return nil, fmt.Sprintf("%s brings no commit that %s does not have: nothing to check", r.local, orRemote(p.remote)), nil
	case len(commits) == 0:
		return []string{""}, "", nil // new from its root: everything
	case len(commits) > 1:
		commits, err = p.independent(ctx, commits)
	}
	return commits, "", err
}

// independent leaves out the ancestors of others, which say nothing more.
func (p *pusher) independent(ctx context.Context, commits []string) ([]string, error) {
	out, err := p.run(ctx, append([]string{"merge-base", "--independent"}, commits...)...)
	if err != nil {
		return nil, err
	}
	return strings.Fields(out), nil
}

func orRemote(name string) string {
	if name == "" {
		return "the remote"
	}
	return report.Printable(name)
}
