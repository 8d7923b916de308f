package command

import (
	"bytes"
	"encoding/json"

	"github.com/sot-validator/sot/engine/rule"
)

// eslintFile is one entry of ESLint's `--format json`; stylelint's and oxlint's
// output have other names.
type eslintFile struct {
	Path     string          `json:"filePath"`
	Messages json.RawMessage `json:"messages"`
}

type eslintMessage struct {
	Rule      string          `json:"ruleId"` // null for a parsing error
	Severity  int             `json:"severity"`
	Message   string          `json:"message"`
	Line      int             `json:"line"`
	Column    int             `json:"column"` // 1-based, UTF-16 units
	EndLine   int             `json:"endLine"`
	EndColumn int             `json:"endColumn"`
	Fix       json.RawMessage `json:"fix"`
}

// parseESLint reads ESLint's JSON: a list of files, each with its messages.
func parseESLint(out []byte) (found []raw, err error) {
	out = withoutBOM(out)
	err = elements(out, func(b json.RawMessage) error {
		var file eslintFile
		if err := json.Unmarshal(b, &file); err != nil {
			return err
		}
		return inPart(b, file.Messages, elements(file.Messages, func(b json.RawMessage) error {
			var m eslintMessage
			if err := json.Unmarshal(b, &m); err != nil {
				return err
			}
			if len(found) == maxFindings {
				return errTooMany
			}
			found = append(found, m.raw(file.Path))
			return nil
		}))
	})
	return found, err
}

func (m *eslintMessage) raw(path string) raw {
	r := raw{
		path: path, line: max(0, m.Line), column: max(0, m.Column),
		endLine: max(0, m.EndLine), endCol: max(0, m.EndColumn),
		message: m.Message, code: m.Rule, utf16: true, fixable: fixNo,
	}
	if len(m.Fix) > 0 && !bytes.Equal(m.Fix, []byte("null")) {
		r.fixable = fixYes
	}
	switch m.Severity {
	case 1:
		r.severity = rule.Warning
	case 2:
		r.severity = rule.Error
	}
	return r
}

// elements calls do with every element of a JSON array, one at a time, so that
// an array of millions of empty objects is never held as structs. Nothing and
// null are empty arrays. Errors of encoding/json are placed in array.
func elements(array []byte, do func(json.RawMessage) error) error {
	if len(bytes.TrimSpace(array)) == 0 || bytes.Equal(array, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(array))
	open, err := d.Token()
	if err != nil {
		return jsonError(array, 0, err)
	}
	if open != json.Delim('[') {
		return errorAt(array, 0, errNotArray)
	}
	for d.More() {
		var b json.RawMessage
		if err := d.Decode(&b); err != nil {
			return jsonError(array, 0, err)
		}
		if err := do(b); err != nil {
			return within(array, d.InputOffset()-int64(len(b)), err)
		}
	}
	if _, err = d.Token(); err != nil {
		return jsonError(array, 0, err)
	}
	return nil
}
