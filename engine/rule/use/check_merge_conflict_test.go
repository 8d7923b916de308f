package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestMergeConflict(t *testing.T) {
	const text = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n"
	e := rule.Entry{Path: "f", Mode: rule.ModeFile}
	s := newSubject(t, "check-merge-conflict", "f", "")
	expect(t, "not merging", s.entry(&fakeRepo{}, e, text), "")
	expect(t, "merging", s.entry(&fakeRepo{merging: true}, e, text), "f: merge conflict marker \"<<<<<<<\"")
	expect(t, "no git", s.entry(&fakeRepo{err: errRepo}, e, text), "fault: cannot see whether a merge is under way")

	s = newSubject(t, "check-merge-conflict", "f", `{"assume_in_merge": true}`)
	const want = "2:1-2:8 merge conflict marker \"<<<<<<<\", resolve the conflict and remove it\n" +
		"4:1-4:8 merge conflict marker \"=======\", resolve the conflict and remove it\n" +
		"6:1-6:8 merge conflict marker \">>>>>>>\", resolve the conflict and remove it\n"
	if got := places(s.findings([]byte(text))); got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

func BenchmarkMergeConflict(b *testing.B) {
	s := newSubject(b, "check-merge-conflict", "f", `{"assume_in_merge": true}`)
	f := s.file(cleanText)
	b.SetBytes(int64(len(cleanText)))
	b.ReportAllocs()
	for b.Loop() {
		s.check.(rule.FileCheck).CheckFile(nil, f)
	}
}
