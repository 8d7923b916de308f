package config

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/sot-validator/sot/engine/rule"
)

// format is what the loader and the JSON Schema know of a rule.Format.
type format struct {
	noun string // "a duration such as 90s or 2m"
	// pattern is the regular expression for the JSON Schema, "" where none can
	// say it; not is one that must not match.
	pattern, not string
	// check returns what is wrong with s and what to do, or "".
	check func(s string) (what, hint string)
}

// formatOf returns what is known of a format; a switch, so that nothing is
// built at import.
func formatOf(f rule.Format) format {
	switch f {
	case rule.FormatGlob:
		return format{noun: "a glob such as **/*.go", pattern: `.`, not: `^(/|\./|\.\./|!)`, check: checkGlob}
	case rule.FormatRegexp:
		return format{noun: "a regular expression", pattern: `.`, check: checkNotEmpty("a regular expression")}
	case rule.FormatDuration:
		return format{noun: "a duration such as 90s or 2m", pattern: durationPattern, check: checkDuration}
	case rule.FormatPercent:
		return format{noun: `a percentage such as "80%"`, pattern: percentPattern, check: checkPercent}
	case rule.FormatLines:
		return format{noun: `lines such as "3", "1-5" or "10-"`, pattern: linesPattern, check: checkLines}
	case rule.FormatSize:
		return format{noun: "a size such as 64MiB", pattern: sizePattern, check: checkSize}
	case rule.FormatID:
		return format{noun: "an id such as no-print", pattern: idPattern, check: checkID}
	case rule.FormatURL:
		return format{noun: "an http or https address", pattern: `^https?://[^\s/][^\s]*$`, check: checkURL}
	case rule.FormatVersion:
		return format{noun: "a version such as 1.2.0", pattern: versionPattern, check: checkVersion}
	case rule.FormatPath:
		return format{noun: "a path inside the repository", pattern: `.`, not: `^[/\\]|^[A-Za-z]:|(^|/)\.\.(/|$)|\\`, check: checkPath}
	}
	return format{noun: "a string"}
}

// The patterns say the same as the functions below; a test holds them together.
const (
	durationPattern = `^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`
	percentPattern  = `^(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$`
	linesPattern    = `^[1-9][0-9]{0,8}(-([1-9][0-9]{0,8})?)?$`
	sizePattern     = `^[0-9]{1,15}(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$`
	idPattern       = `^[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}$`
	versionPattern  = `^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`
)

func checkNotEmpty(noun string) func(string) (string, string) {
	return func(s string) (string, string) {
		if strings.Trim(s, "\n") == "" {
			return noun + " is empty", "write one, or remove the key"
		}
		return "", ""
	}
}

func checkGlob(s string) (what, hint string) {
	switch {
	case strings.Trim(s, "\n") == "":
		return "a glob is empty", "write a glob such as **/*.go, or remove it"
	case strings.HasPrefix(s, "/"):
		return "a glob starts with /", "globs are relative to the root: remove the slash"
	case strings.HasPrefix(s, "./"), strings.HasPrefix(s, "../"):
		return "a glob starts with " + s[:strings.IndexByte(s, '/')+1], "globs are relative to the root, and match nothing outside it"
	case strings.HasPrefix(s, "!"):
		return "a glob starts with !", "name what is left out in exclude, or write \\! for a name that starts so"
	case !doublestar.ValidatePattern(s):
		return "the glob " + strconv.Quote(s) + " is malformed", "close its [ and {, and write \\[ or \\{ for the characters themselves"
	}
	return "", ""
}

func checkDuration(s string) (what, hint string) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		return strconv.Quote(s) + " is no duration", "write a number with a unit, such as 90s or 2m"
	}
	return "", ""
}

func checkPercent(s string) (what, hint string) {
	if _, ok := parsePercent(s); !ok {
		return strconv.Quote(s) + " is no percentage", `write one from "0%" to "100%"`
	}
	return "", ""
}

// parsePercent reads "80%" or "99.5%".
func parsePercent(s string) (float64, bool) {
	num, ok := strings.CutSuffix(s, "%")
	if !ok || num == "" || strings.Trim(num, "0123456789.") != "" {
		return 0, false
	}
	whole, frac, dot := strings.Cut(num, ".")
	if whole == "" || len(whole) > 3 || dot && frac == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(num, 64)
	return f, err == nil && f <= 100 && (len(whole) < 3 || whole == "100")
}

func checkLines(s string) (what, hint string) {
	lo, hi, ranged := strings.Cut(s, "-")
	a, okA := lineNumber(lo)
	b, okB := lineNumber(hi)
	switch {
	case !okA, ranged && hi != "" && !okB:
		return strconv.Quote(s) + " names no lines", `write "3", "1-5" or "10-"`
	case ranged && hi != "" && a > b:
		return strconv.Quote(s) + " ends before it starts", "write the smaller line first"
	}
	return "", ""
}

func lineNumber(s string) (int, bool) {
	if s == "" || len(s) > 9 || s[0] == '0' || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func checkSize(s string) (what, hint string) {
	if _, ok := ParseSize(s); !ok {
		return strconv.Quote(s) + " is no size", "write bytes with a unit, such as 500kB or 64MiB"
	}
	return "", ""
}

// ParseSize reads "500kB" (1000s), "64MiB" (1024s) or "4096" (bytes).
func ParseSize(s string) (int64, bool) {
	digits := strings.TrimLeft(s, "0123456789")
	num, unit := s[:len(s)-len(digits)], digits
	if num == "" || len(num) > 15 {
		return 0, false
	}
	n, err := strconv.ParseInt(num, 10, 64)
	factor, ok := sizeUnit(unit)
	if err != nil || !ok {
		return 0, false
	}
	if n > math.MaxInt64/factor {
		return math.MaxInt64, true // more than there is: no limit
	}
	return n * factor, true
}

func sizeUnit(unit string) (int64, bool) {
	switch unit {
	case "", "B":
		return 1, true
	case "kB", "KB":
		return 1e3, true
	case "MB":
		return 1e6, true
	case "GB":
		return 1e9, true
	case "TB":
		return 1e12, true
	case "KiB":
		return 1 << 10, true
	case "MiB":
		return 1 << 20, true
	case "GiB":
		return 1 << 30, true
	case "TiB":
		return 1 << 40, true
	}
	return 0, false
}

func checkID(s string) (what, hint string) {
	const most = 100
	bad := s == "" || len(s) > most || strings.ContainsRune("./-", rune(s[0]))
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		bad = bad || !letter && !strings.ContainsRune("_./-", r)
	}
	if bad {
		return strconv.Quote(shorten(s)) + " is no id", "use up to 100 letters, digits, _ . / -, the first a letter, a digit or _"
	}
	return "", ""
}

func checkURL(s string) (what, hint string) {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	if !ok || rest == "" || rest[0] == '/' || strings.ContainsAny(rest, " \t\n\v\f\r") {
		return strconv.Quote(shorten(s)) + " is no address", "write one that starts with https://"
	}
	return "", ""
}

func checkVersion(s string) (what, hint string) {
	if _, ok := parseVersion(s); !ok {
		return strconv.Quote(shorten(s)) + " is no version", "write major.minor.patch, such as 0.1.0"
	}
	return "", ""
}

func checkPath(s string) (what, hint string) {
	switch {
	case strings.Trim(s, "\n") == "":
		return "a path is empty", "write one, or remove the key"
	case strings.ContainsRune(s, '\\'):
		return "a path contains \\", "separate folders with /"
	case s[0] == '/', len(s) > 1 && s[1] == ':' && (s[0]|0x20) >= 'a' && (s[0]|0x20) <= 'z':
		return "the path " + strconv.Quote(shorten(s)) + " is absolute", "write it relative to the root of the repository"
	}
	for _, part := range strings.Split(s, "/") {
		if part == ".." {
			return "the path " + strconv.Quote(shorten(s)) + " contains ..", "write it relative to the root of the repository"
		}
	}
	return "", ""
}

// shorten keeps a message readable whatever a file holds.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
