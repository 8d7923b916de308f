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
	return extensions(anyCharacter(out))
}

// anyCharacter merges the two globs of a character that may be "/" too, which is
// what a dot in a pattern is.
func anyCharacter(in []string) []string {
	for i := 0; i < len(in); i++ {
		for at := 1; at < len(in[i])-1; at++ {
			if in[i][at] != '/' {
				continue
			}
			other := slices.Index(in, in[i][:at]+"?"+in[i][at+1:])
			if other < 0 {
				continue
			}
			in[min(i, other)] = in[i][:at] + "{?,/}" + in[i][at+1:]
			in = slices.Delete(in, max(i, other), max(i, other)+1)
			i = -1 // the merged one may merge again
			break
		}
	}
	return in
}

// extensions merges globs that differ in their extension alone.
func extensions(in []string) []string {
	var out, stems []string
	exts := map[string][]string{}
	for _, g := range in {
		stem, ext := g, ""
		if i := strings.LastIndexByte(g, '.'); i > 0 && g[i-1] == '*' && plainExtension(g[i+1:]) {
			stem, ext = g[:i+1], g[i+1:]
		}
		if exts[stem] == nil {
			stems = append(stems, stem)
		}
		exts[stem] = append(exts[stem], ext)
	}
	for _, stem := range stems {
		if e := exts[stem]; len(e) == 1 {
			out = append(out, stem+e[0])
		} else {
			out = append(out, stem+"{"+strings.Join(e, ",")+"}")
		}
	}
	return out
}

func plainExtension(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
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
