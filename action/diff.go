package action

import (
	"fmt"
	"strconv"
	"strings"
)

// edit is one place where fixes change a file: lines that go, and what comes instead.
type edit struct {
	path   string
	first  int      // number of the first line that goes, 1-based; where none goes, of the line before which it is put
	before []string // the lines that go
	after  []string // the lines that come
	ended  bool     // the file's last line has no end here, before or after
}

// parseFixes reads a unified diff as the engine writes it: of whole files, with git's
// quotes around odd names.
func parseFixes(diff string) ([]edit, error) {
	var edits []edit
	path, line := "", 0
	var cur *edit
	flush := func() {
		if cur != nil {
			edits = append(edits, *cur)
		}
		cur = nil
	}
	old, fresh := 0, 0 // lines that the hunk still has, of each side
	for text := range strings.Lines(diff) {
		text = strings.TrimSuffix(text, "\n")
		switch {
		case strings.HasPrefix(text, `\`): // no newline at end of file
			if cur != nil {
				cur.ended = true
			}
		case old == 0 && fresh == 0:
			flush()
			switch {
			case strings.HasPrefix(text, "+++ "):
				name, err := fixedName(text[len("+++ "):])
				if err != nil {
					return nil, err
				}
				path = name
			case strings.HasPrefix(text, "@@ "):
				h, ok := parseHunkHead(text)
				if !ok || path == "" {
					return nil, fmt.Errorf("a diff with %q", clip(text, 40))
				}
				line, old, fresh = h.oldFirst, h.oldCount, h.newCount
				if h.oldCount == 0 { // behind that line
					line++
				}
			}
		case strings.HasPrefix(text, "-"):
			if cur == nil {
				cur = &edit{path: path, first: line}
			}
			cur.before = append(cur.before, text[1:])
			line++
			old--
		case strings.HasPrefix(text, "+"):
			if cur == nil {
				cur = &edit{path: path, first: line}
			}
			cur.after = append(cur.after, text[1:])
			fresh--
		default: // context
			flush()
			line++
			old--
			fresh--
		}
	}
	flush()
	return edits, nil
}

// fixedName is the path in a "+++" line.
func fixedName(s string) (string, error) {
	s, _, _ = strings.Cut(s, "\t")
	if strings.HasPrefix(s, `"`) {
		name, err := strconv.Unquote(s)
		if err != nil {
			return "", fmt.Errorf("a diff with the name %q", clip(s, 40))
		}
		s = name
	}
	name, ok := strings.CutPrefix(s, "b/")
	if !ok || name == "" {
		return "", fmt.Errorf("a diff with the name %q", clip(s, 40))
	}
	return name, nil
}

// hunkHead is the first line of a hunk: @@ -1,2 +3,4 @@. A count that is left out is 1.
type hunkHead struct{ oldFirst, oldCount, newFirst, newCount int }

func parseHunkHead(s string) (h hunkHead, ok bool) {
	fields := strings.Fields(s)
	if len(fields) < 4 || fields[0] != "@@" || fields[3] != "@@" {
		return h, false
	}
	side := func(s, sign string) (first, count int, ok bool) {
		s, ok = strings.CutPrefix(s, sign)
		from, n, found := strings.Cut(s, ",")
		first, err := strconv.Atoi(from)
		count = 1
		if found && err == nil {
			count, err = strconv.Atoi(n)
		}
		const most = 1 << 30 // no line has a higher number, and sums stay in their type
		return first, count, ok && err == nil && first >= 0 && count >= 0 && first <= most && count <= most
	}
	var a, b bool
	h.oldFirst, h.oldCount, a = side(fields[1], "-")
	h.newFirst, h.newCount, b = side(fields[2], "+")
	return h, a && b
}

// shown is a line of a pull request's diff, as it is at the head.
type shown struct {
	text  string
	hunk  int
	added bool
}

// headLines are the lines of a patch of GitHub's that stand at the head, by number.
func headLines(patch string) map[int]shown {
	lines := map[int]shown{}
	line, hunk := 0, 0
	for text := range strings.Lines(patch) {
		text = strings.TrimSuffix(text, "\n")
		switch {
		case strings.HasPrefix(text, "@@ "):
			h, ok := parseHunkHead(text)
			if !ok {
				return nil
			}
			line = h.newFirst
			hunk++
		case hunk == 0, strings.HasPrefix(text, "-"), strings.HasPrefix(text, `\`):
		default:
			x := shown{text: text, hunk: hunk} // an empty line of context may have lost its space
			if text != "" {
				x.text, x.added = text[1:], text[0] == '+'
			}
			lines[line] = x
			line++
		}
	}
	return lines
}
