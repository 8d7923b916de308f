package source

import "strings"

// wildmatch matches a path against a pattern of gitignore(5): "*", "?" and
// brackets stop at slashes, "**" between slashes does not. It is git's
// wildmatch with WM_PATHNAME, as its documentation has it.
func wildmatch(pattern, text string) bool {
	budget := 1 << 16 // a hostile pattern of many stars gives up, and does not match
	return match(pattern, text, true, &budget)
}

// match matches the rest of a pattern; start says that it begins behind a slash.
func match(p, s string, start bool, budget *int) bool {
	for p != "" {
		if *budget--; *budget < 0 {
			return false
		}
		switch p[0] {
		case '*':
			return star(p, s, start, budget)
		case '?':
			if s == "" || s[0] == '/' {
				return false
			}
			p = p[1:]
		case '[':
			n, ok := bracket(p, s)
			if !ok {
				return false
			}
			p = p[n:]
		case '\\':
			if len(p) < 2 || s == "" || s[0] != p[1] {
				return false
			}
			p = p[2:]
		default:
			if s == "" || s[0] != p[0] {
				return false
			}
			p = p[1:]
		}
		start = s[0] == '/'
		s = s[1:]
	}
	return s == ""
}

// star matches one or more stars and what follows. Two between slashes (or the
// ends) are any number of folders; else any number of stars is one.
func star(p, s string, start bool, budget *int) bool {
	rest := strings.TrimLeft(p, "*")
	deep := len(p)-len(rest) == 2 && start && (rest == "" || rest[0] == '/')
	if deep && rest != "" && match(rest[1:], s, true, budget) {
		return true // "**/x" is also "x"
	}
	if rest == "" {
		return deep || !strings.Contains(s, "/")
	}
	for i := 0; ; i++ {
		if match(rest, s[i:], i > 0 && s[i-1] == '/', budget) {
			return true
		}
		if i == len(s) || s[i] == '/' && !deep {
			return false
		}
	}
}

// bracket matches one byte against "[...]", and returns the length of the
// pattern's part. A bracket that is not closed matches nothing.
func bracket(p, s string) (n int, ok bool) {
	if s == "" || s[0] == '/' {
		return 0, false
	}
	i := 1
	not := i < len(p) && (p[i] == '!' || p[i] == '^')
	if not {
		i++
	}
	in := false
	for first := true; ; first = false {
		if i >= len(p) {
			return 0, false
		}
		if p[i] == ']' && !first {
			return i + 1, in != not
		}
		if name, n := class(p[i:]); n > 0 {
			in = in || inClass(name, s[0])
			i += n
			continue
		}
		lo, n := literal(p[i:])
		i += n
		hi := lo
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			hi, n = literal(p[i+1:])
			i += 1 + n
		}
		in = in || lo <= s[0] && s[0] <= hi
	}
}

// literal returns a byte of a bracket, and its length with a backslash.
func literal(p string) (byte, int) {
	if p[0] == '\\' && len(p) > 1 {
		return p[1], 2
	}
	return p[0], 1
}

// class returns the name of "[:name:]" at the start, and its length.
func class(p string) (string, int) {
	if !strings.HasPrefix(p, "[:") {
		return "", 0
	}
	name, _, ok := strings.Cut(p[2:], ":]")
	if !ok {
		return "", 0
	}
	return name, len(name) + 4
}

func inClass(name string, c byte) bool {
	digit, lower, upper := c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z'
	graph := c > ' ' && c < 0x7f
	switch name {
	case "alnum":
		return digit || lower || upper
	case "alpha":
		return lower || upper
	case "blank":
		return c == ' ' || c == '\t'
	case "cntrl":
		return c < ' ' || c == 0x7f
	case "digit":
		return digit
	case "graph":
		return graph
	case "lower":
		return lower
	case "print":
		return graph || c == ' '
	case "punct":
		return graph && !digit && !lower && !upper
	case "space":
		return c == ' ' || c >= '\t' && c <= '\r'
	case "upper":
		return upper
	case "xdigit":
		return digit || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
	}
	return false
}
