package rule

import (
	"context"
	"sync"
)

// Kept is a file's content and what rules made of it, for rules that look at the
// file at other times. It is safe for concurrent use.
type Kept struct {
	data []byte
	grew func(bytes int) // told of what a value takes; may be nil

	mu   sync.Mutex
	memo map[any]any
}

// NewKept returns a file's content, which must not change any more. Where grew is
// not nil, it is called with the bytes of memory of each value that is remembered
// beside the content, while the Kept is locked.
func NewKept(data []byte, grew func(bytes int)) *Kept { return &Kept{data: data, grew: grew} }

// Bytes returns the content. It is shared: do not change it.
func (k *Kept) Bytes() []byte { return k.data }

// Memo returns the value that make gave for this key, calling it at most once:
// who else asks meanwhile waits. A value is shared by goroutines, and so must not
// change; one that takes much memory says how much by a method Footprint.
func (k *Kept) Memo(key any, make func() any) any {
	k.mu.Lock()
	defer k.mu.Unlock()
	if v, ok := k.memo[key]; ok {
		return v
	}
	v := make()
	if k.memo == nil {
		k.memo = map[any]any{}
	}
	k.memo[key] = v
	if big, ok := v.(interface{ Footprint() int }); ok && k.grew != nil {
		k.grew(big.Footprint())
	}
	return v
}

// Keeper is a Repo that keeps files that are asked for more than once.
type Keeper interface {
	// Keep is Read with what was made of the file.
	Keep(ctx context.Context, path string) (*Kept, error)
}

// Reader is a check that reads files of the repository beside those that it
// judges, or, if it judges the tree, those.
type Reader interface {
	// Reads returns the paths, as far as they are known, and the names of files
	// that it reads in any folder.
	Reads() (paths, names []string)
}

// Keep returns another file of the repository, with what was made of it by
// whichever rule. As with Repo, the check has then asked.
func (p *Pass) Keep(path string) (*Kept, error) { return keep(p.ctx, p.Repo(), path) }

// KeepStated is Keep for a check that Depends, as Stated is Repo.
func (p *Pass) KeepStated(path string) (*Kept, error) { return keep(p.ctx, p.Stated(), path) }

func keep(ctx context.Context, repo Repo, path string) (*Kept, error) {
	if k, ok := repo.(Keeper); ok {
		return k.Keep(ctx, path)
	}
	data, err := repo.Read(ctx, path)
	if err != nil {
		return nil, err
	}
	return NewKept(data, nil), nil
}
