package use

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

func prettyFormatJSON() rule.Use {
	return rule.Use{
		ID:  "pretty-format-json",
		Why: "One format ends the talk about formats, and a diff shows what changed.",
		Doc: `Holds JSON files to one format: that of Python's json.dumps.

- autofix: true lets fixes write the format; without it the check only finds.
- indent: blanks a level (default 2), or the text to indent with, such as "\t".
- no_ensure_ascii: characters outside ASCII stay as they are, instead of \uXXXX.
- no_sort_keys: keys keep their order.
- top_keys: keys that come first in every object, in this order, as "name,version" or a list.

Numbers are written as Python prints them (1.0, 1e+16, NaN), and CRLF or CR line ends alone are
no mistake, as in pre-commit-hooks. Of a key that is there several times the last value stays, or with
sorting the greatest.

Differs from pre-commit-hooks in what its reader stops at with an error: whole numbers over 4300 digits are
formatted, and nesting deeper than 1000 levels, bytes that are not UTF-8, a lone surrogate under no_ensure_ascii, and a key
that is there several times with values that have no order are findings, and not fixed (nor are
lists, which do have one).`,
		Defaults: rule.Selector{Types: []string{"json"}},
		With:     prettyOptions(),
		New:      newPrettyJSON,
	}
}

func prettyOptions() rule.Shape {
	return rule.Object("options of pretty-format-json",
		rule.Key{Name: "autofix", Shape: rule.Boolean("let fixes write the format")},
		rule.Key{Name: "indent", Shape: rule.Shape{Type: rule.OneOfShape, Doc: "blanks a level, or the text to indent with", Default: "2",
			OneOf: []rule.Shape{{Type: rule.IntShape}, {Type: rule.StringShape}}}},
		rule.Key{Name: "no_ensure_ascii", Shape: rule.Boolean("keep characters outside ASCII as they are")},
		rule.Key{Name: "no_sort_keys", Shape: rule.Boolean("keep the keys' order")},
		rule.Key{Name: "top_keys", Shape: rule.OneOrMore(rule.Str("a key, or several with commas"), "keys that come first, in this order")},
	)
}

// prettyJSON is the check pretty-format-json.
type prettyJSON struct {
	indent  string
	ascii   bool
	sort    bool
	topKeys []string
}

// prettyFixer is the same check where it may fix.
type prettyFixer struct{ prettyJSON }

// maxIndent bounds the indentation of one level, in bytes.
const maxIndent = 100

func newPrettyJSON(with rule.Value) (rule.Check, []rule.Problem) {
	c := prettyJSON{indent: "  ", ascii: !with.Get("no_ensure_ascii").Bool(false), sort: !with.Get("no_sort_keys").Bool(false)}
	var problems []rule.Problem
	if v := with.Get("indent"); v.Set() {
		c.indent = v.Scalar
		// The namesake gets a string and tries to read a number.
		if n, err := strconv.Atoi(strings.TrimSpace(v.Scalar)); err == nil {
			c.indent = strings.Repeat(" ", min(max(n, 0), maxIndent+1))
		}
		if len(c.indent) > maxIndent {
			problems = append(problems, v.Problemf("give at most "+strconv.Itoa(maxIndent), "the indentation is too wide"))
		}
	}
	for _, k := range with.Get("top_keys").Strings() {
		c.topKeys = append(c.topKeys, strings.Split(k, ",")...)
	}
	if with.Get("autofix").Bool(false) {
		return prettyFixer{c}, problems
	}
	return c, problems
}

// CheckFile reports one finding: the first place that is not formatted, or why
// the file cannot be.
func (c prettyJSON) CheckFile(p *rule.Pass, f *rule.File) {
	c.format(f.Bytes(), func(want []byte, bad *jsonError) {
		if bad != nil {
			c.refuse(p, f, bad)
			return
		}
		if at := firstDifference(f.Bytes(), want); at >= 0 {
			line, _ := f.Position(at)
			p.Line(f, line, "JSON is not formatted from here on, format it")
		}
	})
}

// refuse reports a finding that no fix mends.
func (c prettyJSON) refuse(p *rule.Pass, f *rule.File, bad *jsonError) {
	line, column := f.Position(bad.start)
	endLine, endColumn := f.Position(bad.end)
	text, _ := f.Line(line)
	text = text[:min(len(text), rule.MaxLineText)]
	p.Add(rule.Finding{Path: f.Path, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn,
		Message: "JSON cannot be formatted: " + bad.what, Text: strings.ToValidUTF8(string(text), "\uFFFD")})
}

// Fix formats the file.
func (c prettyFixer) Fix(f *rule.File) (out []byte, changed bool) {
	c.format(f.Bytes(), func(want []byte, bad *jsonError) {
		if bad == nil && firstDifference(f.Bytes(), want) >= 0 {
			out, changed = bytes.Clone(want), true
		}
	})
	return out, changed
}

// format hands the formatted document to use, in a buffer that is used again
// afterwards, or why there is none.
func (c prettyJSON) format(data []byte, use func(want []byte, bad *jsonError)) {
	if !utf8.Valid(data) {
		i := invalidUTF8(data)
		use(nil, &jsonError{i, i + 1, "a byte is not UTF-8, save the file as UTF-8"})
		return
	}
	w := printers.Get().(*jsonPrinter)
	defer printers.Put(w)
	bad := w.print(c, data)
	use(w.out, bad)
	w.reset()
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

// firstDifference returns the offset in data at which it stops being want, where
// CRLF and CR count as LF (the namesake reads text so); -1 where it is all want.
func firstDifference(data, want []byte) int {
	if bytes.Equal(data, want) {
		return -1
	}
	j := 0
	for i := 0; i < len(data); i++ {
		c := data[i]
		if c == '\r' {
			c = '\n'
			if i+1 < len(data) && data[i+1] == '\n' {
				i++
			}
		}
		if j == len(want) || c != want[j] {
			return i
		}
		j++
	}
	if j < len(want) {
		return len(data)
	}
	return -1
}

// top returns the rank of a key among those that come first; behind them all
// for the others.
func (c *prettyJSON) top(key []byte) int {
	if i := slices.Index(c.topKeys, string(key)); i >= 0 {
		return i
	}
	return len(c.topKeys)
}
