package source

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Commits returns the ids of the commits that refs name, "" for each that names
// none here.
func (s *Source) Commits(ctx context.Context, refs ...string) ([]string, error) {
	if s.git == nil {
		return make([]string, len(refs)), nil
	}
	return s.git.resolve(ctx, refs...)
}

// MergeBase returns the best common ancestor of two commits that are here, "" if
// there is none, as at the border of a shallow clone.
func (s *Source) MergeBase(ctx context.Context, a, b string) (string, error) {
	return s.git.mergeBase(ctx, a, b)
}

// Shallow says whether the history was cut off when it was cloned.
func (s *Source) Shallow() bool { return s.git != nil && s.shallow() }

// Parents returns the ids of a commit's parents as the commit names them: those
// that a shallow clone left out are among them.
func (s *Source) Parents(ctx context.Context, id string) ([]string, error) {
	var data []byte
	var err error
	switch g := s.git.(type) {
	case *gitBackend:
		data, err = g.run(ctx, nil, "cat-file", "commit", id)
	case *pureBackend:
		g.mu.Lock()
		data, err = g.store().whole(plumbing.CommitObject, id)
		g.mu.Unlock()
	}
	return parseCommit(string(data)).parents, err
}

// Remote is where Fetch fetches from.
type Remote struct {
	URL   string
	Token string // password of x-access-token; "" is none
}

// ErrNoGit says that there is no git binary to fetch with.
var ErrNoGit = errors.New("there is no git on the PATH")

// Fetch brings commits of a remote here, without tags and without writing a ref:
// with their history into a whole clone, without it into a shallow one. The token
// goes to git in its environment, where no list of processes shows it. What was
// opened before may not see what came: open the source again.
func (s *Source) Fetch(ctx context.Context, from Remote, refs ...string) error {
	bin := findGit(s.opts.Env)
	if bin == "" {
		return ErrNoGit
	}
	args := []string{"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"}
	if s.shallow() {
		args = append(args, "--depth=1") // in a whole clone it would cut the history off
	}
	g := gitCmd{bin: bin, dir: s.root, env: configEnv(gitEnv(CommandEnv(s.opts.Env)), from.config(s.root))}
	_, err := g.run(ctx, nil, append(append(args, "--", from.URL), refs...)...)
	return err
}

// config is git's configuration for one fetch: names and values in turns.
func (r Remote) config(root string) []string {
	c := []string{
		"safe.directory", root, // a container's worktree belongs to another user
		"gc.auto", "0", "maintenance.auto", "false",
		"credential.helper", "", // ask nobody
	}
	u, err := url.Parse(r.URL)
	if err != nil || r.Token == "" || u.Host == "" {
		return c
	}
	// A checkout may have left a header of its own in the repository, and two make
	// GitHub answer 400: an empty value drops the others (git-config, http.extraHeader).
	header := fmt.Sprintf("http.%s://%s/.extraheader", u.Scheme, u.Host)
	secret := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + r.Token))
	return append(c, header, "", header, "AUTHORIZATION: basic "+secret)
}

// configEnv returns env with git's configuration in it (git-config, GIT_CONFIG_COUNT).
func configEnv(env, config []string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "GIT_CONFIG_") || strings.HasPrefix(kv, "GIT_TRACE") || strings.HasPrefix(kv, "GIT_CURL_VERBOSE")
	})
	for i := 0; i+1 < len(config); i += 2 {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i/2, config[i]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i/2, config[i+1]))
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(config)/2))
}
