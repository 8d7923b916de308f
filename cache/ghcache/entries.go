package ghcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of the service.
const (
	maxKeyLength = 512 // UTF-16 units, as JavaScript counts
	maxKeys      = 10  // in a restore, prefixes included
)

// Names of compression in versions, as GitHub's client writes them.
const (
	byZstd = "zstd-without-long"
	byGzip = "gzip"
)

// Restore returns the entry of a key, or else the newest whose key starts with
// key, or with one of the prefixes in their order; nil without an error is a miss.
// Paths are those that the entry was saved with, literally and in that order.
func (c *Client) Restore(ctx context.Context, key string, prefixes, paths []string) (*Hit, error) {
	if err := checkKeys(append([]string{key}, prefixes...), paths); err != nil {
		return nil, err
	}
	if !c.read {
		return nil, nil
	}
	ctx, done := c.begin(ctx)
	hit, err := c.restore(ctx, key, prefixes, paths)
	if err = done(err); err != nil {
		return nil, err
	}
	return hit, nil
}

func (c *Client) restore(ctx context.Context, key string, prefixes, paths []string) (*Hit, error) {
	for _, method := range []string{byZstd, byGzip} {
		found, err := c.find(ctx, key, prefixes, version(paths, method, runtime.GOOS))
		if err != nil {
			return nil, err
		}
		if !found.OK {
			continue
		}
		if !answers(found.Key, key, prefixes) || checkKeys([]string{found.Key}, paths) != nil {
			return nil, errors.New("the cache service answered with an entry that was not asked for")
		}
		data, err := c.download(ctx, found.URL)
		if err != nil {
			return nil, err
		}
		files, err := unpack(ctx, data, paths)
		if err != nil {
			return nil, fmt.Errorf("the cache's entry %q: %w", found.Key, err)
		}
		return &Hit{Key: found.Key, Exact: found.Key == key, Files: files}, nil
	}
	return nil, nil
}

// found is the answer to GetCacheEntryDownloadURL.
type found struct {
	OK  bool   `json:"ok"`
	URL string `json:"signed_download_url"`
	Key string `json:"matched_key"`
}

func (c *Client) find(ctx context.Context, key string, prefixes []string, version string) (out found, err error) {
	err = c.call(ctx, "GetCacheEntryDownloadURL", struct {
		Key      string   `json:"key"`
		Prefixes []string `json:"restore_keys"`
		Version  string   `json:"version"`
	}{key, append([]string{}, prefixes...), version}, &out)
	var refused *refusal
	if errors.As(err, &refused) && refused.code == "not_found" {
		return found{}, nil
	}
	return out, err
}

// answers says whether an entry's key is one that was asked for. The service has
// compared keys without regard to case.
func answers(got, key string, prefixes []string) bool {
	for _, p := range append([]string{key}, prefixes...) {
		if len(got) >= len(p) && strings.EqualFold(got[:len(p)], p) {
			return true
		}
	}
	return false
}

// Save makes an entry of the files, which lie below the paths. ErrExists and
// ErrReadOnly say that there is nothing to do.
func (c *Client) Save(ctx context.Context, key string, paths []string, files []File) error {
	if err := checkKeys([]string{key}, paths); err != nil {
		return err
	}
	if !c.write {
		return ErrReadOnly
	}
	ctx, done := c.begin(ctx)
	return done(c.save(ctx, key, paths, files))
}

func (c *Client) save(ctx context.Context, key string, paths []string, files []File) error {
	data, err := pack(ctx, files, paths)
	if err != nil {
		return err
	}
	v := version(paths, byZstd, runtime.GOOS)
	var created struct {
		OK      bool   `json:"ok"`
		URL     string `json:"signed_upload_url"`
		Message string `json:"message"`
	}
	err = c.call(ctx, "CreateCacheEntry", struct {
		Key     string `json:"key"`
		Version string `json:"version"`
	}{key, v}, &created)
	if err == nil && !created.OK {
		err = &refusal{method: "CreateCacheEntry", status: http.StatusOK, message: created.Message}
	}
	if err != nil {
		return benign(err)
	}
	if err := c.upload(ctx, created.URL, data); err != nil {
		return err
	}
	var final struct {
		OK      bool   `json:"ok"`
		Message string `json:"message"`
	}
	err = c.call(ctx, "FinalizeCacheEntryUpload", struct {
		Key     string `json:"key"`
		Size    int64  `json:"size_bytes,string"`
		Version string `json:"version"`
	}{key, int64(len(data)), v}, &final)
	if err == nil && !final.OK {
		err = &refusal{method: "FinalizeCacheEntryUpload", status: http.StatusOK, message: final.Message}
	}
	return benign(err)
}

// benign returns what a refusal to write means, where it means no failure.
func benign(err error) error {
	var r *refusal
	switch {
	case !errors.As(err, &r):
		return err
	case strings.HasPrefix(r.message, "cache write denied:"):
		return ErrReadOnly
	case r.status == http.StatusConflict || r.code == "already_exists":
		return ErrExists
	}
	return err
}

// version names a set of paths and a way of packing, as getCacheVersion of
// GitHub's client does: SHA-256, in hex.
func version(paths []string, method, goos string) string {
	parts := append(append([]string{}, paths...), method)
	if goos == "windows" {
		parts = append(parts, "windows-only")
	}
	sum := sha256.Sum256([]byte(strings.Join(append(parts, "1.0"), "|")))
	return hex.EncodeToString(sum[:])
}

// checkKeys refuses what the service would: these are mistakes of the caller.
func checkKeys(keys, paths []string) error {
	if len(paths) == 0 {
		return errors.New("a cache entry needs a path")
	}
	if len(keys) > maxKeys {
		return fmt.Errorf("%d cache keys, of which there may be %d", len(keys), maxKeys)
	}
	for _, k := range keys {
		switch {
		case k == "" || !utf8.ValidString(k) || strings.ContainsFunc(k, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return fmt.Errorf("%.40q is no cache key", k)
		case strings.Contains(k, ","):
			return fmt.Errorf("cache key %.40q has a comma", k)
		case len(utf16.Encode([]rune(k))) > maxKeyLength:
			return fmt.Errorf("cache key %.40q... is longer than %d characters", k, maxKeyLength)
		}
	}
	return nil
}
