// Package jsonpath selects nodes of a document by a JSONPath query (RFC 9535).
//
// Queries are parsed, and filters evaluated, by theory/jsonpath; the walk is our
// own, since that one has neither places nor bounds, and takes a mapping's
// members in any order: here they come in the order of the file.
package jsonpath

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	theory "github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"

	"github.com/sot-validator/sot/engine/rule/data/document"
)

// The limits of a query.
const (
	maxLength = 1024 // bytes of its text
	// maxSteps are those of one query, and so many more for each value of the
	// document.
	maxSteps         = 200_000
	maxStepsPerValue = 5
	// heavySteps are what a value costs that a filter may look at.
	heavySteps = 8
)

// ErrSteps is the error of a query that takes too much on a document.
var ErrSteps = errors.New("the query takes too many steps")

// Path is a parsed query. It may be used concurrently.
type Path struct {
	segments []*spec.Segment
	heavy    map[*spec.FilterSelector]bool // filters that may look at the whole document
}

// Match is a selected node.
type Match struct {
	Node   *document.Node
	parent *Match
	token  string
}

// Tokens returns the match's place from the root, as the tokens of a JSON
// Pointer.
func (m *Match) Tokens() []string {
	if m.parent == nil {
		return nil
	}
	return append(m.parent.Tokens(), m.token)
}

// Parse parses a query. The error is a phrase that says what is wrong.
func Parse(text string) (*Path, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("it has %d bytes, more than the limit of %d", len(text), maxLength)
	}
	parsed, err := theory.Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "jsonpath: "))
	}
	p := &Path{segments: parsed.Query().Segments(), heavy: map[*spec.FilterSelector]bool{}}
	for _, s := range p.segments {
		for _, sel := range s.Selectors() {
			f, ok := sel.(*spec.FilterSelector)
			if !ok {
				continue
			}
			if p.heavy[f], err = weigh(f); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

var quoted = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`) })

// weigh says whether one evaluation of a filter may look at many nodes. It
// refuses those whose cost is not linear in the document.
func weigh(f *spec.FilterSelector) (bool, error) {
	text := quoted().ReplaceAllString(strings.TrimPrefix(f.String(), "?"), "")
	deep, nested, root := strings.Count(text, ".."), strings.Count(text, "?"), strings.Count(text, "$")
	if deep > 1 || nested > 0 && deep+root > 0 {
		return false, errors.New("a filter may look at all descendants once, and not from within another filter")
	}
	return deep+nested+root+strings.Count(text, "*") > 0, nil
}

// Select returns the nodes that the query selects, in the order of the RFC, a
// mapping's members in the order of the file.
func (p *Path) Select(root *document.Node) ([]*Match, error) {
	w := &walk{Path: p, root: root, left: maxSteps + maxStepsPerValue*root.Count()}
	at := []*Match{{Node: root}}
	for _, s := range p.segments {
		w.out = nil
		for _, m := range at {
			if err := w.segment(m, s); err != nil {
				return nil, err
			}
		}
		at = w.out
	}
	return at, nil
}

// walk is one Select.
type walk struct {
	*Path
	root *document.Node
	left int
	out  []*Match
}

func (w *walk) take(n int) error {
	if w.left -= n; w.left < 0 {
		return ErrSteps
	}
	return nil
}

func (w *walk) segment(m *Match, s *spec.Segment) error {
	if err := w.take(1); err != nil {
		return err
	}
	for _, sel := range s.Selectors() {
		if err := w.selector(m, sel); err != nil {
			return err
		}
	}
	if !s.IsDescendant() {
		return nil
	}
	for i := range m.Node.Kids {
		if err := w.segment(kid(m, i), s); err != nil {
			return err
		}
	}
	return nil
}

// kid returns the match of the i-th child.
func kid(m *Match, i int) *Match {
	k := m.Node.Kids[i]
	if _, list := m.Node.Value.([]any); list {
		return &Match{k, m, strconv.Itoa(i)}
	}
	return &Match{k, m, k.Key}
}

func (w *walk) add(m *Match, i int) error {
	w.out = append(w.out, kid(m, i))
	return w.take(1)
}

func (w *walk) selector(m *Match, sel spec.Selector) error {
	n := m.Node
	list, isList := n.Value.([]any)
	switch sel := sel.(type) {
	case spec.Name:
		if isList {
			return nil
		}
		if k := n.Kid(string(sel)); k != nil {
			w.out = append(w.out, &Match{k, m, k.Key})
		}
		return w.take(1 + len(n.Kids)/64)
	case spec.WildcardSelector:
		for i := range n.Kids {
			if err := w.add(m, i); err != nil {
				return err
			}
		}
	case spec.Index:
		i := int(sel)
		if i < 0 {
			i += len(list)
		}
		if isList && i >= 0 && i < len(list) {
			return w.add(m, i)
		}
	case spec.SliceSelector:
		if isList {
			return w.slice(m, sel, len(list))
		}
	case *spec.FilterSelector:
		return w.filter(m, sel)
	}
	return nil
}

func (w *walk) slice(m *Match, sel spec.SliceSelector, n int) error {
	lower, upper := sel.Bounds(n)
	switch step := sel.Step(); {
	case step > 0:
		for i := lower; i < upper; i += step {
			if err := w.add(m, i); err != nil {
				return err
			}
			if step > n {
				break
			}
		}
	case step < 0:
		for i := upper; i > lower; i += step {
			if err := w.add(m, i); err != nil {
				return err
			}
			if step < -n {
				break
			}
		}
	}
	return nil
}

func (w *walk) filter(m *Match, f *spec.FilterSelector) error {
	cost := 1
	if w.heavy[f] {
		cost = heavySteps * w.root.Count()
	}
	for i, k := range m.Node.Kids {
		if err := w.take(cost); err != nil {
			return err
		}
		if f.Eval(k.Value, w.root.Value) {
			if err := w.add(m, i); err != nil {
				return err
			}
		}
	}
	return nil
}
