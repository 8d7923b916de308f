package yamlsyntax

// Limits of what is looked into.
const (
	// MaxDepth is how deep collections may be nested; deeper is a problem.
	MaxDepth = 10_000
	// MaxNodes is how many nodes of a document are kept for Load's questions.
	MaxNodes = 1 << 20
	// MaxProblems is how many problems that are no errors of syntax are named: placing and
	// showing each costs as much as its line is long, which may be the whole text.
	MaxProblems = 100
	// MaxSize is the largest text, in bytes, that is looked into.
	MaxSize = 1 << 30
)

// Problem is one thing that is wrong with a text.
type Problem struct {
	Start, End int    // the place, in bytes: [Start, End)
	Message    string // what, then what to do
}

// Options say what to accept.
type Options struct {
	Multi  bool // several documents
	Syntax bool // syntax alone: several documents, any tag, any key, any alias
}

// Check returns what is wrong with the text, in order of the place; nil where
// it can be loaded. An error of syntax ends the text, so there is at most one.
func Check(data []byte, o Options) []Problem {
	if Loads(data, o.Multi || o.Syntax) {
		return nil
	}
	return CheckFully(data, o)
}

// CheckFully is Check without the fast pass, for comparison.
func CheckFully(data []byte, o Options) []Problem {
	if len(data) > MaxSize {
		return []Problem{{0, 0, "over 1 GiB, too large to be looked into"}}
	}
	if at, n, why := badChar(data); why != "" {
		return []Problem{{at, at + n, why}}
	}
	p := parser{scanner: newScanner(data), options: o}
	if err := p.stream(); err != nil {
		p.problems = append(p.problems, *err)
	}
	sortProblems(p.problems)
	return p.problems
}
