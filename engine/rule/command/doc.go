// Package command is the kind of rule that runs a program of the user's: a
// linter, a formatter, a script.
//
// A run has four steps, each in its own files:
//
//	template, script, words   sot.yaml's text -> a command line that waits for paths
//	split, limit, paths       paths -> invocations below the operating system's limit
//	exec, group, program      an invocation -> its output and its end
//	parse_*, report, clean    the output -> findings, or a fault
//
// Invariants:
//   - a file's name is never part of a text that a shell parses, and never looks
//     like an option;
//   - a path is handed to exactly one invocation, in order;
//   - after a cancelled run, no process of its group is left;
//   - what a program prints is untrusted: it is bounded, and cleaned of escapes.
package command
