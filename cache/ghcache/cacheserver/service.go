package cacheserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// request holds the fields of all three requests, by their names in the protocol
// buffers.
type request struct {
	Key         string          `json:"key"`
	RestoreKeys []string        `json:"restore_keys"`
	Version     string          `json:"version"`
	SizeBytes   *string         `json:"size_bytes"`
	Metadata    json.RawMessage `json:"metadata"` // of a repository and scopes: not used by the service
}

var versionForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// read checks what all requests have in common; it has answered where ok is not.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (in request, scopes []Scope, ok bool) {
	scopes, err := scopesOf(r.Header.Get("Authorization"))
	if err != nil {
		answer(w, http.StatusUnauthorized, map[string]any{"code": "unauthenticated", "msg": err.Error()})
		return in, nil, false
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		s.violated(w, http.StatusBadRequest, "%s: %v", r.URL.Path, err)
		return in, nil, false
	}
	keys := append([]string{in.Key}, in.RestoreKeys...)
	bad := func(k string) bool { return k == "" || len(k) > 512 || strings.Contains(k, ",") }
	switch {
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json":
		s.violated(w, http.StatusBadRequest, "%s of %q, where POST of application/json belongs", r.Method, r.Header.Get("Content-Type"))
	case len(keys) > 10 || slices.ContainsFunc(keys, bad):
		s.violated(w, http.StatusBadRequest, "keys %q", keys)
	case !versionForm.MatchString(in.Version):
		s.violated(w, http.StatusBadRequest, "version %q is no SHA-256 in hex", in.Version)
	default:
		return in, scopes, true
	}
	return in, nil, false
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	in, scopes, ok := s.read(w, r)
	if !ok {
		return
	}
	at := slices.IndexFunc(scopes, func(s Scope) bool { return s.Permission&Write != 0 })
	if at < 0 {
		answer(w, http.StatusOK, map[string]any{"ok": false, "message": "cache write denied: the token is read-only"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entry(scopes[at].Scope, in) != nil {
		answer(w, http.StatusConflict, map[string]any{"code": "already_exists", "msg": "cache entry with the same key, version, and scope already exists"})
		return
	}
	e := &Entry{Scope: scopes[at].Scope, Key: in.Key, Version: in.Version, blob: fmt.Sprintf("entry%d", len(s.entries))}
	s.entries = append(s.entries, e)
	s.blobs[e.blob] = &blob{blocks: map[string][]byte{}}
	upload, _ := s.urls(r, e.blob)
	answer(w, http.StatusOK, map[string]any{"ok": true, "signed_upload_url": upload})
}

// entry returns the entry of that very scope, key and version.
func (s *Server) entry(scope string, in request) *Entry {
	for _, e := range s.entries {
		if e.Scope == scope && e.Key == in.Key && e.Version == in.Version {
			return e
		}
	}
	return nil
}

func (s *Server) finalize(w http.ResponseWriter, r *http.Request) {
	in, scopes, ok := s.read(w, r)
	if !ok {
		return
	}
	if in.SizeBytes == nil {
		s.violated(w, http.StatusBadRequest, "finalized without size_bytes")
		return
	}
	size, err := strconv.ParseInt(*in.SizeBytes, 10, 64)
	var e *Entry
	s.mu.Lock()
	for _, scope := range scopes {
		if scope.Permission&Write != 0 && e == nil {
			e = s.entry(scope.Scope, in)
		}
	}
	var stored int64 = -1
	if e != nil && !e.Final {
		stored = s.stored(r, e)
	}
	if err == nil && e != nil && !e.Final && stored == size {
		e.Size, e.Final = size, true
		s.mu.Unlock()
		answer(w, http.StatusOK, map[string]any{"ok": true, "entry_id": strings.TrimPrefix(e.blob, "entry")})
		return
	}
	s.mu.Unlock()
	s.violated(w, http.StatusBadRequest, "finalized with size_bytes %q, where %d bytes are stored", *in.SizeBytes, stored)
}

// find looks for the key in each scope in turn: that very key, then the newest it
// is a prefix of, then the newest of each restore key.
func (s *Server) find(w http.ResponseWriter, r *http.Request) {
	in, scopes, ok := s.read(w, r)
	if !ok {
		return
	}
	if !slices.ContainsFunc(scopes, func(s Scope) bool { return s.Permission&Read != 0 }) {
		answer(w, http.StatusForbidden, map[string]any{"code": "permission_denied", "msg": "cache read denied: the token has no scope to read"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.match(scopes, in)
	if e == nil {
		answer(w, http.StatusOK, map[string]any{"ok": false})
		return
	}
	_, download := s.urls(r, e.blob)
	answer(w, http.StatusOK, map[string]any{"ok": true, "signed_download_url": download, "matched_key": e.Key})
}

func (s *Server) match(scopes []Scope, in request) *Entry {
	for _, scope := range scopes {
		if scope.Permission&Read == 0 {
			continue
		}
		if e := s.entry(scope.Scope, in); e != nil && e.Final {
			return e
		}
		for _, prefix := range append([]string{in.Key}, in.RestoreKeys...) {
			for _, e := range slices.Backward(s.entries) {
				if e.Final && e.Scope == scope.Scope && e.Version == in.Version && strings.HasPrefix(e.Key, prefix) {
					return e
				}
			}
		}
	}
	return nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
