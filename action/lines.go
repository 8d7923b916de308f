package action

import (
	"sort"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/report"
)

// within says whether a line lies in one of some ranges, which are sorted.
func within(ranges []report.Lines, line int) bool {
	k := sort.Search(len(ranges), func(k int) bool { return ranges[k].Last >= line })
	return k < len(ranges) && ranges[k].First <= line
}

// linesIn answers from what the engine compared.
func linesIn(lines map[string][]report.Lines) changed {
	return func(path string, line int) bool { return within(lines[path], line) }
}

// linesOf answers from the API's patches. Where there is none (the file is large
// or binary, or the patch was cut) every line counts.
func linesOf(files []change) changed {
	lines := map[string][]report.Lines{}
	for _, f := range files {
		ranges, ok := addedLines(f.patch)
		if f.patch == "" || !ok {
			ranges = []report.Lines{{First: 1, Last: 1 << 30}}
		}
		lines[f.Path] = ranges
	}
	return linesIn(lines)
}

// addedLines reads the hunks of a unified diff, without file headers as the API
// gives them. It is false where they are not whole.
func addedLines(patch string) (out []report.Lines, ok bool) {
	line, left := 0, 0 // the next line of the new side, and how many its hunk still has
	for text := range strings.Lines(patch) {
		switch {
		case strings.HasPrefix(text, "@@ "):
			if left != 0 {
				return nil, false
			}
			if line, left, ok = hunk(text); !ok {
				return nil, false
			}
		case strings.HasPrefix(text, "+"):
			if n := len(out); n > 0 && out[n-1].Last == line-1 {
				out[n-1].Last = line
			} else {
				out = append(out, report.Lines{First: line, Last: line})
			}
			line, left = line+1, left-1
		case strings.HasPrefix(text, " "), text == "\n":
			line, left = line+1, left-1
		}
	}
	return out, left == 0
}

// hunk reads "@@ -1,2 +3,4 @@": the first line of the new side, and how many.
func hunk(head string) (first, count int, ok bool) {
	f := strings.Fields(head)
	if len(f) < 4 || !strings.HasPrefix(f[2], "+") || f[3] != "@@" {
		return 0, 0, false
	}
	start, n, counted := strings.Cut(f[2][1:], ",")
	first, err := strconv.Atoi(start)
	count = 1
	if err == nil && counted {
		count, err = strconv.Atoi(n)
	}
	return first, count, err == nil && first >= 0 && count >= 0
}
