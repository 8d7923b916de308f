package use

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sot-validator/sot/engine/rule"
)

func checkJSON() rule.Use {
	return rule.Use{
		ID:  "check-json",
		Why: "The program that reads the file finds out later, and often says less.",
		Doc: `Finds files that are no JSON, and objects that hold a key twice.

What counts as JSON is what Python's json module reads: RFC 8259, and besides NaN, Infinity
and -Infinity, lone surrogates, a byte order mark, and UTF-16 and UTF-32. Every key that is there
again is a finding (from the hundredth on, one finding counts them); of other mistakes the first is.

Differs from pre-commit-hooks in what its reader cannot hold: whole numbers over 4300 digits
are JSON here, and so is nesting deeper than about 1000 levels, up to 10000.`,
		Defaults: rule.Selector{Types: []string{"json"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return jsonSyntax{}, nil },
	}
}

// jsonSyntax is the check check-json.
type jsonSyntax struct{}

// CheckFile asks jsontext, which is fast and accepts less than Python; only
// what it rejects is read again, token by token.
func (jsonSyntax) CheckFile(p *rule.Pass, f *rule.File) {
	text, skip, wide, ok := decodeJSON(f.Bytes())
	switch {
	case !ok:
		p.File(f, "neither UTF-8 nor whole UTF-16 or UTF-32, save the file as UTF-8")
		return
	case wide:
		f = f.With(text) // so that lines and columns are those of the text
	}
	if jsontext.Value(text).IsValid() {
		return
	}
	if i := invalidWTF8(text); i >= 0 {
		p.Range(f, skip+i, skip+i+1, "byte 0x%02x is not UTF-8, save the file as UTF-8", text[i])
		return
	}
	readJSON(text, func(e *jsonError) { p.Range(f, skip+e.start, skip+e.end, "%s", e.what) })
}

// maxRepeats is how many keys that are there again get a finding each; one more
// finding counts the rest. To find the column of each of a million keys on one
// line would take hours.
const maxRepeats = 100

// readJSON reports the keys that their object holds already, and the first
// mistake in the syntax.
func readJSON(text []byte, report func(*jsonError)) {
	s := jsonScanner{data: text}
	var objects []map[string]bool // keys seen, of each open bracket
	repeats := 0
	var next jsonToken // the first repeat that has no finding of its own
	defer func() {
		if more := repeats - maxRepeats; more > 0 {
			report(&jsonError{next.start, next.end, fmt.Sprintf("keys that their object has already: %d from here on, remove or rename them", more)})
		}
	}()
	for {
		t, err := s.next()
		switch {
		case err != nil:
			report(err)
			return
		case t.kind == jsonEnd:
			return
		case t.kind == '{' || t.kind == '[':
			objects = append(objects, nil)
		case t.kind == '}' || t.kind == ']':
			objects = objects[:len(objects)-1]
		case t.kind == jsonKey && !addKey(objects, unquote(text, t)):
			if repeats++; repeats <= maxRepeats {
				report(&jsonError{t.start, t.end, "the object has this key already, remove or rename one of them"})
			} else if repeats == maxRepeats+1 {
				next = t
			}
		}
	}
}

// addKey adds a key to the innermost object, and says whether it is new there.
func addKey(objects []map[string]bool, key []byte) bool {
	seen := &objects[len(objects)-1]
	if (*seen)[string(key)] {
		return false
	}
	if *seen == nil {
		*seen = map[string]bool{}
	}
	(*seen)[string(key)] = true
	return true
}
