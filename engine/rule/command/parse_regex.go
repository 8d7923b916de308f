package command

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// regexGroups are the named groups that a pattern may have.
var regexGroups = [...]string{"file", "line", "column", "end_line", "end_column", "severity", "message", "code"}

// newRegex returns a parser that tries a pattern on every line, once. (Over the
// whole output, a pattern that looks ahead to a far end would take the square
// of the output's length; errorformat is there for messages of several lines.)
func newRegex(pattern string) (func([]byte) ([]raw, error), error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	for _, name := range re.SubexpNames() {
		if name != "" && !slices.Contains(regexGroups[:], name) {
			return nil, fmt.Errorf("unknown group %q, there are %s", name, strings.Join(regexGroups[:], ", "))
		}
	}
	if re.SubexpIndex("message") < 0 && re.SubexpIndex("file") < 0 {
		return nil, fmt.Errorf("neither a group (?P<message>...) nor (?P<file>...)")
	}
	return func(out []byte) ([]raw, error) { return parseRegex(re, out) }, nil
}

func parseRegex(re *regexp.Regexp, out []byte) (found []raw, err error) {
	names := re.SubexpNames()
	eachLine(out, func(line string) bool {
		match := re.FindStringSubmatch(line)
		if match == nil {
			return true
		}
		if len(found) == maxFindings {
			err = errTooMany
			return false
		}
		var r raw
		for i, value := range match {
			if value != "" {
				r.regexGroup(names[i], value)
			}
		}
		found = append(found, r)
		return true
	})
	return found, err
}

func (r *raw) regexGroup(name, value string) {
	switch name {
	case "file":
		r.path = value
	case "line":
		r.line = number(value)
	case "column":
		r.column = number(value)
	case "end_line":
		r.endLine = number(value)
	case "end_column":
		r.endCol = number(value)
	case "severity":
		r.severity = severityOf(value)
	case "message":
		r.message = value
	case "code":
		r.code = value
	}
}
