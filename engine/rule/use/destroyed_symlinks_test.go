package use

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// The ids that `printf target | git hash-object --stdin` gives, by the object format.
const (
	targetSHA1   = "1de565933b05f74c75ff9a6520af5f9f8a5a2f1d"
	emptySHA256  = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
	emptySHA1    = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
	unknownBlob1 = "0000000000000000000000000000000000000001"
)

func TestDestroyedSymlinks(t *testing.T) {
	s := newSubject(t, "destroyed-symlinks", "", "")
	id := blobID([]byte("target"), 40)
	if id != targetSHA1 {
		t.Fatalf("blob id of target: %s, want %s", id, targetSHA1)
	}
	if got := blobID(nil, 64); got != emptySHA256 {
		t.Fatalf("blob id of nothing: %s, want %s", got, emptySHA256)
	}
	if got := blobID(nil, 40); got != emptySHA1 {
		t.Fatalf("blob id of nothing: %s, want %s", got, emptySHA1)
	}
	typed := rule.Entry{Path: "l", Mode: rule.ModeFile, Status: rule.Typed, OldMode: rule.ModeSymlink, OldBlob: targetSHA1}
	for data, want := range map[string]string{
		"target":          `l: was a symbolic link to "target"`,
		"target\n":        "was a symbolic link",
		"target\r\n":      "was a symbolic link",
		"target\n\n\n":    "",
		"other":           "",
		"#!/bin/sh\nx\n":  "",
		"target and more": "",
	} {
		expect(t, data, s.entry(nil, typed, data), want)
	}
	for name, change := range map[string]func(*rule.Entry){
		"was a file":      func(e *rule.Entry) { e.OldMode = rule.ModeFile },
		"is a link":       func(e *rule.Entry) { e.Mode = rule.ModeSymlink },
		"nothing to look": func(e *rule.Entry) { e.OldMode, e.OldBlob = 0, "" },
		"other target":    func(e *rule.Entry) { e.OldBlob = unknownBlob1 },
		"odd id":          func(e *rule.Entry) { e.OldBlob = "x" },
	} {
		e := typed
		change(&e)
		expect(t, name, s.entry(nil, e, "target"), "")
	}
	same := typed
	same.Blob, same.OldBlob = "abc", "abc"
	if got := s.entry(nil, same, "whatever"); !strings.Contains(got, "was a symbolic link") {
		t.Errorf("equal ids: %q", got)
	}
}
