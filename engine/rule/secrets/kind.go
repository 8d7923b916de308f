package secrets

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

const doc = `Private keys, tokens and passwords that must not be in a file.

    - id: secrets
      secrets:
        allow: ["testdata/**"]
        allow_patterns: ['^EXAMPLE-']
        except: [generic-api-key, "slack-*"]
        custom:
          - { id: our-token, pattern: '\bacme_[0-9a-f]{40}\b', entropy: 3 }

What a secret looks like is told by the rules of gitleaks, each with an id such as
github-pat, private-key or generic-api-key: an expression, words that the file must
hold, and often a least entropy (Shannon's, in bits a character) and lists of
examples and placeholders. Lock files, vendored code and binary files are left out.

` + "`allow`" + ` holds globs of files that may hold secrets; ` + "`allow_patterns`" + ` are matched against
a secret and against the text in which it was found. ` + "`rules`" + ` are the ids that are
looked for (default all), ` + "`except`" + ` are ids that are not; both take ` + "`*`" + ` as in ` + "`slack-*`" + `.
A ` + "`custom`" + ` pattern's secret is its first group, else the whole match; ` + "`entropy`" + ` is what
the secret must have more of, ` + "`keywords`" + ` are words of which the file must hold one.

A finding stands at the secret's line and column. No report shows more of a secret
than its first four characters, and none of a short one, whichever rule or program
speaks of it; nor do fingerprints, as they are made of the masked line: a new secret of the same length in the place of
one in the baseline is therefore not a new finding. A comment on its line accepts
one: an ignore comment of sot, or gitleaks:allow.`

// Kind returns the kind secrets.
func Kind() rule.Kind {
	return rule.Kind{Name: "secrets", Why: "A secret that was pushed is known to whoever can read the repository, and history keeps it.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	zero, most := 0.0, 8.0
	ids := rule.Str("A pattern's id, or several by *")
	custom := rule.Object("A pattern of one's own",
		rule.Key{Name: "id", Required: true, Shape: rule.Fmt(rule.FormatID, "Its name in messages, and for rules and except")},
		rule.Key{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "The RE2 expression; its first group is the secret, else all of it")},
		rule.Key{Name: "message", Shape: rule.Str("What to do about it")},
		rule.Key{Name: "entropy", Shape: rule.Shape{Type: rule.NumberShape, Min: &zero, Max: &most, Doc: "The secret must have more, in bits a character"}},
		rule.Key{Name: "keywords", Shape: rule.OneOrMore(rule.Str("A word"), "The file must hold one of these, in any case")},
		rule.Key{Name: "path", Shape: rule.Fmt(rule.FormatGlob, "The files that it speaks of")})
	return rule.Object("Private keys, tokens and passwords that must not be there",
		rule.Key{Name: "allow", Shape: rule.OneOrMore(rule.Fmt(rule.FormatGlob, "A glob"), "Files that may hold secrets")},
		rule.Key{Name: "allow_patterns", Shape: rule.OneOrMore(rule.Fmt(rule.FormatRegexp, "An RE2 expression"), "A secret that one of these matches is none")},
		rule.Key{Name: "rules", Shape: rule.OneOrMore(ids, "The ids of the patterns that are looked for (default all)")},
		rule.Key{Name: "except", Shape: rule.OneOrMore(ids, "The ids of patterns that are not looked for")},
		rule.Key{Name: "custom", Shape: rule.ListOf(custom, "Patterns of one's own, beside the known ones")})
}

// build makes the check. Of the table it asks for the ids alone, and only where
// the rule names some: the rest waits for the first file.
func build(body rule.Value) (rule.Built, []rule.Problem) {
	var problems []rule.Problem
	var custom []*pattern
	for _, v := range body.Get("custom").Items {
		p, ps := newCustom(v, custom)
		problems = append(problems, ps...)
		custom = append(custom, p)
	}
	allow, err := glob.Compile(body.Get("allow").Strings())
	if err != nil {
		problems = append(problems, body.Get("allow").Problemf("correct it", "%v", err))
	}
	var allowPatterns []*regexp.Regexp
	for _, v := range values(body.Get("allow_patterns")) {
		re, problem := compiled(v)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		allowPatterns = append(allowPatterns, re)
	}
	patterns := slices.Concat(builtin().patterns, custom)
	for _, v := range slices.Concat(values(body.Get("rules")), values(body.Get("except"))) {
		if !slices.ContainsFunc(patterns, func(p *pattern) bool { return named(v.Scalar, p.id) }) {
			problems = append(problems, v.Problemf(hint(v.Scalar, patterns), "there is no pattern %.60q", v.Scalar))
		}
	}
	if len(problems) > 0 {
		return rule.Built{}, problems
	}
	only, except := body.Get("rules").Strings(), body.Get("except").Strings()
	patterns = slices.DeleteFunc(patterns, func(p *pattern) bool {
		return only != nil && !slices.Contains(custom, p) && !anyNamed(only, p.id) || anyNamed(except, p.id)
	})
	if len(patterns) == 0 {
		return rule.Built{}, []rule.Problem{body.Problemf("name fewer of them in except", "no pattern is left to look for")}
	}
	return rule.Built{Check: newCheck(allow, allowPatterns, patterns), Defaults: rule.Selector{TypesOr: []string{"text", "p12"}}}, nil
}

func values(v rule.Value) []rule.Value {
	if v.Kind == rule.String {
		return []rule.Value{v}
	}
	return v.Items
}

func compiled(v rule.Value) (*regexp.Regexp, *rule.Problem) {
	re, err := regexp.Compile(v.Scalar)
	if err == nil {
		return re, nil
	}
	p := v.Problemf("correct it; the syntax is RE2's", "the regular expression does not parse: %s",
		strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	return nil, &p
}

// newCustom reads a pattern of the rule's own. Others are those before it.
func newCustom(v rule.Value, others []*pattern) (*pattern, []rule.Problem) {
	p := &pattern{id: v.Get("id").Scalar, expr: v.Get("pattern").Scalar, message: v.Get("message").Str(""), entropy: v.Get("entropy").Float(0)}
	var problems []rule.Problem
	if slices.ContainsFunc(slices.Concat(builtin().patterns, others), func(o *pattern) bool { return o.id == p.id }) {
		problems = append(problems, v.Get("id").Problemf("choose another", "there is a pattern %q already", p.id))
	}
	re, problem := compiled(v.Get("pattern"))
	switch {
	case problem != nil:
		problems = append(problems, *problem)
	case re.MatchString(""):
		problems = append(problems, v.Get("pattern").Problemf("make it match at least one character", "the pattern matches the empty text"))
	}
	for _, k := range v.Get("keywords").Strings() {
		if k == "" {
			problems = append(problems, v.Get("keywords").Problemf("write a word", "a keyword is empty"))
			continue
		}
		p.keywords = append(p.keywords, strings.ToLower(k))
	}
	if g := v.Get("path"); g.Set() {
		set, err := glob.Compile([]string{g.Scalar})
		if err != nil {
			problems = append(problems, g.Problemf("correct it", "%v", err))
		}
		p.files = set
	}
	if p.words = anchorWords(p.expr); len(p.words) > maxAnchorWords {
		p.words = nil
	}
	return p, problems
}

// maxAnchorWords bounds the words of a custom pattern: the table of the words that
// are looked for takes up to 1 KiB a byte of them.
const maxAnchorWords = 64

func anyNamed(names []string, id string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return named(n, id) })
}

// named says whether an id is meant by a name, which may hold *.
func named(name, id string) bool {
	ok, err := path.Match(name, id)
	return ok && err == nil
}

// hint offers ids like one that is not known.
func hint(name string, patterns []*pattern) string {
	word := strings.Trim(name, "*")
	if n := strings.IndexAny(word, "-_"); n > 0 {
		word = word[:n]
	}
	var like []string
	for _, p := range patterns {
		if word != "" && strings.HasPrefix(p.id, strings.ToLower(word)) {
			like = append(like, p.id)
		}
	}
	if len(like) == 0 {
		return fmt.Sprintf("the ids are those of gitleaks' %d rules, such as private-key, github-pat or generic-api-key", len(patterns))
	}
	return "did you mean " + strings.Join(like[:min(5, len(like))], ", ")
}
