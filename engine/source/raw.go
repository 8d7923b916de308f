package source

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// parseRaw reads the output of `git diff --raw -z --no-abbrev`
// (git-diff(1), "Raw output format"): ":oldmode newmode oldid newid status",
// then one path, or two for a rename. An id of zeros is "not known".
func parseRaw(out []byte) ([]rule.Entry, error) {
	var list []rule.Entry
	text := string(out) // one copy; the entries' strings are parts of it
	for text != "" {
		head, rest, ok := strings.Cut(text, "\x00")
		f := strings.Fields(strings.TrimPrefix(head, ":"))
		if !ok || len(f) != 5 || head[0] != ':' {
			return nil, fmt.Errorf("git diff: cannot read %q", head)
		}
		var e rule.Entry
		old := rule.Side{Mode: parseMode(f[0]), Blob: knownID(f[2])}
		e.Mode, e.Blob = parseMode(f[1]), knownID(f[3])
		e.Status, e.Size = rule.Status(f[4][0]), -1
		e.Path, text, ok = strings.Cut(rest, "\x00")
		old.Path = e.Path
		if e.Status == rule.Renamed && ok {
			e.Path, text, ok = strings.Cut(text, "\x00")
		}
		if !ok {
			return nil, fmt.Errorf("git diff: output ends within %q", head)
		}
		if old.Mode != 0 {
			e.Old = &old
		}
		list = append(list, e)
	}
	return list, nil
}

func parseMode(octal string) rule.Mode {
	n, err := strconv.ParseUint(octal, 8, 32)
	if err != nil {
		return 0
	}
	return rule.Mode(n)
}

func knownID(id string) rule.ID {
	if strings.Trim(id, "0") == "" {
		return ""
	}
	return rule.ParseID(id)
}

// parseLsTree reads `git ls-tree -r -z --full-tree`: "mode type id\tpath".
func parseLsTree(out []byte) ([]rule.Entry, error) {
	list := make([]rule.Entry, 0, bytes.Count(out, []byte{0}))
	text := string(out)
	for text != "" {
		line, rest, ok := strings.Cut(text, "\x00")
		meta, path, tab := strings.Cut(line, "\t")
		f := strings.Split(meta, " ")
		if !ok || !tab || len(f) != 3 {
			return nil, fmt.Errorf("git ls-tree: cannot read %q", line)
		}
		list = append(list, rule.Entry{Path: path, Mode: canonical(parseMode(f[0])), Status: rule.Unchanged, Blob: rule.ParseID(f[2]), Size: -1})
		text = rest
	}
	return list, nil
}

// canonical maps the modes of old or foreign trees (100664) to those that git
// writes today.
func canonical(m rule.Mode) rule.Mode {
	switch {
	case !m.Regular():
		return m
	case m&0o100 != 0:
		return rule.ModeExecutable
	}
	return rule.ModeFile
}
