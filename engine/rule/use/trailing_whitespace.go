package use

import (
	"bytes"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

func trailingWhitespace() rule.Use {
	return rule.Use{
		ID:  "trailing-whitespace",
		Why: "It shows in diffs, and nowhere else.",
		Doc: `Trims white space from the end of lines.

Space, tab, vertical tab, form feed and a carriage return that is not part of the
line end are white space. A line keeps its line end, LF or CRLF.

- markdown_linebreak_ext: extensions of files in which two blanks at the end of a line
  that is not empty are a line break and stay, as "md,mkd" or a list; "*" is every file.
- chars: the characters to trim, instead of all white space. A character outside ASCII
  stands for each of its UTF-8 bytes.

As in pre-commit-hooks, a file whose name ends in a dot counts as Markdown. With chars, one fix
may bring the next blank to the end of a line; fixes are repeated until nothing changes.`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With: rule.Object("options of trailing-whitespace",
			rule.Key{Name: "markdown_linebreak_ext", Shape: rule.OneOrMore(rule.Str("an extension, or several with commas"),
				"extensions of files in which two blanks at the end of a line stay, or *")},
			rule.Key{Name: "chars", Shape: rule.Str("the characters to trim, instead of all white space")},
		),
		New: newTrailingWhitespace,
	}
}

// trimmer is the check trailing-whitespace.
type trimmer struct {
	allMarkdown bool
	markdown    []string // extensions in lower case, each with its dot
	chars       *[256]bool
}

func newTrailingWhitespace(with rule.Value) (rule.Check, []rule.Problem) {
	t := &trimmer{}
	ext := with.Get("markdown_linebreak_ext")
	problems := t.setMarkdown(ext)
	if v := with.Get("chars"); v.Set() {
		t.chars = new([256]bool)
		for _, c := range []byte(v.Scalar) {
			t.chars[c] = true
		}
	}
	return t, problems
}

// setMarkdown reads the list of extensions as the namesake does: joined,
// split at commas, lower case, one leading dot. No option at all leaves the
// extension ".", which a name that ends in a dot has.
func (t *trimmer) setMarkdown(v rule.Value) (problems []rule.Problem) {
	args := v.Strings()
	for i, a := range args {
		at := v
		if v.Kind == rule.List {
			at = v.Items[i]
		}
		if a == "" {
			problems = append(problems, at.Problemf("name an extension, such as md, or leave the option out", "an extension is empty"))
		}
		t.allMarkdown = t.allMarkdown || a == "*"
		for x := range strings.SplitSeq(a, ",") {
			x = strings.TrimLeft(strings.ToLower(x), ".")
			if strings.ContainsAny(x, `./\:`) {
				problems = append(problems, at.Problemf("give the extension alone, such as md", "%q is no extension", a))
			}
			t.markdown = append(t.markdown, "."+x)
		}
	}
	if args == nil {
		t.markdown = []string{"."}
	}
	return problems
}

// CheckFile reports one finding a line, on the blanks that go.
func (t *trimmer) CheckFile(p *rule.Pass, f *rule.File) {
	t.each(f, func(from, to int) {
		p.Range(f, from, to, "trailing white space, remove it")
	})
}

// Fix removes the blanks.
func (t *trimmer) Fix(f *rule.File) ([]byte, bool) {
	data := f.Bytes()
	var out []byte
	kept := 0
	t.each(f, func(from, to int) {
		if out == nil {
			out = make([]byte, 0, len(data))
		}
		out = append(out, data[kept:from]...)
		kept = to
	})
	if out == nil {
		return nil, false
	}
	return append(out, data[kept:]...), true
}

// each calls yield with the byte range of what goes from each line that has
// something to trim. The look at a line's last byte comes first: it decides
// nearly every line.
func (t *trimmer) each(f *rule.File, yield func(from, to int)) {
	data := f.Bytes()
	markdown := t.isMarkdown(f.Path)
	for start := 0; start < len(data); {
		end, next := lineEnd(data, start)
		if end > start && (markdown || t.trims(data[end-1])) {
			if from, to := t.trim(data, start, end, markdown); from < to {
				yield(from, to)
			}
		}
		start = next
	}
}

// lineEnd returns the end of the line that begins at start, without its line
// end (LF or CRLF), and the start of the next.
func lineEnd(data []byte, start int) (end, next int) {
	n := bytes.IndexByte(data[start:], '\n')
	if n < 0 {
		return len(data), len(data)
	}
	end, next = start+n, start+n+1
	if n > 0 && data[end-1] == '\r' {
		end--
	}
	return end, next
}

// trim returns the range that goes from the line data[start:end], which has no
// line end.
func (t *trimmer) trim(data []byte, start, end int, markdown bool) (from, to int) {
	to = end
	if markdown && bytes.HasSuffix(data[start:end], []byte("  ")) && !allSpace(data[start:end]) {
		to -= 2 // the line break
	}
	from = to
	for from > start && t.trims(data[from-1]) {
		from--
	}
	return from, to
}

func (t *trimmer) trims(c byte) bool {
	if t.chars != nil {
		return t.chars[c]
	}
	return isSpace(c)
}

func (t *trimmer) isMarkdown(path string) bool {
	if t.allMarkdown {
		return true
	}
	ext := extension(path)
	for _, m := range t.markdown {
		if strings.EqualFold(ext, m) {
			return true
		}
	}
	return false
}

// extension returns the extension of a path with its dot, as Python's
// os.path.splitext does: dots that lead the name begin none, and "name." has ".".
func extension(path string) string {
	name := strings.TrimLeft(path[strings.LastIndexByte(path, '/')+1:], ".")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

func allSpace(b []byte) bool {
	for _, c := range b {
		if !isSpace(c) {
			return false
		}
	}
	return true
}
