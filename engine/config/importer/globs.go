package importer

import (
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule/glob"
)

// everything is the glob of all paths.
const everything = "**"

// globs writes tidied sequences as globs, which together match exactly the paths
// that the sequences match. None is no path at all.
func globs(seqs []sequence) ([]string, error) {
	var out []string
	for _, s := range seqs {
		out = append(out, written(s)...)
	}
	if slices.Contains(out, everything) {
		return []string{everything}, nil
	}
	out = shortened(out)
	if len(out) > maxSequences {
		return nil, errTooMany
	}
	for _, g := range out {
		if err := glob.Validate(g); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// written returns the globs of one sequence. A repetition that crosses "/" is
// `**` between slashes, and where characters stand on both sides of it, it is
// either within one name or not.
func written(s sequence) []string {
	out := []string{""}
	add := func(ends ...string) {
		var more []string
		for _, o := range out {
			for _, e := range ends {
				more = append(more, o+e)
			}
		}
		out = more
	}
	for i, t := range s {
		first := i == 0 || s[i-1].isSlash()
		last := i == len(s)-1
		switch {
		case t.kind == inName:
			add("*")
		case t.kind == oneOf:
			add(class(t.set, i == 0))
		case i == 0 && last:
			add(everything)
		case first:
			add("**/*")
		case !last && s[i+1].isSlash():
			add("*/**")
		default:
			add("*", "*/**/*")
		}
	}
	return out
}

// shortened merges globs that say together what one says.
func shortened(in []string) []string {
	has := map[string]bool{}
	for i, g := range in {
		for strings.Contains(g, "**/**/") {
			g = strings.ReplaceAll(g, "**/**/", "**/")
		}
		in[i], has[g] = g, true
	}
	var out []string
	for _, g := range in {
		rest, deep := strings.CutPrefix(g, "**/*/")
		switch {
		case deep && has[rest]: // it is said by "**/" + rest
			continue
		case has["**/*/"+g]:
			g = "**/" + g
		}
		if dir, ok := strings.CutSuffix(g, "/**/*"); ok && dir != "**" {
			g = dir + "/" // everything below it
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// class writes a set of characters.
func class(s runes, first bool) string {
	if len(s) == 2 && s[0] == s[1] {
		return escaped(s[0], first)
	}
	if slices.Equal(s, notSlash) || slices.Equal(s.complement(), runes{'\n', '\n', '/', '/'}) {
		return "?"
	}
	if no := s.complement(); len(no) < len(s) {
		return "[^" + ranges(no) + "]" // "/" is among them: doublestar's sets match it
	}
	return "[" + ranges(s) + "]"
}

func escaped(r rune, first bool) string {
	if strings.ContainsRune(`*?[]{}\,`, r) || first && r == '!' {
		return `\` + string(r)
	}
	return string(r)
}

func ranges(s runes) string {
	var b strings.Builder
	one := func(r rune) {
		if strings.ContainsRune(`[]^-!\`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	for i := 0; i < len(s); i += 2 {
		one(s[i])
		if s[i+1] > s[i]+1 {
			b.WriteByte('-')
		}
		if s[i+1] > s[i] {
			one(s[i+1])
		}
	}
	return b.String()
}
