package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// parser reads findings from what a program printed. It is a pure function of
// the bytes: paths are as printed, and nothing is looked up.
type parser struct {
	name string
	// streams says that a finding may stand on stderr as well as on stdout.
	streams bool
	// parse is nil where the exit code alone decides (`parse: none`). It returns
	// what it could read even where it fails.
	parse func(out []byte) ([]raw, error)
}

// raw is a finding as a program printed it.
type raw struct {
	path            string
	line, column    int           // 1-based; 0 where there is none
	endLine, endCol int           // the column behind the last character
	severity        rule.Severity // 0: the rule's own
	message, code   string
	utf16           bool // columns count UTF-16 units
	fixable         fixable
}

// fixable says whether the program can mend a finding.
type fixable int8

const (
	fixUnknown fixable = iota
	fixYes
	fixNo
)

// maxFindings bounds what one invocation reports.
const maxFindings = 100_000

var (
	errTooMany  = fmt.Errorf("more than %d findings", maxFindings)
	errNotArray = errors.New("a list is expected")
)

// parseError is output that is not of its format, with the place in it.
type parseError struct {
	line, column int // 1-based, column in bytes; 0 where it is not known
	what         string
}

func (e *parseError) Error() string {
	if e.line == 0 {
		return e.what
	}
	return fmt.Sprintf("line %d, column %d: %s", e.line, e.column, e.what)
}

// errorAt returns a parseError at a byte offset.
func errorAt(out []byte, offset int64, err error) error {
	head := out[:max(0, min(int(offset), len(out)))]
	return &parseError{
		line:   1 + bytes.Count(head, []byte{'\n'}),
		column: len(head) - bytes.LastIndexByte(head, '\n'),
		what:   strings.TrimPrefix(err.Error(), "json: "),
	}
}

// jsonError places an error of encoding/json.
func jsonError(out []byte, at int64, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return errorAt(out, at+syntax.Offset, err)
	case errors.As(err, &kind):
		return errorAt(out, at+kind.Offset, unexpected(kind))
	}
	return errorAt(out, int64(len(out)), err)
}

// unexpected names a value of the wrong type by its key, not by our own type.
func unexpected(e *json.UnmarshalTypeError) error {
	if e.Field == "" {
		return fmt.Errorf("unexpected %s", e.Value)
	}
	return fmt.Errorf("unexpected %s for %q", e.Value, e.Field)
}

// withoutBOM drops a UTF-8 byte order mark, which .NET programs write.
func withoutBOM(out []byte) []byte { return bytes.TrimPrefix(out, []byte("\ufeff")) }

// maxLine bounds a line that a line parser looks at, in bytes; the rest of a
// longer one is passed over. bufio.Scanner, inside the errorformat library,
// would stop for good at 64 KiB.
const maxLine = 60 << 10

// eachLine calls do with every line, without its line end and without terminal
// escapes, until it returns false.
func eachLine(out []byte, do func(line string) bool) {
	for len(out) > 0 {
		line := out
		if n := bytes.IndexByte(out, '\n'); n >= 0 {
			line, out = out[:n], out[n+1:]
		} else {
			out = nil
		}
		text := string(line[:min(len(line), maxLine)])
		if strings.IndexByte(text, '\x1b') >= 0 {
			text = clean(text)
		}
		if !do(strings.TrimSuffix(text, "\r")) {
			return
		}
	}
}

// severityOf reads the words and letters that programs use; 0 for any other.
func severityOf(word string) rule.Severity {
	switch strings.ToLower(strings.Trim(word, "[]: ")) {
	case "error", "err", "e", "fatal", "f", "fatal error", "critical", "blocker", "internal compiler error", "failure":
		return rule.Error
	case "warning", "warn", "w", "major", "minor":
		return rule.Warning
	case "info", "information", "informational", "i", "note", "n", "notice", "hint", "h", "help", "style", "s",
		"suggestion", "convention", "c", "refactor", "r", "remark", "ignore", "debug", "trace", "none":
		return rule.Info
	}
	return 0
}

// number reads a decimal line or column: 0 where it is none, or is beyond any file.
func number(s string) int {
	if len(s) == 0 || len(s) > 9 {
		return 0
	}
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// withCode puts the program's own name for what it found behind the message,
// unless it stands there already.
func withCode(message, code string) string {
	switch {
	case code == "" || strings.Contains(message, code):
		return message
	case message == "":
		return code
	}
	return message + " (" + code + ")"
}

// within places an error of a part of the output that begins at offset.
func within(out []byte, offset int64, err error) error {
	var placed *parseError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errTooMany):
		return err
	case errors.As(err, &placed):
		start := errorAt(out, offset, err).(*parseError)
		column := placed.column
		if placed.line == 1 {
			column += start.column - 1
		}
		return &parseError{line: start.line + placed.line - 1, column: column, what: placed.what}
	}
	return jsonError(out, offset, err)
}

// inPart places an error of a part of the output, which is found again in it.
func inPart(out, part []byte, err error) error {
	if err == nil {
		return nil
	}
	return within(out, int64(max(0, bytes.Index(out, part))), err)
}
