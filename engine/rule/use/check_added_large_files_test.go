package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestAddedLargeFiles(t *testing.T) {
	const limit = 500 << 10
	added := rule.Entry{Path: "big", Mode: rule.ModeFile, Status: rule.Added, Size: limit + 1}
	with := func(change func(*rule.Entry)) rule.Entry { e := added; change(&e); return e }
	for name, c := range map[string]struct {
		entry         rule.Entry
		options, want string
	}{
		"over":             {added, "", "big: 501 KB is over the limit of 500 KB"},
		"at":               {with(func(e *rule.Entry) { e.Size = limit }), "", ""},
		"untracked":        {with(func(e *rule.Entry) { e.Status = rule.Untracked }), "", "501 KB"},
		"modified":         {with(func(e *rule.Entry) { e.Status = rule.Modified }), "", ""},
		"renamed":          {with(func(e *rule.Entry) { e.Status = rule.Renamed }), "", ""},
		"all files":        {with(func(e *rule.Entry) { e.Status = rule.Unchanged }), "", ""},
		"all, enforced":    {with(func(e *rule.Entry) { e.Status = rule.Unchanged }), `{"enforce_all": true}`, "501 KB"},
		"other limit":      {with(func(e *rule.Entry) { e.Size = 1 }), `{"maxkb": 0}`, "1 KB is over the limit of 0 KB"},
		"empty":            {with(func(e *rule.Entry) { e.Size = 0 }), `{"maxkb": 0}`, ""},
		"submodule":        {with(func(e *rule.Entry) { e.Mode = rule.ModeSubmodule }), "", ""},
		"symbolic link":    {with(func(e *rule.Entry) { e.Mode = rule.ModeSymlink }), "", ""},
		"kept in git LFS":  {with(func(e *rule.Entry) { e.Path = "lfs" }), "", ""},
		"another filter":   {with(func(e *rule.Entry) { e.Path = "filtered" }), "", "filtered: 501 KB"},
		"size not known":   {with(func(e *rule.Entry) { e.Size = -1 }), "", ""},
		"larger in a line": {with(func(e *rule.Entry) { e.Size = 10 << 20 }), "", "10240 KB"},
	} {
		repo := &fakeRepo{attributes: map[string]string{"lfs": "lfs", "filtered": "crypt"}}
		expect(t, name, newSubject(t, "check-added-large-files", "", c.options).entry(repo, c.entry, ""), c.want)
		if c.want == "" && c.entry.Path != "lfs" && len(repo.asked) > 0 {
			t.Errorf("%s: git was asked for nothing: %v", name, repo.asked)
		}
	}
	s := newSubject(t, "check-added-large-files", "", "")
	expect(t, "no git", s.entry(&fakeRepo{err: errRepo}, added, ""), "fault: cannot ask git")
}
