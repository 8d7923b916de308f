package importer

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// grep is what pre-commit's language pygrep does.
type grep struct {
	pattern    string // RE2, as the kind content takes it
	ignoreCase bool
	negate     bool   // a file must match
	remark     string // what is not the same in every case; may be empty
}

// newGrep reads the arguments and the pattern of a pygrep hook. Its pattern is
// searched in the bytes of one line at a time, its line end with it, or of the
// whole file; content searches the whole text, where ^ and $ are the ends of
// lines. So what could match a line end is taken out of the pattern, unless it
// is the last thing that the pattern matches.
func newGrep(pattern string, args []string) (grep, error) {
	g := grep{}
	whole := false
	for _, a := range args {
		switch a {
		case "-i", "--ignore-case":
			g.ignoreCase = true
		case "--multiline":
			whole = true
		case "--negate":
			g.negate = true
		default:
			return g, fmt.Errorf("pygrep has no argument %q", a)
		}
	}
	p, err := newPyPattern(pattern)
	if err != nil {
		return g, err
	}
	if len(p.negative) > 0 {
		return g, errLookaround
	}
	g.ignoreCase = g.ignoreCase || p.ignoreCase
	p.ignoreCase = false // content has a key for it
	if whole {
		return g, g.whole(&p)
	}
	return g, g.lines(&p)
}

// whole carries over a pattern that is searched in the whole file.
func (g *grep) whole(p *pyPattern) error {
	p.dotAll = true
	tree, err := p.parseAs(syntax.Perl &^ syntax.OneLine)
	if err != nil {
		return err
	}
	if nullable(tree) && !g.negate {
		return errNullable
	}
	g.pattern = "(?s)" + p.text
	g.remark = bytewise(tree)
	return nil
}

var errNullable = errors.New("it matches nothing at all too, and with that every file; a content rule leaves such matches out")

// lines carries over a pattern that is searched line by line.
func (g *grep) lines(p *pyPattern) error {
	if strings.Contains(p.text, `\z`) {
		return errors.New(`\Z is the end of a line without its line end, for which RE2 has no word`)
	}
	p.text = strings.ReplaceAll(p.text, `\A`, "^")
	tree, err := p.parseAs(syntax.Perl &^ syntax.OneLine)
	if err != nil {
		return err
	}
	if nullable(tree) && !g.negate {
		return errNullable
	}
	g.remark = bytewise(tree)
	g.pattern = p.text
	if p.dotAll || anywhere(tree, takesLineEnd) {
		if anywhere(tree, func(re *syntax.Regexp) bool {
			return re.Op == syntax.OpNoWordBoundary || re.Op == syntax.OpWordBoundary && g.negate
		}) {
			return errors.New(`it has \B beside what matches a line end`)
		}
		bounded, err := withinLine(tree, nil)
		if err != nil {
			return err
		}
		g.pattern = bounded.String()
	}
	_, err = regexp.Compile(g.pattern)
	return err
}

// anywhere says whether a node of the tree is such.
func anywhere(re *syntax.Regexp, is func(*syntax.Regexp) bool) bool {
	return is(re) || slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return anywhere(sub, is) })
}

// takesLineEnd says whether a node of one character matches a line feed.
func takesLineEnd(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpAnyChar:
		return true
	case syntax.OpCharClass:
		return runes(re.Rune).has('\n')
	case syntax.OpLiteral:
		return slices.Contains(re.Rune, '\n')
	}
	return false
}

// nullable says whether a pattern can match without a character.
func nullable(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpNoMatch, syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	case syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || nullable(re.Sub[0])
	case syntax.OpCapture, syntax.OpPlus:
		return nullable(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(s *syntax.Regexp) bool { return !nullable(s) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, nullable)
	}
	return true // the empty match and the assertions
}

// withinLine returns the tree where what may match a line feed does so only at
// its very end. Rest is what follows the tree.
//
// A line holds one line feed, at its end: what has matched it can be followed by
// nothing but empty matches. So where the rest must match a character, the line
// feed could not have been matched; and a repetition that need not match gains
// nothing from it, since $ stands in front of a line feed as well as behind it.
func withinLine(re *syntax.Regexp, rest []*syntax.Regexp) (*syntax.Regexp, error) {
	out := *re
	switch {
	case takesLineEnd(re) && re.Op == syntax.OpLiteral && len(re.Rune) > 1:
		return nil, errors.New("it names a line end, which is the last thing of a line")
	case takesLineEnd(re):
		return single(re, rest)
	case re.Op == syntax.OpConcat:
		out.Sub = nil
		for i, sub := range re.Sub {
			s, err := withinLine(sub, slices.Concat(re.Sub[i+1:], rest))
			if err != nil {
				return nil, err
			}
			out.Sub = append(out.Sub, s)
		}
		return &out, nil
	case re.Op == syntax.OpStar || re.Op == syntax.OpQuest || re.Op == syntax.OpRepeat && re.Min == 0:
		if !takesLineEnd(re.Sub[0]) {
			break
		}
		out.Sub = []*syntax.Regexp{without(re.Sub[0])}
		return &out, nil
	case re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat:
		if !takesLineEnd(re.Sub[0]) {
			break
		}
		out.Sub = []*syntax.Regexp{without(re.Sub[0])}
		switch {
		case !emptyRest(rest):
			return &out, nil
		case len(rest) == 0 && re.Op == syntax.OpPlus:
			return either(&out, lineFeed()), nil
		}
		return nil, errAmbiguous
	}
	repeats := re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat
	if repeats && anywhere(re.Sub[0], takesLineEnd) {
		rest = slices.Concat([]*syntax.Regexp{re.Sub[0]}, rest) // it follows itself, or not
		if emptyRest(rest[1:]) {
			return nil, errAmbiguous
		}
	}
	out.Sub = nil
	for _, sub := range re.Sub {
		s, err := withinLine(sub, rest)
		if err != nil {
			return nil, err
		}
		out.Sub = append(out.Sub, s)
	}
	return &out, nil
}

var errAmbiguous = errors.New("it may match a line's end in a way that RE2 over the whole text cannot")

// single is withinLine for one character.
func single(re *syntax.Regexp, rest []*syntax.Regexp) (*syntax.Regexp, error) {
	switch {
	case !emptyRest(rest):
		return without(re), nil
	case len(rest) == 0:
		return either(without(re), lineFeed()), nil
	}
	return nil, errAmbiguous
}

// emptyRest says whether what follows may match no character.
func emptyRest(rest []*syntax.Regexp) bool {
	return !slices.ContainsFunc(rest, func(r *syntax.Regexp) bool { return !nullable(r) })
}

// without returns a node of one character that matches all that re does but a
// line feed.
func without(re *syntax.Regexp) *syntax.Regexp {
	set := runes{0, unicode.MaxRune}
	switch re.Op {
	case syntax.OpCharClass:
		set = re.Rune
	case syntax.OpLiteral:
		set = runes{re.Rune[0], re.Rune[0]}
	}
	set = set.meet(runes{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	if len(set) == 0 {
		return &syntax.Regexp{Op: syntax.OpNoMatch}
	}
	return &syntax.Regexp{Op: syntax.OpCharClass, Rune: set, Flags: re.Flags}
}

func lineFeed() *syntax.Regexp {
	return &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{'\n'}}
}

func either(a, b *syntax.Regexp) *syntax.Regexp {
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{a, b}}
}

// bytewise says where characters are counted, and not the bytes that pygrep sees.
func bytewise(re *syntax.Regexp) string {
	counts := anywhere(re, func(re *syntax.Regexp) bool {
		return re.Op == syntax.OpRepeat && (re.Max > 1 || re.Min > 1) && wide(re.Sub[0])
	})
	if counts {
		return "its pattern counts characters, where pygrep counts bytes"
	}
	if anywhere(re, func(re *syntax.Regexp) bool {
		return re.Op == syntax.OpCharClass && slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= 0x80 && r != unicode.MaxRune })
	}) {
		return "a set in its pattern holds characters outside ASCII, of which pygrep sees the bytes"
	}
	return ""
}

// wide says whether a node matches characters outside ASCII.
func wide(re *syntax.Regexp) bool {
	return anywhere(re, func(re *syntax.Regexp) bool {
		switch re.Op {
		case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
			return true
		case syntax.OpCharClass:
			return len(re.Rune) > 0 && re.Rune[len(re.Rune)-1] >= 0x80
		}
		return false
	})
}

// body returns the rule's kind with its key.
func (g grep) body(message string) fields {
	term := fields{{"pattern", g.pattern}}
	term.add("message", message)
	term.add("ignore_case", g.ignoreCase)
	key := "forbid"
	if g.negate {
		key = "require"
	}
	return fields{{"content", fields{{key, []fields{term}}}}}
}
