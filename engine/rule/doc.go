// Package rule is the contract between the engine and the kinds of rules.
//
// A Kind (one sub-package each: use, structure, naming, content, command) turns
// the body of a rule in sot.yaml into a Check. A Check never opens a file and
// never prints: it is handed a File, or the Tree, or the paths of one
// invocation, and a Pass to report findings to. The engine alone reads, times,
// sorts and prints.
//
// The life of a rule:
//
//	sot.yaml -> Value -> Kind.New -> Check -> Rule -> (plan) -> CheckFile / CheckTree / Run -> Finding
//
// Invariants:
//   - the root of this package imports the standard library alone;
//   - a File's bytes are shared by every rule and are valid only during the
//     call that handed them out: a Check copies what it keeps, and changes nothing;
//   - offsets are 0-based bytes, lines are 1-based, columns are 1-based Unicode
//     code points; line 0 means the whole file, path "" the whole repository.
package rule
