package use

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

// original is the pattern of the namesake; RE2's \s and \d are ASCII alone,
// Python's are Unicode's.
const illegalPattern = `(?i)((^|/)(CON|PRN|AUX|NUL|COM[\d¹²³]|LPT[\d¹²³])(\.|/|$)|[<>:\"\\|?*\x00-\x1F]|/[^/]*[\.\s]/|[^/]*[\.\s]$)`

func TestIllegalWindowsNamesAgainstThePattern(t *testing.T) {
	space, digit := `\s\v\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`, `\p{Nd}`
	pattern := strings.NewReplacer(`\s`, space, `\d`, digit, `\"`, `"`).Replace(illegalPattern)
	re := regexp.MustCompile(pattern)
	pieces := []string{"con", "CON", "prn", "Aux", "nul", "com", "lpt", "COM1", "1", "¹", "\u0663", ".", "/", " ", "\u00a0", "a", "<", ":", "\"", "\\", "*", "\x01", "é", "txt", "x/", "/y"}
	rapid.Check(t, func(t *rapid.T) {
		path := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 6).Draw(t, "path"), "")
		if got := illegalOnWindows(path); (got != "") != re.MatchString(path) {
			t.Fatalf("%q: %q, the pattern says %v", path, got, re.MatchString(path))
		}
	})
}

func TestIllegalWindowsNames(t *testing.T) {
	s := newSubject(t, "check-illegal-windows-names", "", "")
	for path, want := range map[string]string{
		"a/b.txt":       "",
		"aux.c":         "the name aux.c is a device's",
		"a/CON":         "a device's",
		"console.txt":   "",
		"com10":         "",
		"COM¹.x":        "a device's",
		"a:b":           "the name holds :",
		"a/b.":          "ends in a dot",
		"a/b /c":        "ends in a dot",
		"b /c":          "", // as the original: see illegalOnWindows
		"a\nb":          "control character",
		"a/\xff":        "",
		"lpt0/x":        "a device's",
		"aux":           "a device's",
		"aux/nul.tar.x": "aux is",
	} {
		expect(t, path, s.entry(nil, rule.Entry{Path: path}, ""), want)
	}
}
