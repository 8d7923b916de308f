package command

import (
	"errors"
	"strings"
)

// maxDepth bounds the nesting of a checkstyle document; the format has three levels.
const maxDepth = 64

// parseCheckstyle reads Checkstyle's XML report, which many linters write:
//
//	<checkstyle><file name="a.sh"><error line="1" column="2" severity="error" message="..." source="..."/></file></checkstyle>
func parseCheckstyle(out []byte) (found []raw, err error) {
	r := &xmlReader{data: withoutBOM(out)}
	file, depth, seen := "", 0, false
	for {
		t, ok, err := r.next()
		switch {
		case err != nil:
			return found, xmlError(r, err)
		case !ok && (!seen || depth != 0):
			return found, xmlError(r, errors.New("the document is not complete"))
		case !ok:
			return found, nil
		case t.end:
			depth--
			continue
		}
		if depth++; depth > maxDepth {
			return found, xmlError(r, errors.New("elements are nested too deeply"))
		}
		seen = true
		switch t.name {
		case "file":
			file = t.attrs["name"]
		case "error":
			if len(found) == maxFindings {
				return found, errTooMany
			}
			found = append(found, checkstyleError(t, file))
		}
	}
}

func checkstyleError(t xmlTag, file string) raw {
	source := t.attrs["source"] // com.puppycrawl...checks.IndentationCheck, ShellCheck.SC2086
	return raw{
		path:     file,
		line:     number(t.attrs["line"]),
		column:   number(t.attrs["column"]),
		severity: severityOf(t.attrs["severity"]),
		message:  t.attrs["message"],
		code:     source[strings.LastIndexByte(source, '.')+1:],
	}
}

func xmlError(r *xmlReader, err error) error { return errorAt(r.data, int64(r.pos), err) }
