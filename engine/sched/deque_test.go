package sched

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"pgregory.net/rapid"
)

// The deque against a slice: push, load and pop at one end, steal at the other.
func TestDequeAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d deque
		var model []int32
		next := int32(0)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(*rapid.T) {
				next++
				d.push(next)
				model = append(model, next)
			},
			"load": func(t *rapid.T) {
				var more []int32
				for range rapid.IntRange(0, 100).Draw(t, "n") {
					next++
					more = append(more, next)
				}
				d.load(more)
				slices.Reverse(more)
				model = append(model, more...)
			},
			"pop": func(t *rapid.T) {
				seen, has := d.peek()
				got, ok := d.pop()
				if ok != (len(model) > 0) || has != ok {
					t.Fatalf("pop %v, peek %v with %d inside", ok, has, len(model))
				}
				if ok {
					if want := model[len(model)-1]; got != want || seen != want {
						t.Fatalf("pop %d, peek %d, want %d", got, seen, want)
					}
					model = model[:len(model)-1]
				}
			},
			"steal": func(t *rapid.T) {
				got, ok := d.steal()
				if ok != (len(model) > 0) {
					t.Fatalf("steal %v with %d inside", ok, len(model))
				}
				if ok {
					if got != model[0] {
						t.Fatalf("stole %d, want %d", got, model[0])
					}
					model = model[1:]
				}
			},
			"": func(t *rapid.T) {
				if d.size() != int64(len(model)) {
					t.Fatalf("size %d, want %d", d.size(), len(model))
				}
			},
		})
	})
}

// The heap of an inbox gives tasks back in their order.
func TestInboxKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b inbox
		var model []int32
		b.best.Store(empty)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				more := rapid.SliceOfN(rapid.Int32Range(0, 1000), 1, 20).Draw(t, "tasks")
				slices.Sort(more)
				b.add(more)
				model = append(model, more...)
				slices.Sort(model)
			},
			"take": func(t *rapid.T) {
				got, ok := b.take()
				if ok != (len(model) > 0) || ok && got != model[0] {
					t.Fatalf("took %d, %v of %v", got, ok, model)
				}
				if ok {
					model = model[1:]
				}
			},
			"all": func(t *rapid.T) {
				if got := b.all(nil); !slices.Equal(got, model) {
					t.Fatalf("took %v, want %v", got, model)
				}
				model = nil
			},
			"": func(t *rapid.T) {
				want := int32(empty)
				if len(model) > 0 {
					want = model[0]
				}
				if b.best.Load() != want {
					t.Fatalf("best is %d, want %d", b.best.Load(), want)
				}
			},
		})
	})
}

// op is one call in a recorded history: what was called, and what it returned.
type op struct {
	call  byte // 'u' push, 'p' pop, 's' steal
	value int32
}

type outcome struct {
	value int32
	ok    bool
	empty bool // a steal that failed although it had seen a task lost a race: it says nothing
}

var dequeModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(string), input.(op), output.(outcome)
		switch {
		case in.call == 'u':
			return true, s + string(in.value)
		case in.call == 's' && !out.ok && !out.empty:
			return true, s
		case !out.ok:
			return s == "", s
		case s == "":
			return false, s
		}
		rs := []rune(s)
		if in.call == 'p' {
			return rs[len(rs)-1] == out.value, string(rs[:len(rs)-1])
		}
		return rs[0] == out.value, string(rs[1:])
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%c%v", in.(op).call, out) },
}

// Histories of an owner and thieves have an order in which a sequential deque
// would have answered the same (Herlihy and Wing 1990).
func TestDequeIsLinearizable(t *testing.T) {
	rounds := 300
	if long() {
		rounds = 10_000
	}
	for seed := range rounds {
		ops := recordDeque(uint64(seed), 1+seed%4)
		if res := porcupine.CheckOperationsTimeout(dequeModel, ops, 20*time.Second); res != porcupine.Ok {
			t.Fatalf("history %d is not linearizable (%v)", seed, res)
		}
	}
}

func recordDeque(seed uint64, thieves int) []porcupine.Operation {
	var d deque
	var clock atomic.Int64
	logs := make([][]porcupine.Operation, thieves+1)
	record := func(client int, call byte, f func() (op, outcome)) {
		from := clock.Add(1)
		in, out := f()
		in.call = call
		logs[client] = append(logs[client], porcupine.Operation{ClientId: client, Input: in, Output: out, Call: from, Return: clock.Add(1)})
	}
	var wg sync.WaitGroup
	var done atomic.Bool
	begin := make(chan struct{})
	for c := 1; c <= thieves; c++ {
		wg.Go(func() {
			<-begin
			for tries := 0; !done.Load() && tries < 60; tries++ {
				record(c, 's', func() (op, outcome) {
					was := d.top.Load() >= d.bottom.Load()
					v, ok := d.steal()
					return op{}, outcome{v, ok, was && !ok && d.top.Load() >= d.bottom.Load()}
				})
			}
		})
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	next := int32('a')
	close(begin)
	for range 60 {
		if rng.IntN(2) == 0 {
			v := next
			next++
			record(0, 'u', func() (op, outcome) { d.push(v); return op{value: v}, outcome{} })
		} else {
			record(0, 'p', func() (op, outcome) { v, ok := d.pop(); return op{}, outcome{v, ok, !ok} })
		}
	}
	done.Store(true)
	wg.Wait()
	return slices.Concat(logs...)
}

func long() bool { return os.Getenv("SOT_LONG") == "1" }

// However many thieves there are, each item is taken exactly once.
func TestDequeTakesEachItemOnce(t *testing.T) {
	items := 200_000 / slowdown
	if long() {
		items = 10_000_000
	}
	for _, thieves := range []int{1, 2, 3, 4, 8, 16} {
		t.Run(fmt.Sprint(thieves), func(t *testing.T) { takeOnce(t, items, thieves) })
	}
}

func takeOnce(t *testing.T, items, thieves int) {
	var d deque
	taken := make([]atomic.Int32, items)
	var left atomic.Int64
	left.Store(int64(items))
	take := func(v int32, ok bool) {
		if ok {
			taken[v].Add(1)
			left.Add(-1)
		}
	}
	var wg sync.WaitGroup
	for range thieves {
		wg.Go(func() {
			for left.Load() > 0 {
				take(d.steal())
			}
		})
	}
	rng := rand.New(rand.NewPCG(uint64(thieves), 2))
	for next := 0; next < items; {
		// Mostly the deque is all but empty, where owner and thieves meet.
		size := 3
		if next%8 == 0 {
			size = 100
		}
		for range min(1+rng.IntN(size), items-next) {
			d.push(int32(next))
			next++
		}
		for range rng.IntN(size + 1) {
			take(d.pop())
		}
	}
	for v, ok := d.pop(); ok; v, ok = d.pop() {
		take(v, ok)
	}
	wg.Wait()
	for i := range taken {
		if n := taken[i].Load(); n != 1 {
			t.Fatalf("item %d was taken %d times", i, n)
		}
	}
}

// The owner and thieves race for the only element, again and again.
func TestDequeLastElementGoesToOne(t *testing.T) {
	const rounds = 1_000_000
	n := rounds / slowdown
	var d deque
	taken := make([]atomic.Int32, n)
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !done.Load() {
				if v, ok := d.steal(); ok {
					taken[v].Add(1)
				}
			}
		})
	}
	for i := range n {
		d.push(int32(i))
		if v, ok := d.pop(); ok {
			taken[v].Add(1)
		}
	}
	done.Store(true)
	wg.Wait()
	for i := range taken {
		if k := taken[i].Load(); k != 1 {
			t.Fatalf("item %d was taken %d times", i, k)
		}
	}
}

func TestDequeAllocatesNothingAfterGrowth(t *testing.T) {
	var d deque
	for i := range int32(1000) {
		d.push(i)
	}
	if n := testing.AllocsPerRun(1000, func() {
		d.pop()
		d.steal()
		d.push(1)
		d.push(2)
	}); n != 0 {
		t.Errorf("%v allocations a push", n)
	}
}
