package use

import (
	"bytes"
	"slices"
	"unicode"

	"github.com/sot-validator/sot/engine/rule"
)

func sortSimpleYAML() rule.Use {
	return rule.Use{
		ID:  "sort-simple-yaml",
		Why: "Sorted blocks rarely conflict in merges, and show what is there twice.",
		Doc: `Sorts the blocks of simple YAML files by their first key.

Blocks are separated by empty lines; lines of comments at the top stay there; a block's
comments move with it; a leading quote of a key does not count. Only the top level is
looked at: a file of deeper structure may be torn apart. It matches no file until the rule
sets files.

A file that is sorted stays as it is; one that is not loses white space at the ends of lines
and further empty lines too, and its lines end in LF. Differs from pre-commit-hooks in a file
that is not UTF-8, on which that one stops with an error: here its bytes are sorted; and in a
file of one empty line, which that one calls fixed each time, though it cannot be: here it is fine.
`,
		Defaults: rule.Selector{Types: []string{"file"}, Match: func(string) bool { return false }},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return simpleYAML{}, nil },
	}
}

// simpleYAML is the check sort-simple-yaml.
type simpleYAML struct{}

// CheckFile reports the first line that would move.
func (simpleYAML) CheckFile(p *rule.Pass, f *rule.File) {
	lines, starts := universalLines(f.Bytes())
	sorted := sortBlocks(lines)
	if oneEmptyLine(f.Bytes()) {
		return
	}
	for i, line := range lines {
		if i >= len(sorted) || !bytes.Equal(line, sorted[i]) {
			what := "keys are not sorted, sort the blocks by their first key"
			if len(line) == 0 {
				what = "empty line too many, separate sorted blocks by one"
			}
			at, _ := f.Position(starts[i])
			p.Line(f, at, "%s", what)
			return
		}
	}
	if len(sorted) > len(lines) {
		p.Line(f, len(lines), "no empty line between the comments at the top and the first key, add one")
	}
}

// Fix sorts the blocks.
func (simpleYAML) Fix(f *rule.File) ([]byte, bool) {
	lines, _ := universalLines(f.Bytes())
	sorted := sortBlocks(lines)
	if oneEmptyLine(f.Bytes()) || slices.EqualFunc(lines, sorted, bytes.Equal) {
		return nil, false
	}
	return append(bytes.Join(sorted, []byte{'\n'}), '\n'), true
}

// oneEmptyLine says that there is nothing to sort, and a line that would be
// dropped but for the line end that every file gets.
func oneEmptyLine(data []byte) bool { return len(data) == 1 && data[0] == '\n' }

// sortBlocks returns the lines in order: the comments at the top, then the
// blocks by their key, stably, an empty line between.
func sortBlocks(lines [][]byte) [][]byte {
	top := 0
	for top < len(lines) && bytes.HasPrefix(lines[top], []byte{'#'}) {
		top++
	}
	blocks := blocksOf(lines[top:])
	slices.SortStableFunc(blocks, func(a, b [][]byte) int { return bytes.Compare(firstKey(a), firstKey(b)) })
	out := slices.Clone(lines[:top])
	for _, block := range blocks {
		if len(out) > 0 {
			out = append(out, nil)
		}
		out = append(out, block...)
	}
	return out
}

// blocksOf returns the runs of lines that are not empty.
func blocksOf(lines [][]byte) [][][]byte {
	var blocks [][][]byte
	start := 0
	for i := 0; i <= len(lines); i++ {
		if i < len(lines) && len(lines[i]) > 0 {
			continue
		}
		if i > start {
			blocks = append(blocks, lines[start:i])
		}
		start = i + 1
	}
	return blocks
}

// firstKey returns a block's first line that is no comment, without its quote.
func firstKey(block [][]byte) []byte {
	for _, line := range block {
		switch line[0] {
		case '#':
			continue
		case '\'', '"':
			return line[1:]
		}
		return line
	}
	return nil
}

// universalLines returns the lines without white space at their ends, and where
// each starts; a line ends in LF, CRLF or CR.
func universalLines(data []byte) (lines [][]byte, starts []int) {
	for at := 0; at < len(data); {
		end, next := len(data), len(data)
		if n := bytes.IndexAny(data[at:], "\r\n"); n >= 0 {
			end, next = at+n, at+n+1
			if data[end] == '\r' && next < len(data) && data[next] == '\n' {
				next++
			}
		}
		lines = append(lines, bytes.TrimRightFunc(data[at:end], isTextSpace))
		starts = append(starts, at)
		at = next
	}
	return lines, starts
}

// isTextSpace is white space as Python's str.isspace sees it: Unicode's, and the
// four separators 0x1c to 0x1f.
func isTextSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }
