package engine

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/source"
)

// A run lists files while it reads its configuration. Where that cannot be used
// it is over at once, and so is the listing: whoever called may remove the folder.
func TestNothingOutlivesARun(t *testing.T) {
	files := map[string]string{"sot.yaml": "version: 1\nrules: [{use: no-such-check}]\n"}
	for i := range 50 {
		files[fmt.Sprintf("d%d/a.txt", i)] = "x\n"
	}
	dir := folder(t, files)
	if out, err := exec.Command("git", "-C", dir, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for range 20 {
		for _, mode := range []source.Mode{source.Changed, source.All} {
			if _, err := Run(t.Context(), Options{Source: source.Options{Dir: dir, Mode: mode}, Stage: "manual"}); err == nil {
				t.Fatal("a check that is not there was no mistake")
			}
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			if strings.Contains(string(stacks), "source.(*Source).Files") || strings.Contains(string(stacks), "engine.Run.") {
				t.Fatalf("it goes on:\n%s", stacks)
			}
		}
	}
}
