package source

import (
	"context"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

func (g *gitBackend) settings(ctx context.Context) (settings, error) {
	return g.settled.get(ctx, func(ctx context.Context) (settings, error) {
		out, err := g.run(ctx, nil, "config", "-z", "--get-regexp", settingsPattern)
		if ge, ok := err.(*gitError); ok && ge.code == 1 {
			err = nil // none is set
		}
		return parseSettings(out), err
	})
}

// maxPathArgs bounds the folders given to one `git ls-files`, in bytes; beyond
// it git lists everything. Windows has 32 KiB for a command line, Linux 2 MiB.
const maxPathArgs = 24 << 10

// untracked asks git about the candidates alone: which are ignored, and what
// lies in those folders that are not.
func (g *gitBackend) untracked(ctx context.Context, c *candidates) ([]string, []rule.Fault, error) {
	if c == nil {
		return g.listOthers(ctx, nil)
	}
	if len(c.files) == 0 && len(c.dirs) == 0 {
		return nil, nil, nil
	}
	ignored, err := g.ignored(ctx, append(c.dirs[:len(c.dirs):len(c.dirs)], c.files...))
	if err != nil {
		return nil, nil, err
	}
	var list, dirs []string
	size := 0
	for _, dir := range c.dirs {
		if !ignored[dir] {
			dirs, size = append(dirs, dir), size+len(dir)+1
		}
	}
	switch {
	case size > maxPathArgs:
		return g.listOthers(ctx, nil)
	case size > 0:
		below, faults, err := g.listOthers(ctx, dirs)
		return append(below, unignored(c.files, ignored)...), faults, err
	}
	return append(list, unignored(c.files, ignored)...), nil, nil
}

func unignored(files []string, ignored map[string]bool) []string {
	var list []string
	for _, file := range files {
		if !ignored[file] {
			list = append(list, file)
		}
	}
	return list
}

// listOthers lists with git, below some folders or (nil) everywhere. A nested
// repository is printed as a folder with a slash behind it, and left out.
func (g *gitBackend) listOthers(ctx context.Context, under []string) ([]string, []rule.Fault, error) {
	args := append([]string{"ls-files", "-o", "--exclude-standard", "-z", "--"}, under...)
	out, warnings, err := g.runBoth(ctx, nil, args...)
	if err != nil {
		return nil, nil, err
	}
	var list []string
	for path := range strings.SplitSeq(string(out), "\x00") {
		if path != "" && !strings.HasSuffix(path, "/") {
			list = append(list, path)
		}
	}
	return list, faultsOf(warnings), nil
}

// ignored returns those of the paths that are ignored. None may be tracked.
func (g *gitBackend) ignored(ctx context.Context, paths []string) (map[string]bool, error) {
	// check-ignore knows no --literal-pathspecs: "./" keeps ":(top)" a name, and
	// without the index a "*" in a name does not find tracked files.
	in := strings.NewReader("./" + strings.Join(paths, "\x00./") + "\x00")
	out, err := g.runPlain(ctx, in, "check-ignore", "--no-index", "--stdin", "-z")
	if ge, ok := err.(*gitError); ok && ge.code == 1 {
		err = nil // none is ignored
	}
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for path := range strings.SplitSeq(string(out), "\x00") {
		set[strings.TrimPrefix(path, "./")] = true
	}
	return set, nil
}

// faultsOf turns git's warnings about folders that it could not open into faults.
func faultsOf(warnings string) []rule.Fault {
	var faults []rule.Fault
	for line := range strings.Lines(warnings) {
		line = strings.TrimSpace(line)
		if msg, ok := strings.CutPrefix(line, "warning: could not open directory "); ok {
			path, why, _ := strings.Cut(strings.TrimPrefix(msg, "'"), "': ")
			faults = append(faults, unreadable(path, strings.ToLower(why)))
		}
	}
	return faults
}
