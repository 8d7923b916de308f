package action

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	idA  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	idB  = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	idC  = "cccccccccccccccccccccccccccccccccccccccc"
	none = "0000000000000000000000000000000000000000"
)

const ownRepo = `"repository": {"full_name": "o/r", "default_branch": "main"}`

func TestAim(t *testing.T) {
	pull := `{"pull_request": {"number": 7, "changed_files": 3, "base": {"sha": "` + idA + `"}, "head": {"sha": "` + idB + `"}}, ` + ownRepo + `}`
	for name, c := range map[string]struct {
		event, ref, payload string
		in                  inputs
		want                aim
	}{
		"pull_request": {"pull_request", "refs/pull/7/merge", pull, inputs{},
			aim{base: idA, says: "the base of the pull request", head: idB, pull: 7, files: 3}},
		"pull_request_target": {"pull_request_target", "refs/heads/main", pull, inputs{},
			aim{base: idA, says: "the base of the pull request", head: idB, pull: 7, files: 3, untrusted: true, policy: idC}},
		"pull_request_target that is allowed": {"pull_request_target", "refs/heads/main", pull, inputs{allowUntrusted: true},
			aim{base: idA, says: "the base of the pull request", head: idB, pull: 7, files: 3, untrusted: true}},
		"push": {"push", "", `{"ref": "refs/heads/x", "before": "` + idA + `", "after": "` + idB + `", ` + ownRepo + `}`, inputs{},
			aim{base: idA, says: "what was there before the push", ancestor: true, head: idB}},
		"forced push": {"push", "", `{"ref": "refs/heads/x", "before": "` + idA + `", "after": "` + idB + `", "forced": true, ` + ownRepo + `}`, inputs{},
			aim{base: idA, says: "what the push replaced", head: idB}},
		"new branch": {"push", "", `{"ref": "refs/heads/x", "before": "` + none + `", "after": "` + idB + `", ` + ownRepo + `}`, inputs{},
			aim{base: "main", says: "the default branch, because this branch is new", head: idB}},
		"new default branch": {"push", "", `{"ref": "refs/heads/main", "before": "` + none + `", "after": "` + idB + `", ` + ownRepo + `}`, inputs{},
			aim{everything: true, why: "every file: this is the first push to the branch", head: idB}},
		"new tag": {"push", "", `{"ref": "refs/tags/v1", "before": "` + none + `", "after": "` + idB + `", ` + ownRepo + `}`, inputs{},
			aim{everything: true, why: "every file: a tag is about no change"}},
		"moved tag": {"push", "", `{"ref": "refs/tags/v1", "before": "` + idA + `", "after": "` + idB + `", "forced": true, ` + ownRepo + `}`, inputs{},
			aim{everything: true, why: "every file: a tag is about no change"}},
		"workflow_run of another repository's pull request": {"workflow_run", "", `{"workflow_run": {"event": "push", "head_branch": "x", "head_sha": "` + idB + `", "pull_requests": [{"number": 7, "base": {"sha": "` + idA + `", "repo": {"id": 2}}, "head": {"sha": "` + idB + `"}}]}, "repository": {"id": 1, "full_name": "o/r", "default_branch": "main"}}`, inputs{},
			aim{base: "main", says: "the default branch", head: idB, untrusted: true, policy: idC}},
		"deleted": {"push", "", `{"ref": "refs/heads/x", "before": "` + idA + `", "after": "` + none + `", "deleted": true, ` + ownRepo + `}`, inputs{},
			aim{nothing: true, why: "nothing: the push deleted refs/heads/x"}},
		"merge_group": {"merge_group", "", `{"merge_group": {"base_sha": "` + idA + `", "head_sha": "` + idB + `"}}`, inputs{},
			aim{base: idA, says: "the merge group's base", ancestor: true, head: idB}},
		"schedule": {"schedule", "refs/heads/main", `{"schedule": "0 0 * * *"}`, inputs{},
			aim{everything: true, why: "every file: the event schedule is about no change"}},
		"workflow_run of a fork": {"workflow_run", "", `{"workflow_run": {"event": "pull_request", "head_branch": "main", "head_sha": "` + idB + `", "pull_requests": []}, ` + ownRepo + `}`, inputs{},
			aim{base: "main", says: "the default branch", head: idB, untrusted: true, policy: idC}},
		"workflow_run of a pull request": {"workflow_run", "", `{"workflow_run": {"event": "pull_request", "head_branch": "x", "head_sha": "` + idB + `", "pull_requests": [{"number": 7, "base": {"sha": "` + idA + `"}, "head": {"sha": "` + idC + `"}}]}, ` + ownRepo + `}`, inputs{},
			aim{base: idA, says: "the base of the pull request", head: idB, pull: 7, untrusted: true, policy: idC}},
		"workflow_run of a push": {"workflow_run", "", `{"workflow_run": {"event": "push", "head_branch": "main", "head_sha": "` + idB + `"}, ` + ownRepo + `}`, inputs{},
			aim{everything: true, why: "every file: the workflow that ran before this one names no change", head: idB, untrusted: true, policy: idC}},
		"files: all": {"pull_request", "", pull, inputs{all: true},
			aim{everything: true, why: "every file: the input files is all", head: idB}},
		"base":              {"schedule", "", `{}`, inputs{base: "v1"}, aim{base: "v1", says: "the input base"}},
		"outside of GitHub": {"", "", `{}`, inputs{base: "v1"}, aim{base: "v1", says: "the input base"}},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := parseEvent([]byte(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			got, err := aimOf(c.event, e, &c.in, idC, c.ref)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(aim{})); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAimSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct{ event, payload, says string }{
		{"pull_request", `{}`, "names no pull request"},
		{"merge_group", `{"merge_group": {}}`, "names no base and head"},
		{"workflow_run", `{}`, "names no commit"},
		{"", `{}`, "GITHUB_EVENT_NAME is not set"},
	} {
		e, err := parseEvent([]byte(c.payload))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := aimOf(c.event, e, &inputs{}, idC, ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.event, err, c.says)
		}
	}
}

func TestEventsThatAreNone(t *testing.T) {
	for _, payload := range []string{``, `[]`, `"x"`, `{"before": 1}`, `{"before": "--output=x"}`, `{"after": "main"}`,
		`{"pull_request": {"number": -1}}`, `{"pull_request": {"base": {"sha": "AAAA"}}}`, `{"workflow_run": {"head_sha": "x"}}`} {
		if _, err := parseEvent([]byte(payload)); err == nil {
			t.Errorf("%s is taken", payload)
		}
	}
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, make([]byte, maxEvent+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readEvent(path); err == nil || !strings.Contains(err.Error(), "more than 32 MiB") {
		t.Error(err)
	}
}

// Whatever an event holds, what becomes an argument or an address is an id.
func FuzzEvent(f *testing.F) {
	f.Add("push", []byte(`{"before": "`+idA+`", "after": "`+idB+`", "ref": "refs/heads/x"}`))
	f.Add("pull_request", []byte(`{"pull_request": {"number": 1, "base": {"sha": "`+idA+`"}, "head": {"sha": "`+idB+`", "repo": null}}}`))
	f.Add("workflow_run", []byte(`{"workflow_run": {"head_sha": "`+idA+`", "pull_requests": [{}]}}`))
	f.Add("merge_group", []byte(`{"merge_group": null}`))
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		e, err := parseEvent(payload)
		if err != nil {
			return
		}
		placeOf(func(string) string { return "" }, e)
		believes(name, "refs/heads/main", e)
		a, err := aimOf(name, e, &inputs{}, idC, "refs/heads/x")
		if err != nil {
			return
		}
		main := ""
		if e.Repository != nil {
			main = e.Repository.DefaultBranch
		}
		if a.base != "" && !isID(a.base) && a.base != main || a.head != "" && !isID(a.head) && !isNone(a.head) {
			t.Fatalf("%+v", a)
		}
		if !a.everything && !a.nothing && a.base == "" {
			t.Fatalf("nothing to compare with: %+v", a)
		}
	})
}
