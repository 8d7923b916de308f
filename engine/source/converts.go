package source

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"runtime"
)

// converts says whether the bytes of some unchanged worktree file may differ
// from its blob's: line ends, filters (LFS is one), keywords, encodings
// (gitattributes(5)). It errs on the side of yes, which costs only that blob
// ids of worktree files are not known.
func (s *Source) converts(w *walker, set settings, untracked []string) bool {
	if set.autoCRLF || runtime.GOOS == "windows" || getenv(s.opts.Env, "GIT_ATTR_SOURCE") != "" {
		return true
	}
	home := getenv(s.opts.Env, "HOME")
	xdg := getenv(s.opts.Env, "XDG_CONFIG_HOME")
	if xdg == "" {
		xdg = filepath.Join(home, ".config")
	}
	global := set.attributesFile
	switch {
	case global == "":
		global = filepath.Join(xdg, "git", "attributes")
	case len(global) > 1 && global[:2] == "~/":
		global = filepath.Join(home, global[2:])
	}
	files := []string{
		"/etc/gitattributes", "/usr/local/etc/gitattributes", "/opt/homebrew/etc/gitattributes",
		global, filepath.Join(s.commonDir, "info", "attributes"),
	}
	for i := range w.seen {
		if p := w.index.entries[i].path; path.Base(p) == ".gitattributes" {
			if !w.seen[i].mode.Regular() {
				return true // git then takes the index's
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
		if data, err := readSmall(file); err != nil && !os.IsNotExist(err) || convertingAttributes(data) {
			return true
		}
	}
	return false
}

// convertingAttributes says whether some line of an attributes file sets an
// attribute that converts content.
func convertingAttributes(data []byte) bool {
	for line := range bytes.Lines(data) {
		for _, word := range bytes.Fields(line) {
			name, _, _ := bytes.Cut(word, []byte("="))
			switch string(name) {
			case "text", "crlf", "eol", "filter", "ident", "working-tree-encoding":
				return line[0] != '#'
			}
		}
	}
	return false
}
