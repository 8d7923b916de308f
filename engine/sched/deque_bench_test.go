package sched

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// mutexDeque and channelQueue are what the deque is measured beside.
type mutexDeque struct {
	mu    sync.Mutex
	items []int32
	first int
}

func (d *mutexDeque) push(v int32) {
	d.mu.Lock()
	if d.first > 0 && d.first == len(d.items) {
		d.items, d.first = d.items[:0], 0
	}
	d.items = append(d.items, v)
	d.mu.Unlock()
}

func (d *mutexDeque) pop() (int32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.items) == d.first {
		return 0, false
	}
	v := d.items[len(d.items)-1]
	d.items = d.items[:len(d.items)-1]
	return v, true
}

func (d *mutexDeque) steal() (int32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.items) == d.first {
		return 0, false
	}
	v := d.items[d.first]
	d.first++
	return v, true
}

type channelQueue chan int32

func (c channelQueue) push(v int32) { c <- v }

func (c channelQueue) pop() (int32, bool) {
	select {
	case v := <-c:
		return v, true
	default:
		return 0, false
	}
}

func (c channelQueue) steal() (int32, bool) { return c.pop() }

type pusher interface {
	push(int32)
	pop() (int32, bool)
	steal() (int32, bool)
}

var pushers = []struct {
	name string
	make func() pusher
}{
	{"chase-lev", func() pusher { return &deque{} }},
	{"mutex", func() pusher { return &mutexDeque{} }},
	{"channel", func() pusher { return make(channelQueue, 1024) }},
}

// One operation is a push and a pop by the owner, in runs of 64 as a deal does
// it, while thieves take what they get.
func BenchmarkPushPop(b *testing.B) {
	for _, thieves := range []int{0, 1, 2} {
		for _, p := range pushers {
			b.Run(fmt.Sprintf("thieves=%d/%s", thieves, p.name), func(b *testing.B) {
				q := p.make()
				stop := stealAll(q, thieves)
				b.ResetTimer()
				for i := 0; i < b.N; i += 64 {
					for k := range int32(64) {
						q.push(k)
					}
					for range 64 {
						q.pop()
					}
				}
				b.StopTimer()
				stop()
			})
		}
	}
}

// One operation is one item that is stolen, by so many thieves at once.
func BenchmarkSteal(b *testing.B) {
	for _, thieves := range []int{1, 2} {
		for _, p := range pushers {
			b.Run(fmt.Sprintf("thieves=%d/%s", thieves, p.name), func(b *testing.B) {
				q := p.make()
				for i := 0; i < b.N; i += 1024 {
					b.StopTimer()
					for k := range int32(1024) {
						q.push(k)
					}
					b.StartTimer()
					var wg sync.WaitGroup
					for range thieves - 1 {
						wg.Go(func() { drain(q) })
					}
					drain(q)
					wg.Wait()
				}
			})
		}
	}
}

func drain(q pusher) {
	for misses := 0; misses < 3; {
		if _, ok := q.steal(); !ok {
			misses++
		}
	}
}

func stealAll(q pusher, thieves int) (stop func()) {
	var done atomic.Bool
	var wg sync.WaitGroup
	for range thieves {
		wg.Go(func() {
			for !done.Load() {
				q.steal()
			}
		})
	}
	return func() {
		done.Store(true)
		wg.Wait()
	}
}
