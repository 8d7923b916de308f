package source

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// memo remembers the answer of a slow question. An error that came of a
// cancelled context is not remembered.
type memo[T any] struct {
	mu    sync.Mutex
	done  bool
	value T
	err   error
}

func (m *memo[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done {
		return m.value, m.err
	}
	v, err := ask(ctx)
	if err != nil && ctx.Err() != nil {
		return v, err
	}
	m.value, m.err, m.done = v, err, true
	return v, err
}

// peek returns the answer if there is one already.
func (m *memo[T]) peek() (value T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.value, m.done && m.err == nil
}

func sortedFaults(set map[string]rule.Fault) []rule.Fault {
	list := slices.Collect(maps.Values(set))
	slices.SortFunc(list, rule.CompareFaults)
	return list
}
