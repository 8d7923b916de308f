package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// InstallOptions say which hooks, and where.
type InstallOptions struct {
	Dir    string   // where the user stands; "" is the working directory
	Stages []string // of Stages
	// Force installs into a folder that other repositories use as well, and
	// where a hook was kept before; it deletes nothing.
	Force  bool
	Binary string // absolute path of sot; "" records none
}

// kept is what a hook's name gets that was there before.
const kept = ".before-sot"

// state is what is found under a hook's name.
type state int8

const (
	absent state = iota
	current
	outdated
	edited  // ours, with changes of somebody's
	foreign // somebody else's
)

// look returns what is there.
func look(path string, want []byte) (state, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return absent, nil
	}
	if err != nil {
		return absent, err
	}
	if info.IsDir() {
		return absent, usagef("%s is a folder, where git looks for a hook: move it away", path)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return foreign, nil // a link that leads nowhere
	}
	if err != nil {
		return absent, err
	}
	ours, changed := isShim(data)
	switch {
	case !ours:
		return foreign, nil
	case changed:
		return edited, nil
	case bytes.Equal(data, want) && info.Mode().IsRegular() && executable(info):
		return current, nil
	}
	return outdated, nil
}

// Install writes the hooks. It returns sentences that say what was done. A
// mistake of the user is an *engine.UsageError, and nothing was written then.
func Install(ctx context.Context, o InstallOptions) ([]string, error) {
	if err := known(o.Stages); err != nil {
		return nil, err
	}
	p, err := findPlace(ctx, git{dir: o.Dir})
	if err != nil {
		return nil, err
	}
	said, err := p.usable(o.Force)
	if err != nil {
		return nil, err
	}
	if p.inWorktree() {
		o.Binary = ""
	}
	var jobs []installation
	for _, stage := range o.Stages {
		j := installation{stage: stage, path: filepath.Join(p.dir, stage), shim: shim(stage, filepath.ToSlash(o.Binary))}
		if j.state, err = look(j.path, j.shim); err != nil {
			return nil, err
		}
		if err := j.allowed(o.Force); err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	if err := os.MkdirAll(p.dir, 0o777); err != nil {
		return nil, err
	}
	for _, j := range jobs {
		what, err := j.do()
		if err != nil {
			return said, fmt.Errorf("the %s hook could not be written: %w", j.stage, err)
		}
		said = append(said, what)
	}
	return said, nil
}

func known(stages []string) error {
	for _, s := range stages {
		if !slices.Contains(Stages, s) {
			return usagef("%q is no hook of sot: there are %s", s, strings.Join(Stages, ", "))
		}
	}
	return nil
}

// installation is one hook to write.
type installation struct {
	stage, path string
	shim        []byte
	state       state
}

// allowed refuses what needs --force.
func (j *installation) allowed(force bool) error {
	if force {
		return nil
	}
	switch j.state {
	case edited:
		return usagef("%s was edited since sot wrote it: move your lines to %s, which runs first, or use --force, which keeps the file as it is under another name", j.path, j.path+kept)
	case foreign:
		if _, err := os.Lstat(j.path + kept); err == nil {
			return usagef("%s is not sot's, and %s holds another hook that was kept before: put what both do into one of them and remove the other, or use --force, which keeps both and runs the newer one", j.path, j.path+kept)
		}
	}
	return nil
}

// do writes the hook, and returns what was done.
func (j *installation) do() (string, error) {
	switch j.state {
	case current:
		return fmt.Sprintf("%s: already installed in %s", j.stage, j.path), nil
	case edited:
		aside, err := setAside(j.path, j.path+".edited")
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s: installed in %s; the edited one is kept as %s, and does not run", j.stage, j.path, aside), j.write()
	case foreign:
		return j.chain()
	case outdated:
		return fmt.Sprintf("%s: brought up to date in %s", j.stage, j.path), j.write()
	}
	return fmt.Sprintf("%s: installed in %s", j.stage, j.path), j.write()
}

// chain keeps a foreign hook, and writes ours, which runs it.
func (j *installation) chain() (string, error) {
	more := ""
	if _, err := os.Lstat(j.path + kept); err == nil {
		aside, err := setAside(j.path+kept, j.path+kept+".older")
		if err != nil {
			return "", err
		}
		more = fmt.Sprintf("; %s, which was kept before, is now %s, and does not run", j.path+kept, aside)
	}
	if info, err := os.Stat(j.path); err == nil && !executable(info) {
		more += "; it is not executable, so that git did not run it, and sot does not either"
	}
	// A second name first, so that there is a hook at every moment; where the
	// file system has no links, moving it is what is left.
	if err := os.Link(j.path, j.path+kept); err != nil {
		if err := os.Rename(j.path, j.path+kept); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s: installed in %s; the hook that was there is kept as %s, and runs first%s", j.stage, j.path, filepath.Base(j.path+kept), more), j.write()
}

// write replaces the hook in one step.
func (j *installation) write() (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(j.path), ".sot-hook-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(j.shim)
	if err := errors.Join(err, tmp.Chmod(0o755), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), j.path)
}

// setAside renames a file to a name that is free, and returns it.
func setAside(path, name string) (string, error) {
	free := name
	for n := 2; ; n++ {
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return filepath.Base(free), os.Rename(path, free)
		}
		free = fmt.Sprintf("%s-%d", name, n)
	}
}
