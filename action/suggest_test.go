package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

var suggesting = publishOptions{annotations: "off", suggest: true}

func fileOf(path, patch string) *github.CommitFile {
	return &github.CommitFile{Filename: github.String(path), Patch: github.String(patch)}
}

// patchOf is a patch as GitHub's API has it: without the file names.
func patchOf(base, head string) string {
	_, hunks, _ := strings.Cut(udiff.Unified("a/x", "b/x", base, head), "\n@@")
	if hunks == "" {
		return ""
	}
	return strings.TrimSuffix("@@"+hunks, "\n")
}

func fixesOf(path, head, mended string) string {
	return udiff.Unified("a/"+path, "b/"+path, head, mended)
}

// commit does what the button does: the suggestion's text in place of its lines.
func commit(t *testing.T, head string, comments []*github.DraftReviewComment) string {
	t.Helper()
	lines := strings.SplitAfter(head, "\n")
	comments = slices.Clone(comments)
	slices.SortFunc(comments, func(a, b *github.DraftReviewComment) int { return b.GetLine() - a.GetLine() })
	for _, c := range comments {
		first := c.GetLine()
		if c.StartLine != nil {
			first = c.GetStartLine()
		}
		body := c.GetBody()
		_, rest, ok := strings.Cut(body, "suggestion\n")
		if !ok {
			t.Fatalf("no suggestion in %q", body)
		}
		fence := body[:len(body)-len(rest)-len("suggestion\n")]
		fence = fence[strings.LastIndexByte(fence, '\n')+1:]
		text, ok := strings.CutSuffix(rest, fence+"\n")
		if !ok || strings.Trim(fence, "`") != "" || len(fence) < 3 || strings.Contains(text, fence) {
			t.Fatalf("a fence %q around %q", fence, rest)
		}
		lines = slices.Concat(lines[:first-1], []string{text}, lines[c.GetLine():])
	}
	return strings.Join(lines, "")
}

func TestSuggests(t *testing.T) {
	const base = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\nthirteen\n"
	for name, c := range map[string]struct {
		head, mended string
		comments     int
		note         string
	}{
		"one line":         {strings.Replace(base, "three", "three  ", 1), base, 1, ""},
		"several lines":    {strings.Replace(base, "three\nfour\n", "three \nfour \n", 1), base, 1, ""},
		"two places":       {strings.Replace(strings.Replace(base, "two", "two ", 1), "twelve", "twelve ", 1), base, 2, ""},
		"deletion":         {strings.Replace(base, "three\n", "three\nextra\n", 1), base, 1, ""},
		"insertion":        {strings.Replace(base, "three\n", "x1\nx2\n", 1), strings.Replace(base, "three\n", "x1\nin\nx2\n", 1), 1, ""},
		"at the top":       {"new\n" + base, "// top\nnew\n" + base, 1, ""},
		"grows":            {strings.Replace(base, "three", "a;b;c", 1), strings.Replace(base, "three", "a\nb\nc", 1), 1, ""},
		"backticks":        {strings.Replace(base, "three", "```` x ", 1), strings.Replace(base, "three", "```` x", 1), 1, ""},
		"not in the diff":  {strings.Replace(base, "one", "1", 1), strings.Replace(strings.Replace(base, "one", "1", 1), "thirteen", "13", 1), 0, "1 fix is not suggested: 1 outside of the pull request's diff"},
		"not changed":      {strings.Replace(base, "one", "1", 1), strings.Replace(strings.Replace(base, "one", "1", 1), "two", "2", 1), 0, "on lines that the pull request does not change"},
		"no newline":       {base + "end", base + "end\n", 0, "about the end of a file without a newline"},
		"carriage returns": {strings.Replace(base, "three\n", "three\r\n", 1), base, 0, "about characters that a suggestion cannot hold"},
	} {
		h, gh := newHub(t)
		h.files = []*github.CommitFile{fileOf("other.go", ""), fileOf("dir/a b.go", patchOf(base, c.head))}
		out := outcomeOf()
		out.fixes = []byte(fixesOf("dir/a b.go", c.head, c.mended))
		notes := publish(t.Context(), gh, newStage(t).act, suggesting, out)
		if c.note == "" && notes != nil || c.note != "" && (len(notes) != 1 || !strings.Contains(notes[0], c.note)) {
			t.Errorf("%s: %q", name, notes)
		}
		var got []*github.DraftReviewComment
		for _, r := range h.reviews {
			got = append(got, r.Comments...)
		}
		if len(got) != c.comments || len(h.reviews) != min(1, c.comments) {
			t.Errorf("%s: %d comments in %d reviews", name, len(got), len(h.reviews))
		}
		if c.comments > 0 {
			if mended := commit(t, c.head, got); mended != c.mended {
				t.Errorf("%s: committed, it is\n%s", name, mended)
			}
		}
		publish(t.Context(), gh, newStage(t).act, suggesting, out)
		if len(h.reviews) != min(1, c.comments) {
			t.Errorf("%s: suggested twice", name)
		}
	}
}

// Whatever changed, and whatever fixes do to it: what is suggested can be committed, and
// then it is what the fixes make, but for the fixes that were left out.
func TestSuggestionsMend(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		line := rapid.SampledFrom([]string{"a", "b", "```", "c ", "", "x\ty", "- ", "+1", "@@ -1 +1 @@"})
		text := func(name string) string {
			return strings.Join(append(rapid.SliceOfN(line, 0, 12).Draw(rt, name), ""), "\n")
		}
		head, mended := text("head"), text("mended")
		base := rapid.SampledFrom([]string{"", "z\n", head + "z\n"}).Draw(rt, "base")
		lines := headLines(patchOf(base, head))
		edits, err := parseFixes(fixesOf("x", head, mended))
		if err != nil {
			rt.Fatal(err)
		}
		all, left := located(edits, map[string]map[int]shown{"x": lines})
		var comments []*github.DraftReviewComment
		p := &poster{out: outcomeOf()}
		for _, s := range all {
			c := &github.DraftReviewComment{Line: &s.last, Body: github.String(p.say(s))}
			if s.first < s.last {
				c.StartLine = &s.first
			}
			comments = append(comments, c)
		}
		if base == "" && len(left) > 0 && head != "" {
			rt.Errorf("the whole file is new, and %v is left out", left)
		}
		if len(left) == 0 && len(edits) > 0 {
			if got := commit(t, head, comments); got != mended {
				rt.Errorf("%q is %q, wanted %q", head, got, mended)
			}
		}
	})
}

func TestSuggestsAtMost(t *testing.T) {
	h, gh := newHub(t)
	h.page = 7
	out := outcomeOf()
	for i := range 40 {
		path := fmt.Sprintf("a%02d.go", i)
		h.files = append(h.files, fileOf(path, patchOf("", "x \n")))
		out.fixes = append(out.fixes, fixesOf(path, "x \n", "x\n")...)
		f := finding(rule.Error, path, 1, "trailing space | @octocat")
		f.Fixable = true
		out.report.Findings = append(out.report.Findings, f)
	}
	notes := publish(t.Context(), gh, newStage(t).act, suggesting, out)
	if len(h.reviews) != 1 || len(h.reviews[0].Comments) != 30 || len(notes) != 1 || !strings.Contains(notes[0], "10 beyond the first 30") {
		t.Errorf("%q, %d reviews", notes, len(h.reviews))
	}
	if body := h.reviews[0].Comments[0].GetBody(); !strings.Contains(body, "`no-print`: trailing space &#124; `@octocat`\n\n```suggestion\nx\n```\n") {
		t.Errorf("%q", body)
	}
	// The rest comes with the next run, and then there is nothing more to say.
	publish(t.Context(), gh, newStage(t).act, suggesting, out)
	publish(t.Context(), gh, newStage(t).act, suggesting, out)
	if len(h.reviews) != 2 || len(h.reviews[1].Comments) != 10 {
		t.Errorf("%d reviews", len(h.reviews))
	}
}

// The same change in the same surroundings, elsewhere in the file, is another.
func TestSuggestsEqualPlaces(t *testing.T) {
	h, gh := newHub(t)
	out := outcomeOf()
	for n := 1; n <= 3; n++ {
		head := strings.Repeat("a\nx \nb\nc\n", n)
		h.files = []*github.CommitFile{fileOf("a.go", patchOf("", head))}
		out.fixes = []byte(fixesOf("a.go", head, strings.Repeat("a\nx\nb\nc\n", n)))
		publish(t.Context(), gh, newStage(t).act, suggesting, out)
		if len(h.reviews) != n || len(h.reviews[n-1].Comments) != 1 {
			t.Fatalf("%d places: %d reviews", n, len(h.reviews))
		}
	}
}

// GitHub takes no comment that begins in one hunk and ends in another.
func TestSuggestsWithinAHunk(t *testing.T) {
	lines := headLines("@@ -1 +1 @@\n-a\n+b \n@@ -2 +2 @@\n-c\n+d ")
	if s, why := locate(edit{path: "x", first: 1, before: []string{"b ", "d "}, after: []string{"b", "d"}}, lines); why != notShown {
		t.Errorf("%+v, %q", s, why)
	}
	if _, why := locate(edit{path: "x", first: 2, before: []string{"d "}, after: []string{"d"}}, lines); why != "" {
		t.Error(why)
	}
}

// What was judged may be the merge with the base: where the head has other lines under
// those numbers, nothing is suggested.
func TestSuggestsOnlyWhereTheHeadIsTheSame(t *testing.T) {
	h, gh := newHub(t)
	h.files = []*github.CommitFile{fileOf("a.go", patchOf("", "other\nx \n"))}
	out := outcomeOf()
	out.fixes = []byte(fixesOf("a.go", "x \ny\n", "x\ny\n"))
	if notes := publish(t.Context(), gh, newStage(t).act, suggesting, out); len(notes) != 1 || len(h.reviews) != 0 {
		t.Errorf("%q, %d reviews", notes, len(h.reviews))
	}
}

// A marker in what others wrote keeps nothing from being suggested.
func TestSuggestsDespiteOthers(t *testing.T) {
	h, gh := newHub(t)
	h.files = []*github.CommitFile{fileOf("a.go", patchOf("", "x \n"))}
	out := outcomeOf()
	out.fixes = []byte(fixesOf("a.go", "x \n", "x\n"))
	publish(t.Context(), gh, newStage(t).act, suggesting, out)
	h.replies[0].User = &github.User{Login: github.String("mallory"), Type: github.String("User")}
	publish(t.Context(), gh, newStage(t).act, suggesting, out)
	if len(h.reviews) != 2 {
		t.Errorf("%d reviews", len(h.reviews))
	}
}

func TestSuggestionsRefused(t *testing.T) {
	for _, part := range []string{"files", "reviews", "/pulls/7/comments"} {
		for _, code := range []int{403, 422, 500} {
			h, gh := newHub(t)
			h.files = []*github.CommitFile{fileOf("a.go", patchOf("", "x \n"))}
			h.fail = refuse(part, code)
			out := outcomeOf()
			out.fixes = []byte(fixesOf("a.go", "x \n", "x\n"))
			if notes := publish(t.Context(), gh, newStage(t).act, suggesting, out); len(notes) != 1 || !strings.HasPrefix(notes[0], "no suggested changes: ") {
				t.Errorf("%s, %d: %q", part, code, notes)
			}
		}
	}
	h, gh := newHub(t)
	out := outcomeOf()
	out.fixes = []byte("--- a/x\n+++ nonsense\n@@ x\n")
	if notes := publish(t.Context(), gh, newStage(t).act, suggesting, out); len(notes) != 1 || h.requests != nil {
		t.Errorf("%q", notes)
	}
}

func TestParseFixesOfOddNames(t *testing.T) {
	for in, want := range map[string]string{`b/x y.go`: "x y.go", `"b/t\tb\303\274.go"`: "t\tbü.go", `"b/\377"`: "\xff"} {
		if got, err := fixedName(in); err != nil || got != want {
			t.Errorf("%s is %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "x", `"b/x`, "/dev/null", "b/"} {
		if got, err := fixedName(in); err == nil {
			t.Errorf("%s is %q", in, got)
		}
	}
}

func FuzzParseFixes(f *testing.F) {
	f.Add(fixesOf("x", "a\nb\nc\n", "a\nc\nd"))
	f.Add("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n")
	f.Add("+++ b/x\n@@ -9999999999999999999 +1 @@\n")
	f.Add("+++ b/x\n@@ -9223372036854775807,0 +1 @@\n+a\n")
	f.Fuzz(func(t *testing.T, diff string) {
		edits, err := parseFixes(diff)
		if err != nil {
			return
		}
		for _, e := range edits {
			if e.path == "" || len(e.before)+len(e.after) == 0 || e.first < 0 {
				t.Errorf("%+v", e)
			}
			locate(e, headLines(diff))
		}
	})
}
