package hook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// place is where git looks for hooks.
type place struct {
	root      string // the worktree's top
	commonDir string // the git directory that all worktrees share
	dir       string // the hooks folder
	// value, scope and origin are core.hooksPath's; "" where it is not set.
	value, scope, origin string
}

// findPlace asks git, for the repository that a folder lies in. All paths are
// absolute.
func findPlace(ctx context.Context, at git) (p place, err error) {
	top, err := at.run(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		var ge *gitError
		if !errors.As(err, &ge) {
			return p, err
		}
		// The advice of git's own, whatever its language, ends in the folder.
		if _, dir, ok := strings.Cut(ge.stderr, "safe.directory "); ok {
			dir, _, _ = strings.Cut(dir, "\n")
			return p, usagef("git refuses this repository, because it belongs to somebody else (dubious ownership): `git config --global --add safe.directory %s` where you trust it", dir)
		}
		return p, usagef("there is no worktree to install a hook for here (%s): run sot in a repository, or `git init` first", strings.TrimPrefix(ge.stderr, "fatal: "))
	}
	p.root = filepath.FromSlash(top)
	// A relative core.hooksPath counts from where hooks run: the top.
	g := git{dir: p.root, env: at.env}
	common, err := g.run(ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		return p, err
	}
	hooks, err := g.run(ctx, "rev-parse", "--git-path", "hooks")
	if err != nil {
		return p, err
	}
	p.commonDir, p.dir = p.abs(common), p.abs(hooks)
	out, err := g.run(ctx, "config", "--show-scope", "--show-origin", "--null", "--get", "core.hooksPath")
	if f := strings.Split(out, "\x00"); err == nil && len(f) >= 3 {
		p.scope, p.origin, p.value = f[0], strings.TrimPrefix(f[1], "file:"), f[2]
	}
	if ended(err, 1) {
		err = nil // it is not set
	}
	return p, err
}

func (p *place) abs(path string) string {
	if path = filepath.FromSlash(path); filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(p.root, path)
}

// inWorktree says whether the hooks folder is part of what can be committed.
func (p *place) inWorktree() bool { return below(p.root, p.dir) && !below(p.commonDir, p.dir) }

// below says whether a path is a folder or lies in it.
func below(dir, path string) bool {
	rel, err := filepath.Rel(realPath(dir), realPath(path))
	return err == nil && (rel == "." || filepath.IsLocal(rel))
}

// realPath resolves links as far as the path exists.
func realPath(path string) string {
	rest := ""
	for at := path; ; {
		if r, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(r, rest)
		}
		up := filepath.Dir(at)
		if up == at {
			return path
		}
		at, rest = up, filepath.Join(filepath.Base(at), rest)
	}
}

// off says whether hooks are switched off: git looks for them where none can be.
func (p *place) off() bool {
	info, err := os.Stat(p.dir)
	return err == nil && !info.IsDir() || p.dir == os.DevNull
}

// husky says whether the folder is the one that husky writes.
func (p *place) husky() bool { return strings.HasSuffix(filepath.ToSlash(p.dir), "/.husky/_") }

// refusal says why no hook is to be written there unasked, and what to do for
// the hook of a stage; "" where nothing speaks against it.
func (p *place) refusal(stage string) (reason, advice string) {
	shared := p.scope == "global" || p.scope == "system"
	switch {
	case p.off():
		return fmt.Sprintf("hooks are switched off: core.hooksPath is %s (%s, %s)", p.value, p.scope, p.origin),
			"`git config --unset core.hooksPath` where it is set brings them back"
	case p.value != "" && p.husky():
		return p.value + " belongs to husky, which writes it anew",
			fmt.Sprintf("put the line `sot hook run %s` into .husky/%[1]s (`sot hook install --force` writes to husky's folder all the same)", stage)
	case shared && !p.inWorktree() && !below(p.commonDir, p.dir):
		return fmt.Sprintf("core.hooksPath is %s, set in %s: it holds the hooks of all repositories", p.value, p.origin),
			fmt.Sprintf("`git config core.hooksPath '%s'` gives this repository hooks of its own, without those in %s; "+
				"or put the line `sot hook run %s` into those; or `sot hook install --force` installs sot for all repositories",
				filepath.ToSlash(filepath.Join(p.commonDir, "hooks")), p.value, stage)
	}
	return "", ""
}

// usable says whether a hook may be written there, and what is to be known of
// the folder.
func (p *place) usable(force bool) (notes []string, err error) {
	if reason, advice := p.refusal("STAGE"); reason != "" && (!force || p.off()) {
		return nil, usagef("%s, so that nothing was written: %s", reason, advice)
	}
	switch {
	case p.value == "":
	case p.inWorktree():
		notes = append(notes, fmt.Sprintf("core.hooksPath is %s (%s): the hook lies in the worktree. Commit it and everybody who sets core.hooksPath has it, so it names no path of this machine", p.value, p.origin))
	case !below(p.commonDir, p.dir):
		notes = append(notes, fmt.Sprintf("core.hooksPath is %s (%s): the hook runs in every repository that uses this folder; `git config --unset core.hooksPath` where it is set goes back to the repository's own", p.value, p.origin))
	}
	return notes, nil
}
