// Package tomlsyntax says whether a text is TOML 1.0, and if not, where and why.
//
// Its verdict is that of Python's tomllib. It is a parser of its own because
// pelletier/go-toml v2, which agrees with tomllib but for some of TOML 1.1 and
// for numbers beyond 64 bits, compares each new key with its siblings one by
// one: a file of 100,000 keys took it 16 seconds.
//
// The text is read once, character by character (parse.go, value.go,
// string.go); what was defined is kept as a tree of names without values
// (tree.go). An error of syntax ends the text; a key or table that is there
// twice does not. Time is linear in the text, memory in its keys, and values
// may be nested MaxDepth deep.
package tomlsyntax

// MaxDepth is how deep arrays and inline tables may be nested; deeper is a
// problem. (Python's recursion ends near 500.)
const MaxDepth = 1000

// MaxProblems is how many problems are named: placing and showing each costs as
// much as its line is long, which may be the whole text.
const MaxProblems = 100

// Problem is one thing that is wrong with a text.
type Problem struct {
	Start, End int    // the place, in bytes: [Start, End)
	Message    string // what, then what to do
}
