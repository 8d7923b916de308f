package naming

import (
	"fmt"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// Kind returns the kind "naming".
func Kind() rule.Kind {
	return rule.Kind{Name: "naming", Why: "Names are how people and globs find files; one odd name is missed by both.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	names := make([]string, 0, len(styles()))
	for _, s := range styles() {
		names = append(names, s.name)
	}
	s := rule.Object("What names must look like.",
		rule.Key{Name: "case", Shape: rule.OneOrMore(rule.Enum("One of the cases.", names...),
			"The case that names must have; of a list, any of them.")},
		rule.Key{Name: "pattern", Shape: rule.Fmt(rule.FormatRegexp,
			"A regular expression (RE2) that must be found in the name; ^ and $ are the name's ends, ${0} the name of the directory it lies in.")},
		rule.Key{Name: "of", Shape: rule.Enum("What is judged: stem (the name without its last extension), name (what stands before its first dot), "+
			"basename, directory (each directory above the files) or path.", "stem", "name", "basename", "directory", "path").Or("stem")},
		rule.Key{Name: "each", Shape: rule.OneOrMore(rule.Fmt(rule.FormatGlob, "A glob of directories."),
			"The only directories whose names are judged.")},
		rule.Key{Name: "number", Shape: rule.Object("The range of the number that the pattern's first group matches.",
			rule.Key{Name: "min", Shape: rule.Integer("The least number allowed.", 0)},
			rule.Key{Name: "max", Shape: rule.Integer("The greatest number allowed.", 0)},
		)},
		rule.Key{Name: "ignore", Shape: rule.OneOrMore(rule.Fmt(rule.FormatGlob, "A glob of names, or of paths where it holds a slash."),
			"Names that are not judged.")},
	)
	s.AtLeastOne = []string{"case", "pattern"}
	for i := range s.Keys {
		if s.Keys[i].Name == "number" {
			s.Keys[i].Shape.AtLeastOne = []string{"min", "max"}
		}
	}
	return s
}

func build(body rule.Value) (rule.Built, []rule.Problem) {
	n := naming{of: body.Get("of").Str("stem"), lo: 0, hi: -1}
	if body.Get("each").Set() {
		n.of = body.Get("of").Str("directory")
	}
	var problems []rule.Problem
	bad := func(v rule.Value, hint, format string, args ...any) {
		problems = append(problems, v.Problemf(hint, format, args...))
	}
	for _, name := range body.Get("case").Strings() {
		if s, ok := styleOf(name); ok {
			n.styles = append(n.styles, s)
		} else {
			bad(body.Get("case"), "write one of "+strings.Join(body.Get("case").Strings(), ", "), "unknown case %q", name)
		}
	}
	if p := body.Get("pattern"); p.Set() {
		re, err := newPattern(p.Scalar)
		if err != nil {
			bad(p, "patterns are RE2, which has no backreferences and no look-around", "%v", err)
		}
		n.pattern = re
	}
	if num := body.Get("number"); num.Set() {
		n.numbered = true
		n.lo, n.hi = num.Get("min").Int(0), num.Get("max").Int(-1)
		switch {
		case !body.Get("pattern").Set():
			bad(num, `add a pattern whose first group is the number, such as '^(\d+)_'`, "number needs a pattern")
		case n.pattern != nil && n.pattern.fixed.NumSubexp() == 0:
			bad(body.Get("pattern"), `put parentheses around the digits, such as '^(\d+)_'`, "number needs a group in the pattern")
		case num.Get("max").Set() && n.hi < n.lo:
			bad(num.Get("max"), "swap them", "max %d is less than min %d", n.hi, n.lo)
		}
	}
	problems = append(problems, n.ignoreGlobs(body.Get("ignore"))...)
	if each := body.Get("each"); each.Set() {
		if n.of != "directory" {
			bad(body.Get("of"), "leave `of` out, or `each`", "`each` names directories, and of: %s judges files", n.of)
		}
		problems = append(problems, n.eachGlobs(each)...)
	}
	if len(problems) > 0 {
		return rule.Built{}, problems
	}
	if n.of == "directory" {
		return rule.Built{Check: directories{n}}, nil
	}
	return rule.Built{Check: files{n}}, nil
}

// ignoreGlobs deals the globs to those of names and those of paths.
func (n *naming) ignoreGlobs(v rule.Value) (problems []rule.Problem) {
	var names, paths []string
	items := v.Items
	if v.Kind == rule.String {
		items = []rule.Value{v}
	}
	for _, it := range items {
		g := it.Scalar
		if n.of == "directory" && strings.Trim(g, "/") != "" {
			g = strings.TrimSuffix(g, "/")
		}
		if err := glob.Validate(g); err != nil {
			problems = append(problems, it.Problemf("see the documentation of globs", "%v", err))
			continue
		}
		if strings.Contains(g, "/") {
			paths = append(paths, g)
		} else {
			names = append(names, g)
		}
	}
	// Each was validated: the errors are nil.
	n.ignoreNames, _ = glob.Compile(names)
	n.ignorePaths, _ = glob.Compile(paths)
	return problems
}

// eachGlobs compiles globs of directories, whose slash at the end says nothing.
func (n *naming) eachGlobs(v rule.Value) (problems []rule.Problem) {
	items := v.Items
	if v.Kind == rule.String {
		items = []rule.Value{v}
	}
	var globs []string
	for _, it := range items {
		alts, err := glob.Braces(it.Scalar)
		if err != nil {
			problems = append(problems, it.Problemf("see the documentation of globs", "%v", err))
			continue
		}
		for _, a := range alts {
			if a = strings.TrimSuffix(a, "/"); a == "" {
				problems = append(problems, it.Problemf("name what is in it", "%q is the root, which has no name", it.Scalar))
				continue
			}
			globs = append(globs, a)
		}
	}
	var err error
	if n.each, err = glob.Compile(globs); err != nil {
		problems = append(problems, v.Problemf("see the documentation of globs", "%v", err))
	}
	return problems
}

// bounds says in words what numbers are allowed.
func (n *naming) bounds() string {
	if n.hi < 0 {
		return fmt.Sprintf("at least %d", n.lo)
	}
	return fmt.Sprintf("%d to %d", n.lo, n.hi)
}
