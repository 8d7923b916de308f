package profile

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Version is the version of the file's format.
const Version = 1

// digits are the significant digits of a number in the file: the error of
// rounding stays far below what merging is held to.
const digits = 13

// Encode returns the store as JSON, in a stable order, a rule a line. The format
// is described in docs/profile.md.
func (s *Store) Encode() []byte {
	b := append(make([]byte, 0, 64+s.Len()*700), `{"version":`+strconv.Itoa(Version)+`,"classes":{`...)
	for i, class := range slices.Sorted(maps.Keys(s.classes)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, '\n'), class)
		b = append(b, ":{"...)
		rules := s.classes[class]
		for k, rule := range slices.Sorted(maps.Keys(rules)) {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendString(append(b, '\n'), rule)
			b = rules[rule].append(append(b, ':'))
		}
		b = append(b, '}')
	}
	return append(b, "}}\n"...)
}

func (m *Model) append(b []byte) []byte {
	b = appendString(append(b, `{"kind":`...), m.Kind)
	if !m.Updated.IsZero() {
		b = append(b, `,"updated":"`...)
		b = m.Updated.UTC().AppendFormat(b, time.RFC3339)
		b = append(b, '"')
	}
	for i := range fields {
		f := &fields[i]
		// What is at its limit and learns more would be read as damaged.
		if v := max(-f.limit, min(*f.of(m), f.limit)); v != 0 {
			b = append(append(append(b, `,"`...), f.name...), `":`...)
			b = strconv.AppendFloat(b, v, 'g', digits, 64)
		}
	}
	return append(b, '}')
}

// appendString appends a JSON string; bytes that are not UTF-8 are replaced.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
