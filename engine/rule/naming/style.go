package naming

import (
	"strings"
	"unicode"
)

// style is a way to write several words as one name.
type style struct {
	name string
	is   func(name string) bool
	join func(words []string) string // words are in lower case
	// loose styles say nothing of the characters between letters.
	loose bool
}

// styles are the cases that sot.yaml knows.
func styles() []style {
	return []style{
		{"snake_case", func(s string) bool { return only(s, '_', unicode.IsUpper) }, joined("_", same, same), false},
		{"kebab-case", func(s string) bool { return only(s, '-', unicode.IsUpper) && trimmed(s, "-") }, joined("-", same, same), false},
		{"camelCase", func(s string) bool { return only(s, 0, nil) && !startsWith(s, unicode.IsUpper) }, joined("", same, title), false},
		{"PascalCase", func(s string) bool { return only(s, 0, nil) && !startsWith(s, unicode.IsLower) }, joined("", title, title), false},
		{"SCREAMING_SNAKE_CASE", func(s string) bool { return only(s, '_', unicode.IsLower) }, joined("_", strings.ToUpper, strings.ToUpper), false},
		{"SCREAMING-KEBAB-CASE", func(s string) bool { return only(s, '-', unicode.IsLower) && trimmed(s, "-") }, joined("-", strings.ToUpper, strings.ToUpper), false},
		{"flatcase", func(s string) bool { return only(s, 0, unicode.IsUpper) }, joined("", same, same), false},
		{"lowercase", func(s string) bool { return !strings.ContainsFunc(s, unicode.IsUpper) }, nil, true},
		{"UPPERCASE", func(s string) bool { return !strings.ContainsFunc(s, unicode.IsLower) }, nil, true},
	}
}

func styleOf(name string) (style, bool) {
	for _, s := range styles() {
		if s.name == name {
			return s, true
		}
	}
	return style{}, false
}

// only says whether s holds letters, marks, digits and sep alone, and no letter
// that is bad. A sep of 0 is none.
func only(s string, sep rune, bad func(rune) bool) bool {
	for _, r := range s {
		switch {
		case bad != nil && bad(r):
			return false
		case r == sep && sep != 0, unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		default:
			return false
		}
	}
	return s != ""
}

func trimmed(s, cutset string) bool { return strings.Trim(s, cutset) == s }

func startsWith(s string, is func(rune) bool) bool {
	for _, r := range s {
		return is(r)
	}
	return false
}

func same(s string) string { return s }

func title(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

func joined(sep string, first, rest func(string) string) func([]string) string {
	return func(words []string) string {
		out := make([]string, len(words))
		for i, w := range words {
			if i == 0 {
				out[i] = first(w)
			} else {
				out[i] = rest(w)
			}
		}
		return strings.Join(out, sep)
	}
}

// convert writes name in the style; "" where no such name can be made.
func (s style) convert(name string) string {
	var out string
	switch s.name {
	case "lowercase":
		out = strings.ToLower(name)
	case "UPPERCASE":
		out = strings.ToUpper(name)
	default:
		out = s.join(words(name))
	}
	if !s.is(out) {
		return ""
	}
	return out
}

// words splits a name at what is no letter or digit, before a capital that
// follows a small letter or digit, and before the last capital of several that
// a small letter follows (HTTPServer is http and server). Words are in lower case.
func words(name string) []string {
	var out []string
	runes := []rune(strings.ToValidUTF8(name, ""))
	start := 0
	cut := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			cut(i)
			start = i + 1
			continue
		}
		if i == start || !unicode.IsUpper(r) {
			continue
		}
		small := !unicode.IsUpper(runes[i-1])
		last := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if small || last {
			cut(i)
		}
	}
	cut(len(runes))
	return out
}
