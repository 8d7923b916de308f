package structure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// ignore is globs of what is not judged: one without a slash is held against the
// last name, one with a slash against the path.
type ignore struct{ names, paths *glob.Set }

func ignoreShape() rule.Shape {
	return rule.OneOrMore(rule.Fmt(rule.FormatGlob, "A glob of names, or of paths where it holds a slash."), "What is not judged.")
}

func (b *builder) ignore(v rule.Value) ignore {
	var names, paths []string
	for _, it := range items(v) {
		if err := glob.Validate(it.Scalar); err != nil {
			b.bad(it, "see the documentation of globs", "%v", err)
			continue
		}
		if strings.Contains(it.Scalar, "/") {
			paths = append(paths, it.Scalar)
		} else {
			names = append(names, it.Scalar)
		}
	}
	// Each was validated: the errors are nil.
	n, _ := glob.Compile(names)
	p, _ := glob.Compile(paths)
	return ignore{n, p}
}

// match says whether a path, a directory's with a slash, is ignored.
func (i ignore) match(rel string) bool {
	rel = strings.TrimSuffix(rel, "/")
	return i.names.Match(lastName(rel)) || i.paths.Match(rel)
}

func lastName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// unique asks that no two files (or directories) have the same name.
type unique struct {
	of     target
	stem   bool // without the last extension
	fold   bool
	ignore ignore
}

func uniqueShape(one rule.Shape) rule.Shape {
	object := rule.Object("Files of which no two may have the same name.",
		rule.Key{Name: "of", Required: true, Shape: one},
		rule.Key{Name: "by", Shape: rule.Enum("What is compared; stem is the name without its last extension.", "basename", "stem").Or("basename")},
		rule.Key{Name: "ignore_case", Shape: rule.Boolean("Upper and lower case are the same.")},
		rule.Key{Name: "ignore", Shape: ignoreShape()},
	)
	return rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{one, object}, Doc: "A glob, or a mapping."}
}

func (b *builder) unique(v rule.Value) []unique {
	var out []unique
	for _, it := range items(v) {
		of := it
		if it.Kind == rule.Map {
			of = it.Get("of")
		}
		if g, ok := b.glob(of, false); ok {
			out = append(out, unique{g, it.Get("by").Str("") == "stem", it.Get("ignore_case").Bool(false), b.ignore(it.Get("ignore"))})
		}
	}
	return out
}

// judge reports every path whose name an earlier one has.
func (u unique) judge(v view) []mistake {
	var out []mistake
	first := map[string]string{}
	for _, path := range u.of.find(v) {
		rel := path[len(v.dir):]
		if u.ignore.match(rel) {
			continue
		}
		name := lastName(strings.TrimSuffix(rel, "/"))
		if u.stem {
			name, _ = cutExt(name)
		}
		key := name
		if u.fold {
			key = strings.ToLower(name)
		}
		if other, there := first[key]; there {
			out = append(out, mistake{path: path, message: fmt.Sprintf("%s has the same name as %s, rename one", rel, other)})
		} else {
			first[key] = rel
		}
	}
	return out
}

// tooDeep reports the topmost directories that lie below more than most others.
func tooDeep(v view, most int) []mistake {
	var out []mistake
	judge := func(dir string) {
		if rel := dir[len(v.dir):]; strings.Count(rel, "/") == most+1 {
			out = append(out, mistake{path: dir, message: fmt.Sprintf("%s lies %d directories deep, at most %d are allowed, move it up", rel, most+1, most)})
		}
	}
	for dir := range v.dirs() {
		judge(dir)
	}
	for _, e := range v.submodules() {
		judge(e.Path + "/")
	}
	return out
}

// extensions are the only ones that files may have.
type extensions struct {
	texts    []string
	suffixes []string // each with its dot
	none     bool     // names without an extension may be there
}

func (b *builder) extensions(v rule.Value) *extensions {
	if !v.Set() {
		return nil
	}
	x := &extensions{}
	for _, it := range items(v) {
		ext := strings.TrimPrefix(it.Scalar, ".")
		switch {
		case strings.ContainsAny(ext, "/*?[{") || it.Scalar == ".":
			b.bad(it, `write it as md or tar.gz, or "" for names without one`, "%q is no extension", it.Scalar)
		case ext == "":
			x.none = true
			x.texts = append(x.texts, "none")
		default:
			x.suffixes = append(x.suffixes, "."+ext)
			x.texts = append(x.texts, "."+ext)
		}
	}
	return x
}

func (x *extensions) judge(v view) []mistake {
	if x == nil {
		return nil
	}
	var out []mistake
	for i := v.lo; i < v.hi; i++ {
		e := v.at(i)
		name := e.Name()
		if e.Mode == rule.ModeSubmodule || x.allows(name) {
			continue
		}
		what := "a name without an extension"
		if _, ext := cutExt(name); ext != "" {
			what = "the extension " + ext
		}
		out = append(out, mistake{path: e.Path, message: fmt.Sprintf("%s has %s, which is not allowed here, move or rename it, or add it to extensions (%s)",
			e.Path[len(v.dir):], what, list(x.texts))})
	}
	return out
}

func (x *extensions) allows(name string) bool {
	if x.none && strings.LastIndexByte(name, '.') <= 0 {
		return true
	}
	return slices.ContainsFunc(x.suffixes, func(s string) bool { return len(name) > len(s) && strings.HasSuffix(name, s) })
}
