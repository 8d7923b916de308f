package command

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// ended takes every exit code as a good end but those of a program that did not
// run.
func (v *invocation) ended(o outcome) {
	switch o.code {
	case 0:
	case 126, 127:
		v.exited(o)
	default:
		v.pass.Complain(fmt.Sprintf("%s exited with %d%s", v.template.label, o.code, v.said(o)))
	}
}

// judge turns the outcome of a program that exited into findings:
//
//	exit code   findings read   what it is
//	0           none            passed
//	any         some            these findings
//	not 0       none            a fault: the program failed without saying where
//
// Without a parser the exit code alone decides, and the output is the message.
func (v *invocation) judge(o outcome) {
	if v.parse.parse == nil {
		switch o.code {
		case 0:
		case 126, 127:
			v.exited(o)
		default:
			v.whole(o)
		}
		return
	}
	if o.cut { // the last line may be half a line, and then means something else
		o.stdout, o.stderr = wholeLines(o.stdout), wholeLines(o.stderr)
	}
	out := o.stdout
	if v.parse.streams && len(o.stderr) > 0 {
		out = joinStreams(o)
	}
	var found []raw
	var err error
	if len(strings.TrimSpace(string(out))) > 0 {
		found, err = v.parse.parse(out)
	}
	v.report(found)
	switch {
	case errors.Is(err, errTooMany):
		v.pass.Fail(rule.FaultOutput, "%s reported %s, the rest is left out, give it fewer files", v.template.label, err)
	case o.cut:
		v.pass.Fail(rule.FaultOutput, "%s printed more than %d MiB, and the rest is lost, give it fewer files, or make it say less", v.template.label, maxStdout>>20)
	case err != nil:
		v.unreadable(o, err)
	case o.code != 0 && len(found) == 0:
		v.exited(o)
	}
}

// joinStreams returns stdout and then stderr, parted by a line end.
func joinStreams(o outcome) []byte {
	out := o.stdout
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return append(out, o.stderr...)
}

func wholeLines(out []byte) []byte { return out[:bytes.LastIndexByte(out, '\n')+1] }

// whole reports a failed program's output as one finding.
func (v *invocation) whole(o outcome) {
	text := excerpt(v.mapper.message(clean(string(o.stdout))))
	if text == "" {
		text = fmt.Sprintf("%s exited with %d and printed nothing", v.template.label, o.code)
	}
	v.pass.Add(rule.Finding{Path: v.mapper.only, Message: text, Fixable: v.fix != nil})
}

// report adds findings, each once.
func (v *invocation) report(found []raw) {
	seen := make(map[rule.Finding]bool, len(found))
	for i := range found {
		f := v.finding(&found[i])
		if !seen[f] {
			seen[f] = true
			v.pass.Add(f)
		}
	}
}

// finding places what a program found in the repository.
func (v *invocation) finding(r *raw) rule.Finding {
	f := rule.Finding{
		Severity: v.severity(r.severity),
		Message:  v.text(withCode(r.message, r.code)),
		Fixable:  v.fix != nil && r.fixable != fixNo,
	}
	var inside bool
	if f.Path, inside = v.mapper.path(r.path); !inside {
		at := r.path
		if r.line > 0 {
			at += ":" + strconv.Itoa(r.line)
		}
		f.Message = v.text(at + ": " + f.Message)
		return f
	}
	if f.Path == "" || r.line < 1 {
		return f
	}
	f.Line, f.Column = r.line, r.column
	f.Text = v.line(f.Path, r.line)
	if r.utf16 {
		f.Column = codePoints(f.Text, r.column)
	}
	v.end(&f, r)
	return f
}

// end fills in the end of a range, where it lies behind the start.
func (v *invocation) end(f *rule.Finding, r *raw) {
	line := cmp.Or(r.endLine, r.line)
	if r.endLine == 0 && r.endCol == 0 || line < r.line || line == r.line && r.endCol > 0 && r.endCol < r.column {
		return
	}
	f.EndLine, f.EndColumn = line, r.endCol
	if r.utf16 {
		f.EndColumn = codePoints(v.line(f.Path, line), r.endCol)
	}
}

func (v *invocation) line(path string, n int) string {
	if v.where.Line == nil {
		return ""
	}
	return v.where.Line(path, n)
}

// severity is the program's word, never heavier than the rule's own. An error
// of the program's weighs what the rule weighs.
func (v *invocation) severity(s rule.Severity) rule.Severity {
	own := v.pass.Rule().Severity
	if s == 0 {
		return own
	}
	return min(s, own)
}

// text makes a message fit to be shown.
func (v *invocation) text(s string) string {
	s = strings.TrimSpace(clean(v.mapper.message(s)))
	if s == "" {
		s = v.pass.Rule().Description
	}
	if s == "" {
		s = v.template.label + " names this file"
	}
	return cut(s, maxMessage)
}

// exited reports a program that failed and found nothing. 127 and 126 are the
// shell's, env's and nohup's: a program was not found, or could not be run
// (POSIX, "Exit Status for Commands").
func (v *invocation) exited(o outcome) {
	switch o.code {
	case 127:
		v.missing(v.template.label+" exited with 127: something that it runs is not there", "install it", v.said(o))
	case 126:
		v.crashed(o, "exited with 126: something that it runs is not executable")
	default:
		v.crashed(o, "exited with "+strconv.Itoa(o.code)+" and no finding")
	}
}

// crashed reports a program that did not end as it may.
func (v *invocation) crashed(o outcome, what string) {
	v.pass.Fail(rule.FaultCrash, "%s %s, run it by hand%s", v.template.label, what, v.said(o))
}

// unreadable reports output that is not of the format.
func (v *invocation) unreadable(o outcome, err error) {
	v.pass.Fail(rule.FaultOutput, "%s exited with %d and printed what is no %s (%s), check its options for the output's format%s",
		v.template.label, o.code, v.parse.name, v.text(err.Error()), v.said(o))
}

// said returns the last lines of what the program said, as the end of a message.
func (v *invocation) said(o outcome) string {
	for _, out := range [][]byte{o.stderr, o.stdout} {
		if text := lastLines(v.mapper.message(clean(string(out)))); text != "" {
			return "; it said:\n" + text
		}
	}
	return "; it said nothing"
}

// codePoints turns a 1-based column in UTF-16 units into one in code points.
// Behind the end of the line, a unit counts as one.
func codePoints(line string, column int) int {
	units, points := 1, 1
	for _, r := range line {
		if units >= column {
			return points
		}
		units++
		points++
		if r > 0xffff && r != utf8.RuneError {
			units++
		}
	}
	return points + max(0, column-units)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
