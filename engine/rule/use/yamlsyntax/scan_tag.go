package yamlsyntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// isAlpha is the class of names: anchors, handles and directives.
func isAlpha(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' || c == '-'
}

func (s *scanner) skipBlanks() {
	for s.blankAt(0) {
		s.pos++
	}
}

func (s *scanner) skipAlpha() {
	for isAlpha(s.at(0)) {
		s.pos++
	}
}

// fetchDirective scans %YAML and %TAG; there is no other.
func (s *scanner) fetchDirective() *Problem {
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = false
	start := s.pos
	s.pos++
	s.skipAlpha()
	name := string(s.data[start+1 : s.pos])
	if name == "" {
		return s.here("no name behind '%', quote the text where it is no directive")
	}
	if !s.blankzAt(0) {
		return s.here("a directive's name holds letters and digits alone, quote the text where it is no directive")
	}
	t := token{start: start}
	var err *Problem
	switch name {
	case "YAML":
		t.kind = versionDirective
		t.handle, err = s.version()
	case "TAG":
		t.kind = tagDirective
		err = s.tagDirective(&t)
	default:
		return s.fail(start, s.pos, "unknown directive %"+name+", remove it")
	}
	if err != nil {
		return err
	}
	t.end = s.pos
	s.skipBlanks()
	if s.at(0) == '#' {
		s.restOfLine()
	}
	if n := s.breakAt(0); n > 0 {
		s.newline(n)
	} else if !s.end() {
		return s.here("nothing but a comment can follow a directive, put it on a line of its own")
	}
	s.push(t)
	return nil
}

// version scans the "1.2" of %YAML.
func (s *scanner) version() (string, *Problem) {
	s.skipBlanks()
	start := s.pos
	for part := range 2 {
		from := s.pos
		for c := s.at(0); '0' <= c && c <= '9'; c = s.at(0) {
			s.pos++
		}
		if s.pos == from || s.pos-from > 9 {
			return "", s.here("bad version of YAML, write %YAML 1.2")
		}
		if part == 0 {
			if s.at(0) != '.' {
				return "", s.here("bad version of YAML, write %YAML 1.2")
			}
			s.pos++
		}
	}
	return string(s.data[start:s.pos]), nil
}

func (s *scanner) tagDirective(t *token) (err *Problem) {
	s.skipBlanks()
	if t.handle, err = s.tagHandle(true); err != nil {
		return err
	}
	if !s.blankAt(0) {
		return s.here("no space behind the tag handle, add one")
	}
	s.skipBlanks()
	if t.owned, err = s.tagURI(""); err != nil {
		return err
	}
	if !s.blankzAt(0) {
		return s.here("no space behind the tag prefix, add one")
	}
	return nil
}

func (s *scanner) fetchAnchor(c byte) *Problem {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowed = false
	start := s.pos
	s.pos++
	s.skipAlpha()
	ends := s.blankzAt(0) || strings.IndexByte("?:,]}%@`", s.at(0)) >= 0
	if s.pos == start+1 || !ends {
		return s.here("a name of letters, digits, '-' and '_' must stand behind '" + string(rune(c)) + "', quote the text where it is no anchor or alias")
	}
	kind := anchorToken
	if c == '*' {
		kind = aliasToken
	}
	s.push(token{kind: kind, start: start, end: s.pos, from: start + 1, to: s.pos})
	return nil
}

func (s *scanner) fetchTag() (err *Problem) {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowed = false
	t := token{kind: tagToken, start: s.pos}
	if s.at(1) == '<' {
		s.pos += 2
		if t.owned, err = s.tagURI(""); err != nil {
			return err
		}
		if s.at(0) != '>' {
			return s.here("verbatim tag without '>', add it")
		}
		s.pos++
	} else {
		if t.handle, err = s.tagHandle(false); err != nil {
			return err
		}
		if len(t.handle) > 1 && strings.HasSuffix(t.handle, "!") {
			t.owned, err = s.tagURI("")
		} else {
			t.owned, err = s.tagURI(t.handle)
			if t.handle = "!"; len(t.owned) == 0 {
				t.handle, t.owned = "", []byte("!")
			}
		}
		if err != nil {
			return err
		}
	}
	if !s.blankzAt(0) {
		return s.here("no space behind the tag, add one")
	}
	t.end = s.pos
	s.push(t)
	return nil
}

// tagHandle scans "!", "!!" or "!name!"; outside a directive also the "!name"
// that turns out to be a handle "!" with a suffix.
func (s *scanner) tagHandle(directive bool) (string, *Problem) {
	start := s.pos
	if s.at(0) != '!' {
		return "", s.here("a tag handle begins with '!'")
	}
	s.pos++
	s.skipAlpha()
	if s.at(0) == '!' {
		s.pos++
	} else if directive && s.pos > start+1 {
		return "", s.here("a tag handle ends in '!'")
	}
	return string(s.data[start:s.pos]), nil
}

// tagURI scans the rest of a tag; head is what was scanned as a handle and is
// none, its '!' not part of the URI.
func (s *scanner) tagURI(head string) ([]byte, *Problem) {
	var uri []byte
	length := len(head)
	if length > 1 {
		uri = append(uri, head[1:]...)
	}
	for {
		c := s.at(0)
		if c == '%' {
			var err *Problem
			if uri, err = s.uriEscape(uri); err != nil {
				return nil, err
			}
		} else if isAlpha(c) || c != 0 && strings.IndexByte(";/?:@&=+$,.!~*'()[]", c) >= 0 {
			uri = append(uri, c)
			s.pos++
		} else {
			break
		}
		length++
	}
	if length == 0 {
		return nil, s.here("a tag must stand here")
	}
	return uri, nil
}

// uriEscape decodes one character written as %C3%A9.
func (s *scanner) uriEscape(uri []byte) ([]byte, *Problem) {
	var char [utf8.UTFMax]byte
	width := 1
	for n := 0; n < width; n++ {
		v, ok := hexValue(s.data[min(s.pos+1, len(s.data)):min(s.pos+3, len(s.data))], 2)
		if s.at(0) != '%' || !ok {
			return nil, s.here("'%' and two hexadecimal digits must stand here")
		}
		char[n] = byte(v)
		if n == 0 {
			switch {
			case v < 0x80:
			case v&0xe0 == 0xc0:
				width = 2
			case v&0xf0 == 0xe0:
				width = 3
			case v&0xf8 == 0xf0:
				width = 4
			default:
				return nil, s.here(fmt.Sprintf("%%%02X begins no UTF-8 character", v))
			}
		} else if v&0xc0 != 0x80 {
			return nil, s.here(fmt.Sprintf("%%%02X continues no UTF-8 character", v))
		}
		s.pos += 3
	}
	return append(uri, char[:width]...), nil
}

// hexValue returns the value of n hexadecimal digits.
func hexValue(digits []byte, n int) (v uint32, ok bool) {
	if len(digits) < n {
		return 0, false
	}
	for _, c := range digits[:n] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		v = v<<4 | uint32(c)
	}
	return v, true
}
