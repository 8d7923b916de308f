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
//	not 0       none            a fault, where the rule finds nothing elsewhere either
//
// An invocation that failed and found something may have failed because of another
// file as well, and nothing tells. So one that failed and found nothing is a fault
// only where no invocation of the rule found anything: else the verdict would follow
// from which files shared an invocation, which is the number of workers, what is
// kept from earlier runs, and the shard.
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
	found, err := v.read(o)
	v.report(found)
	switch {
	case errors.Is(err, errTooMany):
		v.pass.Fail(rule.FaultOutput, "%s reported %s, the rest is left out, give it fewer files", v.template.label, err)
	case o.cut:
		v.pass.Fail(rule.FaultOutput, "%s printed more than %d MiB, and the rest is lost, give it fewer files, or make it say less", v.template.label, maxStdout>>20)
	case err != nil:
		v.unreadable(o, err)
	case o.code != 0 && len(found) == 0:
		v.unexplained(o)
	case o.code != 0:
		v.pass.Doubt()
	}
}

// read reads the findings from what the program printed.
func (v *invocation) read(o outcome) ([]raw, error) {
	out := o.stdout
	if v.parse.streams && len(o.stderr) > 0 {
		out = joinStreams(o)
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil, nil
	}
	return v.parse.parse(out)
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

// unexplained reports a program that failed and found nothing, by the first file
// that it fails on: so that the message is the same whatever files share an
// invocation.
func (v *invocation) unexplained(o outcome) {
	v, o = v.narrowed(o)
	path, on := "", ""
	if len(v.paths) > 0 {
		path = v.paths[0]
	}
	if len(v.paths) == 1 {
		on = " on " + cut(path, 200)
	}
	switch o.code {
	case 127:
		what, hint := v.template.label+" exited with 127: something that it runs is not there", "install it"
		if v.skipMissing {
			v.pass.Skip(what)
			return
		}
		v.pass.FailUnexplained(path, rule.FaultMissing, "%s, %s, or set on_missing: skip%s", what, hint, v.said(o))
	case 126:
		v.pass.FailUnexplained(path, rule.FaultCrash, "%s exited with 126: something that it runs is not executable, run it by hand%s", v.template.label, v.said(o))
	default:
		v.pass.FailUnexplained(path, rule.FaultCrash, "%s exited with %d and no finding%s, run it by hand%s", v.template.label, o.code, on, v.said(o))
	}
}

// narrowed returns the invocation over the first path alone that the program fails
// on without a finding, and its outcome: by halves, since a program that fails on a
// file fails on all lists with it. Where that does not hold, it is the invocation
// itself.
func (v *invocation) narrowed(o outcome) (*invocation, outcome) {
	if len(v.paths) < 2 {
		return v, o
	}
	if one, o, ok := v.fails(v.paths[:1]); ok { // so does one that does not start at all
		return one, o
	}
	good, bad := 1, len(v.paths)
	for bad-good > 1 {
		if v.pass.Context().Err() != nil {
			return v, o
		}
		mid := (good + bad) / 2
		if _, _, ok := v.fails(v.paths[:mid]); ok {
			bad = mid
		} else {
			good = mid
		}
	}
	if one, o, ok := v.fails(v.paths[bad-1 : bad]); ok {
		return one, o
	}
	return v, o
}

// fails runs the program over some of the paths, and says whether it fails and
// finds nothing.
func (v *invocation) fails(paths []string) (*invocation, outcome, bool) {
	w := v.asking(v.pass.Context(), v.where, v.template)
	w.paths, w.mapper = paths, newMapper(v.where.Root, v.dir, paths, v.files)
	pr, ok := w.process()
	if !ok {
		return nil, outcome{}, false
	}
	o := pr.execute(v.pass.Context())
	v.pass.Used(o.cpu, o.memory)
	if v.pass.Context().Err() != nil || o.failed != nil || o.signal != "" || o.code == 0 || o.cut {
		return nil, o, false
	}
	found, err := v.read(o)
	w.pass = v.pass
	return w, o, err == nil && len(found) == 0
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
