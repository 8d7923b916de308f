package command

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/reviewdog/errorformat"
)

// newErrorformat returns a parser of Vim's 'errorformat' patterns, tried in order
// on every line. The library reads the items %f %l %c %e %k %n %t %m %r %p %v %s
// and the prefixes of messages over several lines (%E, %W, %I, %A, %C, %Z, %G, %P, ...).
func newErrorformat(patterns []string) (parse func([]byte) ([]raw, error), err error) {
	defer recovered(&err) // a "%" at the end of a pattern is read past
	efm, err := errorformat.NewErrorformat(patterns)
	if err != nil {
		return nil, err
	}
	return func(out []byte) ([]raw, error) { return parseErrorformat(efm, out) }, nil
}

func parseErrorformat(efm *errorformat.Errorformat, out []byte) (found []raw, err error) {
	// A "%t" that matched nothing, and a "%Z" without its "%A", panic in the library.
	defer recovered(&err)
	var lines bytes.Buffer
	eachLine(out, func(line string) bool {
		lines.WriteString(line)
		lines.WriteByte('\n')
		return true
	})
	for s := efm.NewScanner(&lines); s.Scan(); {
		e := s.Entry()
		if !e.Valid {
			continue
		}
		if len(found) == maxFindings {
			return found, errTooMany
		}
		found = append(found, entry(e))
	}
	return found, nil
}

func entry(e *errorformat.Entry) raw {
	r := raw{
		path: e.Filename, line: max(0, e.Lnum), column: max(0, e.Col),
		endLine: max(0, e.EndLnum), endCol: max(0, e.EndCol), message: strings.TrimSpace(e.Text),
	}
	if e.Type != 0 {
		r.severity = severityOf(string(e.Type))
	}
	if e.Nr > 0 {
		r.code = fmt.Sprint(e.Nr)
	}
	return r
}

func recovered(err *error) {
	if v := recover(); v != nil {
		*err = errors.New("the pattern cannot be followed")
	}
}
