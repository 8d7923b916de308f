package use

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/use/editorconfig"
)

// directive begins the comments that take lines out.
const directive = "editorconfig-checker-"

// maxOfOne is how many findings of one property in one file stand for
// themselves; what follows is one more.
const maxOfOne = 1000

var lineEnds = map[string]string{"lf": "\n", "crlf": "\r\n", "cr": "\r"}

// judgeWhole judges what is said of the file rather than of its lines.
func (c *editorConfigCheck) judgeWhole(p *rule.Pass, f *rule.File, is *editorconfig.Properties) {
	data := f.Bytes()
	if !c.disabled["insert_final_newline"] {
		if what := finalNewline(data, is.InsertFinalNewline, is.EndOfLine); what != "" {
			p.Line(f, max(1, f.Lines()), "%s", what)
		}
	}
	if end := lineEnds[is.EndOfLine]; end != "" && !c.disabled["end_of_line"] {
		if at, n := wrongEnds(data, end); n > 0 {
			more := ""
			if n > 1 {
				more = fmt.Sprintf(" (and %d more)", n-1)
			}
			line, _ := f.Position(at)
			p.Line(f, line, "the line does not end in %s (end_of_line)%s", is.EndOfLine, more)
		}
	}
	if is.Charset != "" && !c.disabled["charset"] {
		if what := wrongCharset(data, is.Charset); what != "" {
			p.File(f, "%s, save it as %s (charset)", what, is.Charset)
		}
	}
}

// finalNewline says what is wrong with the file's end; "" where nothing is.
func finalNewline(data []byte, insert, endOfLine string) string {
	ends := data[len(data)-1] == '\n' || data[len(data)-1] == '\r'
	end := lineEnds[endOfLine]
	switch {
	case insert == "true" && !ends:
		return "the last line has no line end, add one (insert_final_newline)"
	case insert == "true" && end != "" && (!bytes.HasSuffix(data, []byte(end)) || end == "\n" && bytes.HasSuffix(data, []byte("\r\n"))):
		return "the last line does not end in " + endOfLine + " (insert_final_newline)"
	case insert == "false" && ends:
		return "the last line has a line end, remove it (insert_final_newline)"
	}
	return ""
}

// wrongEnds returns where the first line end that differs is, and how many do.
func wrongEnds(data []byte, want string) (at, n int) {
	if want == "\n" && bytes.IndexByte(data, '\r') < 0 {
		return 0, 0
	}
	for i := 0; i < len(data); i++ {
		if data[i] != '\n' && data[i] != '\r' {
			continue
		}
		end := data[i : i+1]
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			end = data[i : i+2]
		}
		if string(end) != want {
			if n == 0 {
				at = i
			}
			n++
		}
		i += len(end) - 1
	}
	return at, n
}

var marks = []struct{ charset, mark string }{
	{"utf-8-bom", "\xef\xbb\xbf"}, {"utf-32le", "\xff\xfe\x00\x00"}, {"utf-32be", "\x00\x00\xfe\xff"},
	{"utf-16le", "\xff\xfe"}, {"utf-16be", "\xfe\xff"},
}

// wrongCharset says what the file is instead; "" where it is what is wanted.
func wrongCharset(data []byte, want string) string {
	found := ""
	for _, m := range marks {
		if bytes.HasPrefix(data, []byte(m.mark)) {
			found = m.charset
			break
		}
	}
	if strings.HasPrefix(want, "utf-8") && (found == "" || found == "utf-8-bom") && bytes.ContainsFunc(data, control) {
		return "it holds control characters, as no text does"
	}
	switch {
	case found == want:
		return ""
	case found != "":
		return "it begins with the byte order mark of " + found
	case want == "utf-8":
		if utf8.Valid(data) {
			return ""
		}
		return "it is not UTF-8"
	case want == "latin1":
		if ascii(data) || !utf8.Valid(data) {
			return ""
		}
		return "it is UTF-8"
	case want == "utf-8-bom", want == "utf-16le", want == "utf-16be":
		return "it has no byte order mark"
	}
	return "" // no charset that the specification knows
}

// control says whether a character stands in no text; the shifts of ISO 2022 do.
func control(r rune) bool {
	return r < ' ' && (r < '\t' || r > '\r' || r == '\v') && r != 0x0e && r != 0x0f && r != 0x1b
}

func ascii(data []byte) bool {
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// liner judges the lines of one file.
type liner struct {
	p    *rule.Pass
	f    *rule.File
	trim bool
	// style is "tab", "space" or "", size the blanks of one level, 0 where any do.
	style   string
	size    int
	longest int // characters; 0 is no bound
	said    [4]int
}

// What a liner counts.
const (
	saidTrim = iota
	saidStyle
	saidSize
	saidLength
)

func (c *editorConfigCheck) judgeLines(p *rule.Pass, f *rule.File, is *editorconfig.Properties) {
	l := liner{p: p, f: f}
	l.trim = is.TrimTrailingWhitespace == "true" && !c.disabled["trim_trailing_whitespace"]
	if !c.disabled["indent_style"] {
		l.style = is.IndentStyle
	}
	if l.style == "space" && !c.disabled["indent_size"] {
		l.size = is.Indent()
	}
	if !c.disabled["max_line_length"] {
		l.longest = is.Longest()
	}
	if !l.trim && l.style != "tab" && l.style != "space" && l.longest == 0 {
		return
	}
	data := f.Bytes()
	d := directives{on: bytes.Contains(data, []byte(directive))}
	for start := 0; start < len(data); {
		end, next := lineEnd(data, start)
		if line := data[start:end]; len(line) > 0 && !(d.on && d.skips(line)) {
			l.line(line, start)
		} else if d.on && len(line) == 0 {
			d.skips(line) // it may be the next line of a directive
		}
		start = next
	}
}

// line judges one line, which is not empty, and begins at an offset.
func (l *liner) line(line []byte, at int) {
	if last := line[len(line)-1]; l.trim && (last == ' ' || last == '\t') {
		from := len(bytes.TrimRight(line, " \t"))
		l.add(saidTrim, at+from, at+len(line), "trailing white space, remove it (trim_trailing_whitespace)")
	}
	if first := line[0]; first == ' ' || first == '\t' {
		l.indent(line, at)
	}
	if l.longest > 0 && len(line) > l.longest {
		text := line
		if at == 0 {
			text = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if n := utf8.RuneCount(text); n > l.longest {
			l.add(saidLength, at, at+len(line), "the line has %d characters, at most %d are allowed, break it (max_line_length)", n, l.longest)
		}
	}
}

// indent judges a line that begins with a blank or a tab. One more blank before
// a "*" is a comment's.
func (l *liner) indent(line []byte, at int) {
	blank, other := byte(' '), byte('\t')
	if l.style == "tab" {
		blank, other = other, blank
	}
	n := 0
	for n < len(line) && line[n] == blank {
		n++
	}
	comment := func(i int) bool { return i+1 < len(line) && line[i] == ' ' && line[i+1] == '*' }
	switch {
	case l.style == "tab":
		if n < len(line) && line[n] == other && !comment(n) {
			l.add(saidStyle, at, at+n+1, "indented with blanks, use tabs (indent_style)")
		}
	case l.style == "space":
		if n < len(line) && line[n] == other {
			l.add(saidStyle, at, at+n+1, "indented with a tab, use blanks (indent_style)")
		} else if l.size > 0 && n%l.size != 0 && !(n%l.size == 1 && comment(n-1)) {
			l.add(saidSize, at, at+n, "indented by %d, wanted a multiple of %d blanks (indent_size)", n, l.size)
		}
	}
}

// add reports a finding; the last of very many says so.
func (l *liner) add(what, from, to int, format string, args ...any) {
	l.said[what]++
	switch n := l.said[what]; {
	case n <= maxOfOne:
		l.p.Range(l.f, from, to, format, args...)
	case n == maxOfOne+1:
		l.p.Range(l.f, from, to, "%s (here and further on: more are not listed)", fmt.Sprintf(format, args...))
	}
}

// directives are the comments that take lines out, in the order of
// editorconfig-checker.
type directives struct {
	on       bool // the file holds some
	disabled bool
	next     bool // the line at hand is taken out by the one before
}

// skips says whether the line is taken out. Each line must be asked about once.
func (d *directives) skips(line []byte) bool {
	has := func(what string) bool { return bytes.Contains(line, []byte(directive+what)) }
	if d.disabled && has("enable") {
		d.disabled = false
	}
	if d.next {
		d.next = has("disable-next-line")
		return true
	}
	if d.disabled {
		return true
	}
	if !has("disable") {
		return false
	}
	d.next = has("disable-next-line")
	if has("disable-line") {
		return true
	}
	d.disabled = !d.next
	return d.disabled
}
