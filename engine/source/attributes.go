package source

import (
	"path"
	"path/filepath"
	"strings"
)

// attributeLine is one line of an attributes file (gitattributes(5)).
type attributeLine struct {
	ignorePattern
	sets []attribute
}

// attribute is one setting: "set", "unset", "" (unspecified again), or a text.
type attribute struct{ name, value string }

// parseAttributes reads the attributes file of a folder. Macros are added to
// the given ones.
func parseAttributes(data []byte, dir string, macros map[string][]attribute) []attributeLine {
	var list []attributeLine
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		pattern, rest := attributePattern(strings.TrimSpace(line))
		if pattern == "" || pattern[0] == '#' || pattern[0] == '!' {
			continue // negative patterns are forbidden
		}
		sets := parseSets(rest)
		if name, ok := strings.CutPrefix(pattern, "[attr]"); ok {
			macros[name] = sets
			continue
		}
		p := ignorePattern{dir: dir, deep: !strings.Contains(pattern, "/"), glob: strings.TrimPrefix(pattern, "/")}
		list = append(list, attributeLine{p, sets})
	}
	return list
}

// attributePattern cuts the pattern from a line; it may stand in quotes.
func attributePattern(line string) (pattern, rest string) {
	if strings.HasPrefix(line, `"`) {
		if p, rest, ok := unquoteC(line); ok {
			return p, rest
		}
	}
	if n := strings.IndexAny(line, " \t"); n >= 0 {
		return line[:n], line[n:]
	}
	return line, ""
}

// unquoteC reads a quoted C string at the start of a line.
func unquoteC(line string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return b.String(), line[i+1:], true
		case c != '\\':
			b.WriteByte(c)
		case i+3 < len(line) && line[i+1] >= '0' && line[i+1] <= '3':
			b.WriteByte((line[i+1]-'0')<<6 | (line[i+2]-'0')<<3 | (line[i+3] - '0'))
			i += 3
		case i+1 < len(line):
			i++
			b.WriteString(escapeOf(line[i]))
		}
	}
	return "", "", false
}

func escapeOf(c byte) string {
	if n := strings.IndexByte("abfnrtv", c); n >= 0 {
		return "\a\b\f\n\r\t\v"[n : n+1]
	}
	return string(rune(c))
}

func parseSets(text string) []attribute {
	var list []attribute
	for _, word := range strings.Fields(text) {
		name, value, ok := strings.Cut(word, "=")
		switch {
		case ok:
		case name[0] == '-':
			name, value = name[1:], "unset"
		case name[0] == '!':
			name, value = name[1:], ""
		default:
			value = "set"
		}
		list = append(list, attribute{name, value})
	}
	return list
}

// attributer answers for any path, reading each folder's .gitattributes once.
type attributer struct {
	macros  map[string][]attribute
	global  [][]attributeLine // from the strongest: info/attributes; user's; system's
	read    func(path string) []byte
	folders map[string][]attributeLine
}

func newAttributer(read func(path string) []byte) *attributer {
	return &attributer{
		macros: map[string][]attribute{"binary": {{"diff", "unset"}, {"merge", "unset"}, {"text", "unset"}}},
		read:   read, folders: map[string][]attributeLine{},
	}
}

func (a *attributer) folder(dir string) []attributeLine {
	f, ok := a.folders[dir]
	if !ok {
		macros := a.macros
		if dir != "" {
			macros = map[string][]attribute{} // only the top's file may define them
		}
		f = parseAttributes(a.read(path.Join(dir, ".gitattributes")), dir, macros)
		a.folders[dir] = f
	}
	return f
}

// value returns an attribute's value for a path, "" where it is unspecified.
func (a *attributer) value(name, attr string) string {
	a.folder("") // its macros count everywhere
	if len(a.global) > 0 {
		if v, ok := a.decide(a.global[0], name, attr); ok {
			return v
		}
	}
	for dir := parentOf(name); ; dir = parentOf(dir) {
		if v, ok := a.decide(a.folder(dir), name, attr); ok {
			return v
		}
		if dir == "" {
			break
		}
	}
	for _, f := range a.global[min(1, len(a.global)):] {
		if v, ok := a.decide(f, name, attr); ok {
			return v
		}
	}
	return ""
}

// attributesOf returns the values of an attribute, reading .gitattributes by
// read, which gives nothing where there is none.
func attributesOf(p place, env []string, set settings, name string, paths []string, read func(string) []byte) map[string]string {
	a := newAttributer(read)
	outside := attributeFiles(env, set)
	order := append([]string{filepath.Join(p.commonDir, "info", "attributes")}, outside...)
	a.global = make([][]attributeLine, len(order))
	for i := len(order) - 1; i >= 0; i-- { // a stronger file's macros come last
		data, _ := readSmall(order[i]) // one that cannot be read says nothing
		a.global[i] = parseAttributes(data, "", a.macros)
	}
	out := map[string]string{}
	for _, path := range paths {
		if v := a.value(path, name); v != "" {
			out[path] = v
		}
	}
	return out
}

// decide looks for the last line, and on it the last word, that speaks of the
// attribute, itself or by a macro.
func (a *attributer) decide(lines []attributeLine, name, attr string) (string, bool) {
	for i := len(lines) - 1; i >= 0; i-- {
		if !lines[i].matches(name, false) {
			continue
		}
		if v, ok := a.among(lines[i].sets, attr, 0); ok {
			return v, true
		}
	}
	return "", false
}

func (a *attributer) among(sets []attribute, attr string, depth int) (string, bool) {
	for i := len(sets) - 1; i >= 0 && depth < maxIncludes; i-- {
		if sets[i].name == attr {
			return sets[i].value, true
		}
		if m, ok := a.macros[sets[i].name]; ok && sets[i].value == "set" {
			if v, ok := a.among(m, attr, depth+1); ok {
				return v, true
			}
		}
	}
	return "", false
}
