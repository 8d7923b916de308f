package action

import (
	"os"
	"testing"
)

// Prism answers by GitHub's own OpenAPI description, and refuses requests that do
// not fit it.
func TestAgainstGitHubsDescription(t *testing.T) {
	prism := os.Getenv("SOT_PRISM")
	if prism == "" {
		t.Skip("SOT_PRISM names no Prism that serves GitHub's description")
	}
	gh, err := newClient("token", prism, "test")
	if err != nil {
		t.Fatal(err)
	}
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
