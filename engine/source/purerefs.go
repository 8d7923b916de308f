package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

const maxRefLinks = 5 // how far git follows symbolic refs

// readRef reads a ref by its full name, following symbolic ones: the last name
// on the way, and the id, which is "" where that name is not there (a branch
// before its first commit). A detached HEAD has no name.
func (p place) readRef(name string) (last, id string, err error) {
	for range maxRefLinks {
		value, err := p.looseRef(name)
		if err != nil {
			return "", "", err
		}
		if target, ok := strings.CutPrefix(value, "ref: "); ok {
			name, last = target, target
			continue
		}
		if value == "" {
			value, err = p.packedRef(name)
		}
		return last, value, err
	}
	return "", "", fmt.Errorf("%s: too many symbolic refs in a row", name)
}

// looseRef reads a ref's own file. HEAD and its like belong to the worktree,
// names below refs/ to all (but refs/bisect, refs/worktree, refs/rewritten).
func (p place) looseRef(name string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("%q is no name of a ref", name)
	}
	dir := p.gitDir
	if strings.HasPrefix(name, "refs/") && !strings.HasPrefix(name, "refs/bisect/") &&
		!strings.HasPrefix(name, "refs/worktree/") && !strings.HasPrefix(name, "refs/rewritten/") {
		dir = p.commonDir
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	if err != nil && (errors.Is(err, fs.ErrNotExist) || isNotDir(err)) || err == nil && info.IsDir() {
		return "", nil
	}
	data, err := readSmall(path)
	return strings.TrimSpace(string(data)), err
}

// packedRef looks a name up in packed-refs: "id name", and for tags a line "^id".
func (p place) packedRef(name string) (string, error) {
	data, err := readSmall(filepath.Join(p.commonDir, "packed-refs"))
	if err != nil && !os.IsNotExist(err) {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if id, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && rest == name {
			return id, nil
		}
	}
	return "", nil
}

// resolve reads names as gitrevisions(7) has them: a ref, a whole or cut id,
// with ~n and ^n behind it.
func (b *pureBackend) resolve(_ context.Context, refs ...string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := make([]string, len(refs))
	for i, ref := range refs {
		name, steps := ref, ""
		if n := strings.IndexAny(ref, "~^"); n >= 0 {
			name, steps = ref[:n], ref[n:]
		}
		if name == "@" {
			name = "HEAD"
		}
		if strings.ContainsAny(name, "@:") && strings.ContainsAny(name, "{:") || strings.Contains(steps, "{") {
			return nil, unsupported("%q is written in a way", ref)
		}
		id, err := b.named(name)
		if err == nil && id != "" {
			id, err = b.steps(id, steps)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ref, err)
		}
		ids[i] = id
	}
	return ids, nil
}

// named returns the commit that a ref or an id names, "" if none.
func (b *pureBackend) named(name string) (string, error) {
	if name == "" || strings.HasPrefix(name, "-") {
		return "", nil
	}
	if len(name) == 2*b.idSize() && isHex(name) {
		return b.peel(strings.ToLower(name))
	}
	for _, rule := range []string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"} {
		full := fmt.Sprintf(rule, name)
		if rule == "%s" && !strings.HasPrefix(name, "refs/") && strings.ToUpper(name) != name {
			continue // only HEAD, ORIG_HEAD and the like lie outside of refs/
		}
		if _, id, err := b.readRef(full); err == nil && id != "" {
			return b.peel(id)
		}
	}
	if len(name) >= 4 && isHex(name) {
		return b.cut(strings.ToLower(name))
	}
	return "", nil
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// cut finds the one commit whose id begins so.
func (b *pureBackend) cut(prefix string) (string, error) {
	ids, err := b.store().files.withPrefix(prefix)
	if err != nil {
		return "", err
	}
	found := ""
	for _, id := range ids {
		if id, err := b.peel(id); err == nil && id != "" && id != found {
			if found != "" {
				return "", nil // ambiguous
			}
			found = id
		}
	}
	return found, nil
}

// peel follows tags to a commit; "" where there is none behind it.
func (b *pureBackend) peel(id string) (string, error) {
	for range maxRefLinks {
		kind, err := b.kind(id)
		if errors.Is(err, errNoObject) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		switch kind {
		case "commit":
			return id, nil
		case "tag":
			data, err := b.store().whole(plumbing.TagObject, id)
			if err != nil {
				return "", err
			}
			line, _, _ := strings.Cut(string(data), "\n")
			id = strings.TrimPrefix(line, "object ")
		default:
			return "", nil
		}
	}
	return "", nil
}

// kind returns an object's type.
func (b *pureBackend) kind(id string) (string, error) {
	obj, err := b.store().object(plumbing.AnyObject, id)
	if err != nil {
		return "", err
	}
	obj.close()
	return obj.kind, nil
}

// steps walks ~n (n first parents) and ^n (the n-th parent).
func (b *pureBackend) steps(id, steps string) (string, error) {
	for steps != "" && id != "" {
		op := steps[0]
		rest := strings.TrimLeft(steps[1:], "0123456789")
		n := 1
		if digits := steps[1 : len(steps)-len(rest)]; digits != "" {
			n, _ = strconv.Atoi(digits) // too many digits give the largest number
		}
		if op != '~' && op != '^' || n > 1<<20 {
			return "", nil
		}
		var err error
		if id, err = b.step(id, op, n); err != nil {
			return "", err
		}
		steps = rest
	}
	return id, nil
}

func (b *pureBackend) step(id string, op byte, n int) (string, error) {
	if op == '^' {
		if n == 0 {
			return id, nil
		}
		c, err := b.commit(id)
		if err != nil || len(c.parents) < n {
			return "", err
		}
		return c.parents[n-1], nil
	}
	for range n {
		c, err := b.commit(id)
		if err != nil || len(c.parents) == 0 {
			return "", err
		}
		id = c.parents[0]
	}
	return id, nil
}
