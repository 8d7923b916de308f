package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// parseJSON reads one JSON text. A byte order mark is passed over.
func parseJSON(b *builder, data []byte, comments bool) {
	text := data
	if comments {
		var open int
		if text, open = blank(data); open >= 0 {
			b.report(open, open+2, "a comment that is not closed, add */")
			return
		}
	}
	skip := 0
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		skip = len("\ufeff")
	}
	r := &jsonReader{builder: b, data: text, skip: skip,
		dec: jsontext.NewDecoder(bytes.NewBuffer(text[skip:]), jsontext.AllowDuplicateNames(true))}
	n, ok := r.value()
	if !ok {
		return
	}
	at := r.next()
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if at < len(text) {
			b.report(at, at+1, "a second value, or text, behind the end of the first, remove it")
		} else {
			r.fail(err)
		}
		return
	}
	if n != nil {
		b.roots = append(b.roots, n)
	}
}

// jsonReader makes nodes of tokens.
type jsonReader struct {
	*builder
	dec   *jsontext.Decoder
	data  []byte
	skip  int // bytes in front of what the decoder sees
	depth int
}

// next returns the offset of the next token.
func (r *jsonReader) next() int {
	at := r.end()
	for at < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	return at
}

func (r *jsonReader) end() int { return r.skip + int(r.dec.InputOffset()) }

// fail reports an error of syntax.
func (r *jsonReader) fail(err error) {
	at := r.next()
	var syntax *jsontext.SyntacticError
	words := "this is not JSON"
	switch {
	case len(bytes.TrimSpace(r.data[r.skip:])) == 0:
		at, words = 0, "the file is empty, and so is no JSON"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		at, words = len(r.data), "the end of the file, where more is expected, close what is open"
	case errors.As(err, &syntax):
		at = r.skip + int(syntax.ByteOffset)
		if syntax.Err != nil {
			words = strings.TrimPrefix(syntax.Err.Error(), "jsontext: ") + ", this is not JSON"
		}
	}
	r.report(at, min(at+1, len(r.data)), "%s", words)
}

// value reads one value; nil where it is none that JSON has, and false where the
// rest cannot be read.
func (r *jsonReader) value() (*Node, bool) {
	start := r.next()
	t, err := r.dec.ReadToken()
	if err != nil {
		r.fail(err)
		return nil, false
	}
	if !r.take(1, start, start+1) {
		return nil, false
	}
	switch t.Kind() {
	case '[', '{':
		if r.depth++; r.depth > MaxDepth {
			r.report(start, start+1, "nested more than %d deep", MaxDepth)
			return nil, false
		}
		defer func() { r.depth-- }()
		if t.Kind() == '[' {
			return r.array(start)
		}
		return r.object(start)
	case '"':
		return r.scalar(t.String(), start, r.end()), true
	case '0':
		return r.scalar(number(t.String()), start, r.end()), true
	case 't', 'f':
		return r.scalar(t.Bool(), start, r.end()), true
	}
	return r.scalar(nil, start, r.end()), true
}

// number returns an int, a float64, or the text of a whole number that no int
// holds.
func number(text string) any {
	if i, err := strconv.Atoi(text); err == nil && text != "-0" {
		return i
	}
	if !strings.ContainsAny(text, ".eE") && text != "-0" {
		return json.Number(text)
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is infinite
	return f
}

func (r *jsonReader) array(start int) (*Node, bool) {
	var kids []*Node
	whole := true
	for r.dec.PeekKind() != ']' {
		n, ok := r.value()
		if !ok {
			return nil, false
		}
		kids, whole = append(kids, n), whole && n != nil
	}
	if _, err := r.dec.ReadToken(); err != nil {
		r.fail(err)
		return nil, false
	}
	if !whole {
		return nil, true
	}
	n := r.list(kids, start, r.end())
	return n, n != nil
}

func (r *jsonReader) object(start int) (*Node, bool) {
	var own keys
	whole := true
	for r.dec.PeekKind() != '}' {
		at := r.next()
		t, err := r.dec.ReadToken()
		if err != nil {
			r.fail(err)
			return nil, false
		}
		key, end := t.String(), r.end()
		n, ok := r.value()
		if !ok {
			return nil, false
		}
		if n == nil {
			whole = false
			continue
		}
		n.Key, n.KeyStart, n.KeyEnd = key, at, end
		if first := own.add(n); first != nil {
			r.duplicate(r.data, key, at, end, first.KeyStart)
			whole = false
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		r.fail(err)
		return nil, false
	}
	if !whole {
		return nil, true
	}
	n := r.mapping(own.kids, start, r.end())
	return n, n != nil
}

// blank returns the text with spaces in the place of comments, and of commas
// that have nothing behind them in their list or object; open is the offset of
// a comment that is not closed, or -1.
func blank(data []byte) (text []byte, open int) {
	out := bytes.Clone(data)
	comma := -1       // that only spaces and comments follow so far
	before := byte(0) // the last character that is neither
	for i := 0; i < len(out); {
		switch c := out[i]; {
		case c == '"':
			before = c
			for i++; i < len(out) && out[i] != '"' && out[i] != '\n'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
			i, comma = i+1, -1
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			n := bytes.Index(out[i+2:], []byte("*/"))
			if n < 0 {
				return nil, i
			}
			for end := i + n + 4; i < end; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		default:
			if (c == ']' || c == '}') && comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
			if c == ',' && before != 0 && strings.IndexByte("[{,", before) < 0 {
				comma = i
			}
			before = c
			i++
		}
	}
	return out, -1
}
