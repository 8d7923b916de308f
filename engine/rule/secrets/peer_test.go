package secrets

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"testing"
)

// TestPeerVectors compares verdicts with those of another scanner, where
// SOT_VECTORS names a file of them: a JSON object a line, {"Rule", "Path", "Text",
// "Positive", "Found"}, each judged by the rule of that id alone.
func TestPeerVectors(t *testing.T) {
	name := os.Getenv("SOT_VECTORS")
	if name == "" {
		t.Skip("SOT_VECTORS names no file")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	finders := map[string]*finder{}
	for _, p := range builtin().patterns {
		finders[p.id] = newFinder(&builtin().allow, []*pattern{p})
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	positives, negatives := 0, 0
	for lines.Scan() {
		var v struct {
			Rule, Path, Text string
			Positive         bool
			Found            int
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		f := finders[v.Rule]
		if f == nil {
			t.Fatalf("there is no rule %s", v.Rule)
		}
		found := 0
		if p := f.patterns[0]; p.expr == "" {
			if p.load(); p.paths.MatchString(v.Path) {
				found = 1
			}
		} else {
			found = len(f.find(context.Background(), v.Path, []byte(v.Text)))
		}
		if v.Positive {
			positives++
		} else {
			negatives++
		}
		if (found > 0) != (v.Found > 0) || (found > 0) != v.Positive {
			t.Errorf("%s on %s %.300q: %d found, the peer %d, wanted %v", v.Rule, v.Path, v.Text, found, v.Found, v.Positive)
		}
	}
	t.Logf("%d positive and %d negative vectors", positives, negatives)
}
