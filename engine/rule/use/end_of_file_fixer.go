package use

import (
	"bytes"

	"github.com/sot-validator/sot/engine/rule"
)

func endOfFileFixer() rule.Use {
	return rule.Use{
		ID:  "end-of-file-fixer",
		Why: "A last line without an end shows as changed when the next is added, and tools that join files glue it to what follows.",
		Doc: `Ensures that a file is empty, or ends with one line end.

A line end is LF, CRLF or CR: of several at the end, the first stays. A file
of line ends alone becomes empty.`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return endOfFile{}, nil },
	}
}

// endOfFile is the check end-of-file-fixer.
type endOfFile struct{}

// CheckFile reports at most one finding, at the end of the file.
func (endOfFile) CheckFile(p *rule.Pass, f *rule.File) {
	data := f.Bytes()
	switch keep, newline := wantedEnd(data); {
	case newline:
		p.Range(f, keep, keep, "no line end at the end of the file, add one")
	case keep == 0 && len(data) > 0:
		p.Range(f, 0, len(data), "nothing but line ends, make the file empty")
	case keep < len(data):
		p.Range(f, keep, len(data), "more than one line end at the end of the file, keep one")
	}
}

// Fix adds the line end that is missing, or cuts those that are too many.
func (endOfFile) Fix(f *rule.File) ([]byte, bool) {
	data := f.Bytes()
	keep, newline := wantedEnd(data)
	switch {
	case newline:
		return append(append(make([]byte, 0, len(data)+1), data...), '\n'), true
	case keep < len(data):
		return bytes.Clone(data[:keep]), true
	}
	return nil, false
}

// wantedEnd returns how many bytes stay, and whether a line end is missing
// behind them.
func wantedEnd(data []byte) (keep int, newline bool) {
	text := len(data) // the end of what is no line end
	for text > 0 && (data[text-1] == '\n' || data[text-1] == '\r') {
		text--
	}
	ends := data[text:]
	switch {
	case text == 0:
		return 0, false
	case len(ends) == 0:
		return text, true
	case bytes.HasPrefix(ends, []byte("\r\n")):
		return text + 2, false
	}
	return text + 1, false
}
