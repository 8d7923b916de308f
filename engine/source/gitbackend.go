package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// gitBackend asks git's binary.
type gitBackend struct {
	gitCmd
	place

	indexed memo[*index]
	settled memo[settings]
}

// diffOptions make a diff's answer the same whatever the user's settings:
// renames from half the content on, whose search is cut off at 400 x 400 files;
// submodules compared by commit, without looking into them.
var diffOptions = []string{
	"diff", "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative",
	"-M50%", "-l400", "--ignore-submodules=dirty",
}

func (g *gitBackend) diff(ctx context.Context, args ...string) ([]rule.Entry, error) {
	all := append(diffOptions[:len(diffOptions):len(diffOptions)], args...)
	out, err := g.run(ctx, nil, append(all, "--")...)
	if err != nil {
		return nil, err
	}
	return parseRaw(out)
}

func (g *gitBackend) diffStaged(ctx context.Context) ([]rule.Entry, error) {
	return g.diff(ctx, "--cached")
}

func (g *gitBackend) diffTrees(ctx context.Context, from, to string) ([]rule.Entry, error) {
	return g.diff(ctx, from, to)
}

func (g *gitBackend) diffWorktree(ctx context.Context, commit string) ([]rule.Entry, error) {
	if commit == "" {
		out, err := g.run(ctx, strings.NewReader(""), "hash-object", "-t", "tree", "--stdin")
		if err != nil {
			return nil, err
		}
		commit = strings.TrimSpace(string(out)) // the empty tree, of this repository's hash
	}
	return g.diff(ctx, commit)
}

func (g *gitBackend) commitTree(ctx context.Context, commit string) ([]rule.Entry, error) {
	out, err := g.run(ctx, nil, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	return parseLsTree(out)
}

// resolve asks `git cat-file --batch-check`, which takes names from stdin, so
// that none can be an option.
func (g *gitBackend) resolve(ctx context.Context, refs ...string) ([]string, error) {
	ids := make([]string, len(refs))
	var in strings.Builder
	for _, ref := range refs {
		if strings.ContainsAny(ref, "\n\x00") {
			ref = ""
		}
		in.WriteString(ref + "^{commit}\n")
	}
	out, err := g.run(ctx, strings.NewReader(in.String()), "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, err
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		if id, kind, _ := strings.Cut(line, " "); kind == "commit" && i < len(ids) {
			ids[i] = id
		}
	}
	return ids, nil
}

func (g *gitBackend) mergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := g.run(ctx, nil, "merge-base", a, b)
	if ge, ok := err.(*gitError); ok && ge.code == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

// index reads the file itself, and leaves to git what we do not read: a split or
// sparse index, and one that is damaged, about which git says more.
func (g *gitBackend) index(ctx context.Context) (*index, error) {
	return g.indexed.get(ctx, func(ctx context.Context) (*index, error) {
		x, err := readIndexFile(g.indexFile, g.idSize())
		if err == nil {
			return x, nil
		}
		out, err := g.run(ctx, nil, "ls-files", "-s", "-v", "-z", "--full-name")
		if err != nil {
			return nil, err
		}
		return parseLsFiles(out)
	})
}

func (g *gitBackend) branch(ctx context.Context) (string, error) {
	out, err := g.run(ctx, nil, "symbolic-ref", "-q", "HEAD")
	if ge, ok := err.(*gitError); ok && ge.code == 1 {
		return "", nil
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "refs/heads/"), err
}

func (g *gitBackend) attribute(ctx context.Context, from, name string, paths []string) (map[string]string, error) {
	args := []string{"check-attr", "--stdin", "-z"}
	switch from {
	case "":
	case ":":
		args = append(args, "--cached")
	default:
		args = append(args, "--source="+from)
	}
	stdin := func() *strings.Reader { return strings.NewReader(strings.Join(paths, "\x00") + "\x00") }
	out, err := g.run(ctx, stdin(), append(args, "--", name)...)
	if ge, ok := err.(*gitError); ok && ge.code == 129 && from != "" && from != ":" {
		// git before 2.40 has no --source: the worktree's attributes are the nearest.
		out, err = g.run(ctx, stdin(), "check-attr", "--stdin", "-z", "--", name)
	}
	if err != nil {
		return nil, err
	}
	f := strings.Split(string(out), "\x00") // path, attribute, value, ...
	set := map[string]string{}
	for i := 0; i+2 < len(f); i += 3 {
		if f[i+2] != "unspecified" {
			set[f[i]] = f[i+2]
		}
	}
	return set, nil
}

func (g *gitBackend) blobs() blobReader { return &catFile{git: &g.gitCmd} }

func unreadable(path, why string) rule.Fault {
	return rule.Fault{Kind: rule.FaultUnreadable, Message: fmt.Sprintf("%s: cannot be read: %s", path, why)}
}
