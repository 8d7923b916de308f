package command

import (
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// toArgument returns a path, which is relative to the root, as the program sees
// it from its working directory dir (relative to the root, "" is the root).
//
// Names that a program could take for something else get "./" in front: an
// option (-x), a file of further arguments (@x), a command (+x), an assignment
// (a=b, as awk and make read it). It is done by what a name begins with, for
// every name that does not begin with a letter, a digit, "_" or ".".
func toArgument(dir, p string) string {
	if p = relative(dir, p); p == "" {
		return "."
	}
	first, _, _ := strings.Cut(p, "/")
	if c := p[0]; c < 0x80 && !isLetter(c) && !isDigit(c) && c != '_' && c != '.' || strings.Contains(first, "=") {
		return "./" + p
	}
	return p
}

// relative returns p as seen from dir, both relative to the root and clean.
func relative(dir, p string) string {
	if dir == "" {
		return p
	}
	up := ""
	for d := dir; ; d = parent(d) {
		if d == "" {
			return up + p
		}
		if rest, ok := strings.CutPrefix(p, d+"/"); ok {
			return up + rest
		}
		up += "../"
	}
}

func parent(dir string) string {
	return dir[:max(0, strings.LastIndexByte(dir, '/'))]
}

// mapper turns the paths that a program prints into paths relative to the root.
type mapper struct {
	roots []string // absolute, as given and with symbolic links resolved
	dir   string   // the working directory, relative to the root
	only  string   // the path that the program ran over, where it was one alone
}

func newMapper(root, dir string, paths []string, files string) mapper {
	m := mapper{roots: []string{filepath.ToSlash(root)}, dir: dir}
	if real, err := filepath.EvalSymlinks(root); err == nil && real != root {
		m.roots = append(m.roots, filepath.ToSlash(real))
	}
	if files == filesEach && len(paths) == 1 {
		m.only = paths[0]
	}
	return m
}

// path maps a printed path. Where it lies outside of the root, or is a place
// that is no file, inside is false.
func (m mapper) path(printed string) (p string, inside bool) {
	if runtime.GOOS == "windows" {
		printed = strings.ReplaceAll(printed, `\`, "/")
	}
	switch {
	case printed == "" || printed == "-" || printed == "/dev/stdin" || printed == "nofile" || // cppcheck's
		strings.HasPrefix(printed, "<") && strings.HasSuffix(printed, ">"): // <stdin>, <text>
		return m.only, true
	case strings.IndexByte(printed, 0) >= 0:
		return "", false
	case absolute(printed):
		for _, root := range m.roots {
			if rest, ok := below(root, path.Clean(printed)); ok {
				return rest, true
			}
		}
		return "", false
	}
	p = path.Join(m.dir, printed)
	switch {
	case p == ".":
		return "", true
	case p == ".." || strings.HasPrefix(p, "../"):
		return "", false
	}
	return p, true
}

// message takes the absolute root off the paths in a text: a snapshot lies
// elsewhere in every run, and the same finding must keep its fingerprint.
func (m mapper) message(s string) string {
	for _, root := range m.roots {
		if len(root) < 2 { // "/"
			continue
		}
		s = withoutPrefix(s, root+"/")
		if runtime.GOOS == "windows" {
			s = withoutPrefix(s, filepath.FromSlash(root)+`\`)
		}
	}
	return s
}

// withoutPrefix takes prefix off every path in a text that begins with it; not
// out of the middle of a longer one.
func withoutPrefix(s, prefix string) string {
	if !strings.Contains(s, prefix) {
		return s
	}
	var b strings.Builder
	for {
		n := strings.Index(s, prefix)
		if n < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := n + len(prefix)
		if n == 0 || !inPath(s[n-1]) {
			end = n
		}
		b.WriteString(s[:end])
		s = s[n+len(prefix):]
	}
}

func inPath(c byte) bool {
	return isLetter(c) || isDigit(c) || c >= 0x80 || strings.IndexByte("_-.~+/", c) >= 0
}

func absolute(p string) bool {
	return p[0] == '/' || runtime.GOOS == "windows" && filepath.IsAbs(p)
}

// below returns p relative to root where it lies there.
func below(root, p string) (string, bool) {
	root = strings.TrimSuffix(root, "/")
	switch {
	case len(p) < len(root) || !samePath(p[:len(root)], root):
		return "", false
	case len(p) == len(root):
		return "", true
	case p[len(root)] != '/':
		return "", false
	}
	return p[len(root)+1:], true
}

func samePath(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}
