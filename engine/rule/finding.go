package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Severity says how much a finding weighs. The zero value is no severity.
type Severity int8

// The severities, from the lightest.
const (
	Info Severity = iota + 1
	Warning
	Error
)

// SeverityNames are the severities as sot.yaml spells them, from the heaviest.
var SeverityNames = []string{"error", "warning", "info"}

// ParseSeverity returns the severity that s names, and whether it names one.
func ParseSeverity(s string) (Severity, bool) {
	switch s {
	case "error":
		return Error, true
	case "warning":
		return Warning, true
	case "info":
		return Info, true
	}
	return 0, false
}

// String returns the severity's name in sot.yaml.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Info:
		return "info"
	}
	return "none"
}

// MarshalText writes the severity's name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity's name.
func (s *Severity) UnmarshalText(b []byte) error {
	v, ok := ParseSeverity(string(b))
	if !ok {
		return fmt.Errorf("unknown severity %q", b)
	}
	*s = v
	return nil
}

// Finding is one violation of one rule at one place.
type Finding struct {
	Rule     string
	Severity Severity
	Path     string // relative to the root, "/"-separated; "" is the repository; a directory ends in "/"
	Line     int    // 1-based; 0 is the whole file
	Column   int    // 1-based, in code points; 0 is the whole line
	EndLine  int    // 0 where there is no range
	// EndColumn is the column behind the last character of the range.
	EndColumn int
	Message   string
	Fixable   bool // --fix can mend it
	Fixed     bool // --fix has mended it
	// Secret says that the range is a secret. Text shows none of it, and the engine
	// keeps its lines out of the findings of other rules.
	Secret bool
	// Hidden is the secret itself, until the engine has taken it out of what is
	// reported; it is written nowhere.
	Hidden string

	// Text is the source line that the finding stands on, without its line
	// end, cut to MaxLineText bytes: for the caret in the text report and for
	// the fingerprint.
	Text string
	// Fingerprint identifies the finding across runs; see Fingerprint.
	Fingerprint string
}

// MaxLineText bounds Finding.Text, in bytes.
const MaxLineText = 1000

// Compare orders findings by path, line, column, rule id, then by the rest, so
// that the order is total and the same at any worker count.
func Compare(a, b Finding) int {
	return cmp.Or(
		strings.Compare(a.Path, b.Path),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		strings.Compare(a.Rule, b.Rule),
		cmp.Compare(a.EndLine, b.EndLine),
		cmp.Compare(a.EndColumn, b.EndColumn),
		strings.Compare(a.Message, b.Message),
	)
}

// SetFingerprints sorts the findings and gives each its fingerprint: the
// SHA-256 of rule, path, trimmed line (the message where the line is 0) and the
// ordinal among equals, so that it survives the moving of lines.
func SetFingerprints(fs []Finding) {
	slices.SortFunc(fs, Compare)
	seen := make(map[[sha256.Size]byte]int, len(fs))
	var key []byte
	for i := range fs {
		f := &fs[i]
		text := strings.TrimSpace(f.Text)
		if f.Line == 0 {
			text = f.Message
		}
		key = append(append(key[:0], f.Rule...), 0)
		key = append(append(key, f.Path...), 0)
		key = append(append(key, text...), 0)
		same := sha256.Sum256(key)
		sum := sha256.Sum256(strconv.AppendInt(key, int64(seen[same]), 10))
		seen[same]++
		f.Fingerprint = hex.EncodeToString(sum[:])
	}
}

// Fault is a rule that could not do its work. It is an error, so that a Check
// may return it.
type Fault struct {
	Rule    string // "" where it is no single rule's
	Kind    FaultKind
	Message string // where, what, and what to do
	// Unexplained says that a program failed and named nothing. Whether that is a
	// fault is known when the rule has ended: what it found elsewhere explains it.
	Unexplained bool
	Path        string // of an unexplained one: the first file that the program fails on
}

// FaultKind classifies a fault in the reports.
type FaultKind string

// The kinds of faults.
const (
	FaultMissing    FaultKind = "missing-tool"
	FaultTimeout    FaultKind = "timeout"
	FaultCrash      FaultKind = "crash"      // a command that did not end as it may
	FaultPanic      FaultKind = "panic"      // our own bug, in one rule
	FaultUnreadable FaultKind = "unreadable" // a file or folder that could not be read
	FaultOutput     FaultKind = "output"     // a command's output that could not be parsed
	FaultFix        FaultKind = "fix"        // fixes that undo each other, or could not be written
	FaultCancelled  FaultKind = "cancelled"
	FaultRefused    FaultKind = "refused" // a command that may not run on what is not trusted
	FaultShards     FaultKind = "shards"  // reports of a run's parts that are not of one whole run
)

// Error returns the message, with the rule's id in front where there is one.
func (f *Fault) Error() string {
	if f.Rule == "" {
		return f.Message
	}
	return f.Rule + ": " + f.Message
}

// CompareFaults orders faults by rule, kind, message.
func CompareFaults(a, b Fault) int {
	return cmp.Or(strings.Compare(a.Rule, b.Rule), cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Message, b.Message))
}
