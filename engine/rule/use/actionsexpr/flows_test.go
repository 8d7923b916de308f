package actionsexpr

import (
	"slices"
	"strings"
	"testing"
)

func flows(t *testing.T, text string) string {
	t.Helper()
	names, ok := Flows(text, map[string]*Context{"github": GitHub()})
	if !ok {
		return "no expression"
	}
	return strings.Join(names, " ")
}

func TestFlows(t *testing.T) {
	const title = "github.event.issue.title"
	for text, want := range map[string]string{
		" github.event.issue.title ":                            title,
		"github['event']['issue'].title":                        title,
		"GitHub.EVENT.issue['Title']":                           title,
		"github.event.issue[format('ti{0}', 'tle')]":            "github.event.issue.body " + title,
		"github.event.commits[0].message":                       "github.event.commits.*.message",
		"github.event.commits.*.author.name":                    "github.event.commits.*.author.name",
		"github.event.commits[*].author.name":                   "github.event.commits.*.author.name",
		"join(github.event.commits.*.message, ' ')":             "github.event.commits.*.message",
		"format('{0}: {1}', github.actor, github.head_ref)":     "github.head_ref",
		"github.head_ref || github.ref_name":                    "github.head_ref",
		"(github.head_ref || github.ref).x":                     "",
		"github.ref || github.head_ref":                         "github.head_ref",
		"github.event_name == 'push' && github.head_ref":        "github.head_ref",
		"github.head_ref && 'a' || 'b'":                         "",
		"github.head_ref == 'main'":                             "",
		"!github.head_ref":                                      "",
		"contains(github.event.issue.title, 'x')":               "",
		"contains(github.head_ref, 'x') && github.head_ref":     "github.head_ref",
		"hashFiles(github.head_ref)":                            "",
		"toJSON(github.event)":                                  "github.event",
		"fromJSON(toJSON(github.event)).issue.number":           "github.event",
		"toJSON(github.event.issue.number)":                     "",
		"github.event.issue":                                    "", // "Object"
		"github.event.issue.number":                             "",
		"github.event.issue.title.x":                            "",
		"github.event.*.title":                                  "github.event.discussion.title github.event.issue.title github.event.pull_request.title",
		"env.github.event.issue.title":                          "",
		"steps.a.outputs.head_ref":                              "",
		"'github.head_ref'":                                     "",
		"'it''s ' && 1.5e-3 < -2 || 0xff":                       "",
		"matrix.os[github.head_ref]":                            "",
		"success() && always()":                                 "",
		"unknown(1, github.head_ref)":                           "github.head_ref",
		"":                                                      "no expression",
		"github.":                                               "no expression",
		"github.head_ref github.ref":                            "no expression",
		"'open":                                                 "no expression",
		"a + b":                                                 "no expression",
		"format('{0}'":                                          "no expression",
		"github.head_ref)":                                      "no expression",
		strings.Repeat("(", 60) + "1" + strings.Repeat(")", 60): "no expression",
	} {
		if got := flows(t, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Every context that is listed is found, as it is written and by its parts.
func TestEveryInput(t *testing.T) {
	for _, path := range strings.Fields(untrusted) {
		name := "github." + path
		for _, text := range []string{name, strings.ToUpper(name), strings.ReplaceAll(name, ".*", "[0]"), "toJSON(" + name + ")",
			"github['" + strings.ReplaceAll(strings.ReplaceAll(path, ".*", ".0"), ".", "']['") + "']"} {
			if strings.Contains(text, "['0']") {
				continue // a list has no such member
			}
			if got := flows(t, text); got != name {
				t.Errorf("%s: %q", text, got)
			}
		}
	}
}

func TestContextsAreMerged(t *testing.T) {
	a, b := NewContext("env"), NewContext("env")
	a.Add("A")
	b.Add("B")
	all := b.With(a)
	all.Drop("a")
	if names, _ := Flows("format('', env.A, env.b)", map[string]*Context{"env": all}); !slices.Equal(names, []string{"env.B"}) {
		t.Error(names)
	}
	if names, _ := Flows("env.a", map[string]*Context{"env": a}); !slices.Equal(names, []string{"env.A"}) {
		t.Errorf("what was merged is changed: %v", names)
	}
}

func TestEmbedded(t *testing.T) {
	text := "a ${{ x }} b ${{ format('}}', y) }}${{z}} ${{ open"
	var got []string
	for _, s := range Embedded(text) {
		got = append(got, text[s.Start:s.End]+"="+s.Text)
	}
	want := []string{"${{ x }}= x ", "${{ format('}}', y) }}= format('}}', y) ", "${{z}}=z"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func FuzzFlows(f *testing.F) {
	for _, s := range []string{"github.event.issue.title", "format('{0}', github['head_ref']) || !a && b == 1", "((a).*.b)[c[0]]", "toJSON(github.event)", "'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names, ok := Flows(text, map[string]*Context{"github": GitHub()})
		if !ok && names != nil {
			t.Error(names)
		}
		// What flows through no function flows through brackets and format.
		if again, good := Flows("format('{0}', ("+text+"))", map[string]*Context{"github": GitHub()}); ok && good && len(names) > 0 && !slices.Equal(names, again) {
			t.Errorf("%q gives %q, in format %q", text, names, again)
		}
		for _, s := range Embedded(text) {
			if text[s.Start:s.Start+3] != "${{" || text[s.End-2:s.End] != "}}" {
				t.Errorf("%q: %+v", text, s)
			}
		}
	})
}
