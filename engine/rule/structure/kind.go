package structure

import (
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// Kind returns the kind "structure".
func Kind() rule.Kind {
	return rule.Kind{Name: "structure", Why: "A layout that only people know is broken by the next folder, and scripts that rely on it fail elsewhere.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	one := rule.Fmt(rule.FormatGlob, "A glob; one that ends in a slash matches directories, any other files.")
	count := rule.Object("How many files or directories there may be.",
		rule.Key{Name: "of", Required: true, Shape: one},
		rule.Key{Name: "min", Shape: rule.Integer("The least number of matches.", 0)},
		rule.Key{Name: "max", Shape: rule.Integer("The greatest number of matches.", 0)},
	)
	count.AtLeastOne = []string{"min", "max"}
	s := rule.Object("What files and directories there must be.",
		rule.Key{Name: "only", Shape: rule.OneOrMore(one, "The only names allowed directly in the directory.")},
		rule.Key{Name: "exactly", Shape: rule.OneOrMore(one, "The only names allowed directly in the directory; those that are no globs must be there.")},
		rule.Key{Name: "require", Shape: rule.OneOrMore(one, "Globs that must each match something.")},
		rule.Key{Name: "forbid", Shape: rule.OneOrMore(one, "Globs that must match nothing.")},
		rule.Key{Name: "count", Shape: rule.OneOrMore(count, "Bounds on the number of matches of a glob.")},
		rule.Key{Name: "pairs", Shape: rule.OneOrMore(pairShape(one), "Files that must have a partner.")},
		rule.Key{Name: "unique", Shape: rule.OneOrMore(uniqueShape(one), "Files of which no two may have the same name.")},
		rule.Key{Name: "max_depth", Shape: rule.Integer("How many directories may lie between the directory and a file.", 0)},
		rule.Key{Name: "extensions", Shape: rule.OneOrMore(rule.Str(`An extension, such as md or tar.gz; "" is a name without one.`),
			"The only extensions that files may have, at any depth.")},
		rule.Key{Name: "owned", Shape: rule.Enum("Each file has an owner, in GitHub's CODEOWNERS.", "codeowners")},
		rule.Key{Name: "each", Shape: rule.OneOrMore(one, "The directories in which the rest is judged; the root where absent.")},
	)
	s.AtLeastOne = []string{"only", "exactly", "require", "forbid", "count", "pairs", "unique", "max_depth", "extensions", "owned"}
	return s
}

// builder collects the problems of a body.
type builder struct{ problems []rule.Problem }

func (b *builder) bad(v rule.Value, hint, format string, args ...any) {
	b.problems = append(b.problems, v.Problemf(hint, format, args...))
}

func build(body rule.Value) (rule.Built, []rule.Problem) {
	b := &builder{}
	s := &structure{
		each:    b.globs(body.Get("each"), true),
		only:    b.names("only", body.Get("only"), false),
		exactly: b.names("exactly", body.Get("exactly"), true),
		require: b.globs(body.Get("require"), false),
		forbid:  b.globs(body.Get("forbid"), false),

		pairs:      b.pairs(body.Get("pairs")),
		unique:     b.unique(body.Get("unique")),
		maxDepth:   body.Get("max_depth").Int(-1),
		extensions: b.extensions(body.Get("extensions")),
		owned:      body.Get("owned").Set(),
	}
	for _, c := range items(body.Get("count")) {
		n := count{min: c.Get("min").Int(0), max: c.Get("max").Int(-1)}
		if g, ok := b.glob(c.Get("of"), false); ok {
			n.of = g
		}
		if n.max >= 0 && n.max < n.min {
			b.bad(c.Get("max"), "swap them", "max %d is less than min %d", n.max, n.min)
		}
		s.counts = append(s.counts, n)
	}
	if len(b.problems) > 0 {
		return rule.Built{}, b.problems
	}
	return rule.Built{Check: s}, nil
}

// items returns the items of one or more.
func items(v rule.Value) []rule.Value {
	switch v.Kind {
	case rule.Absent:
		return nil
	case rule.List:
		return v.Items
	}
	return []rule.Value{v}
}

func (b *builder) globs(v rule.Value, dirs bool) []target {
	var out []target
	for _, it := range items(v) {
		if g, ok := b.glob(it, dirs); ok {
			out = append(out, g)
		}
	}
	return out
}

// glob compiles one glob. With dirs, it matches directories whether or not it
// ends in "/", and may be the root.
func (b *builder) glob(v rule.Value, dirs bool) (target, bool) {
	alts, err := glob.Braces(v.Scalar)
	if err != nil {
		b.bad(v, "see the documentation of globs", "%v", err)
		return target{}, false
	}
	t := target{text: v.Scalar}
	for _, a := range alts {
		if a == "" && !dirs {
			b.bad(v, "name what is in it", "%q is the directory itself", v.Scalar)
			return target{}, false
		}
		t.alts = append(t.alts, newAlternative(a, dirs))
	}
	return t, true
}

// names compiles a list of names directly in a directory; nil where v is absent.
func (b *builder) names(key string, v rule.Value, must bool) *names {
	if !v.Set() {
		return nil
	}
	n := &names{key: key}
	var files, dirs []string
	for _, it := range items(v) {
		alts, err := glob.Braces(it.Scalar)
		if err != nil {
			b.bad(it, "see the documentation of globs", "%v", err)
			continue
		}
		for _, a := range alts {
			name, isDir := strings.CutSuffix(a, "/")
			switch {
			case name == "" || strings.Contains(name, "/"):
				b.bad(it, "use `each` to judge a directory further down", "%q is not a name directly in the directory", it.Scalar)
				continue
			case isDir:
				dirs = append(dirs, name)
			default:
				files = append(files, name)
			}
			if !strings.ContainsAny(name, meta) {
				n.literals = append(n.literals, a)
				if must {
					n.must = append(n.must, target{text: a, alts: []alternative{newAlternative(a, false)}})
				}
			}
		}
		n.texts = append(n.texts, it.Scalar)
	}
	// Braces has checked each: the errors are nil.
	n.files, _ = glob.Compile(files)
	n.dirs, _ = glob.Compile(dirs)
	return n
}
