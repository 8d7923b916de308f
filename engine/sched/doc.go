// Package sched runs tasks on workers: it decides which task goes first, where it
// runs, and how many workers there are.
//
// It is generic and knows no rules. A task has an id, an estimate of its seconds,
// the tasks that it waits for, what it holds while it runs, and a payload that
// only the caller understands. Run runs tasks on goroutines and real time;
// Simulate runs them on a virtual clock. Both leave a trace.Log.
//
// # The way of a task
//
// Tasks are ranked once, before the run: by the longest remaining path (their own
// estimate and the longest chain of estimates behind them), then by id, then by
// position. The order does not depend on chance.
//
// When the last of the tasks that it waits for has ended, a task is ready. What
// becomes ready at once is sorted, and dealt: each task, largest first, to the
// worker with the least estimated work before it. That is longest-first list
// scheduling (Graham, Bounds on Multiprocessing Timing Anomalies, 1969) done
// ahead of time, and as long as the estimates are right, nobody has to steal.
//
// A worker owns a deque and an inbox. Tasks are pushed into the deque so that
// the owner's next pop, last in, first out, is its largest. What others deal to
// it, and what belongs into the middle of the deque, goes to the inbox, and the
// owner takes from both whichever is larger. So the order is exact within a
// worker's queue, and near it over all.
//
// A worker that has nothing left steals: from the worker with the most estimated
// work left, and there what its owner would come to last: the top of the deque,
// first in, first out. (A task in the inbox of a worker that is busy goes before
// that: its owner has not even seen it, and others may wait for it.) One task
// at a time: taking more was no better in simulation, and undoes the deal.
// Where estimates are wrong or missing, stealing is what evens the loads out.
//
// A long task must not wait for an owner that another one holds up until all others
// have run out of short ones. So with learned estimates the large tasks (from a
// fiftieth of a worker's share of the work on) wait in inboxes, and once the errors
// of the estimates count, a worker takes one of another's before what is shorter in
// its own queue: for these the order is that of list scheduling.
//
// The deque is that of Chase and Lev (2005): no lock, and no allocation but when
// it grows. See its type for how the orderings of Lê et al. (2013) map to Go.
//
// # How many workers
//
// With learned estimates (Options.Warm), the policy Adaptive takes the smallest
// number whose simulated makespan is within 0.3 % of the best; where simulating
// would cost more than 0.05 % of the run, Graham's bounds decide instead. Without,
// it takes as many as there are ready tasks, up to the maximum. Once the errors of
// the estimates come to as much as was to be spared, a warm run goes on like a
// cold one. The maximum is Options.Workers, and no more than the processors
// allow: a task of this process uses one, so that more workers than
// Options.CPUs live only where commands use less than one each.
//
// Workers join when a task is dealt to them, and retire when there has been none
// for a millisecond. A worker without work parks at once, whether it has retired
// or not, and costs nothing; who has work for it wakes it.
//
// A command holds processors and memory (Task.CPUs, Task.Memory). Tasks never
// hold more together than Options allow; one that alone exceeds the whole gets
// the whole. A task that does not fit is put aside, and its worker does something
// else; when eight tasks of less rank have started before it, it is the next.
//
// The other policies are there for comparison. Fixed: Options.Workers, one queue,
// in the order of the list. Table: the number of workers by a table of the number
// of tasks, tasks dealt in turn, and each worker pops its smallest first: the
// order of the system that this one re-creates. List: one queue, longest
// remaining path first. Options.Barrier makes any of them run batch by batch.
//
// # Invariants
//
//   - every task is handed to do exactly once, whatever others do, unless one
//     that it needs has failed: then it is in Result.Skipped; or the context has
//     ended before: then it is counted in Result.Left;
//   - a task starts after every task that it needs has ended well;
//   - a call of do that panics, or ends its goroutine, is a task that failed;
//   - while a task is in a queue, no worker that may run it stays parked;
//   - no goroutine is left when Run returns. Run waits for the calls of do that
//     run: one that blocks for ever, and does not obey the context that it is
//     given, holds Run up for ever;
//   - each moment of a worker's life is in a task (busy), between tasks (steal:
//     looking for work, and dealing it out), or parked (idle). The times are
//     from the monotonic clock, and Log.Overhead is what reading it cost.
//
// # The virtual clock
//
// The scheduler neither waits nor reads a clock. Two drivers move it on: one with
// goroutines, and one that jumps from one end of a task to the next. So what
// Simulate shows is what Run does, but for the time that scheduling itself takes,
// and the same code chooses the number of workers. It is deterministic to the bit:
// its times are whole nanoseconds, and what ends at the same moment is taken in
// the order of the workers.
package sched
