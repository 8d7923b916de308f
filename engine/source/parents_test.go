package source

import (
	"slices"
	"strings"
	"testing"
)

// listed returns "S path" of what a source lists.
func listed(t *testing.T, r *testRepo, o Options) []string {
	t.Helper()
	files, err := r.open(o).Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range files {
		out = append(out, string(e.Status)+" "+e.Path)
	}
	return out
}

func TestWhatTheNextCommitChanges(t *testing.T) {
	for name, c := range map[string]struct {
		amend bool
		make  func(r *testRepo)
		want  string
	}{
		"plain":           {false, func(r *testRepo) { r.write("a.txt", "x\n"); r.git("add", "a.txt") }, "M a.txt"},
		"first":           {false, func(r *testRepo) { r.git("update-ref", "-d", "HEAD"); r.git("rm", "-q", "--cached", "-r", "dir") }, "A a.txt,A gone.txt"},
		"amend":           {true, amendable, "A added,D dir/b.txt,M a.txt,M gone.txt"},
		"without amend":   {false, amendable, "M gone.txt"},
		"amend the first": {true, func(r *testRepo) { r.git("rm", "-q", "gone.txt") }, "A a.txt,A dir/b.txt,A dir/sub/c.txt"},
		"amend a merge":   {true, func(r *testRepo) { mergeInConflict(r); r.git("commit", "-q", "-m", "merged") }, "M a.txt"},
		"merge": {false, func(r *testRepo) {
			mergeInConflict(r)
			r.write("evil", "slipped in\n")
			r.git("add", "evil")
		}, "A evil,M a.txt"},
		// A side's own version is nothing that the merge changes.
		"merge that takes a side": {false, func(r *testRepo) {
			mergeInConflict(r)
			r.git("checkout", "-q", "other", "--", "a.txt")
		}, ""},
		"cherry-pick": {false, func(r *testRepo) {
			diverge(r)
			_, _ = r.try("cherry-pick", "other")
			r.write("a.txt", "both\n")
			r.git("add", "a.txt")
		}, "A theirs,M a.txt"},
		"rebase": {false, func(r *testRepo) {
			diverge(r)
			_, _ = r.try("rebase", "-q", "other")
			r.write("a.txt", "both\n")
			r.git("add", "a.txt")
		}, "A ours,M a.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			r.base()
			c.make(r)
			for _, reader := range readers {
				o := r.options(Staged)
				o.Reader, o.Commit, o.Amend = reader, true, c.amend
				got := listed(t, r, o)
				slices.Sort(got)
				if strings.Join(got, ",") != c.want {
					t.Errorf("%s: got %v, want %s", reader, got, c.want)
				}
			}
		})
	}
}

func amendable(r *testRepo) {
	r.write("a.txt", "changed\n")
	r.write("added", "x\n")
	r.remove("dir/b.txt")
	r.commit()
	r.write("gone.txt", "more\n")
	r.git("add", "gone.txt")
}

// diverge leaves two branches that both changed a.txt, with a file of each side's own.
func diverge(r *testRepo) {
	r.git("checkout", "-q", "-b", "other")
	r.write("a.txt", "their line\n")
	r.write("theirs", "x\n")
	r.commit()
	r.git("checkout", "-q", "main")
	r.write("a.txt", "our line\n")
	r.write("ours", "x\n")
	r.commit()
}

// mergeInConflict is a merge whose conflict was resolved and added.
func mergeInConflict(r *testRepo) {
	diverge(r)
	if _, err := r.try("merge", "-q", "other"); err == nil {
		r.t.Fatal("there is no conflict")
	}
	r.write("a.txt", "our line and their line\n")
	r.git("add", "a.txt")
}

func TestAgainstCommits(t *testing.T) {
	r := newRepo(t)
	r.base()
	start := strings.TrimSpace(r.git("rev-parse", "HEAD"))
	mergeInConflict(r)
	r.git("commit", "-q", "-m", "merged")
	for _, c := range []struct {
		against []string
		want    string
	}{
		{[]string{start}, "M a.txt,A ours,A theirs"},
		{[]string{"HEAD^1", "HEAD^2"}, "M a.txt"},
		{[]string{"other"}, "M a.txt,A ours"},
		{[]string{""}, "A a.txt,A dir/b.txt,A dir/sub/c.txt,A gone.txt,A ours,A theirs"},
		// What one of them has is not new, even where the first one lacks it.
		{[]string{"", start}, "M a.txt,A ours,A theirs"},
	} {
		for _, reader := range readers {
			o := r.options(Range)
			o.Reader, o.Head, o.Against = reader, "HEAD", c.against
			if got := strings.Join(listed(t, r, o), ","); got != c.want {
				t.Errorf("%s, %q: got %s, want %s", reader, c.against, got, c.want)
			}
		}
	}
	o := r.options(Range)
	o.Head, o.Against = "HEAD", []string{"nowhere"}
	wantUsage(t, "unknown commit", failure(t, o), `"nowhere" names no commit`)
	o.Head, o.Against = "nowhere", []string{start}
	wantUsage(t, "unknown head", failure(t, o), `"nowhere" names no commit`)
}

func TestAmendInAShallowClone(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("a.txt", "x\n")
	r.commit()
	clone := *r
	clone.dir = r.dir + "-shallow"
	r.git("clone", "-q", "--depth=1", "file://"+r.dir, clone.dir)
	clone.write("gone.txt", "y\n")
	clone.git("add", "gone.txt")
	for _, reader := range readers {
		o := clone.options(Staged)
		o.Reader, o.Commit, o.Amend = reader, true, true
		if got := listed(t, &clone, o); !slices.Equal(got, []string{"M gone.txt"}) {
			t.Errorf("%s: got %v: what was not fetched is no change", reader, got)
		}
	}
}
