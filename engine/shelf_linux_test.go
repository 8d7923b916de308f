package engine

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// opened counts how often each file of a folder is opened, as the system sees it,
// until stop is called.
func opened(t *testing.T, dir string) (stop func() map[string]int) {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Skip("no inotify here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_OPEN); err != nil {
		t.Skip("no inotify here: ", err)
	}
	return func() map[string]int {
		counts := map[string]int{}
		buf := make([]byte, 1<<20)
		for {
			n, err := syscall.Read(fd, buf)
			if err != nil || n <= 0 {
				return counts
			}
			for at := 0; at < n; {
				mask := binary.NativeEndian.Uint32(buf[at+4:])
				size := int(binary.NativeEndian.Uint32(buf[at+12:]))
				name := strings.TrimRight(string(buf[at+16:at+16+size]), "\x00")
				if mask&syscall.IN_ISDIR == 0 && name != "" {
					counts[name]++
				}
				at += 16 + size
			}
		}
	}
}

// nineBatches is a folder of files that nine batches of rules ask for: by
// patterns, schemas, expressions, as other files and together.
func nineBatches(t *testing.T, files int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	put := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n")
	for batch := range 9 {
		needs := ""
		if batch > 0 {
			needs = fmt.Sprintf("needs: [schema%d], ", batch-1)
		}
		fmt.Fprintf(&b, `  - { id: schema%[1]d, %[2]sfiles: "charts/*.yaml", data: { schema: schema.json } }
  - { id: assert%[1]d, %[2]sfiles: "charts/*.yaml", data: { with: { other: charts/c0.yaml }, assert: [{ expr: doc.version == other.version }] } }
  - { id: text%[1]d, %[2]sfiles: "charts/*", content: { forbid: ["never%[1]d"] } }
  - { id: some%[1]d, %[2]sfiles: "charts/*.yaml", holds: any, content: { require: [version] } }
  - { id: together%[1]d, %[2]sfiles: "charts/*.yaml", content: { require: ["last: one", "c%[3]d"], together: true } }
`, batch, needs, files-1)
	}
	put("sot.yaml", b.String())
	put("schema.json", `{"type": "object", "required": ["version"]}`)
	for i := range files {
		last := ""
		if i == files-1 {
			last = "last: one\n"
		}
		put(fmt.Sprintf("charts/c%d.yaml", i), fmt.Sprintf("name: c%d\nversion: 1.2.3\n%s", i, last))
	}
	return dir
}

// checked is a run whose rules have run.
func checked(t *testing.T, o Options) *run {
	t.Helper()
	src, err := open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := load(t.Context(), o, src)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(t.Context(), o, src, cfg, cfg.Rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	if err := r.check(t.Context(), r.files); err != nil {
		t.Fatal(err)
	}
	return r
}

// A file is read once and parsed once, however many rules ask, and when.
func TestOneReadOneParse(t *testing.T) {
	const files = 300
	dir := nineBatches(t, files)
	for _, workers := range []int{1, 4} {
		stop := opened(t, filepath.Join(dir, "charts"))
		r := checked(t, Options{Source: source.Options{Dir: dir, Mode: source.All}, Workers: workers, NoCache: true, NoProfile: true})
		rep := r.report(t.Context(), time.Now())
		if rep.Run.ExitCode != report.ExitClean {
			t.Fatal(rep.Run.ExitCode, rep.Findings, rep.Faults)
		}
		counts := stop()
		if len(counts) != files {
			t.Errorf("%d workers: %d files were opened", workers, len(counts))
		}
		for name, n := range counts {
			if n != 1 {
				t.Fatalf("%d workers: %s was opened %d times", workers, name, n)
			}
		}
		s := r.last.shelf
		if parsed := s.made.Load(); parsed != files {
			t.Errorf("%d workers: %d documents were parsed of %d files", workers, parsed, files)
		}
		if used := s.used.Load(); used > s.pinned.Load() {
			t.Errorf("%d workers: %d bytes are kept for nobody", workers, used)
		}
	}
}

// A shelf without room changes no finding.
func TestFullShelf(t *testing.T) {
	dir := nineBatches(t, 60)
	var want []rule.Finding
	for _, limit := range []int64{shelfLimit, 20_000, 1000, 0} {
		shelfRoom = limit
		t.Cleanup(func() { shelfRoom = shelfLimit })
		rep, err := Run(t.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, Workers: 4, NoCache: true, NoProfile: true})
		if err != nil {
			t.Fatal(err)
		}
		if limit == shelfLimit {
			want = rep.Findings
		}
		if rep.Run.ExitCode != report.ExitClean || len(rep.Findings) != len(want) {
			t.Errorf("with room for %d bytes: %v, %v", limit, rep.Findings, rep.Faults)
		}
	}
}
