package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/source"
)

// target is what a run judges, once it is known to be all there.
type target struct {
	source   source.Options
	compared string  // for people
	changed  changed // where the source does not know the lines; else nil
	nothing  bool    // there is nothing to judge, and compared says why
	// untrusted says that no command may run on it.
	untrusted bool
	// foreign says that it is not what the event vouches for, whether that is
	// allowed or not.
	foreign bool
	note    string // for people; "" is nothing to say
}

// finder finds out what an aim comes to in one checkout. It asks, in this order:
// the checkout's own history; the checkout's border, with what is behind it
// fetched; the API. Each of them says exactly the same, or that it cannot.
type finder struct {
	aim
	dir    string
	env    []string
	remote source.Remote
	gh     *github.Client // nil: no API
	at     place
	origin origin
	// allowed says that untrusted code may bring its rules and run commands.
	allowed bool
	foreign bool // what is checked out is not what the event vouches for

	src   *source.Source
	head  string   // commit that is checked out
	tried []string // why what was tried did not do
	asked func() (comparison, error)
	until time.Time // the end of what the API may take; zero is not asked yet
}

// fetchTime is how long one fetch may take: it brings one commit, with its files.
const fetchTime = 2 * time.Minute

// find returns what to judge. A *UsageError says what the workflow must change.
func (f *finder) find(ctx context.Context) (target, error) {
	if f.nothing {
		return target{nothing: true, compared: f.why, foreign: f.origin.untrusted}, nil
	}
	if err := f.open(ctx); err != nil {
		return target{}, err
	}
	defer func() { _ = f.src.Close() }()
	if err := f.distrust(ctx); err != nil {
		return target{}, err
	}
	t, err := f.compare(ctx)
	t.untrusted, t.foreign, t.note = f.foreign && !f.allowed, f.foreign, f.strangeNote()
	return t, err
}

// compare finds out what changed.
func (f *finder) compare(ctx context.Context) (target, error) {
	o := source.Options{Dir: f.dir, Env: f.env, Mode: source.All, Tracked: true}
	if err := f.readPolicy(ctx, &o); err != nil {
		return target{}, err
	}
	if f.everything {
		return target{source: o, compared: f.why}, nil
	}
	if err := f.checkHead(ctx); err != nil {
		return target{}, err
	}
	o.Mode = source.Range
	for _, way := range []func(context.Context, *source.Options) (string, error){f.local, f.behind, f.forkPoint} {
		compared, err := way(ctx, &o)
		if ctx.Err() != nil {
			return target{}, ctx.Err()
		}
		if err == nil {
			return target{source: o, compared: compared}, nil
		}
		f.note(err)
	}
	files, compared, err := f.listed(ctx)
	if err != nil {
		f.note(err)
		return target{}, f.cannot()
	}
	for i := range files {
		o.Changes = append(o.Changes, files[i].Change)
	}
	if o.Changes == nil {
		o.Changes = []source.Change{} // an empty list is one as well
	}
	return target{source: o, compared: compared, changed: linesOf(files)}, nil
}

// open opens the checkout as it is now.
func (f *finder) open(ctx context.Context) error {
	if f.src != nil {
		_ = f.src.Close()
	}
	var err error
	if f.src, err = source.Open(ctx, source.Options{Dir: f.dir, Env: f.env, Mode: source.All, Tracked: true}); err != nil {
		return err
	}
	ids, err := f.src.Commits(ctx, "HEAD")
	if err != nil {
		return err
	}
	if f.head = ids[0]; f.head != "" {
		return nil
	}
	if inner, err := fs.Glob(os.DirFS(f.dir), "*/.git"); err == nil && len(inner) > 0 {
		return usagef("%s holds no commit, but its folder %s is a repository: the step judges the workspace, so give actions/checkout no `path`",
			f.dir, path.Dir(inner[0]))
	}
	files, err := f.src.Files(ctx) // a folder without git can be judged whole
	if err != nil {
		return err
	}
	if !f.everything || f.policy != "" || len(files) == 0 {
		return usagef("%s holds no commit: put a step with actions/checkout before this one", f.dir)
	}
	return nil
}

// note keeps why something did not do, each reason once.
func (f *finder) note(err error) {
	if why := err.Error(); why != "" && !slices.Contains(f.tried, why) {
		f.tried = append(f.tried, why)
	}
}

func (f *finder) cannot() error {
	return usagef("what changed cannot be told (%s); give actions/checkout `fetch-depth: 0`, or this step `files: all`", strings.Join(f.tried, "; "))
}

// readPolicy sees to it that the commit which says how untrusted code is judged
// is here.
func (f *finder) readPolicy(ctx context.Context, o *source.Options) error {
	if f.policy == "" {
		return nil
	}
	o.Policy = f.policy
	if f.here(ctx, f.policy) {
		return nil
	}
	if err := f.fetch(ctx, f.policy); err != nil {
		return usagef("the rules come from commit %s, because the code is not trusted, and it is not here (%v); give actions/checkout `fetch-depth: 0`", short(f.policy), err)
	}
	return nil
}

// here says whether a commit is in the checkout.
func (f *finder) here(ctx context.Context, id string) bool {
	ids, err := f.src.Commits(ctx, id)
	return err == nil && ids[0] == id
}

// fetch brings a commit into the checkout.
func (f *finder) fetch(ctx context.Context, ref string) error {
	limited, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	err := f.src.Fetch(limited, f.remote, ref)
	switch {
	case err != nil && ctx.Err() == nil && limited.Err() != nil:
		return fmt.Errorf("git fetch did not end within %s", fetchTime)
	case err != nil:
		return errors.New(cutLine(err.Error()))
	}
	return f.open(ctx)
}

// cutLine is the first line of a message, shortened.
func cutLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "..."
	}
	return s
}

// checkHead fails where something else is checked out than the event is about:
// every comparison would be of the wrong thing, and often of nothing.
func (f *finder) checkHead(ctx context.Context) error {
	if f.aim.head == "" || f.head == f.aim.head {
		return nil
	}
	parents, err := f.src.Parents(ctx, f.head)
	if err != nil {
		return err
	}
	if slices.Contains(parents, f.aim.head) {
		return nil // the merge that GitHub made of it, or a commit of the workflow's on top
	}
	if f.here(ctx, f.aim.head) {
		if base, err := f.src.MergeBase(ctx, f.aim.head, f.head); err == nil && base == f.aim.head {
			return nil
		}
	}
	other := ", or this step `files: all` or a `base`"
	if f.untrusted { // by itself actions/checkout takes the base: what passes there says nothing of the change
		other = ""
	}
	return usagef("commit %s is checked out, and the event is about %s; give actions/checkout `ref: %s`%s", short(f.head), short(f.aim.head), f.aim.head, other)
}

// local compares with what the checkout's history says.
func (f *finder) local(ctx context.Context, o *source.Options) (string, error) {
	if base, err := f.mergedInto(ctx); err != nil {
		return "", err
	} else if base != "" && f.here(ctx, base) {
		o.Against = []string{base}
		return "commit " + short(base) + ", into which the pull request is merged here", nil
	}
	for _, name := range f.names() {
		ids, err := f.src.Commits(ctx, name)
		if err != nil || ids[0] == "" {
			continue
		}
		if f.ancestor {
			o.Against = ids
			return fmt.Sprintf("commit %s, %s", short(ids[0]), f.says), nil
		}
		base, err := f.src.MergeBase(ctx, ids[0], f.head)
		if err != nil {
			return "", err
		}
		if base != "" {
			o.Against = []string{base}
			return fmt.Sprintf("commit %s, the merge base with %s (%s)", short(base), short(f.base), f.says), nil
		}
		return "", fmt.Errorf("the checkout's history does not reach back to where %s parted", short(f.base))
	}
	return "", fmt.Errorf("%s is not in the checkout", short(f.base))
}

// names are what the base may be called here.
func (f *finder) names() []string {
	if isID(f.base) {
		return []string{f.base}
	}
	if branch, ok := strings.CutPrefix(f.base, "refs/heads/"); ok { // as github.ref has it
		return []string{"refs/remotes/origin/" + branch, f.base}
	}
	return []string{"refs/remotes/origin/" + f.base, "refs/tags/" + f.base, "refs/heads/" + f.base, f.base}
}

// mergedInto returns the commit that a pull request was merged into for this
// run: the first parent of the merge that GitHub made, which the merge names even
// where the checkout has nothing but the merge. The event's base may be older, so
// that a comparison with it would show other people's changes as well.
func (f *finder) mergedInto(ctx context.Context) (string, error) {
	if f.pull == 0 || f.head == f.aim.head {
		return "", nil
	}
	parents, err := f.src.Parents(ctx, f.head)
	if err != nil || len(parents) != 2 || parents[1] != f.aim.head || !isID(parents[0]) {
		return "", err
	}
	return parents[0], nil
}

// behind fetches the commit to compare with, where it is known which that is.
func (f *finder) behind(ctx context.Context, o *source.Options) (string, error) {
	base, err := f.mergedInto(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case base != "":
	case isID(f.base) && (f.ancestor || !f.src.Shallow() && !f.here(ctx, f.base)):
		base = f.base // a name would have none here: a fetch writes no ref
	default:
		return "", errors.New("") // the history is what is missing
	}
	if err := f.fetch(ctx, base); err != nil {
		return "", err
	}
	compared, err := f.local(ctx, o)
	return compared + " (fetched)", err
}

// forkPoint asks the API where the base and the head parted, and fetches that.
//
// What GitHub merged for the run holds other people's changes since then as well.
func (f *finder) forkPoint(ctx context.Context, o *source.Options) (string, error) {
	if base, err := f.mergedInto(ctx); err != nil || base != "" {
		return "", cmp.Or(err, errors.New("")) // that commit would do, and could not be had
	}
	c, err := f.ask(ctx)
	if err != nil {
		return "", err
	}
	if c.mergeBase == "" {
		return "", errors.New("the API's comparison names no merge base")
	}
	if !f.here(ctx, c.mergeBase) {
		if err := f.fetch(ctx, c.mergeBase); err != nil {
			return "", err
		}
	}
	o.Against = []string{c.mergeBase}
	return fmt.Sprintf("commit %s, the merge base with %s (%s; the API says so)", short(c.mergeBase), short(f.base), f.says), nil
}

// ask asks the API to compare the base with the head, once.
func (f *finder) ask(ctx context.Context) (comparison, error) {
	if f.asked == nil {
		f.asked = sync.OnceValues(func() (comparison, error) {
			if f.gh == nil {
				return comparison{}, errNoAPI
			}
			head := f.aim.head // the API knows this one, and perhaps not one that the workflow made
			if head == "" {
				head = f.head
			}
			ctx, cancel := f.bound(ctx)
			defer cancel()
			return compare(ctx, f.gh, f.at, f.base, head)
		})
	}
	return f.asked()
}

// bound gives a question to the API what is left of the time for all of them.
func (f *finder) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.until.IsZero() {
		f.until = time.Now().Add(apiTime)
	}
	return context.WithDeadline(ctx, f.until)
}

var errNoAPI = &noAPI{}

type noAPI struct{}

func (*noAPI) Error() string { return "without github-token there is no API to ask" }

// listed asks the API for the files that changed.
func (f *finder) listed(ctx context.Context) ([]change, string, error) {
	if f.pull > 0 && f.gh != nil {
		ctx, cancel := f.bound(ctx)
		defer cancel()
		files, err := pullFiles(ctx, f.gh, f.at, f.pull, f.files)
		if err == nil {
			err = stillAt(ctx, f.gh, f.at, f.pull, f.aim.head) // asked after the list, so that it holds for it
		}
		return files, fmt.Sprintf("the API's list of the %d files of pull request #%d", len(files), f.pull), err
	}
	c, err := f.ask(ctx)
	if err == nil {
		err = c.why
	}
	return c.files, fmt.Sprintf("the API's list of the %d files that differ from the merge base with %s (%s)", len(c.files), short(f.base), f.says), err
}
