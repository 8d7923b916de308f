package source

import (
	"context"
	"crypto/sha1" //nolint:gosec // git's object ids
	"fmt"
)

// ContentID identifies the bytes that Read returns for a path, by their object id
// and, in the worktree, their number: without reading a file that git takes for
// unchanged. It fails with fs.ErrNotExist where there is no such file.
//
// The number is there because git's word is not the last one: it takes a file for
// unchanged also where the attributes by which its line ends were converted are
// gone since.
func (s *Source) ContentID(ctx context.Context, name string) (string, error) {
	t, err := s.Tree(ctx)
	if err != nil {
		return "", err
	}
	if e := t.Lookup(name); e != nil && e.Mode.Regular() && e.Exact() != "" && (!s.Worktree() || e.Size >= 0) {
		return s.sized(e.Blob.String(), e.Size), nil
	}
	data, err := s.Read(ctx, name)
	if err != nil {
		return "", err
	}
	return s.sized(blobID(data, s.idDigits(ctx)), int64(len(data))), nil
}

func (s *Source) sized(id string, size int64) string {
	if !s.Worktree() {
		return id
	}
	return fmt.Sprintf("%s:%d", id, size)
}

// WorktreeHolds says whether the worktree's file holds now what an id of
// ContentID stands for. It reads the file.
func (s *Source) WorktreeHolds(ctx context.Context, name, id string) (bool, error) {
	data, err := s.readWorktree(name)
	if err != nil {
		return false, err
	}
	return s.sized(blobID(data, s.idDigits(ctx)), int64(len(data))) == id, nil
}

// IsBlob says whether data is what the object id of a blob stands for.
func IsBlob(id string, data []byte) bool { return id != "" && blobID(data, len(id)) == id }

// idDigits are the hex digits of the repository's object ids.
func (s *Source) idDigits(ctx context.Context) int {
	n, _ := s.digits.get(ctx, func(ctx context.Context) (int, error) {
		t, err := s.Tree(ctx)
		if err != nil {
			return 0, err
		}
		for i := range t.Entries() {
			if e := &t.Entries()[i]; e.Blob != "" {
				return e.Blob.Digits(), nil
			}
		}
		return 2 * sha1.Size, nil
	})
	return n
}
