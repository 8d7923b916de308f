package command

import "strings"

// parseGitHub reads the workflow commands of GitHub Actions, wherever they stand
// in the output:
//
//	::error file=src/a.js,line=1,col=2,endLine=1,endColumn=5,title=Name::message
func parseGitHub(out []byte) (found []raw, err error) {
	eachLine(out, func(line string) bool {
		r, ok := githubLine(strings.TrimLeft(line, " \t"))
		if !ok {
			return true
		}
		if len(found) == maxFindings {
			err = errTooMany
			return false
		}
		found = append(found, r)
		return true
	})
	return found, err
}

func githubLine(line string) (raw, bool) {
	rest, ok := strings.CutPrefix(line, "::")
	if !ok {
		return raw{}, false
	}
	head, message, ok := strings.Cut(rest, "::")
	if !ok {
		return raw{}, false
	}
	name, properties, _ := strings.Cut(head, " ")
	switch name {
	case "error", "warning", "notice":
	default:
		return raw{}, false
	}
	r := raw{severity: severityOf(name), message: unescapeGitHub(message)}
	for p := range strings.SplitSeq(properties, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		r.githubProperty(key, unescapeGitHub(value))
	}
	return r, true
}

func (r *raw) githubProperty(key, value string) {
	switch key {
	case "file":
		r.path = value
	case "line":
		r.line = number(value)
	case "endLine":
		r.endLine = number(value)
	case "col":
		r.column = number(value)
	case "endColumn":
		r.endCol = number(value)
	case "title":
		r.code = value
	}
}

// unescapeGitHub undoes the escapes of the runner's toolkit; "%25" comes last,
// as the runner has it.
func unescapeGitHub(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	return strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(s)
}
