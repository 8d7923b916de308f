package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// parseSARIF reads a SARIF log. Results that the program itself calls passed,
// suppressed or gone make no finding.
func parseSARIF(out []byte) (found []raw, err error) {
	out = withoutBOM(out)
	var log sarifLog
	if err := json.Unmarshal(out, &log); err != nil {
		return nil, jsonError(out, 0, err)
	}
	if log.Runs == nil {
		return nil, errors.New("it has no runs")
	}
	err = elements(log.Runs, func(b json.RawMessage) error {
		var run sarifRun
		if err := json.Unmarshal(b, &run); err != nil {
			return err
		}
		s, err := newSarifReader(&run)
		if err != nil {
			return err
		}
		if found, err = s.results(found); err != nil {
			return inPart(b, run.Results, err)
		}
		found, err = s.notifications(found)
		return inPart(b, run.Invocations, err)
	})
	return found, inPart(out, log.Runs, err)
}

// sarifReader reads the results of one run.
type sarifReader struct {
	run       *sarifRun
	artifacts []sarifArtifact
	rules     [][]sarifRule // of the driver, then of each extension
	byID      map[string]*sarifRule
	utf16     bool
}

func newSarifReader(run *sarifRun) (*sarifReader, error) {
	// UTF-16 units are the default (section 3.14.27).
	s := &sarifReader{run: run, utf16: run.ColumnKind != "unicodeCodePoints", byID: map[string]*sarifRule{}}
	extensions, err := list[sarifComponent](run.Tool.Extensions)
	if err != nil {
		return nil, err
	}
	for _, c := range append([]sarifComponent{run.Tool.Driver}, extensions...) {
		rules, err := list[sarifRule](c.Rules)
		if err != nil {
			return nil, err
		}
		s.rules = append(s.rules, rules)
		for i := range rules {
			s.byID[rules[i].ID] = &rules[i]
		}
	}
	artifacts, err := list[struct {
		Location sarifArtifact `json:"location"`
	}](run.Artifacts)
	for _, a := range artifacts {
		s.artifacts = append(s.artifacts, a.Location)
	}
	return s, err
}

// list reads a JSON array of at most maxFindings.
func list[T any](array json.RawMessage) (all []T, err error) {
	err = elements(array, func(b json.RawMessage) error {
		var v T
		if len(all) == maxFindings {
			return errTooMany
		}
		err := json.Unmarshal(b, &v)
		all = append(all, v)
		return err
	})
	return all, err
}

// results appends the run's findings.
func (s *sarifReader) results(found []raw) ([]raw, error) {
	err := elements(s.run.Results, func(b json.RawMessage) error {
		var result sarifResult
		if err := json.Unmarshal(b, &result); err != nil {
			return err
		}
		if len(found) == maxFindings {
			return errTooMany
		}
		if r, ok := s.result(&result); ok {
			found = append(found, r)
		}
		return nil
	})
	return found, err
}

// result reads one result; false where it is no violation.
func (s *sarifReader) result(r *sarifResult) (raw, bool) {
	if r.Baseline == "absent" || suppressed(r) {
		return raw{}, false
	}
	ref := s.rule(r)
	out := raw{utf16: s.utf16, severity: sarifSeverity(cmp.Or(r.Level, ref.Configuration.Level))}
	switch r.Kind {
	case "pass", "notApplicable":
		return raw{}, false
	case "informational", "open", "review":
		out.severity = rule.Info
	}
	out.code = cmp.Or(r.RuleID, r.Rule.ID, ref.ID)
	out.message = s.message(&r.Message, ref)
	if len(r.Fixes) > 0 && string(r.Fixes) != "null" && string(r.Fixes) != "[]" {
		out.fixable = fixYes
	}
	s.place(&out, r.Locations)
	return out, true
}

// notifications appends the errors that the program met on its way: ESLint's
// formatter, for one, reports a file that it cannot parse there, and nowhere
// else.
func (s *sarifReader) notifications(found []raw) ([]raw, error) {
	notes := func(b json.RawMessage) error {
		var n sarifNotification
		if err := json.Unmarshal(b, &n); err != nil || n.Level != "error" {
			return err
		}
		if len(found) == maxFindings {
			return errTooMany
		}
		r := raw{severity: rule.Error, code: n.Descriptor.ID, message: s.message(&n.Message, &sarifRule{}), utf16: s.utf16}
		s.place(&r, n.Locations)
		found = append(found, r)
		return nil
	}
	err := elements(s.run.Invocations, func(b json.RawMessage) error {
		var v sarifInvocation
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		if err := elements(v.Execution, notes); err != nil {
			return inPart(b, v.Execution, err)
		}
		return inPart(b, v.Configuration, elements(v.Configuration, notes))
	})
	return found, err
}

func suppressed(r *sarifResult) bool {
	for _, s := range r.Suppressions {
		if s.Status != "underReview" && s.Status != "rejected" {
			return true
		}
	}
	return false
}

// sarifSeverity reads a level; without any it is "warning" (section 3.27.10).
func sarifSeverity(level string) rule.Severity {
	switch level {
	case "error":
		return rule.Error
	case "note", "none":
		return rule.Info
	}
	return rule.Warning
}

// rule finds what a result refers to: by index into its component, else by id,
// where "A/b" is a sub-rule of "A" (section 3.27.5). Never nil.
func (s *sarifReader) rule(r *sarifResult) *sarifRule {
	index := r.RuleIndex
	if index == nil {
		index = r.Rule.Index
	}
	rules := s.rules[0]
	if c := r.Rule.Component.Index; c != nil && *c >= 0 && *c < len(s.rules)-1 {
		rules = s.rules[*c+1]
	}
	if index != nil && *index >= 0 && *index < len(rules) {
		return &rules[*index]
	}
	for id := cmp.Or(r.RuleID, r.Rule.ID); id != ""; id = parent(id) {
		if found := s.byID[id]; found != nil {
			return found
		}
	}
	return &sarifRule{}
}

// message returns a message's text, which may stand with the rule.
func (s *sarifReader) message(m *sarifMessage, r *sarifRule) string {
	text := cmp.Or(m.Text, m.Markdown)
	if text == "" && m.ID != "" {
		named, ok := r.Messages[m.ID]
		if !ok {
			named = s.run.Tool.Driver.Messages[m.ID]
		}
		text = cmp.Or(named.Text, named.Markdown, m.ID)
	}
	return placeholders(text, m.Arguments)
}

// placeholders fills in {0}, {1} and so on; "{{" and "}}" are braces (section 3.11.5).
func placeholders(text string, args []string) string {
	if !strings.ContainsAny(text, "{}") || args == nil {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		if strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}") {
			i++
		} else if end := strings.IndexByte(rest, '}'); rest[0] == '{' && end > 1 {
			if n := number(rest[1:end]); isDigit(rest[1]) && n < len(args) {
				b.WriteString(args[n])
				i += end
				continue
			}
		}
		b.WriteByte(rest[0])
		if b.Len() > maxMessage {
			break
		}
	}
	return b.String()
}

// place fills in where a result is: the first location that is in a file.
func (s *sarifReader) place(r *raw, locations []sarifLocation) {
	i := slices.IndexFunc(locations, func(l sarifLocation) bool { return l.Physical != nil })
	if i < 0 {
		return
	}
	p := locations[i].Physical
	a := p.Artifact
	if a.URI == "" && a.Index != nil && *a.Index >= 0 && *a.Index < len(s.artifacts) {
		a = s.artifacts[*a.Index]
	}
	r.path = uriPath(s.resolve(a))
	g := p.Region
	if g.StartLine < 1 {
		return // a region of characters or bytes, or the whole file
	}
	r.line, r.column = g.StartLine, max(0, g.StartColumn)
	r.endLine, r.endCol = max(0, g.EndLine), max(0, g.EndColumn)
	if r.endLine == 0 && r.endCol > 0 {
		r.endLine = r.line // section 3.30.7
	}
	if r.column == 0 && r.endCol > 0 {
		r.column = 1 // section 3.30.6
	}
}

// resolve puts the bases in front of a relative URI (section 3.14.14). A base
// that is not described, such as %SRCROOT%, is the working directory.
func (s *sarifReader) resolve(a sarifArtifact) string {
	uri := a.URI
	for range 8 { // bases may refer to bases, and hostile ones to themselves
		base, ok := s.run.Bases[a.Base]
		if a.Base == "" || !ok || hasScheme(uri) {
			break
		}
		uri = strings.TrimSuffix(base.URI, "/") + "/" + uri
		if base.URI == "" {
			uri = uri[1:]
		}
		a = base
	}
	return uri
}
