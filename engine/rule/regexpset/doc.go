// Package regexpset finds, in one pass over a text, where each of many regular
// expressions may match.
//
// Most patterns hold text that every match must hold: `fmt\.Print(ln|f)` needs
// "fmt.Print". These literals of all patterns go into one automaton (Aho and
// Corasick 1975), which reads the text once. The expression itself then runs on
// the lines that hold one of its literals, if no match of it can hold a line end,
// and otherwise on the whole text, if that holds one of its literals. A pattern
// without a literal runs on every text.
//
// Invariant: running the expression on the spans of Hits finds exactly what
// running it on the whole text finds. It holds because such a match lies within
// one line, because ^, $, \b and \B see the same at a line's end as at the text's
// (with the flag m), and because expressions with \A or \z, where this is not so,
// are run on the whole text.
//
// Letters are compared without their case (ASCII), which may give a line too
// many and never one too few.
//
// Words and Anchors are the parts of this that package secrets puts together in
// another way: where words stand, and at which words of an expression to look.
package regexpset
