package source

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// cacheTree is the index's cache tree (gitformat-index(5), "Cache tree"): for
// each folder, its parent first, the name and a NUL, "entries subtrees\n", and
// the id of the tree object that its entries make up. Git sets entries to -1,
// and leaves the id out, for every folder above an entry that it changes.
type cacheTree struct {
	text   string
	idSize int
	nodes  []cachePlace
}

// cachePlace is where a folder's text begins, and the position behind the last
// folder below it.
type cachePlace struct{ start, end uint32 }

// cacheNode is a folder of a cache tree, decoded.
type cacheNode struct {
	name    string
	entries int // -1: not known, and id is ""
	below   int
	id      string // the object id's bytes
	size    int    // of its text
}

var errCacheTree = errors.New("the index's cache tree cannot be used")

func parseCacheTree(text string, idSize int) (*cacheTree, error) {
	t := &cacheTree{text: text, idSize: idSize}
	n, err := t.place(0, 0)
	if err != nil || n != len(text) || t.at(0).name != "" {
		return nil, errCacheTree
	}
	return t, nil
}

// place notes the places of the folder whose text begins at start and of those
// below, and returns where their text ends.
func (t *cacheTree) place(start, depth int) (int, error) {
	n, err := t.decode(start)
	if err != nil || depth > maxTreeDepth {
		return 0, errCacheTree
	}
	at := len(t.nodes)
	t.nodes = append(t.nodes, cachePlace{start: uint32(start)})
	start += n.size
	for range n.below {
		if start, err = t.place(start, depth+1); err != nil {
			return 0, err
		}
	}
	t.nodes[at].end = uint32(len(t.nodes))
	return start, nil
}

func (t *cacheTree) decode(start int) (n cacheNode, err error) {
	name, rest, ok := strings.Cut(t.text[start:], "\x00")
	counts, rest, ok2 := strings.Cut(rest, "\n")
	entries, below, ok3 := strings.Cut(counts, " ")
	if !ok || !ok2 || !ok3 {
		return n, errCacheTree
	}
	n.name, n.size = name, len(name)+1+len(counts)+1
	var err2 error
	n.entries, err = strconv.Atoi(entries)
	n.below, err2 = strconv.Atoi(below)
	if err != nil || err2 != nil || n.entries >= 0 && len(rest) < t.idSize {
		return n, errCacheTree
	}
	if n.entries >= 0 {
		n.id = rest[:t.idSize]
		n.size += t.idSize
	}
	return n, nil
}

// unknownNode is the position of a folder that the cache tree does not have.
const unknownNode = -1

// at returns the folder at a position.
func (t *cacheTree) at(i int) cacheNode {
	if i == unknownNode {
		return cacheNode{entries: -1}
	}
	n, _ := t.decode(int(t.nodes[i].start)) // it was decoded before
	return n
}

// child returns the position of a folder in the one at a position.
func (t *cacheTree) child(of int, name string) int {
	if of != unknownNode {
		for i := of + 1; i < int(t.nodes[of].end); i = int(t.nodes[i].end) {
			if t.at(i).name == name {
				return i
			}
		}
	}
	return unknownNode
}

// stagedDiff compares a commit's tree with the index, entering those folders
// alone whose trees differ by the cache tree: of 9,000 folders mostly a few.
type stagedDiff struct {
	index *index
	cache *cacheTree
	// tree reads a tree object.
	tree  func(id string) ([]byte, error)
	old   []rule.Entry
	now   []rule.Entry
	reads int // tree objects yet to be read
}

// maxStagedReads bounds the trees that are read; an index with next to no cache
// tree, as after a large merge, is quicker compared as a whole.
const maxStagedReads = 400

// diffStagedTree lists what differs between the tree object id and the index,
// without looking for renames. It fails where the index has no cache tree.
func diffStagedTree(x *index, id string, tree func(id string) ([]byte, error)) ([]rule.Entry, error) {
	if x.cacheTree == "" {
		return nil, errCacheTree
	}
	cache, err := parseCacheTree(x.cacheTree, x.idSize)
	if err != nil {
		return nil, err
	}
	d := &stagedDiff{index: x, cache: cache, tree: tree, reads: maxStagedReads}
	if err := d.folder(0, id, "", 0, x.len(), 0); err != nil {
		return nil, err
	}
	byPath := func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(d.old, byPath)
	slices.SortFunc(d.now, byPath)
	return compare(d.old, d.now), nil
}

// folder compares the entries from lo to before hi, which all lie below prefix,
// with the tree object id. Node is the folder's position in the cache tree.
func (d *stagedDiff) folder(node int, id, prefix string, lo, hi, depth int) error {
	n := d.cache.at(node)
	if n.entries >= 0 && n.entries != hi-lo {
		return errCacheTree
	}
	if hex.EncodeToString([]byte(n.id)) == id {
		return nil
	}
	if d.reads--; d.reads < 0 || depth > maxTreeDepth {
		return fmt.Errorf("%w: too much differs", errCacheTree)
	}
	data, err := d.tree(id)
	if err != nil {
		return err
	}
	trees := map[string]string{}
	err = treeItems(data, d.index.idSize, func(mode rule.Mode, name, child string) error {
		if mode == modeTree {
			trees[name] = child
			return nil
		}
		d.old = append(d.old, rule.Entry{Path: prefix + name, Mode: canonical(mode), Status: rule.Unchanged, Blob: rule.ParseID(child), Size: -1})
		return nil
	}, id)
	if err != nil {
		return err
	}
	if err := d.entries(node, trees, prefix, lo, hi, depth); err != nil {
		return err
	}
	for name, child := range trees { // those of which the index holds nothing
		if err := d.folder(unknownNode, child, prefix+name+"/", hi, hi, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// entries goes over the index's part of a folder. It takes the folders that it
// meets out of trees, which has those of the tree object.
func (d *stagedDiff) entries(node int, trees map[string]string, prefix string, lo, hi, depth int) error {
	for lo < hi {
		name, _, isDir := strings.Cut(d.index.path(lo)[len(prefix):], "/")
		if !isDir {
			end := lo + 1
			for end < hi && d.index.again(end) {
				end++
			}
			d.now = append(d.now, d.index.between(lo, end)...)
			lo = end
			continue
		}
		end := d.index.search(prefix + name + "0") // '0' is '/' + 1
		id, tracked := trees[name]
		delete(trees, name)
		if !tracked {
			d.now = append(d.now, d.index.between(lo, end)...)
		} else if err := d.folder(d.cache.child(node, name), id, prefix+name+"/", lo, end, depth+1); err != nil {
			return err
		}
		lo = end
	}
	return nil
}
