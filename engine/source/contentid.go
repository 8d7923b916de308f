package source

import (
	"context"
	"crypto/sha1" //nolint:gosec // git's object ids
)

// ContentID returns the object id of the bytes that Read returns for a path, in
// hex: for a file that git knows to be unchanged without reading it. It fails
// with fs.ErrNotExist where there is no such file.
func (s *Source) ContentID(ctx context.Context, name string) (string, error) {
	t, err := s.Tree(ctx)
	if err != nil {
		return "", err
	}
	if e := t.Lookup(name); e != nil && e.Mode.Regular() && e.Blob != "" {
		return e.Blob, nil
	}
	return s.ContentIDNow(ctx, name)
}

// ContentIDNow is ContentID of what is there now, whatever it was when the files
// were listed: it reads the file.
func (s *Source) ContentIDNow(ctx context.Context, name string) (string, error) {
	data, err := s.Read(ctx, name)
	if err != nil {
		return "", err
	}
	return blobID(data, s.idDigits(ctx)), nil
}

// WorktreeID is ContentIDNow of the worktree's file, whatever the source is.
func (s *Source) WorktreeID(ctx context.Context, name string) (string, error) {
	data, err := s.readWorktree(name)
	if err != nil {
		return "", err
	}
	return blobID(data, s.idDigits(ctx)), nil
}

// idDigits are the hex digits of the repository's object ids.
func (s *Source) idDigits(ctx context.Context) int {
	n, _ := s.digits.get(ctx, func(ctx context.Context) (int, error) {
		t, err := s.Tree(ctx)
		if err != nil {
			return 0, err
		}
		for i := range t.Entries() {
			if e := &t.Entries()[i]; e.Blob+e.Near != "" {
				return max(len(e.Blob), len(e.Near)), nil
			}
		}
		return 2 * sha1.Size, nil
	})
	return n
}
