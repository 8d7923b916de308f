package action

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// conclusion is what an exit code is called in the step's outputs.
func conclusion(code int) string {
	switch code {
	case report.ExitClean:
		return "success"
	case report.ExitFindings:
		return "failure"
	case report.ExitUsage:
		return "usage"
	case report.ExitInterrupted:
		return "cancelled"
	}
	return "fault"
}

// print writes the report to the log.
func (s *step) print(out *outcome) {
	rep := out.report
	s.untrusted("sot: "+verdict(rep), func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "compared: %s\n", report.Printable(out.compared))
		_ = report.Text(w, rep, report.TextOptions{Verbose: s.flags.Verbose}) // the log does not fail
	})
	s.untrusted("", func(w io.Writer) { _, _ = fmt.Fprintln(w, "sot: "+verdict(rep)) })
	for _, f := range rep.Faults {
		s.act.Errorf("%s", report.Printable(faultLine(f)))
	}
}

// faultLine is a fault in one line.
func faultLine(f rule.Fault) string {
	line := f.Message
	if f.Rule != "" {
		line = f.Rule + ": " + line
	}
	return fmt.Sprintf("fault (%s): %s", f.Kind, strings.Join(strings.FieldsFunc(line, func(c rune) bool { return c == '\n' || c == '\r' }), " | "))
}

// verdict is the run in a few words of our own.
func verdict(rep *report.Report) string {
	e, w, i, _ := rep.Count()
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, report.Plural(n, one, many))
		}
	}
	add(e, "error", "errors")
	add(w, "warning", "warnings")
	add(i, "info", "infos")
	add(len(rep.Faults), "fault", "faults")
	if parts == nil {
		parts = []string{"clean"}
	}
	return fmt.Sprintf("%s in %s (%s)", strings.Join(parts, ", "), report.Plural(rep.Run.Files, "file", "files"), conclusion(rep.Run.ExitCode))
}

// write writes the report's files. It returns the path of the JSON report, "" where
// there is none; the error is of a file that the workflow asked for.
func (s *step) write(out *outcome) (jsonPath string, err error) {
	if s.temp != "" {
		jsonPath, err = s.writeJSON(out.report)
		if err != nil {
			s.say("the JSON report is not written: " + cutLine(err.Error()))
			jsonPath, err = "", nil
		}
	}
	if s.in.sarif != "" {
		err = s.writeSARIF(out.report)
	}
	if s.flags.Write != nil {
		err = errors.Join(err, s.flags.Write(out.report))
	}
	return jsonPath, err
}

func (s *step) writeJSON(rep *report.Report) (path string, err error) {
	f, err := os.CreateTemp(s.temp, "report-*.json")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(report.JSON(f, rep), f.Close())
}

// writeSARIF writes to where the input sarif says. A path in the workspace stays
// there, whatever links a pull request puts on the way.
func (s *step) writeSARIF(rep *report.Report) error {
	var b bytes.Buffer
	if err := report.SARIF(&b, rep); err != nil {
		return err
	}
	dir, name := s.Getenv("GITHUB_WORKSPACE"), filepath.FromSlash(s.in.sarif)
	if filepath.IsAbs(name) {
		dir, name = filepath.Split(filepath.Clean(name))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("the SARIF report is not written: %w", err)
		}
	}
	if err := replaceIn(dir, name, b.Bytes()); err != nil {
		return fmt.Errorf("the SARIF report is not written to %s: %w", s.in.sarif, err)
	}
	return nil
}

// replaceIn writes a file below a folder, whole or not at all.
func replaceIn(dir, name string, data []byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if parent := filepath.Dir(name); parent != "." {
		if err := root.MkdirAll(parent, 0o755); err != nil {
			return err
		}
	}
	temp := name + ".sot-new"
	_ = root.Remove(temp) // what lies there may be a link
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return nil
}

// outputs sets the step's outputs.
func (s *step) outputs(out *outcome, jsonPath string) {
	rep := out.report
	e, w, i, fixed := rep.Count()
	set := map[string]string{
		"conclusion": conclusion(rep.Run.ExitCode),
		"errors":     strconv.Itoa(e), "warnings": strconv.Itoa(w), "findings": strconv.Itoa(e + w + i), "fixed": strconv.Itoa(fixed),
		"files":   strconv.Itoa(rep.Run.Files),
		"seconds": strconv.FormatFloat(rep.Run.Seconds, 'f', 3, 64),
		"profile": "cold", "efficiency": "", "speedup": "",
		"report": jsonPath,
	}
	if out.warm {
		set["profile"] = "warm"
	}
	if c := rep.Schedule; c != nil && c.Makespan > 0 {
		set["efficiency"] = strconv.FormatFloat(c.Efficiency, 'f', 4, 64)
		set["speedup"] = strconv.FormatFloat(c.Speedup, 'f', 2, 64)
	}
	s.outputsOf(set)
}

// outputsOf sets outputs, in the order of their names. Outside of GitHub there is
// nowhere to set them.
func (s *step) outputsOf(set map[string]string) {
	if s.Getenv("GITHUB_OUTPUT") == "" {
		return
	}
	defer func() {
		if v := recover(); v != nil { // go-githubactions panics where the file cannot be written
			s.say(cutLine(fmt.Sprintf("the step's outputs are not set: %v", v)))
		}
	}()
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.act.SetOutput(name, set[name])
	}
}

// freshDir makes the folder sot in the runner's temporary one, and takes away what
// another step may have left in it that a run believes. A link in its place is
// replaced.
func freshDir(temp string) (string, error) {
	dir := filepath.Join(temp, "sot")
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		if err := os.Remove(dir); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.RemoveAll(filepath.Join(dir, profileFile)); err != nil {
		return "", err
	}
	return dir, nil
}
