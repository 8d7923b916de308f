package message

import (
	"regexp"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// Stage is the stage that a message is judged at.
const Stage = "commit-msg"

// Kind returns the kind "message".
func Kind() rule.Kind {
	return rule.Kind{Name: "message", Why: "Changelogs and releases are made from subjects, and a subject cannot be mended once it is pushed.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	id := func(doc string) rule.Shape { return rule.Fmt(rule.FormatID, doc) }
	conventional := rule.Object("The form of Conventional Commits, with types and scopes of your own.",
		rule.Key{Name: "types", Shape: rule.OneOrMore(id("A type."), "The types that are allowed; "+strings.Join(usualTypes, ", ")+" where absent.")},
		rule.Key{Name: "scopes", Shape: rule.OneOrMore(id("A scope."), "The scopes that are allowed; any where absent.")},
		rule.Key{Name: "require_scope", Shape: rule.Boolean("A subject without a scope is a finding.")})
	conventional.AtLeastOne = []string{"types", "scopes", "require_scope"}
	forbidden := rule.Object("A pattern that must not match.",
		rule.Key{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "The RE2 expression.")},
		rule.Key{Name: "message", Shape: rule.Str("What to do about it.")})
	word := rule.Shape{Type: rule.StringShape, MinItems: 1, Doc: "A word or phrase."}
	s := rule.Object("What a commit message must look like.",
		rule.Key{Name: "conventional", Shape: rule.Shape{Type: rule.OneOfShape, Doc: "The subject is type(scope)!: description, as in Conventional Commits.",
			OneOf: []rule.Shape{rule.Boolean("With the types in general use."), conventional}}},
		rule.Key{Name: "pattern", Shape: rule.Fmt(rule.FormatRegexp, "An RE2 expression that must be found.")},
		rule.Key{Name: "of", Shape: rule.Enum("Where the pattern is looked for: in the subject or in the whole message.", "subject", "message").Or("subject")},
		rule.Key{Name: "max_subject", Shape: rule.Integer("The most code points of the subject.", 1)},
		rule.Key{Name: "trailers", Shape: rule.OneOrMore(id("A trailer's name, such as Signed-off-by."), "Trailers that must be there.")},
		rule.Key{Name: "forbid", Shape: rule.ListOf(rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{word, forbidden}}, "Words, phrases or patterns that must not be there.")},
		rule.Key{Name: "generated", Shape: rule.Boolean("Also judge what git itself writes as a subject: Merge, Revert, fixup! and the like.")},
	)
	s.AtLeastOne = []string{"conventional", "pattern", "max_subject", "trailers", "forbid"}
	return s
}

func build(body rule.Value) (rule.Built, []rule.Problem) {
	c := &check{max: body.Get("max_subject").Int(0), trailers: body.Get("trailers").Strings(), generated: body.Get("generated").Bool(false)}
	var problems []rule.Problem
	compile := func(v rule.Value, flags string) *regexp.Regexp {
		_, err := regexp.Compile(v.Scalar) // without the flags: the message shows what was written
		if err != nil {
			problems = append(problems, v.Problemf("correct it; the syntax is RE2's", "the regular expression does not parse: %s",
				strings.TrimPrefix(err.Error(), "error parsing regexp: ")))
			return nil
		}
		return regexp.MustCompile(flags + v.Scalar)
	}
	if p := body.Get("pattern"); p.Set() {
		c.whole = body.Get("of").Str("subject") == "message"
		flags := ""
		if c.whole {
			flags = "(?m)"
		}
		c.pattern, c.text = compile(p, flags), p.Scalar
	} else if of := body.Get("of"); of.Set() {
		problems = append(problems, of.Problemf("add a pattern, or remove it", "of says where a pattern is looked for, and there is none"))
	}
	c.conventional = newConventional(body.Get("conventional"))
	for _, v := range body.Get("forbid").Items {
		if v.Kind == rule.Map {
			p := v.Get("pattern")
			c.forbid = append(c.forbid, forbidden{compile(p, "(?m)"), p.Scalar, v.Get("message").Str("")})
		} else {
			c.forbid = append(c.forbid, forbidden{wordPattern(v.Scalar), v.Scalar, ""})
		}
	}
	if len(problems) > 0 {
		return rule.Built{}, problems
	}
	return rule.Built{Check: c, Stages: []string{Stage}}, nil
}

// wordPattern matches a word or phrase in whatever case, not as part of a longer word.
func wordPattern(word string) *regexp.Regexp {
	isWord := func(b byte) bool {
		return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
	}
	p := regexp.QuoteMeta(word)
	if isWord(word[0]) {
		p = `\b` + p
	}
	if isWord(word[len(word)-1]) {
		p += `\b`
	}
	return regexp.MustCompile("(?i)" + p)
}
