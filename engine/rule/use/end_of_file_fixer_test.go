package use

import "testing"

func TestEndOfFilePlaces(t *testing.T) {
	s := newSubject(t, "end-of-file-fixer", "f", "")
	for data, want := range map[string]string{
		"":             "",
		"a\n":          "",
		"a\nbé":        "2:3-2:3 no line end at the end of the file, add one\n",
		"a\n\n\n":      "2:1-4:1 more than one line end at the end of the file, keep one\n",
		"a\r\n\r\n":    "2:1-3:1 more than one line end at the end of the file, keep one\n",
		"\n":           "1:1-2:1 nothing but line ends, make the file empty\n",
		"\r\n\r\n\r\n": "1:1-4:1 nothing but line ends, make the file empty\n",
	} {
		if got := places(s.findings([]byte(data))); got != want {
			t.Errorf("%q: %swant %s", data, got, want)
		}
	}
}
