package command

import "strings"

// parseGCC reads the lines of compilers and of all that follow them (GNU coding
// standards, "Formatting Error Messages"):
//
//	file:line:column: severity: message
//
// Column and severity may be absent, and the severity may stand in brackets, as
// yamllint prints it. Lines of any other form are passed over.
func parseGCC(out []byte) (found []raw, err error) {
	eachLine(out, func(line string) bool {
		r, ok := gccLine(line)
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

// gccLine reads one line.
func gccLine(line string) (r raw, ok bool) {
	line = strings.TrimPrefix(line, "vet: ") // go vet, of what does not compile
	from := 0
	if len(line) > 2 && line[1] == ':' && isLetter(line[0]) && (line[2] == '\\' || line[2] == '/') {
		from = 2 // C:\
	}
	for {
		n := strings.IndexByte(line[from:], ':')
		if n < 0 {
			return raw{}, false
		}
		from += n
		if n, rest, ok := cutNumber(line[from+1:]); ok {
			r.path, r.line = line[:from], n // line 0: about the file
			return gccMessage(r, rest)
		}
		from++
	}
}

// gccMessage reads what stands behind "file:line:".
func gccMessage(r raw, rest string) (raw, bool) {
	if column, behind, ok := cutNumber(rest); ok {
		r.column, rest = column, behind
	}
	rest = strings.TrimSpace(rest)
	if word, behind, ok := cutSeverity(rest); ok {
		r.severity, rest = severityOf(word), strings.TrimSpace(behind)
	}
	r.message = rest
	// An empty message is gcc's "In file included from a.h:1:"; a path with a
	// scheme is an address with a port.
	ok := rest != "" && r.path != "" && strings.TrimSpace(r.path[:1]) != "" && !strings.Contains(r.path, "://")
	return r, ok
}

// cutSeverity takes "error:" or "[error]" off the front.
func cutSeverity(s string) (word, rest string, ok bool) {
	if strings.HasPrefix(s, "[") {
		word, rest, ok = strings.Cut(s[1:], "]")
	} else {
		word, rest, ok = strings.Cut(s, ":")
	}
	return word, rest, ok && severityOf(word) != 0 && len(word) > 1
}

// cutNumber takes a line or column number and its colon off the front.
func cutNumber(s string) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == 0 || i == len(s) || s[i] != ':' {
		return 0, s, false
	}
	return number(s[:i]), s[i+1:], true
}
