package engine

import (
	"slices"
	"sync"
)

// Progress lets another goroutine see how far a run is. The zero value is
// ready; a nil Progress counts nothing.
type Progress struct {
	mu      sync.Mutex
	done    int
	total   int
	running map[string]int
	live    int // workers
	busy    int // of them
}

// Snapshot returns the tasks that ended, all tasks, and the ids of the rules
// that run now, sorted.
func (p *Progress) Snapshot() (done, total int, running []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.running {
		running = append(running, id)
	}
	slices.Sort(running)
	return p.done, p.total, running
}

// Workers returns how many workers live, and how many of them are busy.
func (p *Progress) Workers() (live, busy int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live, p.busy
}

// watch is told by the scheduler whenever these numbers change.
func (p *Progress) watch(live, busy int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live, p.busy = live, busy
}

func (p *Progress) start(total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total, p.running = 0, total, map[string]int{}
}

func (p *Progress) finish() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = nil
}

// task notes that a task of a rule runs, and returns what notes its end.
func (p *Progress) task(id string) func() {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	p.running[id]++
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done++
		if p.running[id]--; p.running[id] <= 0 {
			delete(p.running, id)
		}
	}
}
