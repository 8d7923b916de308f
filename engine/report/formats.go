package report

import (
	"io"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// Format is one way to write a report for another program.
type Format struct {
	Name  string
	Write func(io.Writer, *Report) error
}

// Formats are the formats that other programs read, sorted by name.
func Formats() []Format {
	return []Format{
		{"checkstyle", Checkstyle},
		{"github", GitHub},
		{"gitlab", GitLab},
		{"json", JSON},
		{"junit", JUnit},
		{"markdown", func(w io.Writer, r *Report) error { return Markdown(w, r, MarkdownOptions{}) }},
		{"sarif", SARIF},
	}
}

// remaining are the findings that stand: those that --fix mended are no business
// of whoever collects problems.
func (r *Report) remaining() []rule.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f rule.Finding) bool { return f.Fixed })
}

// about returns what is known of a rule; an empty one for the rules that sot
// brings itself.
func (r *Report) about(id string) About {
	return r.About[id]
}

// uriPath returns a path as a relative URI reference: every byte but unreserved
// ones and "/" is percent-encoded, so that names of any bytes stay what they
// are (RFC 3986, section 2).
func uriPath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c := path[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
