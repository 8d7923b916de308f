package use

import "testing"

func TestExecutablesPlaces(t *testing.T) {
	s := newSubject(t, "check-executables-have-shebangs", "f", "")
	for data, want := range map[string]string{
		"#!/bin/sh\n": "",
		"echo\n":      "1:0-0:0 marked executable but has no shebang, begin it with #!, or run: chmod -x (git add --chmod=-x)\n",
		"":            "1:0-0:0 marked executable but has no shebang, begin it with #!, or run: chmod -x (git add --chmod=-x)\n",
	} {
		if got := places(s.findings([]byte(data))); got != want {
			t.Errorf("%q: %swant %s", data, got, want)
		}
	}
}
