// Package actionsexpr finds what a stranger can write in the expressions of
// GitHub Actions, ${{ ... }}: it follows a value from the context that holds it
// to the text that the expression gives.
//
//	embedded.go  the expressions of a text
//	parse.go     the grammar of docs.github.com/actions/reference/evaluate-expressions,
//	             and what of each construct flows on
//	inputs.go    the contexts that a stranger fills
//
// An expression is never evaluated, so what flows is an upper bound: both sides
// of || do, and each argument of format. What is only true or false (a
// comparison, contains) holds nothing of anybody's text.
package actionsexpr
