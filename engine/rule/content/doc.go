// Package content is the kind of rule that judges what a text file says:
// patterns that must not be there, and patterns that must.
//
// All patterns of a rule are looked for in one pass over the file (see package
// regexpset); an expression itself runs only where one of its literals stands.
// A pattern is matched against the whole text, with ^ and $ at the ends of lines;
// one that is bound to lines sees those lines alone.
package content
