package source

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// The oracle is git's own porcelain, asked in other ways than the package asks
// it, wherever there are several.

// line is what both sides are compared by: status, path, old path, content.
func line(status byte, path, old, content string) string {
	if old == path {
		old = ""
	}
	sum := sha256.Sum256([]byte(content))
	if content != absentContent {
		content = fmt.Sprintf("%x", sum[:4])
	}
	return fmt.Sprintf("%c %q <%q %s", status, path, old, content)
}

const absentContent = "-"

// oracle returns git's answer for a mode.
func (r *testRepo) oracle(mode Mode, base, head string) []string {
	r.t.Helper()
	r = r.with("GIT_OPTIONAL_LOCKS=0") // `git diff` would refresh the index for those who come after
	var out []string
	switch {
	case mode == All:
		missing := records(r.git("ls-files", "-d", "-z"))
		unmerged := map[string]bool{}
		for _, rec := range records(r.git("ls-files", "-u", "-z")) {
			_, path, _ := strings.Cut(rec, "\t")
			unmerged[path] = true
		}
		for _, rec := range records(r.git("ls-files", "-v", "-z")) {
			tag, path := rec[0], rec[2:]
			status := byte(' ')
			if unmerged[path] {
				status = 'U'
			}
			content, there := r.worktree(path)
			switch {
			case there:
			case tag == 'S' || tag == 's':
				continue // left out by a sparse checkout
			case slices.Contains(missing, path) || !there:
				status, content = 'D', absentContent
			}
			out = append(out, line(status, path, "", content))
		}
		out = append(out, r.others()...)
	case mode == Staged:
		out = r.status(func(path string) string { return r.git("show", ":"+path) }, "--cached")
	case mode == Range && head != "":
		mb := strings.TrimSpace(r.git("merge-base", base, head))
		out = r.status(func(path string) string { return r.git("show", head+":"+path) }, mb, head)
	default:
		against := "HEAD"
		if mode == Range {
			against = strings.TrimSpace(r.git("merge-base", base, "HEAD"))
		} else if _, err := r.try("rev-parse", "--verify", "-q", "HEAD"); err != nil {
			against = strings.TrimSpace(r.git("hash-object", "-t", "tree", "/dev/null"))
		}
		seen := map[string]int{}
		for _, l := range r.status(func(path string) string { c, _ := r.worktree(path); return c }, against) {
			seen[pathOf(l)] = len(out)
			out = append(out, l)
		}
		for _, l := range r.others() {
			if i, ok := seen[pathOf(l)]; ok {
				out[i] = l // removed from the index alone
				continue
			}
			out = append(out, l)
		}
		for _, rec := range records(r.git("ls-files", "-u", "-z")) {
			_, path, _ := strings.Cut(rec, "\t")
			status := byte('U')
			content, there := r.worktree(path)
			if !there {
				status = 'D'
			}
			l := line(status, path, "", content)
			if i, ok := seen[pathOf(l)]; ok {
				out[i] = l
				continue
			}
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func pathOf(l string) string { return l[2 : strings.Index(l, " <")+1] }

// status is `git diff --name-status`, with content.
func (r *testRepo) status(content func(string) string, args ...string) []string {
	r.t.Helper()
	args = append([]string{"-c", "core.fsmonitor=false", "diff", "--name-status", "-z", "-M", "--ignore-submodules=dirty"}, append(args, "--")...)
	rec := records(r.git(args...))
	modules := map[string]bool{}
	for _, l := range records(r.git("ls-files", "-s", "-z")) {
		if meta, path, _ := strings.Cut(l, "\t"); strings.HasPrefix(meta, "160000") {
			modules[path] = true
		}
	}
	byPath := map[string]string{}
	for i := 0; i < len(rec); i++ {
		s, old := rec[i][0], ""
		if s == 'R' {
			i++
			old = rec[i]
		}
		i++
		path := rec[i]
		body := absentContent
		switch {
		case s == 'D':
		case modules[path]:
			body = ""
		case s == 'U':
			body, _ = r.worktree(path)
		default:
			body = content(path)
		}
		if prev, ok := byPath[path]; ok && prev[0] == 'U' {
			continue
		}
		byPath[path] = line(s, path, old, body)
	}
	var out []string
	for _, l := range byPath {
		out = append(out, l)
	}
	return out
}

func (r *testRepo) others() []string {
	var out []string
	for _, path := range records(r.git("ls-files", "-o", "--exclude-standard", "-z")) {
		if !strings.HasSuffix(path, "/") {
			content, _ := r.worktree(path)
			out = append(out, line('?', path, "", content))
		}
	}
	return out
}

// worktree returns a file's bytes, or a link's target, and whether it is there.
func (r *testRepo) worktree(path string) (string, bool) {
	info, err := lstatBeneath(r.dir, path)
	switch {
	case err != nil:
		return absentContent, false
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(r.path(path))
		r.must(err)
		return target, true
	case info.IsDir():
		_, err := os.Lstat(r.path(path + "/.git"))
		return "", err == nil || strings.Contains(r.git("ls-files", "-s", "--", path), "160000")
	case info.Mode().IsRegular():
		data, err := os.ReadFile(r.path(path))
		r.must(err)
		return string(data), true
	}
	return absentContent, false
}

// answerOf is what a source says, in the oracle's form.
func answerOf(t testing.TB, s *Source) ([]string, error) {
	files, err := s.Files(t.Context())
	if err != nil {
		return nil, err
	}
	if !slices.IsSortedFunc(files, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) }) {
		t.Errorf("%s: files are not sorted", s.Name())
	}
	reader := s.NewReader()
	defer func() { _ = reader.Close() }()
	out := []string{}
	var buf []byte
	for _, e := range files {
		if e.Status == rule.Deleted && e.Mode != 0 {
			t.Errorf("%s: %s is deleted and has the mode %o", s.Name(), e.Path, e.Mode)
		}
		data, err := reader.Read(&e, buf, 0)
		content := string(data)
		if e.Status == rule.Deleted {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: reading the deleted %s: %v", s.Name(), e.Path, err)
			}
			content, err = absentContent, nil
		}
		if err != nil {
			return nil, err
		}
		if e.Exact() != "" && e.Mode.Regular() && !isBlob(data, e.Blob) {
			t.Errorf("%s: %s has the blob %s, which its content is not", s.Name(), e.Path, e.Blob)
		}
		buf = data[:0]
		old := ""
		if e.Status == rule.Renamed {
			old = e.Before().Path
		}
		out = append(out, line(byte(e.Status), e.Path, old, content))
	}
	slices.Sort(out)
	return out, nil
}
