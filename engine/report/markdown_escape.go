package report

import (
	"strconv"
	"strings"
	"unicode"
)

// MarkdownText is untrusted text as GitHub flavoured Markdown that shows it and does
// nothing else, wherever text may stand on one line: in a paragraph, a list or a
// table's cell. It cannot end a cell, start HTML, a link, math or a footnote; what
// GitHub makes links, mentions or pictures of after the Markdown is done (@user,
// @org/team, #1, GH-1, owner/repo#1, commit ids, :emoji:, URLs, addresses) is shown
// as code, which GitHub leaves alone. Control characters, line ends and those that
// turn the direction of text are made visible. What stands between two backticks is
// shown as code, as messages mean it.
//
// An entity or a backslash would not do for a mention: they are gone when GitHub
// looks for mentions in the rendered text. An invisible character would do, and be in
// the way of whoever copies the text.
//
// https://github.github.com/gfm/
// https://docs.github.com/get-started/writing-on-github
func MarkdownText(s string) string {
	var b strings.Builder
	parts := strings.Split(Printable(s), "`")
	spans := len(parts)%2 == 1 && !strings.Contains(s, "``") // messages put code in backticks
	if !spans {
		parts = []string{Printable(s)}
	}
	for i, part := range parts {
		if i%2 == 1 {
			code(&b, part)
		} else {
			prose(&b, part)
		}
	}
	return strings.TrimSpace(b.String())
}

// prose writes words, with one space where there is white space.
func prose(b *strings.Builder, s string) {
	for s != "" {
		word := strings.TrimLeftFunc(s, unicode.IsSpace)
		if len(word) < len(s) {
			b.WriteByte(' ')
		}
		end := strings.IndexFunc(word, unicode.IsSpace)
		if end < 0 {
			end = len(word)
		}
		word, s = word[:end], word[end:]
		if !linked(word) {
			entities(b, word)
			continue
		}
		inner := strings.TrimLeft(word, "(")
		entities(b, word[:len(word)-len(inner)])
		core := strings.TrimRight(inner, ",.;:)")
		code(b, core)
		entities(b, inner[len(core):])
	}
}

// MarkdownCode is untrusted text as code within a line, as safe as MarkdownText.
func MarkdownCode(s string) string {
	var b strings.Builder
	code(&b, Printable(s))
	return b.String()
}

// entities writes every character that means something in Markdown as a numeric
// entity: those stand for text alone, never for structure (CommonMark, 2.5).
func entities(b *strings.Builder, s string) {
	for _, r := range s {
		if r < 0x80 && r != ' ' && r != ',' && r != '/' && r != '\'' && !alphanumeric(r) {
			b.WriteString("&#")
			b.WriteString(strconv.Itoa(int(r)))
			b.WriteByte(';')
			continue
		}
		b.WriteRune(r)
	}
}

// code writes a code span between as many backticks as the text does not hold. In
// a table a "|" ends the cell even there, and a backslash before it shows elsewhere:
// it stands as an entity between two spans.
func code(b *strings.Builder, s string) {
	for i, part := range strings.Split(s, "|") {
		if i > 0 {
			b.WriteString("&#124;")
		}
		if part == "" {
			continue
		}
		if strings.HasSuffix(b.String(), "`") { // its fence would grow
			b.WriteByte(' ')
		}
		fence := strings.Repeat("`", longestRun(part, '`')+1)
		b.WriteString(fence)
		// A space at both ends is taken off again, and keeps a backtick from the fence.
		pad := part[0] == '`' || part[len(part)-1] == '`' || part[0] == ' ' && part[len(part)-1] == ' ' && strings.Trim(part, " ") != ""
		if pad {
			b.WriteByte(' ')
		}
		b.WriteString(part)
		if pad {
			b.WriteByte(' ')
		}
		b.WriteString(fence)
	}
}

// longestRun is the length of the longest run of c in s.
func longestRun(s string, c byte) int {
	most, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			most = max(most, run)
		} else {
			run = 0
		}
	}
	return most
}

// linked says whether GitHub could make something of a word.
func linked(word string) bool {
	return strings.ContainsAny(word, "@#$") || strings.Count(word, ":") > 1 ||
		strings.Contains(word, "://") || hasFold(word, "www.") || hasFold(word, "ghsa-") ||
		ticket(word) || commitID(word)
}

func hasFold(s, lower string) bool { return strings.Contains(strings.ToLower(s), lower) }

// ticket says whether a word holds letters, a dash and a digit: GH-1, or what a
// repository is set up to link.
func ticket(word string) bool {
	for i := 1; i+1 < len(word); i++ {
		if word[i] == '-' && alphanumeric(rune(word[i-1])) && '0' <= word[i+1] && word[i+1] <= '9' {
			return true
		}
	}
	return false
}

// commitID says whether a word holds 7 or more hexadecimal digits between others.
func commitID(word string) bool {
	for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return !alphanumeric(r) }) {
		if len(part) >= 7 && strings.Trim(part, "0123456789abcdefABCDEF") == "" {
			return true
		}
	}
	return false
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
