package use

// sot:ignore-file detect-private-key -- the marker is what this file is about

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestPrivateKeyPlaces(t *testing.T) {
	s := newSubject(t, "detect-private-key", "f", "")
	got := places(s.findings([]byte("é -----BEGIN RSA PRIVATE KEY----- and BEGIN PRIVATE KEY\nx\n-----END RSA PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nPuTTY-User-Key-File-2: ssh-rsa\n")))
	const rest = ", take it out and replace the key: it is no secret any more once pushed\n"
	if want := "1:8-1:29 private key (BEGIN RSA PRIVATE KEY)" + rest + "5:1-5:22 private key (PuTTY-User-Key-File-2)" + rest; got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

// The searches of clean files allocate nothing.
func TestSearchesDoNotAllocate(t *testing.T) {
	for id, options := range map[string]string{
		"detect-private-key":                   "",
		"check-vcs-permalinks":                 "",
		"check-merge-conflict":                 `{"assume_in_merge": true}`,
		"check-shebang-scripts-are-executable": "",
		"check-executables-have-shebangs":      "",
		"check-illegal-windows-names":          "",
		"check-added-large-files":              "",
		"destroyed-symlinks":                   "",
	} {
		s := newSubject(t, id, "dir/file.txt", options)
		f := s.file([]byte("#! BEGIN CERTIFICATE /blob/ ======\n=====\n"))
		f.Mode = rule.ModeExecutable
		check := s.check.(rule.FileCheck)
		if n := testing.AllocsPerRun(100, func() { check.CheckFile(nil, f) }); n >= 1 {
			t.Errorf("%s: %v allocations", id, n)
		}
	}
}

func BenchmarkPrivateKey(b *testing.B) { benchmarkClean(b, "detect-private-key", "f", cleanText) }
