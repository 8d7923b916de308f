package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestSymlinks(t *testing.T) {
	s := newSubject(t, "check-symlinks", "", "")
	link := rule.Entry{Path: "l", Mode: rule.ModeSymlink}
	repo := &fakeRepo{exists: map[string]bool{"there": true}}
	expect(t, "good", s.entry(repo, link, "there"), "")
	expect(t, "broken", s.entry(repo, link, "gone"), `l: broken symbolic link: "gone" does not exist`)
	expect(t, "file", s.entry(repo, rule.Entry{Path: "f", Mode: rule.ModeFile}, "gone"), "")
	expect(t, "error", s.entry(&fakeRepo{err: errRepo}, link, "x"), "fault: cannot look where l points")
}
