package glob

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Set is any of some patterns. It is immutable.
type Set struct {
	shapes []shape
}

// Compile returns the set of the patterns; the empty set matches nothing. The
// error names the pattern that is at fault.
func Compile(patterns []string) (*Set, error) {
	s := &Set{}
	for _, p := range patterns {
		alts, err := Expand(p)
		if err != nil {
			return nil, err
		}
		for _, a := range alts {
			s.shapes = append(s.shapes, classify(a))
		}
	}
	return s, nil
}

// Match says whether any pattern matches the path, which is not empty and does
// not end in "/".
func (s *Set) Match(path string) bool {
	for i := range s.shapes {
		if s.shapes[i].match(path) {
			return true
		}
	}
	return false
}

// Match says whether the pattern matches the path; false where the pattern is
// bad. Compile a pattern that is used more than once.
func Match(pattern, path string) bool {
	s, err := Compile([]string{pattern})
	return err == nil && s.Match(path)
}

// Validate returns what is wrong with a pattern, or nil. The error names it.
func Validate(pattern string) error {
	_, err := Expand(pattern)
	return err
}

// The limits of one pattern: how many its braces may stand for, and its bytes.
const (
	MaxAlternatives = 1024
	MaxLength       = 16 << 10
)

// Expand returns the patterns without braces that a pattern stands for, each
// without a leading "/" or "./", and with a trailing "/" written out as "/**/*".
// Each is a valid pattern of doublestar.
func Expand(pattern string) ([]string, error) {
	alts, err := Braces(pattern)
	if err != nil {
		return nil, err
	}
	for i, a := range alts {
		alts[i] = below(a)
	}
	return alts, nil
}

// Braces is Expand where a trailing "/" stays: for those who ask about
// directories. "" is the root.
func Braces(pattern string) ([]string, error) {
	if err := check(pattern); err != nil {
		return nil, fmt.Errorf("bad glob %.200q: %w", pattern, err)
	}
	alts, ok := braces(pattern)
	if !ok {
		return nil, fmt.Errorf("bad glob %.200q: its braces stand for more than %d patterns", pattern, MaxAlternatives)
	}
	for i, a := range alts {
		alts[i] = fromRoot(a)
		if slices.Contains(strings.Split(alts[i], "/"), "..") {
			return nil, fmt.Errorf(`bad glob %.200q: paths start at the root and never hold ".."`, pattern)
		}
	}
	return alts, nil
}

func check(pattern string) error {
	if pattern == "" {
		return errors.New("it is empty, and matches nothing")
	}
	if len(pattern) > MaxLength {
		return fmt.Errorf("it is longer than %d bytes", MaxLength)
	}
	if !doublestar.ValidatePattern(pattern) {
		return errors.New(`a "[", "{" or "}" has no partner, or a "\" ends it`)
	}
	return nil
}

// fromRoot drops what only says that the pattern starts at the root.
func fromRoot(p string) string {
	for {
		switch {
		case p == ".":
			return ""
		case strings.HasPrefix(p, "/"):
			p = p[1:]
		case strings.HasPrefix(p, "./"):
			p = p[2:]
		default:
			return p
		}
	}
}

// below makes of "docs/" what matches everything below docs, and of the root
// everything.
func below(p string) string {
	switch {
	case p == "":
		return "**"
	case strings.HasSuffix(p, "/") && !strings.HasSuffix(p, `\/`):
		return p + "**/*"
	}
	return p
}
