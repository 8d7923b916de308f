// Package engine runs a repository's declared rules over its files.
//
// Read Run first: it is the whole pipeline.
//
//	source.Open      which files, and where their bytes come from
//	config.Load      sot.yaml to rules; every mistake at once
//	choose           --rule, --skip, --tag, --stage, and what the chosen ones need
//	plan.Build       rules x files to tasks
//	sched.Run        tasks on workers; each writes to its own slot
//	finish           ignores, quantifier, baseline, status: rule by rule
//	report           sorted, so that any number of workers gives the same bytes
//
// # Words
//
//   - rule: one requirement declared in sot.yaml: an id, a kind, the files it
//     speaks of, a severity
//   - kind: what a rule does: use, structure, naming, content, data, command,
//     message, secrets
//   - finding: one violation of one rule at one place
//   - fault: a rule that could not do its work; never counted as a finding,
//     never hidden
//   - batch: a dependency level; how a run is reported, not how it is run
//   - task: what is queued and timed: a sweep over a chunk of files by every
//     in-process rule that matches them, one whole-repository rule, one
//     invocation of a command, or a join, which ends a rule that others need
//   - worker: a goroutine that runs tasks; it owns a reader and a buffer
//   - source: where the files and their bytes come from
//
// # Invariants
//
//   - a file is read once in a run, however many rules want it, and parsed at
//     most once for each kind of document;
//   - nothing but --fix writes to the worktree, and nothing here to the index:
//     fixes of staged files are composed in memory and handed to Options.Mend;
//   - a rule that panics is a fault of that rule, and the others finish;
//   - memory is bounded by the listing, plus a window of bytes a worker, plus
//     what is found.
package engine
