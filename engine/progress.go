package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/sched"
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

	began     time.Time
	warm      bool
	predicted float64   // seconds of the round
	estimates []float64 // seconds of each task
	work      float64   // their sum
	finished  float64   // of it, what has ended
	since     map[int]time.Time
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

// Left returns how long the tasks may still take, and false where nothing can be
// said. What was learned is believed until its time is over. From then on, and
// where nothing was learned, the work that is done says how fast the rest goes;
// learned tasks count as done by as much as they have run.
func (p *Progress) Left(now time.Time) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := now.Sub(p.began).Seconds()
	if p.total == 0 || elapsed < 0 {
		return 0, false
	}
	if p.warm && elapsed < p.predicted {
		return seconds(p.predicted - elapsed), true
	}
	done := p.finished
	if p.warm {
		for i, start := range p.since {
			done += max(0, min(now.Sub(start).Seconds(), p.estimates[i]))
		}
	}
	if done <= 0 {
		return 0, false
	}
	return seconds(elapsed * max(0, p.work-done) / done), true
}

// seconds is a duration, cut to what a Duration holds.
func seconds(s float64) time.Duration {
	return time.Duration(min(s, 1e9) * float64(time.Second))
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

// start notes what a round will run.
func (p *Progress) start(tasks []sched.Task[struct{}], o sched.Options) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total, p.running = 0, len(tasks), map[string]int{}
	p.began, p.warm, p.since = time.Now(), o.Warm, map[int]time.Time{}
	p.estimates, p.work, p.finished = make([]float64, len(tasks)), 0, 0
	longest, chains := 0.0, make([]float64, len(tasks))
	for i, t := range tasks {
		p.estimates[i] = t.Estimate
		p.work += t.Estimate
		for _, n := range t.Needs {
			chains[i] = max(chains[i], chains[n]) // a plan lists what is needed before
		}
		chains[i] += t.Estimate
		longest = max(longest, chains[i])
	}
	p.predicted = max(p.work/float64(max(1, o.Workers)), longest)
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
func (p *Progress) task(i int, id string) func() {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	p.running[id]++
	p.since[i] = time.Now()
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.done++
		p.finished += p.estimates[i]
		delete(p.since, i)
		if p.running[id]--; p.running[id] <= 0 {
			delete(p.running, id)
		}
	}
}
