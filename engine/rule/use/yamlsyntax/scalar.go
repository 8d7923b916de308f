package yamlsyntax

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const corePrefix = "tag:yaml.org,2002:"

// coreTag is a tag of YAML's own, as far as a loader builds something of it.
type coreTag uint8

const (
	strTag coreTag = iota
	nullTag
	boolTag
	intTag
	floatTag
	timestampTag
	binaryTag
	mergeTag
	valueTag
	collectionTag // seq, map, set, omap, pairs
	otherTag
)

func knownTag(name string) bool {
	t := coreTagOf(name)
	return t != otherTag && t != mergeTag && t != valueTag
}

func coreTagOf(name string) coreTag {
	switch name {
	case "str":
		return strTag
	case "null":
		return nullTag
	case "bool":
		return boolTag
	case "int":
		return intTag
	case "float":
		return floatTag
	case "timestamp":
		return timestampTag
	case "binary":
		return binaryTag
	case "merge":
		return mergeTag
	case "value":
		return valueTag
	case "seq", "map", "set", "omap", "pairs":
		return collectionTag
	}
	return otherTag
}

// tagOf returns a scalar's tag: the one that is written, or the one that its
// text has without quotes.
func (l *loader) tagOf(n *node) coreTag {
	switch tag := l.tags[n.tag]; tag {
	case "":
		if n.style != plain {
			return strTag
		}
	case "!":
	default:
		name, core := strings.CutPrefix(tag, corePrefix)
		if !core {
			return otherTag
		}
		return coreTagOf(name)
	}
	return resolve(l.text(n, l.data))
}

// resolve returns what a plain scalar is: YAML 1.2 as ruamel.yaml reads it,
// whose numbers allow underscores and which still knows timestamps.
func resolve(text []byte) coreTag {
	if len(text) == 0 {
		return nullTag
	}
	switch c := text[0]; c {
	case '~', 'n', 'N', 't', 'T', 'f', 'F':
		switch string(text) {
		case "~", "null", "Null", "NULL":
			return nullTag
		case "true", "True", "TRUE", "false", "False", "FALSE":
			return boolTag
		}
	case '<':
		if string(text) == "<<" {
			return mergeTag
		}
	case '=':
		if len(text) == 1 {
			return valueTag
		}
	case '-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		switch {
		case floatPattern().Match(text):
			return floatTag
		case c != '.' && intPattern().Match(text):
			return intTag
		case c >= '0' && implicitTimestamp().Match(text):
			return timestampTag
		}
	}
	return strTag
}

var (
	floatPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	})
	intPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$`)
	})
	implicitTimestamp = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$`)
	})
	timestampParts = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(?:Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?)?$`)
	})
)

// scalar judges whether a scalar is what its tag says.
func (l *loader) scalar(n *node) {
	text := l.text(n, l.data)
	switch l.tagOf(n) {
	case boolTag:
		if _, ok := parseBool(text); !ok {
			l.report(n, "%q is no boolean, write true or false, or remove the tag", clip(text))
		}
	case intTag:
		if _, ok := parseInt(text); !ok {
			l.report(n, "%q is no whole number, quote it, or remove the tag", clip(text))
		}
	case floatTag:
		if _, ok := parseFloat(text); !ok {
			l.report(n, "%q is no number, quote it, or remove the tag", clip(text))
		}
	case timestampTag:
		if _, ok := parseTimestamp(text); !ok {
			l.report(n, "%q is no date that there is, mend it, or quote it", clip(text))
		}
	case binaryTag:
		if !isBase64(text) {
			l.report(n, "not base64, mend the text, or remove the tag !!binary")
		}
	case mergeTag:
		l.report(n, "%q is the merge key and no value, quote it", clip(text))
	case valueTag:
		l.report(n, "%q is YAML 1.1's value key and no value, quote it", clip(text))
	case collectionTag:
		l.report(n, "tag !!%s does not fit a scalar, remove it", strings.TrimPrefix(l.tags[n.tag], corePrefix))
	case otherTag:
		l.unknownTag(n, l.tags[n.tag])
	}
}

func clip(text []byte) []byte { return text[:min(len(text), 60)] }

// isBase64 is Python's base64.decodebytes: characters outside the alphabet are
// skipped, the padding must be there, and what follows it is not looked at.
func isBase64(text []byte) bool {
	if slices.IndexFunc(text, func(c byte) bool { return c >= 0x80 }) >= 0 {
		return false
	}
	group, pads := 0, 0 // characters of the four at hand
	for _, c := range text {
		switch {
		case c == '=':
			if pads++; group >= 2 && group+pads >= 4 {
				return true
			}
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
			group, pads = (group+1)%4, 0
		}
	}
	return group == 0
}

// timestamp is a date, or a time in UTC, to compare.
type timestamp struct {
	date bool
	at   time.Time
}

func parseTimestamp(text []byte) (timestamp, bool) {
	m := timestampParts().FindSubmatch(text)
	if m == nil {
		return timestamp{}, false
	}
	var v [10]int
	for i := range v {
		for _, c := range m[i+1] {
			if '0' <= c && c <= '9' && v[i] < 1_000_000 {
				v[i] = 10*v[i] + int(c-'0')
			}
		}
	}
	year, month, day, hour, minute, second := v[0], v[1], v[2], v[3], v[4], v[5]
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if year == 0 || at.Year() != year || int(at.Month()) != month || at.Day() != day || hour > 23 || minute > 59 || second > 59 {
		return timestamp{}, false
	}
	if m[4] == nil {
		return timestamp{date: true, at: at}, true
	}
	fraction, err := time.ParseDuration("0." + string(m[7][:min(len(m[7]), 6)]) + "s")
	if err == nil {
		at = at.Add(fraction)
	}
	offset := time.Duration(v[8])*time.Hour + time.Duration(v[9])*time.Minute
	if string(m[8]) == "-" {
		offset = -offset
	}
	return timestamp{at: at.Add(-offset)}, true
}
