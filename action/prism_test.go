package action

import (
	"net/http"
	"os"
	"testing"

	"github.com/google/go-github/v60/github"
)

// plain asks for JSON as it is: Prism knows none of GitHub's own types of it.
type plain struct{ http.RoundTripper }

func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", "application/json")
	return p.RoundTripper.RoundTrip(r)
}

// Prism answers by GitHub's own OpenAPI description, and refuses requests that do
// not fit it.
func TestAgainstGitHubsDescription(t *testing.T) {
	prism := os.Getenv("SOT_PRISM")
	if prism == "" {
		t.Skip("SOT_PRISM names no Prism that serves GitHub's description")
	}
	ours, err := newClient("token", prism, "test")
	if err != nil {
		t.Fatal(err)
	}
	gh := github.NewClient(&http.Client{Transport: plain{http.DefaultTransport}}).WithAuthToken("token")
	gh.BaseURL = ours.BaseURL
	at := place{owner: "octocat", repo: "Hello-World"}
	files, err := pullFiles(t.Context(), gh, at, 1347, 0)
	if err != nil || len(files) == 0 || files[0].Path == "" {
		t.Errorf("%+v %v", files, err)
	}
	c, err := compare(t.Context(), gh, at, "main", "topic")
	if err != nil || !isID(c.mergeBase) || c.why == nil && len(c.files) == 0 {
		t.Errorf("%+v %v", c, err)
	}
}
