// Package expression compiles and evaluates the expressions of data rules, in
// the language of expr-lang/expr, within bounds.
//
// That library bounds the syntax tree and the size of some lists, but neither
// the time nor all of the memory: nested predicates over constant ranges never
// end, and a text that is added to itself in reduce doubles each time. So the
// syntax tree is rewritten before it is compiled (meter.go): the body of each
// predicate first takes a step, and what makes texts, lists or maps accounts for
// their size. Functions that make more than they are given (repeat, replace,
// join) are our own (functions.go), those whose answer is not a matter of the
// files alone (now) are not there, and nothing is computed while compiling.
package expression
