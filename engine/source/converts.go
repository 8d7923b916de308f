package source

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// conversion is what may happen to content between the worktree and git.
type conversion uint8

// The conversions, each including those before it.
const (
	asIs conversion = iota
	lineEnds
	anything // filters, keywords, encodings
)

// converts says whether the bytes of some unchanged worktree file may differ
// from its blob's: line ends, filters (LFS is one), keywords, encodings
// (gitattributes(5)). It errs on the side of yes, which costs only that blob
// ids of worktree files are not known.
func (s *Source) converts(w *walker, set settings, untracked []string) conversion {
	most := asIs
	if set.autoCRLF || runtime.GOOS == "windows" {
		most = lineEnds
	}
	if getenv(s.opts.Env, "GIT_ATTR_SOURCE") != "" {
		return anything
	}
	files := append(attributeFiles(s.opts.Env, set), filepath.Join(s.commonDir, "info", "attributes"))
	for i := range w.seen {
		if p := w.index.path(i); path.Base(p) == ".gitattributes" {
			if !w.seen[i].mode.Regular() {
				return anything // git then takes the index's
			}
			files = append(files, s.abs(p))
		}
	}
	for _, p := range untracked {
		if path.Base(p) == ".gitattributes" {
			files = append(files, s.abs(p))
		}
	}
	for _, file := range files {
		data, err := readSmall(file)
		if err != nil && !os.IsNotExist(err) {
			return anything
		}
		most = max(most, conversionIn(data))
	}
	return most
}

// attributeFiles are the attributes files outside of the repository, the user's
// before the system's.
func attributeFiles(env []string, set settings) []string {
	return []string{
		userFile(env, set.attributesFile, "attributes"),
		"/etc/gitattributes", "/usr/local/etc/gitattributes", "/opt/homebrew/etc/gitattributes",
	}
}

// userFile returns the place of a file that the configuration may name, and that
// else lies in the user's configuration folder.
func userFile(env []string, configured, name string) string {
	home := getenv(env, "HOME")
	xdg := getenv(env, "XDG_CONFIG_HOME")
	if xdg == "" {
		xdg = filepath.Join(home, ".config")
	}
	switch rest, ok := strings.CutPrefix(configured, "~/"); {
	case configured == "" && !filepath.IsAbs(xdg), configured != "" && !ok && !filepath.IsAbs(configured):
		return "" // nothing relative to where we happen to stand
	case configured == "":
		return filepath.Join(xdg, "git", name)
	case ok:
		return filepath.Join(home, rest)
	}
	return configured
}

// conversionIn returns the most that some line of an attributes file asks for.
func conversionIn(data []byte) conversion {
	most := asIs
	for line := range bytes.Lines(data) {
		if line[0] == '#' {
			continue
		}
		for _, word := range bytes.Fields(line) {
			name, _, _ := bytes.Cut(word, []byte("="))
			switch string(name) {
			case "text", "crlf", "eol":
				most = max(most, lineEnds)
			case "filter", "ident", "working-tree-encoding":
				most = anything
			}
		}
	}
	return most
}
