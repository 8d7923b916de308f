package jsonschema

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

const (
	// maxResources is how many $ids a document may have: each is compared with
	// each.
	maxResources = 5000
	// maxErrors is how many errors are kept below one.
	maxErrors = 2000
)

// ErrTooManySteps is the error of a validation that would take too long.
var ErrTooManySteps = errors.New("the schema takes too many steps on this value")

// limits are those of one validation.
type limits struct {
	left   int
	pruned bool // some errors were left out
	sorted bool // members are visited in the order of their names
}

func (l *limits) take() {
	if l == nil {
		return
	}
	if l.left--; l.left < 0 {
		panic(ErrTooManySteps)
	}
}

// ordered returns the keys of a mapping in their order, so that errors come in
// one, too.
func ordered[K cmp.Ordered, V any](m map[K]V) []K {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}

// cause sets what is below an error: as many errors as are kept, and one at
// least.
func (e *ValidationError) cause(l *limits, causes []*ValidationError) {
	size := 0
	for i, c := range causes {
		size += 1 + c.size
		if l != nil && i > 0 && size > maxErrors {
			l.pruned = true
			causes = causes[:i:i]
			size -= 1 + c.size
			break
		}
	}
	e.Causes, e.size = causes, size
}

// TooManyIDsError is the error of a document with more than maxResources $ids.
type TooManyIDsError struct{ URL string }

func (e *TooManyIDsError) Error() string {
	return fmt.Sprintf("%q has more than %d $ids", e.URL, maxResources)
}
