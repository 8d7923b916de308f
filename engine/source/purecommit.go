package source

import (
	"container/heap"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// commit is what of a commit matters here.
type commit struct {
	tree    string
	parents []string
	date    int64 // the committer's, in Unix seconds
}

// commit reads a commit; the caller holds b.mu. The parents of a shallow
// clone's last commits are not there, and not named.
func (b *pureBackend) commit(id string) (commit, error) {
	data, err := b.store().whole(plumbing.CommitObject, id)
	if err != nil {
		return commit{}, err
	}
	c := parseCommit(string(data))
	if c.tree == "" {
		return c, fmt.Errorf("object %s is no sound commit", id)
	}
	if b.shallows[id] {
		c.parents = nil
	}
	return c, nil
}

// parseCommit reads the head of a commit object: lines up to an empty one.
func parseCommit(text string) commit {
	var c commit
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "":
			return c
		case "tree":
			c.tree = value
		case "parent":
			c.parents = append(c.parents, value)
		case "committer":
			if f := strings.Fields(value[strings.LastIndexByte(value, '>')+1:]); len(f) > 0 {
				c.date, _ = strconv.ParseInt(f[0], 10, 64) // a broken date sorts as the oldest
			}
			return c
		}
	}
	return c
}

// mergeBase paints the ancestors of both commits, newest first (commit-reach.c
// of git, paint_down_to_common). Of several best ancestors, after criss-cross
// merges, it returns the newest, as `git merge-base` prints it first.
func (b *pureBackend) mergeBase(ctx context.Context, one, two string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &painter{backend: b, colour: map[string]uint8{}}
	if err := p.add(one, paintOne); err != nil {
		return "", err
	}
	if err := p.add(two, paintTwo); err != nil {
		return "", err
	}
	for p.live() {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		at := heap.Pop(&p.queue).(dated)
		c := p.colour[at.id]
		if c == paintOne|paintTwo {
			p.bases = append(p.bases, at.id)
			c |= paintStale // its ancestors are no better
		}
		for _, parent := range at.parents {
			if err := p.add(parent, c); err != nil {
				return "", err
			}
		}
	}
	for _, id := range p.bases {
		if p.colour[id]&paintStale == 0 {
			return id, nil
		}
	}
	return "", nil
}

// The colours of a commit: an ancestor of one, of two, of a common ancestor.
const (
	paintOne uint8 = 1 << iota
	paintTwo
	paintStale
)

type painter struct {
	backend *pureBackend
	colour  map[string]uint8
	queue   byDate
	bases   []string // newest first
}

// add paints a commit, and queues it where that is news.
func (p *painter) add(id string, c uint8) error {
	was := p.colour[id]
	if was|c == was {
		return nil
	}
	p.colour[id] = was | c
	read, err := p.backend.commit(id)
	if err != nil {
		return err
	}
	heap.Push(&p.queue, dated{id, read})
	return nil
}

// live says whether a commit is queued that is not known to be an ancestor of a base.
func (p *painter) live() bool {
	for _, q := range p.queue {
		if p.colour[q.id]&paintStale == 0 {
			return true
		}
	}
	return false
}

type dated struct {
	id string
	commit
}

// byDate is a heap, newest first.
type byDate []dated

func (q byDate) Len() int { return len(q) }
func (q byDate) Less(i, j int) bool {
	if q[i].date != q[j].date {
		return q[i].date > q[j].date
	}
	return q[i].id < q[j].id
}
func (q byDate) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is heap's.
func (q *byDate) Push(x any) { *q = append(*q, x.(dated)) }

// Pop is heap's.
func (q *byDate) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}
