package config

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// The limits on extends, over all files.
const (
	maxFiles   = 100
	maxExtends = 10 // files that extend one another, in a row
)

// main loads the main file, or the default pack, and everything it extends,
// and fills c.
func (l *loader) main(c *Config) {
	name, data := c.Path, l.first
	if c.Default {
		name = DefaultPack
		data, _ = Pack(DefaultPack)
	}
	before := len(l.problems)
	top := l.file(c, name, data)
	l.needs()
	for _, d := range l.decls {
		c.Rules = append(c.Rules, l.resolve(d))
	}
	if len(l.problems) == before && len(c.Rules) == 0 {
		l.problem(top.Problemf("add a rule, or extends: [\""+DefaultPack+"\"]", "no rules are declared"))
	}
}

// file loads one file: first what it extends, then its own settings and rules.
func (l *loader) file(c *Config, name string, data []byte) rule.Value {
	l.files[name] = true
	l.chain = append(l.chain, name)
	defer func() { l.chain = l.chain[:len(l.chain)-1] }()
	v, ps := parse(name, data)
	l.problems = append(l.problems, ps...)
	if !v.Set() {
		v.Pos = rule.Pos{File: name, Line: 1, Column: 1}
		if len(ps) == 0 {
			l.problem(v.Problemf("add rules, or extends: [\""+DefaultPack+"\"]", "the file is empty"))
		}
		return v
	}
	if isForeign(v) {
		l.problem(v.Problemf("sot import pre-commit writes a sot.yaml from it", "this is a configuration of pre-commit"))
		return v
	}
	if n := len(v.Get("rules").Items); n > maxRules {
		l.problem(v.Get("rules").Problemf("use globs, or several runs", "there are %d rules, more than the limit of %d", n, maxRules))
		return v
	}
	l.problems = append(l.problems, checker{home: l.vocab.home}.check(v, &l.vocab.top, "the configuration")...)
	l.minVersion(v.Get("min_version"))
	l.extends(c, name, v.Get("extends"))
	settings(c, v)
	var ds []*decl
	for _, item := range v.Get("rules").Items {
		if item.Kind != rule.Map {
			continue
		}
		if d := l.declare(item, name); d != nil {
			ds = append(ds, d)
		}
	}
	l.add(ds)
	return v
}

func isForeign(v rule.Value) bool {
	return v.Get("repos").Kind == rule.List && !v.Get("rules").Set()
}

// settings takes over what a file sets; excludes add up.
func settings(c *Config, v rule.Value) {
	c.Exclude = append(c.Exclude, v.Get("exclude").Strings()...)
	if f := v.Get("fail_on").Str(""); f != "" {
		s, _ := rule.ParseSeverity(f)
		c.FailOn, c.FailOnNever = s, f == "never"
	}
	if w := v.Get("workers"); w.Set() {
		c.Workers = w.Int(0)
	}
	hook, cache := v.Get("hook"), v.Get("cache")
	c.Hook.Fix = hook.Get("fix").Bool(c.Hook.Fix)
	c.Hook.Budget = hook.Get("budget").Duration(c.Hook.Budget)
	if n, ok := ParseSize(cache.Get("size").Str("")); ok {
		c.Cache.Size = n
	}
	c.Cache.Remote = cache.Get("remote").Str(c.Cache.Remote)
	c.MinVersion = v.Get("min_version").Str(c.MinVersion)
}

// minVersion reports a file that asks for a newer sot than this one.
func (l *loader) minVersion(v rule.Value) {
	want, ok := parseVersion(v.Str(""))
	have, known := parseVersion(strings.TrimPrefix(l.Version, "v"))
	if ok && known && have.compare(want) < 0 {
		l.problem(v.Problemf("install it: go install github.com/sot-validator/sot/cmd/sot@v"+v.Scalar,
			"this configuration needs sot %s or newer, and this is %s", v.Scalar, l.Version))
	}
}

// extends loads what a file names, in order.
func (l *loader) extends(c *Config, from string, v rule.Value) {
	items := v.Items
	if v.Kind == rule.String {
		items = []rule.Value{v}
	}
	for _, item := range items {
		if item.Kind != rule.String || item.Scalar == "" {
			continue
		}
		if name, data, ok := l.extended(from, item); ok {
			l.file(c, name, data)
		}
	}
}

// extended finds one entry of extends. A file that is in force already is not
// loaded again.
func (l *loader) extended(from string, v rule.Value) (name string, data []byte, ok bool) {
	if isPack(v.Scalar) {
		return l.extendedPack(v)
	}
	name, problem := l.resolvePath(from, v)
	if problem != nil {
		l.problem(*problem)
		return "", nil, false
	}
	if slices.Contains(l.chain, name) {
		cycle := append(slices.Clone(l.chain[slices.Index(l.chain, name):]), name)
		l.problem(v.Problemf("remove one of these extends", "the files extend each other in a cycle: %s", cycleText(cycle)))
		return "", nil, false
	}
	if l.files[name] {
		return "", nil, false
	}
	if len(l.chain) > maxExtends || len(l.files) >= maxFiles {
		l.problem(v.Problemf("put the rules into fewer files", "extends goes on for more than %d files in a row, or %d in all", maxExtends, maxFiles))
		return "", nil, false
	}
	data, err := l.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		l.problem(v.Problemf("paths in extends are relative to the file they stand in, and are read from what is checked: is it staged?", "there is no file %q", shorten(name)))
		return "", nil, false
	}
	if err != nil {
		l.problem(v.Problemf("make it a readable file", "the file %q cannot be read: %s", shorten(name), err))
		return "", nil, false
	}
	return name, data, true
}

func (l *loader) extendedPack(v rule.Value) (string, []byte, bool) {
	data, ok := Pack(v.Scalar)
	if !ok {
		l.problem(v.Problemf(suggest(v.Scalar, Packs(), "see `sot explain` for the packs"), "there is no pack %q", shorten(v.Scalar)))
		return "", nil, false
	}
	return v.Scalar, data, !l.files[v.Scalar]
}

// resolvePath returns the path of an extended file relative to the root.
func (l *loader) resolvePath(from string, v rule.Value) (string, *rule.Problem) {
	p := v.Scalar
	fail := func(hint, format string, args ...any) (string, *rule.Problem) {
		pr := v.Problemf(hint, format, args...)
		return "", &pr
	}
	switch {
	case strings.HasPrefix(p, "sot."), strings.Contains(p, "://"):
		if strings.Contains(p, "://") {
			return fail("copy the file into the repository", "extends takes no addresses")
		}
	case strings.ContainsRune(p, '\\'):
		return fail("separate folders with /", "the path %q contains \\", shorten(p))
	}
	if path.IsAbs(p) || len(p) > 1 && p[1] == ':' {
		return fail("write it relative to this file, such as ./policy/base.yaml", "the path %q is absolute", shorten(p))
	}
	if isPack(from) || outside(from) {
		return fail("name an embedded pack, such as "+DefaultPack, "a configuration outside the repository can extend packs only, not %q", shorten(p))
	}
	name := path.Join(path.Dir(from), p)
	if !inside(name) {
		return fail("move the file into the repository", "the path %q leaves the repository", shorten(p))
	}
	return name, nil
}

// isPack says whether a name is that of an embedded pack, known or not.
func isPack(name string) bool { return strings.HasPrefix(name, packPrefix) }
