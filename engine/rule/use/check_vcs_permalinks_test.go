package use

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPermalinksPlaces(t *testing.T) {
	s := newSubject(t, "check-vcs-permalinks", "f", "")
	const link = "https://github.com/a/b/blob/main/c.py#L12"
	got := places(s.findings([]byte("x\né " + link + "-L13) and " + link + "\n" + link)))
	const what = " link to a line on a branch, which will move, link to a commit (press y on the page)\n"
	if want := "2:3-2:44" + what + "3:1-3:42" + what; got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

// Held against the original's expression, with the look-ahead taken out of it:
// RE2 has none.
func TestPermalinksAgainstTheExpression(t *testing.T) {
	s := newSubject(t, "check-vcs-permalinks", "f", "")
	re := regexp.MustCompile(`https://github\.com/[^/ ]+/[^/ ]+/blob/([^/. ]+)/[^# ]+#L\d+`)
	commit := regexp.MustCompile(`^[a-fA-F0-9]{4,64}$`)
	pieces := []string{"https://github.com", "https://", "/", "/a", "/blob", "/blob/", "main", "abcd", "abc", "#L", "#L1", "#", ".", " ", "\n", "é", "x", "1"}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 16).Draw(t, "text"), "")
		want := false
		for line := range strings.SplitSeq(text, "\n") {
			for at := range indices([]byte(line), "https://") {
				m := re.FindStringSubmatchIndex(line[at:])
				if m != nil && m[0] == 0 && !commit.MatchString(line[at:][m[2]:m[3]]) {
					want = true
				}
			}
		}
		if found := s.findings([]byte(text)); (len(found) > 0) != want {
			t.Fatalf("%q: %s, the expression says %v", text, places(found), want)
		}
	})
}

// One line with many halves of links takes no longer than as many lines.
func TestPermalinksOnOneLongLine(t *testing.T) {
	s := newSubject(t, "check-vcs-permalinks", "f", "")
	if found := s.findings(bytes.Repeat([]byte("https://github.com/a/b/blob/"), 20_000)); len(found) > 0 {
		t.Error(places(found[:1]))
	}
}

func BenchmarkPermalinks(b *testing.B) { benchmarkClean(b, "check-vcs-permalinks", "f", cleanText) }
