package action

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

func TestLegOf(t *testing.T) {
	for matrix, want := range map[string]string{
		"": "", "null": "", "{}": "", " \n": "",
		"{\n  \"os\": \"ubuntu-latest\",\n  \"go\": 1.20,\n  \"race\": true\n}": "ubuntu-latest, 1.20, true",
		`{"z":"1","a":{"b": [1, null]}}`:                                        `1, {"b":[1,null]}`,
		"2/4":                                                                   "2/4",
		`"x"`:                                                                   `"x"`,
		`{"os":`:                                                                `{"os":`,
		`{} {}`:                                                                 `{} {}`,
	} {
		if got := legOf(matrix); got != want {
			t.Errorf("%q: %q, want %q", matrix, got, want)
		}
	}
}

// The jobs of a matrix, which share the name of the job, keep check runs, comments
// and what they learn apart.
func TestLegsAreApart(t *testing.T) {
	l := newLab(t)
	server := cacheserver.Start(t, cacheserver.Options{})
	for _, leg := range []string{`{"os":"a"}`, `{"os":"b"}`} {
		j := newJob(l, l.checkout(l.base1, 0), "push", pushOf(l))
		j.env["INPUT_MATRIX"] = leg
		j.use(server, cacheserver.Branch("main", "main"))
		j.run(t.Context())
	}
	lines := map[string]bool{}
	for _, e := range server.Entries() {
		lines[e.Key[:strings.LastIndex(e.Key, "/")]] = true
	}
	if len(lines) != 2 {
		t.Errorf("%v", lines)
	}
	in, err := readInputs(actionOf(environ{"INPUT_MATRIX": `{"os":"a"}`, "INPUT_CACHE-KEY-SUFFIX": "x"}))
	s := &step{in: in}
	if name := runName(s.publishing(), &outcome{place: place{job: "check"}}); name != "sot findings: check (a, x)" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
}
