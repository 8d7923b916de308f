package bench

import (
	"context"
	"runtime"
	"time"
)

// Clock says how the seconds of a workload's rules pass.
type Clock string

// The clocks. Rules is a repository's real rules, whose seconds nobody knows before.
const (
	Virtual Clock = "virtual"
	Sleep   Clock = "sleep"
	Spin    Clock = "spin"
	Rules   Clock = "rules"
)

// mostSlack bounds what a sleeping task yields instead of sleeping.
const mostSlack = 2 * time.Millisecond

// holder makes a task last its seconds. It returns early where ctx ends.
type holder func(ctx context.Context, seconds float64)

// sleeper sleeps. time.Sleep wakes late, here by up to a millisecond, which tasks of
// 10 ms would show as 10 % of work that nobody asked for. So it sleeps until shortly
// before the end, by as much as sleeps were seen to be late when it was made, and
// yields its processor until the end has come: other workers run meanwhile.
func sleeper() holder {
	late := time.Duration(0)
	for range 20 {
		started := time.Now()
		time.Sleep(time.Millisecond)
		late = max(late, time.Since(started)-time.Millisecond)
	}
	slack := min(late, mostSlack)
	return func(ctx context.Context, seconds float64) {
		end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
		if d := time.Until(end) - slack; d > 0 {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
		}
		for time.Now().Before(end) && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
}

// spinner computes. The amount of work is what takes the seconds on a processor
// that nobody shares, measured when it is made: workers beyond the processors make
// tasks longer, as they do with rules.
func spinner() holder {
	rate := 0.0 // steps a second
	for range 5 {
		const steps = 1 << 23
		started := time.Now()
		compute(steps)
		rate = max(rate, steps/time.Since(started).Seconds())
	}
	return func(ctx context.Context, seconds float64) {
		const portion = 1 << 20 // about a millisecond: how late an end of ctx is seen
		for left := int(seconds * rate); left > 0 && ctx.Err() == nil; left -= portion {
			compute(min(left, portion))
		}
	}
}

// compute runs so many steps of xorshift64 (Marsaglia 2003), each of which waits
// for the one before.
func compute(steps int) {
	x := uint64(88172645463325252)
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	runtime.KeepAlive(x)
}
