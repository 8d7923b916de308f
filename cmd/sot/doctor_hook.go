package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// hookMarker is the line by which a hook of sot's is known.
const hookMarker = "# sot hook"

// hooks looks at each hook that the rules have a use for.
func (d *doctor) hooks() {
	dir := d.gitPath("hooks")
	if dir == "" {
		return
	}
	set, _, err := d.ask("config", "--get", "core.hooksPath")
	if err == nil && set != "" {
		d.moved(set, dir)
	}
	for _, name := range []string{"pre-commit", "pre-push", "commit-msg"} {
		d.hook(name, filepath.Join(dir, name))
	}
}

// moved looks at core.hooksPath.
func (d *doctor) moved(set, dir string) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		d.say(stateProblem, "hooks", "create it, or run: git config --unset core.hooksPath", "core.hooksPath names %s, which is no folder, so that git runs no hook", set)
		return
	}
	common, _, err := d.ask("rev-parse", "--git-common-dir")
	if err != nil {
		return
	}
	if common = filepath.FromSlash(common); !filepath.IsAbs(common) {
		common = filepath.Join(d.dir, common)
	}
	for _, name := range []string{"pre-commit", "pre-push", "commit-msg"} {
		old := filepath.Join(common, "hooks", name)
		text, err := os.ReadFile(old)
		if err == nil && isOurs(text) && !sameFile(old, filepath.Join(dir, name)) {
			d.say(stateProblem, "hooks", "sot hook install", "core.hooksPath names %s, so that git does not run %s", set, old)
			return
		}
	}
	d.say(stateOK, "hooks", "", "git takes them from %s (core.hooksPath)", set)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// isOurs says whether a hook holds sot's marker as a line.
func isOurs(text []byte) bool {
	for line := range bytes.Lines(text) {
		if string(bytes.TrimSpace(line)) == hookMarker || bytes.HasPrefix(line, []byte(hookMarker+" ")) {
			return true
		}
	}
	return false
}

func (d *doctor) hook(name, path string) {
	subject := "hook " + name
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if d.wanted(name) {
			d.say(stateWarning, subject, "sot hook install "+name, "it is not installed, and there are rules for it")
		}
	case err != nil:
		d.say(stateProblem, subject, "", "%s cannot be read: %v", path, cause(err))
	case !isOurs(text):
		if d.wanted(name) || name == "pre-commit" {
			d.say(stateWarning, subject, "sot hook install "+name+" (which keeps the other hook and runs it too)", "%s is %s, so that sot does not run", path, owner(text))
		}
	case !executable(path):
		d.say(stateProblem, subject, "chmod +x "+path, "%s is not executable, so that git passes over it", path)
	default:
		d.shim(subject, name, text)
	}
}

// wanted says whether there are rules that run in a hook, and would not be run
// without it: those of pre-commit run in pre-push only where they ask for it.
func (d *doctor) wanted(name string) bool {
	if d.config == nil {
		return name == "pre-commit"
	}
	for _, r := range d.config.Rules {
		if r.Stages == nil && name == "pre-commit" || slices.Contains(r.Stages, name) && (name != "pre-push" || !slices.Contains(r.Stages, "pre-commit")) {
			return true
		}
	}
	return false
}

// owner says whose hook it is, as far as its text tells.
func owner(text []byte) string {
	for _, tool := range []string{"pre-commit", "lefthook", "husky", "overcommit", "prek", "git-lfs"} {
		if bytes.Contains(text, []byte(tool)) {
			return tool + "'s"
		}
	}
	return "another hook"
}

// executable says whether git would run a file as a hook. Windows has no such
// mode.
func executable(path string) bool {
	info, err := os.Stat(path)
	return runtime.GOOS == "windows" || err == nil && info.Mode()&0o111 != 0
}

// binaryIn finds the absolute path of the sot that a hook starts.
var binaryIn = regexp.MustCompile(`(?:[A-Za-z]:)?/[^"'\n]*?/sot(?:\.exe)?\b`)

// shim looks at which sot the hook starts.
func (d *doctor) shim(subject, name string, text []byte) {
	path := filepath.FromSlash(string(binaryIn.Find(text)))
	if path == "" {
		d.say(stateOK, subject, "", "it is installed")
		return
	}
	if _, err := os.Stat(path); err != nil {
		d.say(stateWarning, subject, "sot hook install "+name, "it was installed by %s, which is gone", path)
		return
	}
	if v := d.versionOf(path); v != "" && v != Version() {
		d.say(stateWarning, subject, "sot hook install "+name, "it starts %s, version %s, and this is version %s", path, v, Version())
		return
	}
	d.say(stateOK, subject, "", "it is installed")
}

// versionOf asks another sot for its version; "" where it does not say. One in
// the worktree is not started: it may have come with the repository.
func (d *doctor) versionOf(path string) string {
	if rel, err := filepath.Rel(d.root, path); d.root != "" && err == nil && filepath.IsLocal(rel) {
		return ""
	}
	ctx, cancel := context.WithTimeout(d.ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "version").Output()
	v, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "sot ")
	if err != nil || !ok {
		return ""
	}
	return v
}
