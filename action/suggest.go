package action

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
)

const (
	mostSuggestions = 30
	mostLines       = 100 // that one suggestion replaces: beyond, nobody reads it
	mostFilePages   = 30  // of 100 files: GitHub lists 3,000
)

// suggestion is an edit where it can be put into a review.
type suggestion struct {
	path        string
	first, last int // lines at the head that it replaces
	text        []string
	id          string // of what it says, wherever the lines move
}

// suggest posts what fixes would change, where the pull request changes those lines,
// as one review of suggested changes; none that was suggested before.
// https://docs.github.com/rest/pulls/reviews#create-a-review-for-a-pull-request
func (p *poster) suggest(ctx context.Context) []string {
	if len(p.out.fixes) == 0 {
		return nil
	}
	if why := p.why(); why != "" {
		return []string{"no suggested changes: " + why}
	}
	edits, err := parseFixes(string(p.out.fixes))
	if err != nil {
		return []string{"no suggested changes: " + clipNote(err.Error())}
	}
	note, err := p.review(ctx, edits)
	if err != nil {
		note = "no suggested changes: " + p.reason(err)
	}
	if note == "" {
		return nil
	}
	return []string{note}
}

func (p *poster) review(ctx context.Context, edits []edit) (note string, err error) {
	files, err := p.pullLines(ctx)
	if err != nil {
		return "", err
	}
	all, left := located(edits, files)
	number(all)
	known, err := p.suggested(ctx)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(s suggestion) bool { return known[s.id] })
	if n := len(all) - mostSuggestions; n > 0 {
		left[fmt.Sprintf("beyond the first %d of a review", mostSuggestions)] = n
		all = all[:mostSuggestions]
	}
	if len(all) > 0 {
		if err := p.post(ctx, all); err != nil {
			return "", err
		}
	}
	return leftOut(left), nil
}

// leftOut says what fixes are no suggestions.
func leftOut(left map[string]int) string {
	if len(left) == 0 {
		return ""
	}
	n := 0
	var whys []string
	for why, k := range left {
		n += k
		whys = append(whys, fmt.Sprintf("%d %s", k, why))
	}
	slices.Sort(whys)
	return fmt.Sprintf("%s not suggested: %s; `sot fix` makes them", report.Plural(n, "fix is", "fixes are"), strings.Join(whys, ", "))
}

// pullLines are the lines at the head that the pull request's diff shows, by path.
func (p *poster) pullLines(ctx context.Context) (map[string]map[int]shown, error) {
	out := map[string]map[int]shown{}
	o := &github.ListOptions{PerPage: 100}
	for range mostFilePages {
		files, resp, err := apiCall(ctx, func(ctx context.Context) ([]*github.CommitFile, *github.Response, error) {
			return p.gh.PullRequests.ListFiles(ctx, p.out.place.owner, p.out.place.repo, p.out.place.pull, o)
		})
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			out[f.GetFilename()] = headLines(f.GetPatch())
		}
		if o.Page = resp.NextPage; o.Page == 0 {
			break
		}
	}
	return out, nil
}

// Why an edit is no suggestion.
const (
	notShown   = "outside of the pull request's diff"
	notChanged = "on lines that the pull request does not change"
	notEnded   = "about the end of a file without a newline"
	notText    = "about characters that a suggestion cannot hold"
	tooLong    = "over too many lines"
)

// located are the suggestions that edits make, and how many make none, by the reason.
func located(edits []edit, files map[string]map[int]shown) (all []suggestion, left map[string]int) {
	left = map[string]int{}
	for _, e := range edits {
		s, why := locate(e, files[e.path])
		if why != "" {
			left[why]++
			continue
		}
		if n := len(all); n > 0 && all[n-1].path == s.path && all[n-1].last == s.first {
			// Something comes before a line, and something behind it: one suggestion,
			// or committing both would double the line.
			all[n-1].text = append(all[n-1].text, s.text[1:]...)
			all[n-1].last = s.last
			all[n-1].id += s.id
			continue
		}
		all = append(all, s)
	}
	return all, left
}

// locate puts an edit on lines that the pull request's diff shows. What is judged may
// be the merge with the base, where lines have other numbers: an edit counts where the
// head has the same lines there. Lines that are only put in hang on the line before,
// else on the one behind.
func locate(e edit, lines map[int]shown) (s suggestion, why string) {
	switch {
	case e.ended:
		return s, notEnded
	case len(e.before) > mostLines || len(e.after) > 2*mostLines:
		return s, tooLong
	case slices.ContainsFunc(slices.Concat(e.before, e.after), unsayable):
		return s, notText
	}
	s = suggestion{path: e.path, first: e.first, last: e.first + len(e.before) - 1, text: e.after}
	if len(e.before) == 0 {
		before, first := lines[e.first-1], lines[e.first]
		switch {
		case before.added:
			s.first, s.last, s.text = e.first-1, e.first-1, slices.Concat([]string{before.text}, e.after)
		case first.added:
			s.first, s.last, s.text = e.first, e.first, slices.Concat(e.after, []string{first.text})
		default:
			return s, notChanged
		}
		if unsayable(before.text) || unsayable(first.text) {
			return s, notText
		}
	}
	added := false
	for n := s.first; n <= s.last; n++ {
		at, ok := lines[n]
		if !ok || at.hunk != lines[s.first].hunk || len(e.before) > 0 && at.text != e.before[n-s.first] {
			return s, notShown
		}
		added = added || at.added
	}
	if !added {
		return s, notChanged
	}
	// What surrounds it is part of what it is, so that the same change elsewhere is another.
	sum := sha256.Sum256([]byte(strings.Join(slices.Concat([]string{e.path, lines[s.first-1].text, lines[s.last+1].text, "\x00"}, e.before, []string{"\x00"}, e.after), "\n")))
	s.id = fmt.Sprintf("%x", sum[:12])
	return s, ""
}

// unsayable says whether a line would not be the same after a round trip through a
// comment.
func unsayable(line string) bool {
	return !utf8.ValidString(line) || strings.ContainsAny(line, "\r\x00")
}

// number tells suggestions apart that are the same in the same surroundings.
func number(all []suggestion) {
	seen := map[string]int{}
	for i := range all {
		id := all[i].id
		if n := seen[id]; n > 0 {
			all[i].id = fmt.Sprintf("%s.%d", id, n)
		}
		seen[id]++
	}
}

const suggestionMark = "<!-- sot:suggestion "

// suggested are the suggestions that the token has posted on the pull request.
func (p *poster) suggested(ctx context.Context) (map[string]bool, error) {
	known := map[string]bool{}
	o := &github.PullRequestListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for range mostPages {
		page, resp, err := apiCall(ctx, func(ctx context.Context) ([]*github.PullRequestComment, *github.Response, error) {
			return p.gh.PullRequests.ListComments(ctx, p.out.place.owner, p.out.place.repo, p.out.place.pull, o)
		})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			id, ok := strings.CutPrefix(c.GetBody(), suggestionMark)
			if ok && p.mine(ctx, c.GetUser()) {
				id, _, _ = strings.Cut(id, " ")
				known[id] = true
			}
		}
		if o.Page = resp.NextPage; o.Page == 0 {
			break
		}
	}
	return known, nil
}

func (p *poster) post(ctx context.Context, all []suggestion) error {
	right := "RIGHT"
	review := &github.PullRequestReviewRequest{
		CommitID: &p.out.place.head, Event: github.String("COMMENT"),
		Body: github.String(fmt.Sprintf("sot can mend %s here: commit the suggestions that you agree with, or run `sot fix`.", report.Plural(len(all), "place", "places"))),
	}
	for _, s := range all {
		c := &github.DraftReviewComment{Path: github.String(s.path), Line: github.Int(s.last), Side: &right, Body: github.String(p.say(s))}
		if s.first < s.last {
			c.StartLine, c.StartSide = github.Int(s.first), &right
		}
		review.Comments = append(review.Comments, c)
	}
	_, _, err := apiCall(ctx, func(ctx context.Context) (*github.PullRequestReview, *github.Response, error) {
		return p.gh.PullRequests.CreateReview(ctx, p.out.place.owner, p.out.place.repo, p.out.place.pull, review)
	})
	return err
}

// say is a suggestion's comment: what it is for, and the lines to put there, between a
// fence longer than any of theirs.
func (p *poster) say(s suggestion) string {
	var b strings.Builder
	b.WriteString(suggestionMark + s.id + " -->\n")
	var said []string
	for _, f := range standing(p.out.report) {
		if !f.Fixable || f.Path != s.path || f.Line < s.first || f.Line > s.last || len(said) == 5 {
			continue
		}
		line := report.MarkdownCode(clip(f.Rule, 100)) + ": " + report.MarkdownText(clip(f.Message, 500))
		if !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	if len(said) > 0 {
		b.WriteString(strings.Join(said, "  \n") + "\n\n")
	}
	fence := "```"
	for strings.Contains(strings.Join(s.text, "\n"), fence) {
		fence += "`"
	}
	b.WriteString(fence + "suggestion\n")
	for _, l := range s.text {
		b.WriteString(l + "\n")
	}
	b.WriteString(fence + "\n")
	return b.String()
}
