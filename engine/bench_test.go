package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// The benchmarks run the whole pipeline, as the command line does, over a
// generated repository of 5,000 files of about 700 bytes in 250 folders;
// SOT_BENCH_FILES sets another number. The page cache is warm. Without peers
// they tell a regression; docs/benchmarks.sh is what compares with others.

// benchChecks are those of docs/benchmarks.sh.
const benchChecks = `version: 1
rules:
  - use: trailing-whitespace
  - use: end-of-file-fixer
  - use: check-yaml
  - use: check-json
  - use: check-toml
  - use: check-merge-conflict
  - use: check-added-large-files
  - use: detect-private-key
  - use: mixed-line-ending
  - use: check-case-conflict
  - use: check-symlinks
`

// benchTree is a rule for which the whole tree is listed, whatever changed.
const benchTree = `  - id: layout
    structure: { each: "packages/*/", require: ["module00/"], forbid: ["**/*.exe"] }
`

// benchBodies are what the generated files hold, by extension.
var benchBodies = []struct{ ext, text string }{
	{"txt", "a line of text that many files share\n"},
	{"py", "def function(argument):\n    return argument\n\n\n"},
	{"md", "# A heading\n\nSome text below it.\n\n"},
	{"json", ""}, {"yaml", "key%d: [1, 2]\n"}, {"toml", "key%d = 1\n"},
}

// benchRepository makes a repository with one staged change, and returns its
// folder, and how many files of how many bytes it has.
func benchRepository(b *testing.B, rules string) (dir string, files int, size int64) {
	files = 5000
	if n, err := strconv.Atoi(os.Getenv("SOT_BENCH_FILES")); err == nil {
		files = n
	}
	dir = b.TempDir()
	b.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
		size += int64(len(text))
	}
	put("sot.yaml", rules)
	for i := range files - 1 {
		body := benchBodies[i%len(benchBodies)]
		put(fmt.Sprintf("packages/pkg%03d/module%02d/some_file_%06d.%s", i/400, i/20%20, i, body.ext), benchText(body.text, i))
	}
	benchGit(b, dir, "init", "-q")
	benchGit(b, dir, "add", "-A")
	benchGit(b, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x")
	put("packages/pkg000/module00/some_file_000000.txt", "one staged line\n")
	benchGit(b, dir, "add", "-A")
	return dir, files, size
}

// benchText repeats a body to some hundreds of bytes, with keys of their own.
func benchText(body string, i int) string {
	if body == "" {
		return fmt.Sprintf("{\"number\": %d, \"list\": [%s0]}\n", i, strings.Repeat("1, ", 200))
	}
	var text strings.Builder
	for n := range 10 + i%20 {
		if strings.Contains(body, "%d") {
			fmt.Fprintf(&text, body, n)
			continue
		}
		text.WriteString(body)
	}
	return strings.TrimRight(text.String(), "\n") + "\n"
}

func benchGit(b *testing.B, dir string, args ...string) {
	b.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Skipf("git %q: %v\n%s", args, err, out)
	}
}

// benchRun runs all rules once a turn, and reports the files that the
// repository has per second, whether they are read or only looked through.
func benchRun(b *testing.B, mode source.Mode, rules string) {
	dir, files, size := benchRepository(b, rules)
	read := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		rep, err := Run(b.Context(), Options{Source: source.Options{Dir: dir, Mode: mode}, Version: "0.1.0"})
		if err != nil {
			b.Fatal(err)
		}
		if rep.Run.ExitCode != report.ExitClean {
			b.Fatalf("exit code %d: %v %v", rep.Run.ExitCode, rep.Findings, rep.Faults)
		}
		read = rep.Run.Bytes
	}
	if mode == source.All && read < size*9/10 {
		b.Fatalf("%d of %d bytes were read", read, size)
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(files)*float64(b.N)/seconds, "files/s")
	b.ReportMetric(float64(read)*float64(b.N)/seconds/1e6, "MB/s")
}

func BenchmarkRunAll(b *testing.B)        { benchRun(b, source.All, benchChecks) }
func BenchmarkRunStaged(b *testing.B)     { benchRun(b, source.Staged, benchChecks) }
func BenchmarkRunStagedTree(b *testing.B) { benchRun(b, source.Staged, benchChecks+benchTree) }

// BenchmarkListing reports what a listing of everything keeps in memory.
func BenchmarkListing(b *testing.B) {
	dir, files, _ := benchRepository(b, benchChecks)
	live := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	kept := int64(0)
	for b.Loop() {
		before := live()
		src, err := source.Open(context.Background(), source.Options{Dir: dir, Mode: source.All})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := src.Tree(b.Context()); err != nil {
			b.Fatal(err)
		}
		kept = live() - before
		runtime.KeepAlive(src)
	}
	b.ReportMetric(float64(kept)/float64(files), "live-B/file")
}
