package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// LsLint writes the sot.yaml of a configuration of ls-lint (.ls-lint.yml). The
// errors are those of PreCommit.
func LsLint(name string, data []byte, o Options) (*Result, error) {
	v, err := read(name, data)
	if err != nil {
		return nil, err
	}
	m := &lsLint{importing: newImporting("ls-lint", name, o)}
	for _, f := range v.Fields {
		switch f.Key {
		case "ls":
			m.folder("", f.Value)
		case "ignore":
			for _, p := range scalars(f.Value) {
				p = strings.Trim(strings.TrimPrefix(p, "./"), "/")
				if !lsPath(p) {
					m.drop(f.KeyPos.Line, "ignore "+p, "it is no path that a glob can say")
					continue
				}
				m.doc.exclude = append(m.doc.exclude, p, p+"/**")
			}
		default:
			m.drop(f.KeyPos.Line, f.Key, "ls-lint's documentation does not know this key")
		}
	}
	if m.rules() {
		return m.finish()
	}
	return nil, errorAt(v, name, "name files and folders below ls:", "there is nothing of ls-lint in it")
}

// lsLint is one import.
type lsLint struct {
	*importing
	folders []lsFolder
}

// lsFolder is a folder with rules of its own: those of the folders above it do
// not speak of what is in it.
type lsFolder struct {
	path  string // a glob from the root; "" is the root
	rules []rule.Field
}

var lsPaths = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN_.@*+~, {}/$-]+$`) })

// lsPath says whether a path of ls-lint is a glob here too, which means the same.
func lsPath(p string) bool {
	err := glob.Validate(p)
	return err == nil && lsPaths().MatchString(p) && !strings.Contains("/"+p+"/", "/../") && !strings.Contains("/"+p+"/", "/./") && !strings.Contains(p, "//")
}

// folder collects a folder and those with rules of their own within.
func (m *lsLint) folder(path string, v rule.Value) {
	at := len(m.folders)
	m.folders = append(m.folders, lsFolder{path: path})
	for _, f := range v.Fields {
		if f.Value.Kind == rule.Map {
			below := strings.Trim(f.Key, "/")
			if path != "" {
				below = path + "/" + below
			}
			if !lsPath(below) {
				m.drop(f.KeyPos.Line, f.Key, "it is no path that a glob can say")
				continue
			}
			m.folder(below, f.Value)
			continue
		}
		m.folders[at].rules = append(m.folders[at].rules, f)
	}
}

// rules makes the rules; false where there is nothing to make them of.
func (m *lsLint) rules() bool {
	for _, d := range m.folders {
		var inner []string // the folders whose rules stand in the place of these
		for _, other := range m.folders {
			if other.path != d.path && (d.path == "" || strings.HasPrefix(other.path, d.path+"/")) {
				inner = append(inner, other.path+"/**")
			}
		}
		for _, f := range d.rules {
			if err := m.rule(d, inner, f); err != nil {
				m.drop(f.KeyPos.Line, strings.TrimPrefix(d.path+", ", ", ")+f.Key, "%v", err)
			}
		}
	}
	return len(m.folders) > 0
}

// rule carries over the rule of an extension, or of folders, in a folder.
func (m *lsLint) rule(d lsFolder, inner []string, f rule.Field) error {
	e := entry{line: f.KeyPos.Line, id: strings.Trim(strings.ReplaceAll(d.path, "*", "any"), "/") + "-" + strings.Trim(strings.ReplaceAll(f.Key, "*", "any"), ".") + "-names"}
	dir := f.Key == ".dir"
	below := ""
	if d.path != "" {
		below = d.path + "/"
	}
	if !dir {
		if !strings.HasPrefix(f.Key, ".") || !lsPath(f.Key) || strings.ContainsAny(f.Key, "{},/") {
			return fmt.Errorf("%q is no extension that a glob can say: write a rule of the kind naming", f.Key)
		}
		e.files = []string{below + "**/*" + f.Key}
		if f.Key != ".*" {
			e.exclude = []string{below + "**/*.*" + f.Key, below + "**/.*"}
		}
	}
	e.exclude = append(e.exclude, inner...)
	var bodies []fields
	for _, text := range lsRules(f.Value.Scalar) {
		body, err := lsBody(text, d, f.Key, dir)
		if err != nil {
			return err
		}
		bodies = append(bodies, body)
	}
	switch {
	case len(bodies) == 0:
		return errors.New("it has no rule")
	case len(bodies) == 1:
		e.body = bodies[0]
	case slices.ContainsFunc(bodies, func(b fields) bool { return b[0].key == "structure" }):
		return errors.New("exists stands beside another rule: write one of the kind structure and one of the kind naming")
	default:
		e.body = fields{{"any", bodies}}
	}
	if e.body[0].key == "structure" { // which sees the files that its globs name
		e.files, e.exclude = nil, nil
	}
	m.add(e)
	return nil
}

// lsRules splits "RULE | RULE"; a | within the brackets of a pattern is its own.
func lsRules(text string) (out []string) {
	depth, from := 0, 0
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == '|' && depth == 0:
			if r := strings.TrimSpace(text[from:i]); r != "" {
				out = append(out, r)
			}
			from = i + 1
		case text[i] == '\\':
			i++
		case text[i] == '(' || text[i] == '[':
			depth++
		case (text[i] == ')' || text[i] == ']') && depth > 0:
			depth--
		}
	}
	return out
}

// lsCase is the pattern that says exactly what a rule of ls-lint does.
func lsCase(name string) string {
	switch name {
	case "lowercase":
		return `^[^\p{Lu}\p{Lt}\p{Lo}\p{Lm}]*$`
	case "camelcase", "camelCase":
		return `^([\p{Ll}\p{Lo}]+\p{Lu}{0,2}|\p{Nd}+\p{Lu}?)*$`
	case "pascalcase", "PascalCase":
		return `^(\p{Lu}|\p{Nd}+\p{Lu}?)(\p{Ll}+\p{Lu}{0,2}|\p{Nd}+\p{Lu}?)*$`
	case "snakecase", "snake_case":
		return `^[\p{Ll}\p{Nd}_]*$`
	case "screamingsnakecase", "SCREAMING_SNAKE_CASE":
		return `^[\p{Lu}\p{Nd}_]*$`
	case "kebabcase", "kebab-case":
		return `^[\p{Ll}\p{Nd}-]*$`
	}
	return ""
}

// lsParent is a folder's name in an expression.
var lsParent = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{\d{1,2}\}`) })

// lsBody is the body of one rule.
func lsBody(text string, d lsFolder, ext string, dir bool) (fields, error) {
	if bounds, ok := strings.CutPrefix(text, "exists"); ok {
		return lsExists(strings.TrimPrefix(bounds, ":"), d, ext, dir)
	}
	naming := func(pattern string) fields {
		body := fields{{"pattern", pattern}, {"of", "name"}}
		if dir {
			body[1].value = "directory"
			if d.path != "" {
				body = fields{{"each", []string{d.path + "/**"}}, body[0]}
			}
		}
		return fields{{"naming", body}}
	}
	if pattern := lsCase(text); pattern != "" {
		return naming(pattern), nil
	}
	expr, ok := strings.CutPrefix(text, "regex:")
	if !ok {
		return nil, fmt.Errorf("there is no rule %q in ls-lint that is known here: write a pattern", text)
	}
	inner, not := strings.CutPrefix(expr, "!")
	for _, expr := range []string{"^" + inner + "$", lsParent().ReplaceAllString(inner, "x")} { // as it is loaded, and as it is used
		if _, err := regexp.Compile(expr); err != nil {
			return nil, fmt.Errorf("its expression does not parse: %w", err)
		}
	}
	body := naming("^" + inner + "$")
	if not {
		body = fields{{"not", []fields{body}}}
	}
	return body, nil
}

// lsExists is exists:MIN-MAX, which counts in the folder itself.
func lsExists(bounds string, d lsFolder, ext string, dir bool) (fields, error) {
	var lo, hi int
	switch n, err := fmt.Sscanf(bounds, "%d-%d", &lo, &hi); {
	case bounds == "":
		lo, hi = 1, 1<<16
	case n == 1 && err != nil && !strings.Contains(bounds, "-"):
		hi = lo
	case n != 2 || err != nil || lo > hi:
		return nil, fmt.Errorf("exists:%s is no range", bounds)
	}
	if dir {
		if d.path == "" || lo != 1 {
			return nil, errors.New("how many folders there are is said by a rule of the kind structure, with count")
		}
		return fields{{"structure", fields{{"require", []string{d.path + "/"}}}}}, nil
	}
	count := fields{{"of", "[!.]*" + ext}}
	if lo > 0 {
		count = append(count, field{"min", lo})
	}
	if bounds != "" {
		count = append(count, field{"max", hi})
	}
	body := fields{}
	if d.path != "" {
		body = fields{{"each", []string{d.path + "/"}}}
	}
	return fields{{"structure", append(body, field{"count", count})}}, nil
}
