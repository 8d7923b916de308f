package report_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	dom "golang.org/x/net/html"
)

// gfm renders as GitHub does before it takes out what is dangerous: raw HTML is left
// in, so that any that is not ours is seen.
var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()))

func rendered(t testing.TB, markdown string) *dom.Node {
	t.Helper()
	var b bytes.Buffer
	if err := gfm.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	n, err := dom.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// active is what GitHub makes links, mentions and pictures of in rendered text
// outside of code: users and teams, issues, commits, emoji, addresses, math.
var active = regexp.MustCompile(`(?i)@\w|#\d|\bgh-\d|\bghsa-|\b[0-9a-f]{7,40}\b|:[\w+-]+:|://|www\.|\$`)

// elements are those that a report is made of.
var elements = []string{"html", "head", "body", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "a", "br", "sub", "details", "summary", "ul", "li"}

// harmless walks rendered Markdown, and says what is there that is not ours.
func harmless(t testing.TB, n *dom.Node, base string) {
	t.Helper()
	switch n.Type {
	case dom.CommentNode:
		t.Errorf("a comment: %q", n.Data)
	case dom.ElementNode:
		if !slices.Contains(elements, n.Data) {
			t.Errorf("an element: <%s>", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, base):
			case (n.Data == "th" || n.Data == "td") && (a.Key == "style" || a.Key == "align"):
			case n.Data == "code" && a.Key == "class" && a.Val == "language-mermaid":
			default:
				t.Errorf("an attribute: <%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "code" {
			textOf(t, n, nil)
			return
		}
	case dom.TextNode:
		textOf(t, n, active)
	}
	for c := range n.ChildNodes() {
		harmless(t, c, base)
	}
}

// textOf wants no control characters in a node's text, and no match.
func textOf(t testing.TB, n *dom.Node, active *regexp.Regexp) {
	t.Helper()
	for d := range n.Descendants() {
		if d.Type == dom.ElementNode {
			t.Errorf("an element in code: <%s>", d.Data)
		}
		if d.Type == dom.TextNode {
			textOf(t, d, active)
		}
	}
	if n.Type != dom.TextNode {
		return
	}
	if i := strings.IndexFunc(n.Data, func(r rune) bool {
		return r < ' ' && r != '\n' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x61c || r >= 0xe0000 && r <= 0xe007f
	}); i >= 0 {
		t.Errorf("a control character: %q", n.Data[i:])
	}
	if active != nil {
		if found := active.FindString(n.Data); found != "" {
			t.Errorf("%q would become something in %q", found, n.Data)
		}
	}
}

// words returns the text of a node, its white space folded.
func words(n *dom.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == dom.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// cells wants every row of every table to have as many cells as its head.
func cells(t testing.TB, n *dom.Node) (rows int) {
	t.Helper()
	for table := range n.Descendants() {
		if table.Data != "table" || table.Type != dom.ElementNode {
			continue
		}
		head := 0
		for tr := range table.Descendants() {
			if tr.Data != "tr" || tr.Type != dom.ElementNode {
				continue
			}
			k := 0
			for c := range tr.ChildNodes() {
				if c.Type == dom.ElementNode {
					k++
				}
			}
			if head == 0 {
				head = k
			}
			if k != head {
				t.Errorf("a row of %d cells under a head of %d: %q", k, head, words(tr))
			}
			rows++
		}
	}
	return rows
}

var hostile = []string{
	"plain", "[x](y)", "![x](y)", "[x]", "[x]: /y", "[x][x]", "x](y)", "[x", "a|b", `a\|b`, "`a`|`b`", "``` x", "`", "``", " ` ", "|", "||", `\`, `\\|`, "a`b|c`d", "<script>alert(1)</script>", "<b>", "<!-- x", "-->", "<details>", "</td></tr></table>",
	"[x](https://evil.example)", "![x](https://evil.example/p.png)", "](https://evil.example)", "[x]: https://evil.example", "<https://evil.example>", "https://evil.example", "www.evil.example", "WWW.evil.example",
	"HTTP://evil.example/a(b)", "mailto:a@evil.example", "a@evil.example", "xmpp:a@evil.example/x", "@octocat", "(@octo/team)", "#1", "octo/hello#1", "GH-1", "octo/hello@1a2b3c4", "1a2b3c4d", "_1a2b3c4d_", "x:deadbeef0",
	":smile:", ":+1:", "a:x:b", "$x$", "$`x`$", "[^1]", "[^1]: note", "*a* **b** _c_ ~~d~~", "# h", "- [ ] x", "1. x", "> [!NOTE]", "    code", "---", "===", "a\nb\n\n# h", "a\r\n| b |", "\u202eevil\u202c", "\u2066x\u2069",
	"\u200f", "\x1b[31m", "\x00", "\xff\xfe", "&lt;b&gt;", "&#64;octocat", "&amp;", "@\u200boctocat", "a\u00a0@octocat", "日本 #1", "GHSA-abcd-efgh-ijkl", "JIRA-12", "```mermaid", "~~~", "%%{init: {}}%%", "click a href \"x\"", "section x", "a:b, c;d#e", "\\@octocat", "a\\", "{{x}}", "${{ secrets.X }}",
	strings.Repeat("`", 200), strings.Repeat("a|", 100), "e\u0301\u0327", "👩‍👩‍👧",
}

func TestMarkdownTextOfHostileWords(t *testing.T) {
	for _, s := range hostile {
		for _, escaped := range []string{report.MarkdownText(s), report.MarkdownCode(s)} {
			for _, around := range []string{"%", "| a | b |\n| - | - |\n| % | y |\n", "x % y", "**%**", "<sub>%</sub>", "%%", "[^1]: x % ", "a\n\n% `b` <b"} {
				doc := rendered(t, strings.ReplaceAll(around, "%", escaped))
				if around[0] == '|' {
					if cells(t, doc) != 2 {
						t.Errorf("%q: the table is broken by %q", s, escaped)
					}
				}
				if strings.Contains(around, "^") || strings.Contains(around, "<b") {
					continue // ours is broken here: only that it ends where it should is seen below
				}
				harmless(t, doc, "no links")
			}
		}
	}
}

// Nothing is lost: what is shown is what was there, as Printable has it, but for
// backticks, which may have made code of what is between them, and white space.
func TestMarkdownTextShowsAll(t *testing.T) {
	plain := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "`", "")), "") }
	for _, s := range hostile {
		for _, escaped := range []string{report.MarkdownText(s), report.MarkdownCode(s)} {
			for _, around := range []string{"x % y", "| a | b |\n| - | - |\n| % | y |\n"} {
				doc := rendered(t, strings.ReplaceAll(around, "%", escaped))
				if got, want := plain(words(doc)), plain(report.Printable(s)); !strings.Contains(got, want) {
					t.Errorf("%q shows as %q by %q", want, got, escaped)
				}
			}
		}
	}
	for s, want := range map[string]string{
		"use `x|y`, (see @you): a_b.": "use `x`&#124;`y`, &#40;see `@you`&#41;&#58; a&#95;b&#46;",
		"$`x`$":                       "`$` `x` `$`",
		"a ` b":                       "a &#96; b",
		"@`":                          "`` @` ``",
		"`@":                          "`` `@ ``",
		"@``x":                        "```@``x```",
	} {
		if got := report.MarkdownText(s); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

// everywhere is a report with s wherever a report has text that is not ours.
func everywhere(s string) (*report.Report, report.MarkdownOptions) {
	r := threeFindings()
	r.Tool.Version = s
	for i := range r.Rules {
		r.Rules[i].ID += s
		r.Rules[i].Reason = s
		r.Rules[i].Kind = s
	}
	for i := range r.Findings {
		r.Findings[i].Rule, r.Findings[i].Message, r.Findings[i].Path = s, s, r.Findings[i].Path+s
	}
	r.Findings = append(r.Findings, rule.Finding{Rule: s, Severity: rule.Info, Path: s, Message: s + "\n" + s})
	r.Faults = []rule.Fault{{Rule: s, Kind: rule.FaultKind(s), Message: s + "\n" + s}}
	r.Slow = []report.Slow{{Rule: s, Seconds: 2, Expected: 1}}
	l := r.Schedule.Log
	for i := range l.Tasks {
		l.Tasks[i].ID, l.Tasks[i].Rule = s, s
	}
	schedule := trace.Measure(l)
	schedule.Profile = s
	r.Schedule = &schedule
	r.About = map[string]report.About{s: {Description: s, Help: s}}
	o := onGitHub()
	o.Compared, o.Cache, o.Notes = s, s, []string{s}
	return r, o
}

func checkEverywhere(t *testing.T, s string) {
	t.Helper()
	r, o := everywhere(s)
	md := markdownOf(t, r, o)
	doc := rendered(t, md)
	harmless(t, doc, "https://github.com/octo/hello/")
	cells(t, doc)
	tables, charts := 0, 0
	for d := range doc.Descendants() {
		switch {
		case d.Type != dom.ElementNode:
		case d.Data == "table":
			tables++
		case d.Data == "code" && len(d.Attr) > 0:
			charts++
			chart(t, words(d), strings.Count(md, "    section worker "))
		}
	}
	if tables != 8 || charts != 1 {
		t.Errorf("%d tables and %d charts", tables, charts)
	}
}

// chart wants a chart's labels to hold nothing that Mermaid's grammar reads.
func chart(t *testing.T, source string, sections int) {
	t.Helper()
	if strings.ContainsAny(source, "#;%<>&\"'`{}[]|\\@$") && !strings.Contains(source, "axisFormat %Q") || strings.Count(source, "%") != 1 || strings.ContainsAny(source, "#;<>&\"'`{}[]|\\@$") {
		t.Errorf("the chart holds more than plain labels: %q", source)
	}
	if strings.Count(source, "section worker ") < sections {
		t.Errorf("sections are lost: %q", source)
	}
}

// The seeds run as tests: a report that holds one of them in every place.
func FuzzMarkdown(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(checkEverywhere)
}
