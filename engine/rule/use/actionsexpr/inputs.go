package actionsexpr

import (
	"maps"
	"strings"
	"sync"
)

// Context is a value of a context, or one that holds such values further down.
type Context struct {
	// Name is how it is written, such as github.event.issue.title.
	Name string
	kids map[string]*Context // by name in lower case; "*" are all items of a list
	leaf bool                // a stranger can write it
}

// NewContext returns a context of that name that holds nothing yet.
func NewContext(name string) *Context { return &Context{Name: name} }

// Add marks what stands at a path below c as something that a stranger can
// write. The path's names are separated by dots.
func (c *Context) Add(path string) {
	for name := range strings.SplitSeq(path, ".") {
		c = c.kid(name)
	}
	c.leaf = true
}

// kid returns the child of that name, which it makes.
func (c *Context) kid(name string) *Context {
	key := strings.ToLower(name)
	k := c.kids[key]
	if k == nil {
		if c.kids == nil {
			c.kids = map[string]*Context{}
		}
		k = NewContext(c.Name + "." + name)
		c.kids[key] = k
	}
	return k
}

// With returns c with what another context of that name holds; nil holds nothing.
func (c *Context) With(other *Context) *Context {
	if other == nil {
		return c
	}
	out := &Context{Name: c.Name, leaf: c.leaf || other.leaf, kids: maps.Clone(other.kids)}
	for key, k := range c.kids {
		if out.kids == nil {
			out.kids = map[string]*Context{}
		}
		out.kids[key] = k.With(out.kids[key])
	}
	return out
}

// Drop takes a child away.
func (c *Context) Drop(name string) { delete(c.kids, strings.ToLower(name)) }

// untrusted are the values of the context github that whoever can open an issue
// or a pull request chooses. The first are those that GitHub's own guide names
// (docs.github.com/actions/reference/security/secure-use); the others are of
// the same events' payloads (docs.github.com/webhooks/webhook-events-and-payloads).
// What needs the right to write (release names, labels, refs that were pushed)
// is not among them.
const untrusted = `
head_ref
event.issue.title
event.issue.body
event.pull_request.title
event.pull_request.body
event.pull_request.head.ref
event.pull_request.head.label
event.pull_request.head.repo.default_branch
event.comment.body
event.review.body
event.review_comment.body
event.discussion.title
event.discussion.body
event.pages.*.page_name
event.commits.*.message
event.commits.*.author.email
event.commits.*.author.name
event.head_commit.message
event.head_commit.author.email
event.head_commit.author.name

event.answer.body
event.pages.*.title
event.pages.*.summary
event.pull_request.head.repo.description
event.pull_request.head.repo.homepage
event.changes.title.from
event.changes.body.from
event.commits.*.committer.email
event.commits.*.committer.name
event.head_commit.committer.email
event.head_commit.committer.name
event.merge_group.head_commit.message
event.workflow_run.head_branch
event.workflow_run.display_title
event.workflow_run.head_commit.message
event.workflow_run.head_commit.author.email
event.workflow_run.head_commit.author.name
event.workflow_run.head_commit.committer.email
event.workflow_run.head_commit.committer.name
event.workflow_run.head_repository.description
event.workflow_run.pull_requests.*.head.ref
`

// GitHub returns the context github. It must not be changed.
var GitHub = sync.OnceValue(func() *Context {
	c := NewContext("github")
	for _, path := range strings.Fields(untrusted) {
		c.Add(path)
	}
	return c
})
