package source

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// WriteBlobs writes contents to the object store as they are, and returns their
// ids. What no index refers to in the end is garbage that `git gc` collects.
func (t *Staging) WriteBlobs(ctx context.Context, contents [][]byte) ([]string, error) {
	var in strings.Builder
	for i, data := range contents {
		file := t.path("blob-" + strconv.Itoa(i))
		if err := os.WriteFile(file, data, 0o666); err != nil {
			return nil, err
		}
		in.WriteString(quoteC(file) + "\n")
	}
	out, err := t.git.run(ctx, strings.NewReader(in.String()), "hash-object", "-w", "--no-filters", "--stdin-paths")
	if err != nil {
		return nil, err
	}
	ids := strings.Fields(string(out))
	if len(ids) != len(contents) {
		return nil, fmt.Errorf("git hash-object: %d ids for %d files", len(ids), len(contents))
	}
	for i := range contents {
		if err := os.Remove(t.path("blob-" + strconv.Itoa(i))); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// CheckedOut is what the worktree would hold of two blobs of one path.
type CheckedOut struct {
	Old, New []byte
	// Why, where not "", says why nothing is known: a filter program stands
	// between git and the worktree, or what the worktree would hold is not what
	// git would take back.
	Why string
}

// BlobPair is a path with its blob before and after.
type BlobPair struct {
	Path         string
	OldID, NewID string
	Old, New     []byte
}

// CheckOut converts blobs as git does on their way to the worktree (line ends,
// encodings, $Id$), so that they are compared with worktree files like with like.
// The filters of gitattributes(5) are not run: they may do anything (git-lfs
// loads files from the network).
func (t *Staging) CheckOut(ctx context.Context, pairs []BlobPair) ([]CheckedOut, error) {
	ways, err := t.conversions(ctx, pairs)
	if err != nil {
		return nil, err
	}
	var ask []blobAt
	for _, p := range pairs {
		if ways[p.Path] == lineEnds {
			ask = append(ask, blobAt{p.OldID, p.Path}, blobAt{p.NewID, p.Path})
		}
	}
	held, err := t.checkOut(ctx, ask)
	if err != nil {
		return nil, err
	}
	out := make([]CheckedOut, len(pairs))
	for i, p := range pairs {
		switch ways[p.Path] {
		case asIs:
			out[i] = CheckedOut{Old: p.Old, New: p.New}
		case anything:
			out[i].Why = "a filter (gitattributes) stands between its worktree file and what is staged"
		default:
			out[i] = CheckedOut{Old: held[0], New: held[1]}
			held = held[2:]
			if out[i].Why, err = t.keeps(ctx, p, out[i].New); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// conversionAttributes are those that change content on its way (gitattributes(5)).
var conversionAttributes = []string{"text", "crlf", "eol", "ident", "working-tree-encoding", "filter"}

// conversions says what stands between the worktree and git for each path:
// lineEnds is whatever git does itself, anything is a program.
func (t *Staging) conversions(ctx context.Context, pairs []BlobPair) (map[string]conversion, error) {
	set, err := t.git.settings(ctx)
	if err != nil {
		return nil, err
	}
	var in strings.Builder
	ways := make(map[string]conversion, len(pairs))
	for _, p := range pairs {
		in.WriteString(p.Path + "\x00")
		if set.autoCRLF || runtime.GOOS == "windows" {
			ways[p.Path] = lineEnds
		}
	}
	out, err := t.git.run(ctx, strings.NewReader(in.String()), append([]string{"check-attr", "--stdin", "-z"}, conversionAttributes...)...)
	if err != nil {
		return nil, err
	}
	f := strings.Split(string(out), "\x00") // path, attribute, value, ...
	for i := 0; i+2 < len(f); i += 3 {
		path, name, value := f[i], f[i+1], f[i+2]
		switch {
		case value == "unspecified" || value == "unset" && name != "text" && name != "crlf":
		case name == "filter":
			ways[path] = anything
		default:
			ways[path] = max(ways[path], lineEnds)
		}
	}
	return ways, nil
}

// keeps makes sure that git would take the new content back as the same blob;
// else it says why not.
func (t *Staging) keeps(ctx context.Context, p BlobPair, checkedOut []byte) (string, error) {
	if bytes.Equal(checkedOut, p.New) && !bytes.Contains(p.New, []byte("\r\n")) && !bytes.Contains(p.New, []byte("$Id")) {
		return "", nil // nothing that git would change on its way back
	}
	id, err := t.git.run(ctx, bytes.NewReader(checkedOut), "hash-object", "--stdin", "--path="+p.Path)
	if err != nil || strings.TrimSpace(string(id)) == p.NewID {
		return "", err
	}
	return "git's conversion of line ends (gitattributes, core.autocrlf) would undo the fix", nil
}

// blobAt is a blob as it would be checked out at a path.
type blobAt struct{ id, path string }

// checkOut asks one `git cat-file --batch --filters` for all. Its answers tell
// the size before the conversion, and so each is followed by the answer about an
// object that does not exist and whose name nobody can have guessed.
func (t *Staging) checkOut(ctx context.Context, list []blobAt) ([][]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var in strings.Builder
	end := rand.Text()
	for _, b := range list {
		if onLine(b.path) {
			in.WriteString(b.id + " " + b.path + "\n" + end + "\n")
		}
	}
	all, err := t.git.run(ctx, strings.NewReader(in.String()), "cat-file", "--batch", "--filters")
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(list))
	for i, b := range list {
		if !onLine(b.path) {
			if out[i], err = t.git.run(ctx, nil, "cat-file", "--filters", "--path="+b.path, b.id); err != nil {
				return nil, err
			}
			continue
		}
		one, rest, ok := bytes.Cut(all, []byte("\n"+end+" missing\n"))
		head, content, whole := bytes.Cut(one, []byte("\n"))
		if !ok || !whole || !bytes.HasPrefix(head, []byte(b.id+" blob ")) {
			return nil, fmt.Errorf("git cat-file: cannot read the answer about %s: %q", b.id, head)
		}
		out[i], all = content, rest
	}
	return out, nil
}

// onLine says whether a path can stand behind an id on a line of its own.
func onLine(path string) bool {
	return path == strings.Trim(path, " \t") && !strings.Contains(path, "\n")
}
