package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestShebangScripts(t *testing.T) {
	s := newSubject(t, "check-shebang-scripts-are-executable", "f", "")
	const want = "1:1-1:10 has a shebang but is not executable, run: chmod +x (git add --chmod=+x), or drop the shebang\n"
	for data, want := range map[string]string{
		"#!/bin/sh\r\nx\n": want,
		"#!/bin/sh":        want,
		"x\n#!/bin/sh\n":   "",
		"":                 "",
	} {
		if got := places(s.findings([]byte(data))); got != want {
			t.Errorf("%q: %swant %s", data, got, want)
		}
	}
	for mode, want := range map[rule.Mode]string{
		rule.ModeFile:       "has a shebang",
		rule.ModeExecutable: "",
		rule.ModeSymlink:    "",
	} {
		expect(t, "mode", s.entry(nil, rule.Entry{Path: "f", Mode: mode}, "#!/bin/sh\n"), want)
	}
}
