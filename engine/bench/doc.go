// Package bench runs the same work in several modes and compares them.
//
// The work is a workload (rules with seconds, in batches that depend on each
// other), or a repository's real rules, which the caller runs. The modes:
//
//   - fixed: all workers, in the order of the file, batch by batch: what a plain
//     pool does, and what the original's fixed run did. It is shown without
//     barriers too;
//   - table: the number of workers by the original's table, batch by batch, and in
//     the order that the original's workers took their tasks in, with the estimates
//     of the warm mode;
//   - adaptive-cold: no barriers, and nothing is known of the rules before any run;
//   - adaptive-warm: the same, with a profile that earlier runs have taught.
//
// The clocks of a workload:
//
//   - sleep: a task sleeps for its seconds, so that more workers than processors
//     can be tried;
//   - spin: a task computes as much as takes its seconds on an idle processor, so
//     that workers beyond the processors make each other slower, as they do in life;
//   - virtual: no time passes. The scheduler's simulation gives the same figures,
//     to the bit, on every machine.
//
// Modes are interleaved, in an order drawn anew for each round from a fixed seed, so
// that a machine that drifts (heat, neighbours) is equally unfair to all of them.
// A figure is the median over the runs; the makespan has its least, its most, and
// the 95 % bootstrap interval of its median.
//
// What it does not measure: rules that slow each other down by memory bandwidth or
// disk (a sleeping task needs neither), and the start of the process.
package bench
