package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// maxDepth is how deep the values of unknown keys may be nested.
const maxDepth = 32

// maxClasses is how many classes of machines a file may speak of.
const maxClasses = 1000

// Decode reads what Encode wrote. Keys that it does not know are passed over, so
// that a later release may add some; everything else that is not as documented is
// an error: nothing of a damaged file is believed.
//
// It is a reader of its own rather than encoding/json, because every run pays for
// it: it takes a quarter of the time.
func Decode(data []byte) (*Store, error) { return decode(string(data)) }

func decode(data string) (*Store, error) {
	d := decoder{data: data}
	s := NewStore()
	version := -1.0
	err := d.object(func(key string) (err error) {
		switch key {
		case "version":
			if version, err = d.number(); err == nil && version != Version {
				return fmt.Errorf("it has version %g, and this sot reads version %d", version, Version)
			}
			return err
		case "classes":
			return d.object(func(class string) error { return d.class(s, class) })
		}
		return d.skip(0)
	})
	if err == nil {
		d.space()
		switch {
		case d.pos < len(data):
			err = d.errorf("something follows the end")
		case version < 0:
			err = errors.New("it has no version")
		}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// decoder reads JSON (RFC 8259) from its start.
type decoder struct {
	data    string // names are parts of it
	pos     int
	classes int     // so far
	n       int     // models so far
	slab    []Model // room for the next ones
}

// room returns an empty model. They are made by the dozen, which takes less time.
func (d *decoder) room() *Model {
	if len(d.slab) == 0 {
		d.slab = make([]Model, 32)
	}
	m := &d.slab[0]
	d.slab = d.slab[1:]
	return m
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", d.pos, fmt.Sprintf(format, args...))
}

func (d *decoder) class(s *Store, class string) error {
	if _, ok := s.classes[class]; ok || class == "" || len(class) > maxName {
		return d.errorf("a class stands there twice, or has no fit name")
	}
	if d.classes++; d.classes > maxClasses {
		return d.errorf("more than %d classes", maxClasses)
	}
	room := 0
	if d.classes == 1 { // as a rule there is one, and a model has about 700 bytes
		room = (len(d.data) - d.pos) / 800
	}
	rules := make(map[string]*Model, room)
	s.classes[class] = rules
	err := d.object(func(rule string) error {
		if _, ok := rules[rule]; ok || rule == "" || len(rule) > maxName {
			return d.errorf("a rule stands there twice, or has no fit name")
		}
		if d.n++; d.n > maxModels {
			return d.errorf("more than %d models", maxModels)
		}
		m := d.room()
		rules[rule] = m
		return d.model(m)
	})
	if len(rules) == 0 {
		delete(s.classes, class)
	}
	return err
}

// model reads one model. Its fields come in the order of the file as a rule, so
// the search for a name starts behind the one before.
func (d *decoder) model(m *Model) error {
	next := 0
	var seen [len(fields) + 2]bool
	err := d.object(func(key string) (err error) {
		at := -1
		switch key {
		case "kind":
			at = len(fields)
			m.Kind, err = d.str()
		case "updated":
			at = len(fields) + 1
			err = d.time(&m.Updated)
		default:
			for k := range fields {
				if i := (next + k) % len(fields); fields[i].name == key {
					at, next = i, i+1
					break
				}
			}
			if at < 0 {
				return d.skip(0)
			}
			err = d.field(&fields[at], m)
		}
		if err == nil && seen[at] {
			err = d.errorf("%q stands there twice", key)
		}
		seen[at] = true
		return err
	})
	if err == nil && (len(m.Kind) > maxName || m.n > 0 && m.n < 0.5) {
		err = d.errorf("a model has no fit kind or count")
	}
	return err
}

func (d *decoder) field(f *field, m *Model) error {
	v, err := d.number()
	if err != nil {
		return err
	}
	if !sane(v, f.limit) && !(f.sign && sane(-v, f.limit)) {
		return d.errorf("%s is out of range", f.name)
	}
	*f.of(m) = v
	return nil
}

func (d *decoder) time(t *time.Time) error {
	s, err := d.str()
	if err != nil {
		return err
	}
	*t, err = time.Parse(time.RFC3339, s)
	*t = t.UTC()
	if err != nil || t.Year() < 1 || t.Year() > 9999 { // UTC may lie in another year, which could not be written
		return d.errorf("updated is not a time of RFC 3339")
	}
	return nil
}

// object reads an object, and calls value in front of each value.
func (d *decoder) object(value func(key string) error) error {
	if !d.take('{') {
		return d.errorf("an object is missing")
	}
	if d.take('}') {
		return nil
	}
	for {
		d.space()
		key, err := d.str()
		if err != nil {
			return err
		}
		if !d.take(':') {
			return d.errorf("a colon is missing")
		}
		d.space()
		if err := value(key); err != nil {
			return err
		}
		if d.take('}') {
			return nil
		}
		if !d.take(',') {
			return d.errorf("a comma is missing")
		}
	}
}

func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\n', '\r':
			d.pos++
		default:
			return
		}
	}
}

// take passes over white space and then c, if c is there.
func (d *decoder) take(c byte) bool {
	d.space()
	return d.passByte(c)
}

// str reads a string.
func (d *decoder) str() (string, error) {
	start := d.pos
	if start >= len(d.data) || d.data[start] != '"' {
		return "", d.errorf("a string is missing")
	}
	plain := true
	for d.pos++; d.pos < len(d.data); d.pos++ {
		switch c := d.data[d.pos]; {
		case c == '"':
			d.pos++
			if plain {
				return d.data[start+1 : d.pos-1], nil
			}
			var s string
			if json.Unmarshal([]byte(d.data[start:d.pos]), &s) != nil {
				return "", d.errorf("a string is damaged")
			}
			return s, nil
		case c == '\\':
			plain = false
			d.pos++
		case c < ' ':
			return "", d.errorf("a string is damaged")
		case c >= 0x80:
			plain = false
		}
	}
	return "", d.errorf("a string does not end")
}

// number reads a number of JSON's grammar. One of at most 15 digits and a small
// exponent is made by one exact operation (Clinger 1990, "How to read floating
// point numbers accurately"), the others by the library.
func (d *decoder) number() (float64, error) {
	start := d.pos
	negative := d.passByte('-')
	first := d.pos
	whole := d.digits(0)
	ok := d.pos == first+1 || d.pos > first+1 && d.data[first] != '0'
	mantissa, exp, count := whole, 0, d.pos-first
	if d.passByte('.') {
		from := d.pos
		mantissa = d.digits(mantissa)
		exp = from - d.pos
		count += d.pos - from
		ok = ok && d.pos > from
	}
	if d.passByte('e') || d.passByte('E') {
		down := !d.passByte('+') && d.passByte('-')
		from := d.pos
		e := int(min(d.digits(0), 1000))
		ok = ok && d.pos > from
		if down {
			e = -e
		}
		exp += e
	}
	switch {
	case !ok || d.pos-start > 64:
		return 0, d.errorf("a number is missing or damaged")
	case count <= 15 && -22 <= exp && exp <= 22:
		v := float64(mantissa)
		if exp < 0 {
			v /= tens[-exp]
		} else {
			v *= tens[exp]
		}
		if negative {
			v = -v
		}
		return v, nil
	}
	v, err := strconv.ParseFloat(d.data[start:d.pos], 64)
	if err != nil {
		return 0, d.errorf("a number is out of range")
	}
	return v, nil
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

func (d *decoder) passByte(c byte) bool {
	if d.pos < len(d.data) && d.data[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// digits appends the digits that follow to n, which may overflow.
func (d *decoder) digits(n uint64) uint64 {
	for d.pos < len(d.data) {
		c := d.data[d.pos] - '0'
		if c > 9 {
			break
		}
		n = n*10 + uint64(c)
		d.pos++
	}
	return n
}

// skip passes over a value.
func (d *decoder) skip(depth int) error {
	if depth > maxDepth {
		return d.errorf("nested too deep")
	}
	if d.pos >= len(d.data) {
		return d.errorf("a value is missing")
	}
	switch c := d.data[d.pos]; {
	case c == '{':
		return d.object(func(string) error { return d.skip(depth + 1) })
	case c == '[':
		return d.list(depth)
	case c == '"':
		_, err := d.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		_, err := d.number()
		return err
	}
	for _, word := range []string{"null", "true", "false"} {
		if len(d.data)-d.pos >= len(word) && d.data[d.pos:d.pos+len(word)] == word {
			d.pos += len(word)
			return nil
		}
	}
	return d.errorf("a value is missing")
}

func (d *decoder) list(depth int) error {
	d.pos++
	if d.take(']') {
		return nil
	}
	for {
		d.space()
		if err := d.skip(depth + 1); err != nil {
			return err
		}
		if d.take(']') {
			return nil
		}
		if !d.take(',') {
			return d.errorf("a comma is missing")
		}
	}
}
