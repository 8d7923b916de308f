package yamlsyntax

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// maxDigits bounds the numbers that are read as numbers: converting a number
// of n digits is not linear in n. Python has the same bound for the same reason.
const maxDigits = 4300

// maxKeyDepth bounds how deep a list that is a key is looked into; Python
// cannot hash a list in a list at all.
const maxKeyDepth = 2

// keyID returns a text that is equal for two keys where Python's dict has them
// equal: 1, 1.0, 0x1 and true are one key, and "1" is another. It reports a key
// that a dict cannot have.
func (l *loader) keyID(k int32, depth int) (string, bool) {
	n := l.target(k)
	if n == nil {
		return "", false // reported as undefined
	}
	switch {
	case n.kind == scalarNode:
		return l.scalarID(n)
	case n.kind == sequenceNode && l.tags[n.tag] == corePrefix+"pairs":
		return "", false // may be a key; that two are equal is not looked for
	case n.kind == sequenceNode && l.tags[n.tag] == corePrefix+"omap":
		l.report(&l.nodes[k], "an ordered mapping cannot be a key, quote the text")
	case n.kind == sequenceNode && depth < maxKeyDepth-1:
		var id strings.Builder
		id.WriteByte('(')
		for c := n.child; c != 0; c = l.nodes[c].next {
			item, ok := l.keyID(c, depth+1)
			if !ok {
				return "", false
			}
			id.WriteString(strconv.Itoa(len(item)))
			id.WriteByte(':')
			id.WriteString(item)
		}
		return id.String(), true
	case n.kind == sequenceNode:
		l.report(&l.nodes[k], "a list inside a list cannot be a key, quote the text")
	default:
		l.report(&l.nodes[k], "a mapping cannot be a key, quote the text if it is a template such as '{{ name }}'")
	}
	return "", false
}

func (l *loader) scalarID(n *node) (string, bool) {
	text := l.text(n, l.data)
	switch l.tagOf(n) {
	case nullTag:
		return "null", true
	case boolTag:
		if b, ok := parseBool(text); ok && b {
			return "n1", true
		}
		return "n0", true
	case intTag:
		id, ok := parseInt(text)
		return "n" + id, ok
	case floatTag:
		f, ok := parseFloat(text)
		if f == math.Trunc(f) && !math.IsInf(f, 0) {
			i, _ := big.NewFloat(f).Int(nil)
			return "n" + i.String(), ok
		}
		return "n" + strconv.FormatFloat(f, 'g', -1, 64), ok
	case timestampTag:
		t, ok := parseTimestamp(text)
		if t.date {
			return "d" + t.at.Format(time.DateOnly), ok
		}
		return "t" + t.at.Format(time.RFC3339Nano), ok
	case binaryTag:
		return "b" + strings.Join(strings.Fields(string(text)), ""), true
	case otherTag, collectionTag:
		return "", false // reported with its tag
	}
	return "s" + string(text), true
}

func parseBool(text []byte) (value, ok bool) {
	switch strings.ToLower(string(text)) {
	case "true", "yes", "y", "on":
		return true, true
	case "false", "no", "n", "off":
		return false, true
	}
	return false, false
}

// parseInt returns a whole number in decimal digits.
func parseInt(text []byte) (string, bool) {
	s := strings.TrimSpace(strings.ReplaceAll(string(text), "_", ""))
	digits := strings.TrimLeft(s, "+-")
	if digits == "" || len(s)-len(digits) > 1 {
		return "", false
	}
	sign := s[:len(s)-len(digits)]
	base := 10
	if len(digits) > 1 && digits[0] == '0' {
		switch digits[1] {
		case 'b':
			base = 2
		case 'o':
			base = 8
		case 'x':
			base = 16
		}
	}
	if base != 10 {
		digits = digits[2:]
	}
	if len(digits) > maxDigits {
		return s, true
	}
	if strings.ContainsAny(digits, "+-") {
		return "", false
	}
	v, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return "", false
	}
	if sign == "-" {
		v.Neg(v)
	}
	return v.String(), true
}

func parseFloat(text []byte) (float64, bool) {
	s := strings.ToLower(strings.ReplaceAll(string(text), "_", ""))
	unsigned := strings.TrimLeft(s, "+-")
	switch unsigned {
	case ".inf":
		s = strings.Replace(s, ".inf", "inf", 1)
	case ".nan":
		s = "nan"
	}
	if strings.ContainsAny(s, "xp") || len(s)-len(unsigned) > 1 {
		return 0, false // Go reads hexadecimal floats
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}
