package use

import (
	"bytes"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

func checkVCSPermalinks() rule.Use {
	return rule.Use{
		ID:  "check-vcs-permalinks",
		Why: "A link to a line of a branch shows another line as soon as somebody adds one above.",
		Doc: `Finds links to a line of a file on GitHub that will not stay true.

Such a link names a branch (` + "`/blob/main/file#L10`" + `), whose line 10 changes; one that names a
commit stays. On GitHub, the key y turns the page's address into a lasting one.

- additional_github_domain: further domains, such as a company's own; one or a list.

Differs from pre-commit-hooks, where a domain is a regular expression, so that the dot of
github.com stands for any character: here it is taken as it is written.
`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With: rule.Object("options of check-vcs-permalinks",
			rule.Key{Name: "additional_github_domain", Shape: rule.OneOrMore(rule.Str("a domain, such as git.example.com"), "domains beside github.com")},
		),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			c := permalinks{[][]byte{[]byte("github.com")}}
			for _, d := range with.Get("additional_github_domain").Strings() {
				c.domains = append(c.domains, []byte(d))
			}
			return c, nil
		},
	}
}

// permalinks is the check check-vcs-permalinks.
type permalinks struct{ domains [][]byte }

// CheckFile reports each line with such a link. A link holds "/blob/", which is rare: the lines
// that hold it are looked at, nothing else is.
func (c permalinks) CheckFile(p *rule.Pass, f *rule.File) {
	data := f.Bytes()
	done := 0
	for hit := range indices(data, "/blob/") {
		if hit < done {
			continue // a further one on the same line
		}
		start := bytes.LastIndexByte(data[:hit], '\n') + 1
		done = len(data)
		if n := bytes.IndexByte(data[hit:], '\n'); n >= 0 {
			done = hit + n
		}
		c.checkLine(p, f, start, data[start:done])
	}
}

// checkLine reports the first link of a line.
func (c permalinks) checkLine(p *rule.Pass, f *rule.File, start int, line []byte) {
	const scheme = "https://"
	stop := -1
	for at := range indices(line, scheme) {
		link := line[at+len(scheme):]
		i := slices.IndexFunc(c.domains, func(d []byte) bool { return bytes.HasPrefix(link, d) })
		if i < 0 {
			continue
		}
		if end := linkEnd(line, at+len(scheme)+len(c.domains[i]), &stop); end > 0 {
			p.Range(f, start+at, start+end, "link to a line on a branch, which will move, link to a commit (press y on the page)")
			return // further ones on the line are no news
		}
	}
}

// linkEnd returns the end of "/owner/repository/blob/branch/path#L1" at s[i], 0
// where something else stands there or the branch is a commit. A character class
// without slash in front of a slash leaves no choice, so one look suffices where
// the original's expression may go back. In stop, it remembers where the next
// '#' or space is, which may end the paths of many links in front of it.
func linkEnd(s []byte, i int, stop *int) int {
	for range 2 {
		if i = element(s, i, "/ "); i == 0 {
			return 0
		}
	}
	if !bytes.HasPrefix(s[i:], []byte("/blob")) {
		return 0
	}
	i += len("/blob")
	branch := element(s, i, "/. ")
	if branch == 0 || branch == len(s) || s[branch] != '/' || isCommit(s[i+1:branch]) {
		return 0
	}
	path := branch + 1
	if *stop < path {
		*stop = len(s)
		if n := bytes.IndexAny(s[path:], "# "); n >= 0 {
			*stop = path + n
		}
	}
	if *stop == path || !bytes.HasPrefix(s[*stop:], []byte("#L")) {
		return 0
	}
	digits := *stop + 2
	for i = digits; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
	}
	if i == digits {
		return 0
	}
	return i
}

// element returns the end of a slash at s[i] and at least one byte that is none
// of stop; 0 where s does not go on so.
func element(s []byte, i int, stop string) int {
	if i >= len(s) || s[i] != '/' {
		return 0
	}
	n := bytes.IndexAny(s[i+1:], stop)
	if n < 0 {
		n = len(s) - i - 1
	}
	if n == 0 {
		return 0
	}
	return i + 1 + n
}

// isCommit says whether a name is 4 to 64 hex digits.
func isCommit(name []byte) bool {
	if len(name) < 4 || len(name) > 64 {
		return false
	}
	for _, c := range name {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return true
}
