package command

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlReader reads the tags of a report. Package encoding/xml would do, but its
// table of HTML's entities is made when a program starts: 19 KB of every run.
type xmlReader struct {
	data []byte
	pos  int
	open string // the name of an element that has no content and is yet to be ended
}

// xmlTag is a start or an end of an element; names are without their prefix.
type xmlTag struct {
	name  string
	attrs map[string]string
	end   bool
}

// next returns the next tag; ok is false at the end of the text.
func (r *xmlReader) next() (t xmlTag, ok bool, err error) {
	if r.open != "" {
		t, r.open = xmlTag{name: r.open, end: true}, ""
		return t, true, nil
	}
	for {
		n := bytes.IndexByte(r.data[r.pos:], '<')
		if n < 0 {
			r.pos = len(r.data)
			return t, false, nil
		}
		r.pos += n + 1
		switch {
		case r.take("!--"):
			err = r.until("-->")
		case r.take("![CDATA["):
			err = r.until("]]>")
		case r.take("!"):
			err = r.until(">") // a DOCTYPE; none of the formats has an inner subset
		case r.take("?"):
			err = r.instruction()
		default:
			t, err = r.tag()
			return t, err == nil, err
		}
		if err != nil {
			return t, false, err
		}
	}
}

func (r *xmlReader) take(s string) bool {
	if !bytes.HasPrefix(r.data[r.pos:], []byte(s)) {
		return false
	}
	r.pos += len(s)
	return true
}

func (r *xmlReader) until(end string) error {
	n := bytes.Index(r.data[r.pos:], []byte(end))
	if n < 0 {
		r.pos = len(r.data)
		return fmt.Errorf("the end of the document, where %s is expected", end)
	}
	r.pos += n + len(end)
	return nil
}

// instruction passes over one, and turns the rest into UTF-8 where the XML
// declaration names another encoding.
func (r *xmlReader) instruction() error {
	start := r.pos
	if err := r.until("?>"); err != nil {
		return err
	}
	text, isDecl := strings.CutPrefix(string(r.data[start:r.pos-len("?>")]), "xml ")
	_, label, ok := strings.Cut(text, "encoding=")
	if !isDecl || !ok || label == "" || label[0] != '"' && label[0] != '\'' {
		return nil
	}
	label, _, _ = strings.Cut(label[1:], label[:1])
	return r.decode(strings.ToLower(label))
}

// decode reads the encodings that are bytes of Unicode's first 256.
func (r *xmlReader) decode(label string) error {
	switch label {
	case "", "utf-8", "us-ascii", "ascii":
		return nil
	case "iso-8859-1", "latin1":
		out := slices.Clip(r.data[:r.pos])
		for _, c := range r.data[r.pos:] {
			out = utf8.AppendRune(out, rune(c))
		}
		r.data = out
		return nil
	}
	return fmt.Errorf("unknown encoding %q", label)
}

func (r *xmlReader) space() {
	for r.pos < len(r.data) && strings.IndexByte(" \t\r\n", r.data[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *xmlReader) name() (string, error) {
	start := r.pos
	for r.pos < len(r.data) && strings.IndexByte(" \t\r\n/>=<\"'&", r.data[r.pos]) < 0 {
		r.pos++
	}
	if r.pos == start {
		return "", fmt.Errorf("a name is missing")
	}
	name := string(r.data[start:r.pos])
	if prefix, local, ok := strings.Cut(name, ":"); ok && prefix != "" && local != "" {
		return local, nil
	}
	return name, nil
}

func (r *xmlReader) tag() (t xmlTag, err error) {
	t.end = r.take("/")
	if t.name, err = r.name(); err != nil {
		return t, err
	}
	for {
		r.space()
		switch {
		case r.take(">"):
			return t, nil
		case !t.end && r.take("/>"):
			r.open = t.name
			return t, nil
		case t.end || r.pos == len(r.data):
			return t, fmt.Errorf("the tag of %q is not closed", t.name)
		}
		name, err := r.name()
		if err != nil {
			return t, err
		}
		if t.attrs == nil {
			t.attrs = map[string]string{}
		}
		if t.attrs[name], err = r.value(); err != nil {
			return t, err
		}
	}
}

// value reads `= "value"`.
func (r *xmlReader) value() (string, error) {
	r.space()
	equals := r.take("=")
	r.space()
	if !equals || r.pos == len(r.data) || r.data[r.pos] != '"' && r.data[r.pos] != '\'' {
		return "", fmt.Errorf("an attribute has no value in quotes")
	}
	quote := r.data[r.pos]
	r.pos++
	n := bytes.IndexByte(r.data[r.pos:], quote)
	if n < 0 {
		r.pos = len(r.data)
		return "", fmt.Errorf("the end of the document, within an attribute")
	}
	text := string(r.data[r.pos : r.pos+n])
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("it is not UTF-8")
	}
	r.pos += n + 1
	return unescapeXML(text)
}

// unescapeXML replaces references to characters, and line ends by "\n".
func unescapeXML(s string) (string, error) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, ";")
		c, ok := character(name)
		if !closed || !ok {
			return "", fmt.Errorf("a reference to no character, &%.20s", rest)
		}
		b.WriteRune(c)
		s = after
	}
}

// character returns what a reference stands for; XML has these names alone.
func character(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numeric := strings.CutPrefix(name, "#")
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), numeric && err == nil && n > 0 && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}
