package cacheserver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Fault replaces an endpoint; next is what the endpoint would have done.
type Fault func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc)

// Break replaces an endpoint until it is called again; nil mends it.
func (s *Server) Break(endpoint string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[endpoint] = f
}

// Answer answers with a status and a body.
func Answer(status int, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Hang answers nothing for as long as the client waits.
func Hang(_ http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
	_, _ = io.Copy(io.Discard, r.Body) // else nobody sees the client go
	<-r.Context().Done()
}

// Drip gives the true answer, a byte at a time.
func Drip(every time.Duration) Fault {
	return Change(func(w http.ResponseWriter, r *http.Request, body string) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		for i := range len(body) {
			if _, err := io.WriteString(w, body[i:i+1]); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(every):
			}
		}
	})
}

// Cut promises the true answer whole, and breaks off after n bytes.
func Cut(n int) Fault {
	return Change(func(w http.ResponseWriter, _ *http.Request, body string) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body[:min(n, len(body))])
	})
}

// Replace gives the true answer with a part of it replaced.
func Replace(old, with string) Fault {
	return Change(func(w http.ResponseWriter, _ *http.Request, body string) {
		_, _ = io.WriteString(w, strings.ReplaceAll(body, old, with))
	})
}

// Change has an answer written by what the true one is.
func Change(write func(w http.ResponseWriter, r *http.Request, body string)) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		rec := httptest.NewRecorder()
		next(rec, r)
		write(w, r, rec.Body.String())
	}
}
