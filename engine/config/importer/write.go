package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// entry is one rule of the file that is written.
type entry struct {
	line        int // in the file that is read
	id          string
	description string
	files       []string // nil: every file
	exclude     []string
	types       []string
	typesOr     []string
	exceptTypes []string
	needs       []string
	stages      []string
	tags        []string
	body        fields // the kind's key, and `with`
}

// fields are keys with values: a string, an int, a bool, a []string, fields, or
// a []fields.
type fields []field

type field struct {
	key   string
	value any
}

// add appends a key unless its value is empty.
func (f *fields) add(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case bool:
		if !v {
			return
		}
	case fields:
		if len(v) == 0 {
			return
		}
	}
	*f = append(*f, field{key, value})
}

// fields returns the rule's keys in the order in which they are written.
func (e *entry) fields() fields {
	var f fields
	body := e.body
	if e.id == "" { // which is a built-in check's own name
		f, body = append(f, body[0]), body[1:]
	}
	f.add("id", e.id)
	f.add("description", e.description)
	f.add("files", e.files)
	f.add("exclude", e.exclude)
	f.add("types", e.types)
	f.add("types_or", e.typesOr)
	f.add("exclude_types", e.exceptTypes)
	f.add("needs", e.needs)
	f.add("stages", e.stages)
	f.add("tags", e.tags)
	return append(f, body...)
}

// document is the file that is written.
type document struct {
	command, from string // such as "pre-commit" and ".pre-commit-config.yaml"
	notes         []Note
	exclude       []string
	fix           bool
	rules         []entry
}

// text writes the document.
func (d *document) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by `sot import %s` from %s.\n", d.command, comment(d.from))
	d.list(&b, Dropped, "Not carried over:")
	d.list(&b, Differs, "Good to know:")
	b.WriteString("version: 1\n")
	var top fields
	top.add("exclude", d.exclude)
	if d.fix {
		top.add("hook", fields{{"fix", true}})
	}
	top.write(&b, "")
	b.WriteString("rules:\n")
	for i, e := range d.rules {
		if i > 0 && (len(e.fields()) > 1 || len(d.rules[i-1].fields()) > 1) {
			b.WriteString("\n")
		}
		e.fields().item(&b, "  ")
	}
	return []byte(b.String())
}

func (d *document) list(b *strings.Builder, kind NoteKind, title string) {
	first := true
	for _, n := range d.notes {
		if n.Kind != kind {
			continue
		}
		if first {
			b.WriteString("#\n# " + title + "\n")
		}
		first = false
		fmt.Fprintf(b, "#   line %d, %s: %s\n", n.Line, comment(n.Subject), comment(n.Reason))
	}
}

// comment makes a text fit for a comment: one line of printable characters.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// item writes the fields as an element of a list.
func (f fields) item(b *strings.Builder, indent string) {
	var inner strings.Builder
	f.write(&inner, indent+"  ")
	b.WriteString(indent + "- " + strings.TrimPrefix(inner.String(), indent+"  "))
}

func (f fields) write(b *strings.Builder, indent string) {
	for _, x := range f {
		b.WriteString(indent + scalar(x.key) + ":")
		switch v := x.value.(type) {
		case fields:
			if len(v) == 0 {
				b.WriteString(" {}\n")
				continue
			}
			b.WriteString("\n")
			v.write(b, indent+"  ")
		case []fields:
			b.WriteString("\n")
			for _, one := range v {
				one.item(b, indent+"  ")
			}
		case []string:
			list(b, v, indent)
		case string:
			if bare := strings.ReplaceAll(v, " {files}", ""); bare != v && plainScalar().MatchString(bare) {
				b.WriteString(" " + v + "\n")
				continue
			}
			if lines, ok := block(v); ok {
				b.WriteString(" |-\n")
				for _, l := range lines {
					b.WriteString(strings.TrimRight(indent+"  "+l, " ") + "\n")
				}
				continue
			}
			b.WriteString(" " + scalar(v) + "\n")
		default:
			fmt.Fprintf(b, " %v\n", v)
		}
	}
}

// list writes strings in one line where they fit.
func list(b *strings.Builder, items []string, indent string) {
	const width = 100
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = scalar(s)
	}
	if line := " [" + strings.Join(quoted, ", ") + "]\n"; len(line) < width {
		b.WriteString(line)
		return
	}
	b.WriteString("\n")
	for _, q := range quoted {
		b.WriteString(indent + "  - " + q + "\n")
	}
}

// block returns the lines of a text that a literal block scalar holds as it is.
func block(s string) ([]string, bool) {
	lines := strings.Split(s, "\n")
	if len(lines) < 2 || strings.HasPrefix(s, " ") || lines[0] == "" || lines[len(lines)-1] == "" {
		return nil, false
	}
	for _, l := range lines {
		if strings.TrimRight(l, " ") != l || strings.ContainsFunc(l, func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' }) {
			return nil, false
		}
	}
	return lines, true
}

var (
	plainScalar = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./@+=-]*( [A-Za-z0-9_./@+=-]+)*$`)
	})
	// words that YAML 1.1 or 1.2 read as something else than a string
	notStrings = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf"}
)

// scalar writes a string so that it is read as the same string.
func scalar(s string) string {
	switch {
	case plainScalar().MatchString(s) && !slices.Contains(notStrings, strings.ToLower(s)) && !numeric(s):
		return s
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return strconv.Quote(s) // its escapes are YAML's too
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// numeric says whether YAML may read a plain scalar as a number: 0x1, 1e3, .5.
func numeric(s string) bool {
	return strings.TrimLeft(s, ".0123456789_eExXoO+-") == "" || s[0] == '.' && len(s) > 1 && '0' <= s[1] && s[1] <= '9'
}
