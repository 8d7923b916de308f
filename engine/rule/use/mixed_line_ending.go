package use

import (
	"bytes"

	"github.com/sot-validator/sot/engine/rule"
)

func mixedLineEnding() rule.Use {
	return rule.Use{
		ID:  "mixed-line-ending",
		Why: "Editors turn all of them into one at the first save, and the diff is the whole file.",
		Doc: `Finds line ends that differ within a file, or from the one that is wanted.

- fix: auto (default) turns all into the most frequent (LF wins over CRLF over CR
  where they tie); no only finds them; lf, crlf and cr ask for that one in every line, and
  find a file that has another throughout.

A finding covers a run of neighbouring lines that end otherwise (from the hundredth on, one finding counts them). As in pre-commit-hooks,
the fix also gives a last line without line end one.`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With: rule.Object("options of mixed-line-ending", rule.Key{Name: "fix",
			Shape: rule.Enum("the line end to turn all into", "auto", "no", "cr", "crlf", "lf").Or("auto")}),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			switch with.Get("fix").Str("auto") {
			case "no":
				return mixedEnds{}, nil
			case "cr":
				return endsFixer{mixedEnds{want: cr}}, nil
			case "crlf":
				return endsFixer{mixedEnds{want: crlf}}, nil
			case "lf":
				return endsFixer{mixedEnds{want: lf}}, nil
			}
			return endsFixer{}, nil
		},
	}
}

// ending is a line end; the zero value is none.
type ending int8

// The line ends, from the one that wins a tie least.
const (
	noEnding ending = iota
	cr
	crlf
	lf
)

func (e ending) String() string { return [...]string{"none", "CR", "CRLF", "LF"}[e] }

func (e ending) bytes() string { return [...]string{"", "\r", "\r\n", "\n"}[e] }

// mixedEnds is the check mixed-line-ending. It wants one ending, or, where that
// is noEnding, the most frequent of each file.
type mixedEnds struct{ want ending }

// endsFixer is the same check where it may fix.
type endsFixer struct{ mixedEnds }

// CheckFile reports one finding a run of neighbouring lines that end alike,
// and not as wanted.
func (m mixedEnds) CheckFile(p *rule.Pass, f *rule.File) {
	data := f.Bytes()
	want := m.target(data)
	if want == noEnding {
		return
	}
	run, from, to, runs := want, 0, 0, 0
	report := func() {
		if run == want {
			return
		}
		if runs++; runs <= maxRuns {
			p.Range(f, from, to, "line end is %s, make it %s as %s", run, want, m.reason())
		}
	}
	eachEnding(data, func(at int, e ending) {
		if e != run {
			report()
			run, from = e, at
		}
		to = at + len(e.bytes())
		if e != cr {
			to-- // the LF itself lies behind the line's last column
		}
	})
	report()
	if more := runs - maxRuns; more > 0 {
		p.File(f, "line ends differ in %d more places, make them %s as %s", more, want, m.reason())
	}
}

// maxRuns is how many runs of lines get a finding each; one more finding counts
// the rest. A file whose lines end otherwise by turns would have one every other line.
const maxRuns = 100

func (m mixedEnds) reason() string {
	if m.want == noEnding {
		return "in most of the file's lines"
	}
	return "the rule asks for"
}

// Fix gives every line the wanted end, the last one too.
func (m endsFixer) Fix(f *rule.File) ([]byte, bool) {
	data := f.Bytes()
	want := m.target(data)
	if want == noEnding {
		return nil, false
	}
	out := make([]byte, 0, len(data)+len(data)/16)
	start := 0
	eachEnding(data, func(at int, e ending) {
		out = append(append(out, data[start:at]...), want.bytes()...)
		start = at + len(e.bytes())
	})
	if start < len(data) {
		out = append(append(out, data[start:]...), want.bytes()...)
	}
	return out, true
}

// target returns the ending that every line of the data should have, noEnding
// where nothing is wrong.
func (m mixedEnds) target(data []byte) ending {
	if bytes.IndexByte(data, '\r') < 0 && (m.want == noEnding || m.want == lf || bytes.IndexByte(data, '\n') < 0) {
		return noEnding // what nearly every file takes
	}
	var count [4]int
	eachEnding(data, func(_ int, e ending) { count[e]++ })
	total := count[cr] + count[crlf] + count[lf]
	want := m.want
	if want == noEnding {
		for e := cr; e <= lf; e++ { // the last wins a tie
			if count[e] >= count[want] {
				want = e
			}
		}
	}
	if count[want] == total {
		return noEnding
	}
	return want
}

// eachEnding calls yield with the offset and the kind of every line end.
func eachEnding(data []byte, yield func(at int, e ending)) {
	for start := 0; start < len(data); {
		line := data[start:]
		n := bytes.IndexByte(line, '\n')
		if n >= 0 {
			line = line[:n]
		}
		last := lf
		if n > 0 && line[n-1] == '\r' {
			last, line = crlf, line[:n-1]
		}
		eachCR(line, start, yield)
		if n < 0 {
			return
		}
		yield(start+len(line), last)
		start += n + 1
	}
}

// eachCR calls yield for every CR of a line that begins at the offset start.
func eachCR(line []byte, start int, yield func(at int, e ending)) {
	for i := 0; ; i++ {
		r := bytes.IndexByte(line[i:], '\r')
		if r < 0 {
			return
		}
		i += r
		yield(start+i, cr)
	}
}
