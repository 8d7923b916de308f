package sched

import "math"

// linger is how long a worker without work still counts as living under
// Adaptive, in nanoseconds: what it waits within that time is idleness, and
// after it the worker has retired. A retired worker is a parked goroutine.
const linger = int64(1e6)

// period is a stretch of time in nanoseconds.
type period struct{ from, to int64 }

// within returns how much of the period lies in another.
func (p period) within(q period) int64 { return max(0, min(p.to, q.to)-max(p.from, q.from)) }

// account keeps a worker's time: each moment of its stays is in a task (in the
// spans), in looks or in rests.
type account struct {
	since  int64    // start of the present stay; -1 outside
	parked int64    // since when it has been parked; -1 where it is not
	stays  []period // ended ones
	rests  []period // parked within a stay

	looks       int64 // looking for work, but for the two that follow
	first, last period
}

func newAccount() account { return account{since: -1, parked: -1} }

// look notes a time of looking for work. The first and the last are kept apart:
// they are what can lie outside the makespan.
func (a *account) look(from, to int64) {
	if a.first == (period{}) {
		a.first = period{from, to}
		return
	}
	a.looks += a.last.to - a.last.from
	a.last = period{from, to}
}

func (a *account) arrive(now int64) { a.since = now }

func (a *account) park(now int64) { a.parked = now }

// resume ends the parking. The worker retired at the time given, where that has passed.
func (a *account) resume(now, retired int64) {
	a.rests = append(a.rests, period{a.parked, min(now, retired)})
	if retired < now {
		a.stays = append(a.stays, period{a.since, retired})
		a.since = now
	}
	a.parked = -1
}

// leave ends the last stay.
func (a *account) leave(now int64) {
	if a.since >= 0 {
		a.stays = append(a.stays, period{a.since, now})
		a.since = -1
	}
}

// times returns the seconds of the stays, of looking and of resting in a window.
func (a *account) times(window period) (life, look, rest float64) {
	sum := func(ps []period) (n int64) {
		for _, p := range ps {
			n += p.within(window)
		}
		return n
	}
	looks := a.looks + a.first.within(window) + a.last.within(window)
	return seconds(sum(a.stays)), seconds(looks), seconds(sum(a.rests))
}

func seconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }

const never = math.MaxInt64
