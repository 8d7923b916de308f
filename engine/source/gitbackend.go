package source

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// gitBackend asks git's binary.
type gitBackend struct {
	gitCmd
	place

	indexed memo[*index]
	settled memo[settings]
	plain   bool // nothing moves the objects elsewhere
	once    sync.Once
	reads   bool // set by once; see readsObjects
}

// diffOptions make a diff's answer the same whatever the user's settings:
// renames from half the content on, whose search is cut off at 400 x 400 files;
// submodules compared by commit, without looking into them.
var diffOptions = []string{
	"--raw", "-z", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative",
	"--ignore-submodules=dirty", "--ita-invisible-in-index",
}

var findRenames = []string{"-M50%", "-l400"}

func (g *gitBackend) diff(ctx context.Context, command string, args ...string) ([]rule.Entry, error) {
	out, err := g.run(ctx, nil, slices.Concat([]string{command}, diffOptions, args, []string{"--"})...)
	if err != nil {
		return nil, err
	}
	return parseRaw(out)
}

func (g *gitBackend) diffStaged(ctx context.Context, with string) ([]rule.Entry, error) {
	if with == "" && g.readsObjects() {
		if x, err := g.index(ctx); err == nil {
			if list, err := g.quickStaged(x); err == nil {
				return list, nil
			}
		}
	}
	args := slices.Concat(findRenames, []string{"--cached"})
	if with != "" {
		args = append(args, with)
	}
	return g.diff(ctx, "diff", args...)
}

func (g *gitBackend) diffTrees(ctx context.Context, from, to string) ([]rule.Entry, error) {
	return g.diff(ctx, "diff", append(findRenames[:2:2], from, to)...)
}

// diffWorktree uses `git diff-index`, because `git diff` writes the index when
// it finds a file that is unchanged though its time is not, and its lock makes a
// `git add` at the same moment fail. Such files are listed as modified, and
// sorted out here.
func (g *gitBackend) diffWorktree(ctx context.Context, commit string) ([]rule.Entry, error) {
	if commit == "" {
		out, err := g.run(ctx, strings.NewReader(""), "hash-object", "-t", "tree", "--stdin")
		if err != nil {
			return nil, err
		}
		commit = strings.TrimSpace(string(out)) // the empty tree, of this repository's hash
	}
	list, err := g.diff(ctx, "diff-index", "--no-renames", commit)
	if err == nil && g.mayRename(list) {
		list, err = g.diff(ctx, "diff-index", append(findRenames[:2:2], commit)...)
	}
	if err != nil {
		return nil, err
	}
	return g.reallyChanged(ctx, list)
}

// mayRename says whether looking for renames can find any, and is safe: git
// reads the added files for it, and would wait for a named pipe in the place of one.
func (g *gitBackend) mayRename(list []rule.Entry) bool {
	added, deleted := false, false
	for _, e := range list {
		switch e.Status {
		case rule.Deleted:
			deleted = true
		case rule.Added:
			added = true
			info, err := lstatBeneath(g.root, e.Path)
			if err != nil || info.Mode().Type()&^symlinkType != 0 {
				return false
			}
		}
	}
	return added && deleted
}

// reallyChanged leaves out files that are listed as modified for their time alone.
func (g *gitBackend) reallyChanged(ctx context.Context, list []rule.Entry) ([]rule.Entry, error) {
	files, err := openBeneath(g.root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = files.close() }()
	same := map[string]bool{} // as their bytes are
	var unsure []rule.Entry   // as a filter may make them
	var buf []byte
	for _, e := range list {
		if e.Status != rule.Modified || e.Blob != "" || e.Mode != e.Before().Mode {
			continue
		}
		var data []byte
		switch {
		case e.Mode == rule.ModeSymlink:
			data, err = files.readLink(e.Path, buf)
		case e.Mode.Regular():
			data, err = files.readFile(e.Path, buf, hashWhole)
		default:
			continue
		}
		var large *TooLargeError
		if err != nil && !errors.As(err, &large) {
			continue // gone, or no file any more
		}
		if err == nil {
			buf = data[:0]
			same[e.Path] = isBlob(data, e.Before().Blob)
		}
		if !same[e.Path] && e.Mode.Regular() {
			unsure = append(unsure, e)
		}
	}
	g.filtered(ctx, unsure, same)
	return slices.DeleteFunc(list, func(e rule.Entry) bool { return same[e.Path] && e.Status == rule.Modified }), nil
}

// filtered marks those files that git's filters make the same as before:
// `git hash-object` runs them and writes nothing.
func (g *gitBackend) filtered(ctx context.Context, list []rule.Entry, same map[string]bool) {
	if len(list) == 0 {
		return
	}
	var in strings.Builder
	for _, e := range list {
		in.WriteString(quoteC(e.Path) + "\n")
	}
	out, err := g.run(ctx, strings.NewReader(in.String()), "hash-object", "--stdin-paths")
	if err != nil {
		return // one is gone or cannot be read by now: let all be checked
	}
	for i, id := range strings.Fields(string(out)) {
		if i < len(list) && rule.ParseID(id) == list[i].Before().Blob {
			same[list[i].Path] = true
		}
	}
}

// quoteC quotes a path for a list that has one on each line, where git reads
// what begins with a quote as a C string.
func quoteC(path string) string {
	if !strings.ContainsAny(path, "\n\"\\") {
		return path
	}
	return `"` + strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`).Replace(path) + `"`
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

func (g *gitBackend) parents(ctx context.Context, commit string) ([]string, error) {
	out, err := g.run(ctx, nil, "rev-parse", commit+"^@")
	return strings.Fields(string(out)), err
}

func (g *gitBackend) mergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := g.run(ctx, nil, "merge-base", a, b)
	if ge, ok := err.(*gitError); ok && ge.code == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

// index reads the file itself, and leaves shapes that we do not read to git.
func (g *gitBackend) index(ctx context.Context) (*index, error) {
	return g.indexed.get(ctx, func(ctx context.Context) (*index, error) {
		x, err := readIndexFile(g.indexFile, g.idSize())
		if !errors.Is(err, errIndexShape) {
			return x, err
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
		return g.attributeAt(ctx, from, name, paths)
	}
	in := strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := g.run(ctx, in, append(args, name)...)
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

// attributeAt reads the attributes files of a commit itself: only git 2.40 and
// later can (check-attr --source).
func (g *gitBackend) attributeAt(ctx context.Context, commit, name string, paths []string) (map[string]string, error) {
	set, err := g.settings(ctx)
	if err != nil {
		return nil, err
	}
	cat := &catFile{git: &g.gitCmd}
	defer func() { _ = cat.Close() }()
	return attributesOf(g.place, g.env, set, name, paths, func(file string) []byte {
		data, err := cat.read(commit+":"+file, nil, smallMax)
		if err != nil {
			return nil // most folders have none
		}
		return data
	}), nil
}

func (g *gitBackend) blobs() blobReader {
	cat := &catFile{git: &g.gitCmd}
	if !g.readsObjects() {
		return cat
	}
	return &objectBlobs{blobReader: cat, files: g.objectFiles()}
}

func (g *gitBackend) objectFiles() *objectFiles {
	return &objectFiles{dir: filepath.Join(g.commonDir, "objects")}
}

func unreadable(path, why string) rule.Fault {
	return rule.Fault{Kind: rule.FaultUnreadable, Message: fmt.Sprintf("%s: cannot be read: %s", path, why)}
}
