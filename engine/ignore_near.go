package engine

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/config"
)

// ignoreMark is what an ignore comment holds, whatever the language.
const ignoreMark = "sot:ignore"

// maxIgnores is how many comments of a file are obeyed: nobody writes as many, and
// a file made of nothing else would fill the memory.
const maxIgnores = 10_000

// mark is a place where an ignore comment, or what its writer took for one, may
// begin.
type mark struct {
	at, end int  // in bytes
	exact   bool // it reads ignoreMark
}

// hasMarks says whether a file may have ignore comments, or what looks like them.
func hasMarks(data []byte) bool { return len(marks(data, 1)) > 0 }

// marks returns the first places, at most so many. It runs over
// every file that is judged: looking for the short names costs what looking for
// ignoreMark does, about 0.6 ms a megabyte.
func marks(data []byte, most int) (out []mark) {
	for _, name := range []string{"sot", "SOT"} {
		found := 0
		for at := 0; found < most; {
			n := bytes.Index(data[at:], []byte(name))
			if n < 0 {
				break
			}
			at += n
			if m, ok := markAt(data, at); ok {
				out = append(out, m)
				found++
			}
			at += len(name)
		}
	}
	slices.SortFunc(out, func(a, b mark) int { return cmp.Compare(a.at, b.at) })
	return out[:min(len(out), most)]
}

// markAt reads the name, what parts it from the word, and the word.
func markAt(data []byte, at int) (mark, bool) {
	behind := data[at:min(len(data), at+32)]
	if bytes.HasPrefix(behind, []byte(ignoreMark)) {
		return mark{at, at + len(ignoreMark), true}, true
	}
	rest := behind[len("sot"):]
	word := bytes.TrimLeft(rest, ":_- \t")
	n := 0
	for n < len(word) && isLetter(word[n]) {
		n++
	}
	if gap := len(rest) - len(word); gap < 1 || gap > 3 || !wordOfIgnores(word[:n]) {
		return mark{}, false
	}
	return mark{at, at + len(behind) - len(word) + n, false}, true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// otherWords are what other tools' comments say in the place of ignore.
var otherWords = [...]string{"disable", "nolint", "noqa", "skip", "suppress", "allow", "silence", "exclude", "noinspection"}

// wordOfIgnores says whether a word is ignore in other case, misspelt, or what
// another tool says.
func wordOfIgnores(word []byte) bool {
	if len(word) < 4 || len(word) > 12 {
		return false
	}
	w := strings.ToLower(string(word))
	return strings.HasPrefix(w, "ignore") || slices.Contains(otherWords[:], w) || config.Nearest(w, []string{"ignore"}) != ""
}

// lead is what stands in front of a mark.
type lead int8

const (
	leadText   lead = iota // words
	leadHash               // the start of a comment in a programming language
	leadMarkup             // the start of a comment that Markdown and its like have too
	leadQuote              // a quotation mark: the comment is talked about
)

// leadOf looks at the line in front of a mark.
func leadOf(before []byte) lead {
	before = bytes.TrimRight(before, " \t")
	kind := leadText
	for _, x := range [...]struct {
		opener string
		lead
		first bool // on the line
	}{
		{"<!--", leadMarkup, false}, {"/*", leadMarkup, false}, {"//", leadMarkup, true}, {"..", leadMarkup, true},
		{"#", leadHash, false}, {"//", leadHash, false}, {"--", leadHash, false}, {";", leadHash, false}, {"%", leadHash, false}, {"(*", leadHash, false},
	} {
		if rest, ok := bytes.CutSuffix(before, []byte(x.opener)); ok && (!x.first || len(bytes.TrimSpace(rest)) == 0) {
			kind, before = x.lead, rest
			break
		}
	}
	if len(before) > 0 && strings.IndexByte("`'\"", before[len(before)-1]) >= 0 {
		return leadQuote
	}
	return kind
}

// opens says whether a comment in a file of this name begins so. In Markdown # is
// a heading.
func (l lead) opens(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".org":
		return l == leadMarkup
	}
	return l == leadMarkup || l == leadHash
}

// tail is what stands behind the ids of rules.
type tail int8

const (
	tailText   tail = iota // more words
	tailEnd                // the end of the comment
	tailReason             // --
)

var endPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t)\]]*(?:-->.*|\*/.*|\*\).*|#}.*|%>.*)?\r?$`)
})

func tailOf(rest []byte) tail {
	switch {
	case endPattern().Match(rest):
		return tailEnd
	case bytes.HasPrefix(bytes.TrimLeft(rest, " \t)]"), []byte("--")):
		return tailReason
	}
	return tailText
}

// prose says whether a text that reads like an ignore comment for a rule that
// does not exist only talks about such comments.
func (g *ignore) prose(path, id string, known map[string]int) bool {
	switch opens := g.lead.opens(path); {
	case g.lead == leadQuote, !opens && talks(path):
		return true
	case opens && g.tail != tailText, g.tail == tailReason:
		return false
	}
	return config.Nearest(id, slices.Sorted(maps.Keys(known))) == ""
}

// talks says whether a file is one of text, where comments stand as examples.
func talks(path string) bool { return !leadHash.opens(path) }

// nearMiss is a text that its writer took for an ignore comment.
type nearMiss struct {
	wrote string   // the mark and what is joined to it
	scope string   // what was meant: "", "-next-line" or "-file"; "?" is not to be told
	ids   []string // rules that it names; nil where it names none
	odd   bool     // the words are wrong, and not only what is behind them
	tail
}

var nearPattern = sync.OnceValue(func() *regexp.Regexp {
	const id = `[A-Za-z0-9][A-Za-z0-9_.-]*[A-Za-z0-9_]|[A-Za-z0-9]|\*`
	return regexp.MustCompile(`^([A-Za-z_-]*)[ \t]*([:=(\[]*)[ \t]*(?:((?:` + id + `)(?:[ \t]*,[ \t]*(?:` + id + `))*))?(.*)`)
})

// parseNearMiss reads a text that begins with a mark of n bytes.
func parseNearMiss(text []byte, n int) *nearMiss {
	n = min(n, len(text))
	m := nearPattern().FindSubmatch(text[n:])
	if m == nil {
		return nil
	}
	joined := string(m[1])
	ids, rest := string(m[3]), m[4]
	if strings.HasSuffix(joined, "-") { // of "-->" and "--"
		cutAt := len(strings.TrimRight(joined, "-"))
		rest, joined, ids = text[n+cutAt:], joined[:cutAt], ""
	}
	if len(rest) > 0 && ids != "" && rest[0] == '/' && strings.HasSuffix(ids, "*") { // of "*/"
		rest, ids = append([]byte{'*'}, rest...), strings.TrimRight(strings.TrimSuffix(ids, "*"), " \t,")
	}
	out := &nearMiss{wrote: string(text[:n]) + joined, tail: tailOf(rest)}
	if ids != "" {
		out.wrote += string(m[2])
	}
	out.scope = scopeOf(joined)
	out.odd = !slices.Contains([]string{ignoreMark, ignoreMark + "-next-line", ignoreMark + "-file"}, out.wrote)
	for id := range strings.SplitSeq(ids, ",") {
		if id = strings.TrimSpace(id); id != "" {
			out.ids = append(out.ids, id)
		}
	}
	if out.ids == nil && out.tail == tailText {
		return nil
	}
	return out
}

// scopeOf says what was meant by what is joined to the mark.
func scopeOf(joined string) string {
	switch words := strings.Trim(strings.ToLower(joined), "-_"); {
	case words == "" || strings.Contains(words, "this") || words == "line" || words == "same-line" || words == "d" || words == "s":
		return ""
	case strings.Contains(words, "next"):
		return "-next-line"
	case strings.Contains(words, "file"), words == "all":
		return "-file"
	}
	return "?"
}

// amiss says what is wrong with what only looks like an ignore comment, and what
// to write instead; "" where nothing is, or where it is prose. Known are the
// rules that there are.
func (g *ignore) amiss(path string, known map[string]int) string {
	n := g.near
	if n == nil || !g.lead.opens(path) {
		return ""
	}
	names := slices.Sorted(maps.Keys(known))
	var meant []string
	all := ""
	for _, id := range n.ids {
		_, ok := known[id]
		switch near := config.Nearest(id, names); {
		case ok || id == UnusedIgnore:
			meant = append(meant, id)
		case meansAll(id):
			all = id
		case near != "" && n.tail != tailText:
			meant = append(meant, near)
		}
	}
	switch {
	case n.ids != nil && meant == nil && (all == "" || n.tail == tailText) && n.tail != tailReason:
		return "" // words about such comments
	case !n.odd && n.ids == nil:
		return "names no rule, so it silences nothing: write its id behind the mark, and -- why"
	case !n.odd && all != "":
		return namesAll(all)
	}
	rules := cmp.Or(strings.Join(meant, ", "), "RULE")
	if n.scope == "?" {
		return fmt.Sprintf("%q is no ignore comment, so it silences nothing: write `%s-next-line %s -- why` before each line, or `%s-file %s -- why`",
			n.wrote, ignoreMark, rules, ignoreMark, rules)
	}
	return fmt.Sprintf("%q is no ignore comment, so it silences nothing: write `%s%s %s -- why`", n.wrote, ignoreMark, n.scope, rules)
}

// meansAll says whether somebody meant all rules.
func meansAll(id string) bool { return id == "*" || strings.EqualFold(id, "all") }

func namesAll(id string) string {
	return fmt.Sprintf("%q names no rule, so it silences nothing: write the ids of the rules, as in `%s RULE, RULE -- why`", id, ignoreMark)
}
