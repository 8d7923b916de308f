package use

import "testing"

func TestFileContentsSorterPlaces(t *testing.T) {
	for _, c := range []struct{ options, data, want string }{
		{"", "a\nc\nb\n", "3:0-0:0 the line belongs further up, sort the file's lines\n"},
		{"", "a\n\nb\n", "2:0-0:0 the line is empty, sort the file's lines\n"},
		{"", "a\nb", "2:0-0:0 the last line has no line end, sort the file's lines\n"},
		{"", "a\r\nb\n", "1:0-0:0 the line ends in CRLF, sort the file's lines\n"},
		{`{"unique": true}`, "a\nb\nb\n", "3:0-0:0 the line is there twice, sort the file's lines\n"},
		{`{"ignore_case": true}`, "a\nB\nc\n", ""},
	} {
		if got := places(newSubject(t, "file-contents-sorter", "f", c.options).findings([]byte(c.data))); got != c.want {
			t.Errorf("%s %q: %swant %s", c.options, c.data, got, c.want)
		}
	}
}

func TestFileContentsSorterOptions(t *testing.T) {
	_, problems := fileContentsSorter().New(valueOf(t, `{"unique": true, "ignore_case": true}`))
	if got, want := whats(problems), "unique and ignore_case exclude each other"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFileContentsSorterMatchesNothing(t *testing.T) {
	if fileContentsSorter().Defaults.Match("a.txt") {
		t.Error("it matches a file that no rule listed")
	}
}
