package command

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting of a checkstyle document; the format has three levels.
const maxDepth = 64

// parseCheckstyle reads Checkstyle's XML report, which many linters write:
//
//	<checkstyle><file name="a.sh"><error line="1" column="2" severity="error" message="..." source="..."/></file></checkstyle>
func parseCheckstyle(out []byte) (found []raw, err error) {
	d := xml.NewDecoder(bytes.NewReader(withoutBOM(out)))
	d.CharsetReader = sameCharset
	file, depth, seen := "", 0, false
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return found, xmlError(d, err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return found, xmlError(d, errors.New("elements are nested too deeply"))
			}
			seen = true
			switch t.Name.Local {
			case "file":
				file = attribute(t, "name")
			case "error":
				if len(found) == maxFindings {
					return found, errTooMany
				}
				found = append(found, checkstyleError(t, file))
			}
		}
	}
	if !seen || depth != 0 {
		return found, xmlError(d, errors.New("the document is not complete"))
	}
	return found, nil
}

func checkstyleError(t xml.StartElement, file string) raw {
	source := attribute(t, "source") // com.puppycrawl...checks.IndentationCheck, ShellCheck.SC2086
	return raw{
		path:     file,
		line:     number(attribute(t, "line")),
		column:   number(attribute(t, "column")),
		severity: severityOf(attribute(t, "severity")),
		message:  attribute(t, "message"),
		code:     source[strings.LastIndexByte(source, '.')+1:],
	}
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// sameCharset reads the encodings that are bytes of Unicode's first 256.
func sameCharset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1":
		b, err := io.ReadAll(in)
		runes := make([]rune, len(b))
		for i, c := range b {
			runes[i] = rune(c)
		}
		return strings.NewReader(string(runes)), err
	}
	return nil, fmt.Errorf("unknown encoding %q", label)
}

func xmlError(d *xml.Decoder, err error) error {
	line, column := d.InputPos()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		err = errors.New(syntax.Msg)
	}
	return &parseError{line: line, column: column, what: err.Error()}
}
