package use

import (
	"bytes"
	"cmp"
	"slices"
)

// sortRequirements returns the file's content with its requirements sorted, or
// why they cannot be.
func sortRequirements(data []byte) ([]byte, *refusal) {
	if allSpace(data) {
		return data, nil
	}
	reqs, rest, bad := parseRequirements(data)
	if bad == nil {
		bad = nameAll(reqs)
	}
	if bad != nil {
		return nil, bad
	}
	slices.SortStableFunc(reqs, func(a, b *requirement) int {
		return cmp.Or( // the comment at the top has no name, so that it stays first
			bytes.Compare(a.name, b.name),
			trueFirst(len(a.comments) > 0, len(b.comments) > 0), // which of two equal ones stays
		)
	})
	out := make([]byte, 0, len(data)+1)
	var last []byte
	for i, r := range reqs {
		out = appendLines(out, r.comments)
		if i == 0 || !bytes.Equal(r.value, last) {
			out = append(out, r.value...)
			last = r.value
		}
	}
	return appendLines(out, rest), nil
}

// parseRequirements splits the file into requirements, without the ones that
// pip adds by mistake, and the comments at the end.
func parseRequirements(data []byte) (reqs []*requirement, rest [][]byte, bad *refusal) {
	if data[len(data)-1] != '\n' {
		data = slices.Concat(data, []byte{'\n'})
	}
	r, n := &requirement{}, 0
	reqs = append(reqs, r)
	for line := range bytes.Lines(data) {
		n++
		if r.complete() {
			r = &requirement{}
			reqs = append(reqs, r)
		}
		text := bytes.TrimFunc(line, isSpaceRune)
		switch {
		case len(text) == 0 && len(reqs) == 1 && len(r.comments) > 0 && r.comments[0][0] == '#':
			if r.value != nil {
				return nil, nil, &refusal{r.line, "an empty line follows the backslash, join the entry's lines"}
			}
			r.value, r.top = []byte{'\n'}, true
		case len(text) == 0 || text[0] == '#':
			r.comments = append(r.comments, line)
		default:
			if r.value == nil {
				r.line = n
			}
			r.value = append(r.value, line...) // its own memory: it began as nil
		}
	}
	if r.value == nil {
		rest, reqs = r.comments, reqs[:len(reqs)-1]
	}
	return slices.DeleteFunc(reqs, (*requirement).isPipsMistake), rest, nil
}

// complete says whether the next line begins another requirement.
func (r *requirement) complete() bool {
	return r.value != nil && !bytes.HasSuffix(bytes.TrimRight(r.value, "\r\n"), []byte{'\\'})
}

func (r *requirement) isPipsMistake() bool {
	v := string(r.value)
	return v == "pkg-resources==0.0.0\n" || v == "pkg_resources==0.0.0\n"
}

// nameAll gives each requirement the name that it is sorted by. One that has
// none is no trouble as long as there is nothing to compare it with.
func nameAll(reqs []*requirement) *refusal {
	named := slices.DeleteFunc(slices.Clone(reqs), func(r *requirement) bool { return r.top })
	if len(named) < 2 {
		return nil
	}
	for _, r := range named {
		var ok bool
		if r.name, ok = sortName(r.value); !ok {
			return &refusal{r.line, "a requirement begins with a blank or \";\", begin it with its name"}
		}
	}
	return nil
}

// sortName returns what stands before the version of an entry, in lower case;
// of a URL, all that stands behind "egg=". It fails where the entry begins with
// a blank or ";".
func sortName(value []byte) (name []byte, ok bool) {
	name = bytes.Clone(value)
	for i, c := range name {
		name[i] = lower(c)
	}
	for _, egg := range []string{"#egg=", "&egg="} {
		if bytes.Contains(value, []byte(egg)) {
			_, after, _ := bytes.Cut(name, []byte(egg))
			return after, true
		}
	}
	end := bytes.IndexFunc(name, func(c rune) bool { return c == ';' || isSpaceRune(c) })
	if end == 0 {
		return nil, false
	}
	if end > 0 {
		name = name[:end]
	}
	return name[:versionStart(name)], true
}

// versionStart returns the offset of the first comparison (== === != ~= < <= > >=),
// the length where there is none.
func versionStart(name []byte) int {
	for i, c := range name {
		equals := i+1 < len(name) && name[i+1] == '='
		if c == '<' || c == '>' || equals && (c == '=' || c == '!' || c == '~') {
			return i
		}
	}
	return len(name)
}

func isSpaceRune(c rune) bool { return c < 0x80 && isSpace(byte(c)) }

func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func appendLines(out []byte, lines [][]byte) []byte {
	for _, line := range lines {
		out = append(out, line...)
	}
	return out
}
