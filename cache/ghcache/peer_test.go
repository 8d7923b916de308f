package ghcache_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// nodeModules are the folders where npm's packages may be.
var nodeModules = sync.OnceValue(func() (dirs []string) {
	if dir := os.Getenv("SOT_NODE_MODULES"); dir != "" {
		return []string{dir}
	}
	for _, args := range [][]string{{"root"}, {"root", "-g"}} {
		if out, err := exec.Command("npm", args...).Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
	}
	return dirs
})

// modules returns the folder of npm's modules that holds a package: the one that
// SOT_NODE_MODULES names, or npm's own.
func modules(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node here")
	}
	for _, dir := range nodeModules() {
		if _, err := os.Stat(filepath.Join(dir, name, "package.json")); err == nil {
			return dir
		}
	}
	t.Skipf("no npm package %s: install it and name its node_modules in SOT_NODE_MODULES", name)
	return ""
}

// github runs GitHub's own client in a workspace, and returns the key that it
// printed.
func github(t *testing.T, workspace string, env []string, args ...string) string {
	t.Helper()
	script, err := filepath.Abs("testdata/cache.mjs")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", append([]string{script, modules(t, "@actions/cache")}, args...)...)
	cmd.Env = append(os.Environ(), append(env, "GITHUB_WORKSPACE="+workspace, "RUNNER_TEMP="+t.TempDir(), "GITHUB_SERVER_URL=")...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if key, ok := strings.CutPrefix(strings.TrimSpace(line), "result="); ok {
			return key
		}
	}
	t.Logf("%s", out)
	return ""
}

var main = cacheserver.Branch("main", "main")

// without returns the environment with no zstd on the path, but with tar, node
// and what these need.
func without(t *testing.T, env []string) []string {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"node", "tar", "gzip"} {
		at, err := exec.LookPath(tool)
		if err != nil {
			t.Skip(err)
		}
		if err := os.Symlink(at, filepath.Join(dir, tool)); err != nil {
			t.Skip(err)
		}
	}
	return append(env, "PATH="+dir)
}

// What GitHub's client saves we restore, by zstd and by gzip.
func TestGitHubSavesWeRestore(t *testing.T) {
	modules(t, "@actions/cache")
	for _, method := range []string{"zstd", "gzip"} {
		t.Run(method, func(t *testing.T) {
			s := cacheserver.Start(t, cacheserver.Options{})
			env := s.Env(main...)
			if method == "gzip" {
				env = without(t, env)
			} else if _, err := exec.LookPath("zstd"); err != nil {
				t.Skip("no zstd here, so that GitHub's client uses gzip")
			}
			workspace := t.TempDir()
			long := "profiles/" + strings.Repeat("very-long-", 20) + "name-ü.json"
			files := map[string][]byte{"profiles/a.json": []byte("a"), "profiles/deep/b": bytes.Repeat([]byte("b"), 3<<20), long: nil}
			write(t, workspace, files)
			if got := github(t, workspace, env, "save", "k-1", "profiles"); got != "k-1" {
				t.Fatalf("saved %q", got)
			}
			hit, err := client(t, s, main...).Restore(t.Context(), "k-", nil, []string{"profiles"})
			if err != nil || hit == nil || hit.Key != "k-1" || hit.Exact {
				t.Fatalf("%+v %v", hit, err)
			}
			same(t, hit.Files, files)
		})
	}
}

// What we save GitHub's client restores, into the workspace.
func TestWeSaveGitHubRestores(t *testing.T) {
	modules(t, "@actions/cache")
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("no zstd here, so that GitHub's client looks for gzip")
	}
	s := cacheserver.Start(t, cacheserver.Options{})
	files := map[string][]byte{
		"profiles/a.json": []byte("a"), "profiles/deep/b": bytes.Repeat([]byte("b"), 9<<20), "profiles/empty": {},
		"profiles/" + strings.Repeat("very-long-", 20) + "name-ü.json": []byte("long"),
	}
	if err := client(t, s, main...).Save(t.Context(), "k-1", []string{"profiles"}, list(files)); err != nil {
		t.Fatal(err)
	}
	workspace := t.TempDir()
	if got := github(t, workspace, s.Env(main...), "restore", "k-2", "profiles", "k-"); got != "k-1" {
		t.Fatalf("restored %q", got)
	}
	for name, data := range files {
		if got, err := os.ReadFile(filepath.Join(workspace, name)); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if got := github(t, workspace, s.Env(main...), "save", "k-1", "profiles"); got != "" {
		t.Errorf("an entry was saved over ours: %q", got)
	}
}

// The server takes GitHub's client as the service does, where it uploads in
// blocks.
func TestServerTakesBlocks(t *testing.T) {
	if os.Getenv("SOT_LONG") == "" {
		t.Skip("writes 130 MB: SOT_LONG=1 runs it")
	}
	modules(t, "@actions/cache")
	s := cacheserver.Start(t, cacheserver.Options{})
	workspace := t.TempDir()
	noise := make([]byte, 130<<20) // over what goes in one Put Blob
	for i, x := 0, uint64(1); i < len(noise); i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		noise[i] = byte(x)
	}
	write(t, workspace, map[string][]byte{"profiles/noise": noise})
	if got := github(t, workspace, s.Env(main...), "save", "big", "profiles"); got != "big" {
		t.Fatalf("saved %q", got)
	}
	puts := 0
	for _, c := range s.Calls() {
		if c == cacheserver.PutBlob {
			puts++
		}
	}
	if puts < 3 {
		t.Errorf("%d uploads: no blocks", puts)
	}
	_, err := client(t, s, main...).Restore(t.Context(), "big", nil, []string{"profiles"})
	if err == nil {
		t.Error("an archive over the limit was read")
	}
	back := t.TempDir()
	if got := github(t, back, s.Env(main...), "restore", "big", "profiles"); got != "big" {
		t.Fatalf("restored %q", got)
	}
	if got, err := os.ReadFile(filepath.Join(back, "profiles/noise")); err != nil || !bytes.Equal(got, noise) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func client(t testing.TB, s *cacheserver.Server, scopes ...cacheserver.Scope) *ghcache.Client {
	t.Helper()
	c, err := ghcache.New(s.Getenv(scopes...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func list(files map[string][]byte) (out []ghcache.File) {
	for name, data := range files {
		out = append(out, ghcache.File{Name: name, Data: data})
	}
	return out
}

func same(t *testing.T, got []ghcache.File, want map[string][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for _, f := range got {
		if data, ok := want[f.Name]; !ok || !bytes.Equal(f.Data, data) {
			t.Errorf("%s: %d bytes, want %d", f.Name, len(f.Data), len(data))
		}
	}
}
