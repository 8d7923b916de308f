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
	for id, data := range map[string]string{targetSHA1: "target", emptySHA256: "", emptySHA1: ""} {
		if !isBlob([]byte(data), rule.ParseID(id)) {
			t.Fatalf("%q is not the blob %s", data, id)
		}
	}
	if isBlob([]byte("target"), rule.ParseID(emptySHA1)) {
		t.Fatal("a blob of another content")
	}
	typed := rule.Entry{Path: "l", Mode: rule.ModeFile, Status: rule.Typed, Old: &rule.Side{Mode: rule.ModeSymlink, Blob: rule.ParseID(targetSHA1)}}
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
		"was a file":      func(e *rule.Entry) { e.Old = &rule.Side{Mode: rule.ModeFile, Blob: e.Old.Blob} },
		"is a link":       func(e *rule.Entry) { e.Mode = rule.ModeSymlink },
		"nothing to look": func(e *rule.Entry) { e.Old = nil },
		"other target":    func(e *rule.Entry) { e.Old = &rule.Side{Mode: rule.ModeSymlink, Blob: rule.ParseID(unknownBlob1)} },
		"odd id":          func(e *rule.Entry) { e.Old = &rule.Side{Mode: rule.ModeSymlink, Blob: "x"} },
	} {
		e := typed
		change(&e)
		expect(t, name, s.entry(nil, e, "target"), "")
	}
	same := typed
	same.Blob, same.Old = "abc", &rule.Side{Mode: rule.ModeSymlink, Blob: "abc"}
	if got := s.entry(nil, same, "whatever"); !strings.Contains(got, "was a symbolic link") {
		t.Errorf("equal ids: %q", got)
	}
}
