package command

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// invocation is one run of a command over some paths.
type invocation struct {
	*check
	pass     *rule.Pass
	where    rule.Place
	template *template
	paths    []string
	mapper   mapper
}

// Run runs the program once and reports what it found.
func (c *check) Run(p *rule.Pass, where rule.Place, paths []string) {
	c.over(p, where, c.run, paths, (*invocation).judge)
}

// Fix runs the mending program. Many of them exit with 1 where they have mended
// something, and what is left is found by the run that follows: so an exit code
// alone is no fault here.
func (c *check) Fix(p *rule.Pass, where rule.Place, paths []string) {
	if c.fix != nil {
		c.over(p, where, c.fix, paths, (*invocation).ended)
	}
}

// over runs one command line, and reads its outcome where it ended by itself.
// Where the system refuses it as too long after all, each half is run instead.
func (c *check) over(p *rule.Pass, where rule.Place, t *template, paths []string, read func(*invocation, outcome)) {
	v := &invocation{check: c, pass: p, where: where, template: t, paths: paths, mapper: newMapper(where.Root, c.dir, paths, c.files)}
	pr, ok := v.process()
	if !ok {
		return
	}
	o := pr.execute(p.Context())
	p.Used(o.cpu, o.memory)
	switch {
	case p.Context().Err() != nil:
		v.stopped()
	case o.failed != nil && tooLong(o.failed) && len(paths) > 1:
		c.over(p, where, t, paths[:len(paths)/2], read)
		c.over(p, where, t, paths[len(paths)/2:], read)
	case o.failed != nil:
		v.notStarted(o.failed)
	case o.signal != "":
		v.crashed(o, "was ended by a signal ("+o.signal+")")
	default:
		read(v, o)
	}
}

// process prepares the program; false where a fault was reported.
func (v *invocation) process() (process, bool) {
	if v.pass.Context().Err() != nil {
		v.stopped()
		return process{}, false
	}
	dir, ok := v.workingDir()
	if !ok {
		return process{}, false
	}
	env := slices.Concat(v.where.Env, v.env)
	args := make([]string, len(v.paths))
	for i, p := range v.paths {
		args[i] = toArgument(v.dir, p)
	}
	argv := v.template.argv(args)
	program, err := findProgram(argv[0], dir, env)
	if err != nil {
		v.notFound(argv[0], err)
		return process{}, false
	}
	if bad := unsafeArgument(program, argv[1:]); bad != "" {
		v.pass.Fail(rule.FaultCrash, "%s is a batch file, which cannot be given the argument %q safely, run the program behind it instead", argv[0], bad)
		return process{}, false
	}
	return process{path: program, argv: argv, dir: dir, env: env, merge: v.parse.parse == nil, grace: v.grace}, true
}

// workingDir returns the working directory: a folder below the root.
func (v *invocation) workingDir() (string, bool) {
	root := filepath.Clean(v.where.Root)
	if v.dir == "" {
		return root, true
	}
	dir := filepath.Join(root, filepath.FromSlash(v.dir))
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		var info os.FileInfo
		if info, err = os.Stat(real); err == nil && !info.IsDir() {
			err = errors.New("it is no folder")
		}
	}
	if err != nil {
		var perr *fs.PathError
		if errors.As(err, &perr) {
			err = perr.Err
		}
		v.pass.Fail(rule.FaultUnreadable, "cannot run in %s: %s, correct dir", v.dir, err)
		return "", false
	}
	for _, r := range v.mapper.roots {
		if _, ok := below(r, filepath.ToSlash(real)); ok {
			return dir, true
		}
	}
	v.pass.Fail(rule.FaultUnreadable, "cannot run in %s: it is a link out of the repository, correct dir", v.dir)
	return "", false
}

// stopped reports that the time was over, or that the run was interrupted.
func (v *invocation) stopped() {
	if !errors.Is(v.pass.Context().Err(), context.DeadlineExceeded) {
		v.pass.Fail(rule.FaultCancelled, "%s was interrupted", v.template.label)
		return
	}
	if t := v.pass.Rule().Timeout; t > 0 {
		v.pass.Fail(rule.FaultTimeout, "%s did not end within %s and was stopped, raise the rule's timeout, or give it fewer files", v.template.label, t)
		return
	}
	v.pass.Fail(rule.FaultTimeout, "%s did not end within the run's time and was stopped, raise --timeout, or give it fewer files", v.template.label)
}

// notFound reports a program that is not there, or cannot be run.
func (v *invocation) notFound(name string, err error) {
	local := strings.Contains(name, "/")
	switch {
	case errors.Is(err, fs.ErrPermission):
		v.pass.Fail(rule.FaultCrash, "%s is not executable, run chmod +x on it", name)
	case v.template.words == nil:
		v.missing("sh is not on the PATH", "install a POSIX shell, do without shell: true", "")
	case local:
		v.missing(name+" does not exist", "create it, correct the path, which starts at the working directory", "")
	default:
		v.missing(name+" is not on the PATH", "install it", "")
	}
}

// missing reports an absent program as the rule wants it; said is its output,
// where a program ran and missed another one.
func (v *invocation) missing(what, hint, said string) {
	if v.skipMissing {
		v.pass.Skip(what)
		return
	}
	v.pass.Fail(rule.FaultMissing, "%s, %s, or set on_missing: skip%s", what, hint, said)
}

// notStarted reports that the system would not start the program.
func (v *invocation) notStarted(err error) {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		err = perr.Err
	}
	switch {
	case tooLong(err):
		v.pass.Fail(rule.FaultCrash, "%s cannot be given %s: the command line is too long, shorten it or the environment", v.template.label, v.named())
	case errors.Is(err, fs.ErrNotExist):
		// The file is there, it was looked up: so it is the "#!" line's.
		v.missing(v.template.label+" needs an interpreter that does not exist", "install what its first line names", "")
	default:
		v.pass.Fail(rule.FaultCrash, "%s could not be started: %s, look at its first line and its mode", v.template.label, err)
	}
}

func (v *invocation) named() string {
	if len(v.paths) == 1 {
		return cut(v.paths[0], 200)
	}
	return plural(len(v.paths), "file")
}
