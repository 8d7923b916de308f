// Package use holds the built-in checks: the kind "use" of sot.yaml.
//
// Each check has the id, the options and the verdict of its namesake in
// pre-commit-hooks 6, and where that one mends a file, this one mends it to the
// same bytes. Options stand under `with:`, dashes as underscores. A check says
// in its Doc where it departs from its namesake, and why.
//
// One check is one file: trailing_whitespace.go holds the function
// trailingWhitespace, which returns the rule.Use, and the check's type. checks
// in list.go lists them. To write the next one, copy its neighbour and add its
// line to the list.
//
// Invariants:
//   - a check finds something exactly where its Fix changes something (for the
//     checks that fix all they find), and finds nothing after Fix was run to a
//     fixed point;
//   - a clean file costs no allocation in the checks that only look at lines;
//   - no check stops before the end: every line that is wrong is a finding.
//
// Stages are the rule's default (every stage but commit-msg) wherever the
// namesake asks for nothing else, or for pre-commit, pre-push and manual: there
// is no "ci" among its stages to leave out.
package use
