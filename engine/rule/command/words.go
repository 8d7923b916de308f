package command

import (
	"errors"
	"fmt"
	"strings"
)

// splitWords splits a command line into words as a POSIX shell does: white
// space parts them, single quotes keep everything, double quotes keep all but
// \" \\ \$ and \`, a backslash elsewhere quotes the next byte. Nothing is
// expanded. What only a shell can do (pipes, redirections, variables) is an
// error where it stands unquoted, rather than an argument that surprises: the
// usual libraries drop the rest of the line there without a word.
func splitWords(line string) ([]string, error) {
	s := splitter{line: line}
	for s.pos < len(s.line) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.end()
	return s.words, nil
}

type splitter struct {
	line  string
	pos   int
	words []string
	word  strings.Builder
	open  bool // a word has begun, if only by an empty pair of quotes
}

// next takes one byte, one escape, or one quoted part.
func (s *splitter) next() error {
	c := s.line[s.pos]
	s.pos++
	switch c {
	case ' ', '\t', '\n', '\r':
		s.end()
		return nil
	case '\'':
		return s.single()
	case '"':
		return s.double()
	case '\\':
		return s.escape()
	case '|', '&', ';', '<', '>', '(', ')':
		return fmt.Errorf("%q needs a shell", string(c))
	case '$', '`':
		if err := s.expansion(c); err != nil {
			return err
		}
		if s.pos < len(s.line) && strings.IndexByte(`'"`, s.line[s.pos]) >= 0 {
			return errors.New(`"$" in front of a quote means something else in every shell`)
		}
	case '~':
		if !s.open && (s.pos == len(s.line) || strings.IndexByte(" \t\n\r/", s.line[s.pos]) >= 0) {
			return errors.New(`"~" is not expanded without a shell`)
		}
	}
	s.add(c)
	return nil
}

func (s *splitter) add(c byte) {
	s.word.WriteByte(c)
	s.open = true
}

func (s *splitter) end() {
	if s.open {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

func (s *splitter) escape() error {
	if s.pos == len(s.line) {
		return errors.New("a backslash stands at the end")
	}
	if c := s.line[s.pos]; c != '\n' { // backslash and line end: the line goes on
		s.add(c)
	}
	s.pos++
	return nil
}

func (s *splitter) single() error {
	n := strings.IndexByte(s.line[s.pos:], '\'')
	if n < 0 {
		return errors.New("a single quote is not closed")
	}
	s.word.WriteString(s.line[s.pos : s.pos+n])
	s.open = true
	s.pos += n + 1
	return nil
}

func (s *splitter) double() error {
	s.open = true
	for s.pos < len(s.line) {
		c := s.line[s.pos]
		s.pos++
		switch c {
		case '"':
			return nil
		case '$', '`':
			if err := s.expansion(c); err != nil {
				return err
			}
		case '\\':
			if s.pos < len(s.line) && strings.IndexByte("\"\\$`\n", s.line[s.pos]) >= 0 {
				if err := s.escape(); err != nil {
					return err
				}
				continue
			}
		}
		s.word.WriteByte(c)
	}
	return errors.New("a double quote is not closed")
}

// expansion refuses what a shell would replace; a "$" that no name follows is
// an ordinary character, as in a regular expression.
func (s *splitter) expansion(c byte) error {
	if c == '`' {
		return errors.New("\"`\" needs a shell")
	}
	if s.pos == len(s.line) {
		return nil
	}
	next := s.line[s.pos]
	if isLetter(next) || isDigit(next) || strings.IndexByte("{(_@*#?!$-", next) >= 0 {
		return errors.New(`"$" is not expanded without a shell`)
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
