// Package importer writes the sot.yaml that does what the configuration of
// another tool did.
//
// Its phases:
//
//	bytes -> rule.Value   config.Parse: the same bounded reader that sot.yaml has
//	Value -> entry        precommit.go, lefthook.go: one rule each, or a note
//	entry -> text         write.go
//	text  -> rules        config.Load: what was written is read again
//
// Invariants:
//   - a rule that is written judges the same files in the same way; what no rule
//     can say exactly is left out, and a Note gives the reason. What differs in
//     a way that is worth knowing (a tool that must be installed by other
//     means) is a Note too;
//   - what is written loads: where it does not, that is a mistake here, and the
//     error says so;
//   - hostile input costs bounded time and memory: config.Parse's limits, and
//     maxSequences for what a pattern stands for;
//   - nothing is fetched and no program is run.
//
// The heart is sequence.go: patterns over paths, be they Python's regular
// expressions or another tool's globs, become sequences of few tokens, which can
// be intersected, and written as globs that match exactly the same paths. A path
// has no empty element and holds no line feed; on other names nothing is promised.
package importer
