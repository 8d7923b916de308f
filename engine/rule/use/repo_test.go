package use

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// fakeRepo is a repository of a few answers.
type fakeRepo struct {
	files      []rule.Entry
	branch     string
	merging    bool
	attributes map[string]string
	exists     map[string]bool // by a link's target
	err        error
	asked      []string // the methods that were called
}

func (r *fakeRepo) Tree(context.Context) (*rule.Tree, error) {
	r.asked = append(r.asked, "tree")
	return rule.NewTree(r.files), r.err
}
func (r *fakeRepo) Changed() []rule.Entry { return r.files }
func (r *fakeRepo) Branch(context.Context) (string, error) {
	return r.branch, r.err
}
func (r *fakeRepo) Merging(context.Context) (bool, error) {
	return r.merging, r.err
}
func (r *fakeRepo) Attribute(_ context.Context, name string, paths []string) (map[string]string, error) {
	r.asked = append(r.asked, "attribute "+name+" of "+strings.Join(paths, " "))
	return r.attributes, r.err
}
func (r *fakeRepo) Exists(_ context.Context, _, target string) (bool, error) {
	return r.exists[target], r.err
}
func (r *fakeRepo) Read(context.Context, string) ([]byte, error) { return nil, fs.ErrNotExist }

var errRepo = errors.New("no git")

// pass returns a pass of a subject's check over a repository.
func (s subject) pass(r *fakeRepo) *rule.Pass {
	return rule.NewPass(context.Background(), &rule.Rule{ID: "id", Severity: rule.Error, Check: s.check}, r)
}

// entry judges one entry, and returns the findings as "path: message" lines.
func (s subject) entry(r *fakeRepo, e rule.Entry, data string) string {
	p := s.pass(r)
	s.check.(rule.FileCheck).CheckFile(p, rule.NewFile(e, []byte(data), nil))
	return said(p)
}

// said returns what a pass reported, findings and faults, a line each.
func said(p *rule.Pass) string {
	var b strings.Builder
	for _, f := range p.Findings() {
		b.WriteString(f.Path + ": " + f.Message + "\n")
	}
	for _, f := range p.Faults() {
		b.WriteString("fault: " + f.Message + "\n")
	}
	return b.String()
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
