package cacheserver

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the name of a version, as the storage gives it
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

// The storage follows learn.microsoft.com/rest/api/storageservices: "Put Blob",
// "Put Block", "Put Block List", "Get Blob", and their error codes.
const blobPath = "/account/cache/"

// blob is one blob of the storage.
type blob struct {
	blocks   map[string][]byte // not yet listed
	data     []byte
	there    bool
	modified time.Time
}

// urls returns the signed URLs of a blob. They are at the host that the client
// asked, which may know this machine by a name of its own.
func (s *Server) urls(r *http.Request, name string) (upload, download string) {
	if s.sign != nil {
		return s.sign(name)
	}
	at := func(permission string) string {
		p := blobPath + name
		return "http://" + r.Host + p + "?sp=" + permission + "&sv=2025-11-05&sig=" + url.QueryEscape(mac(p+permission))
	}
	return at("cw"), at("r")
}

// stored returns the size of an entry's blob; -1 where there is none.
func (s *Server) stored(r *http.Request, e *Entry) int64 {
	if s.sign == nil {
		if b := s.blobs[e.blob]; b.there {
			return int64(len(b.data))
		}
		return -1
	}
	_, download := s.sign(e.blob)
	req, err := http.NewRequestWithContext(r.Context(), http.MethodHead, download, nil)
	if err != nil {
		return -1
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return -1
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return -1
	}
	return res.ContentLength
}

// open returns the blob of a signed URL; it has answered where that is nil.
func (s *Server) open(w http.ResponseWriter, r *http.Request, permission string) *blob {
	q := r.URL.Query()
	if r.Header.Get("Authorization") != "" {
		s.violated(w, http.StatusBadRequest, "an Authorization header beside a signed URL")
		return nil
	}
	if q.Get("sp") != permission || !hmac.Equal([]byte(q.Get("sig")), []byte(mac(r.URL.Path+permission))) {
		s.violated(w, http.StatusForbidden, "%s with a signed URL that does not allow it", r.Method)
		return nil
	}
	s.mu.Lock()
	b := s.blobs[path.Base(r.URL.Path)]
	s.mu.Unlock()
	if b == nil {
		refuse(w, http.StatusNotFound, "BlobNotFound")
	}
	return b
}

func (s *Server) putBlob(w http.ResponseWriter, r *http.Request) {
	b := s.open(w, r, "cw")
	if b == nil {
		return
	}
	if r.ContentLength < 0 {
		s.violated(w, http.StatusLengthRequired, "an upload without Content-Length")
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	q := r.URL.Query()
	s.mu.Lock()
	code := ""
	switch comp := q.Get("comp"); comp {
	case "":
		code = b.put(r, data)
	case "block":
		code = b.block(q.Get("blockid"), data)
	case "blocklist":
		code = b.list(data)
	default:
		code = "InvalidQueryParameterValue"
	}
	if code == "" {
		head(w, b)
	}
	s.mu.Unlock()
	if code != "" {
		s.violated(w, http.StatusBadRequest, "upload: %s", code)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (b *blob) put(r *http.Request, data []byte) (code string) {
	switch {
	case r.Header.Get("x-ms-blob-type") != "BlockBlob":
		return "InvalidHeaderValue: x-ms-blob-type"
	case len(data) > 5000<<20:
		return "RequestBodyTooLarge"
	}
	b.commit(data)
	return ""
}

func (b *blob) block(id string, data []byte) (code string) {
	raw, err := base64.StdEncoding.DecodeString(id)
	if err != nil || len(raw) == 0 || len(raw) > 64 {
		return "InvalidBlobOrBlock"
	}
	for other := range b.blocks {
		if len(other) != len(id) {
			return "InvalidBlobOrBlock"
		}
	}
	b.blocks[id] = data
	return ""
}

func (b *blob) list(body []byte) (code string) {
	var l struct {
		XMLName xml.Name `xml:"BlockList"`
		Latest  []string `xml:"Latest"`
	}
	if xml.Unmarshal(body, &l) != nil {
		return "InvalidXmlDocument"
	}
	var data []byte
	for _, id := range l.Latest {
		part, ok := b.blocks[id]
		if !ok {
			return "InvalidBlockList"
		}
		data = append(data, part...)
	}
	b.commit(data)
	return ""
}

func (b *blob) commit(data []byte) {
	b.data, b.there, b.modified, b.blocks = data, true, time.Now(), map[string][]byte{}
}

// getBlob serves the blob, or a range of it.
func (s *Server) getBlob(w http.ResponseWriter, r *http.Request) {
	b := s.open(w, r, "r")
	if b == nil {
		return
	}
	s.mu.Lock()
	data, there, modified := b.data, b.there, b.modified
	head(w, b)
	s.mu.Unlock()
	if !there {
		refuse(w, http.StatusNotFound, "BlobNotFound")
		return
	}
	if x := r.Header.Get("x-ms-range"); x != "" {
		r.Header.Set("Range", x)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", modified, bytes.NewReader(data))
}

// head writes what describes a blob; the caller holds the lock.
func head(w http.ResponseWriter, b *blob) {
	sum := md5.Sum(b.data) //nolint:gosec // see above
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	w.Header().Set("Last-Modified", b.modified.UTC().Format(http.TimeFormat))
	w.Header().Set("x-ms-blob-type", "BlockBlob")
	w.Header().Set("x-ms-version", "2025-11-05")
}

// refuse answers as the storage does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("x-ms-error-code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.Copy(w, strings.NewReader("<Error><Code>"+code+"</Code></Error>"))
}
