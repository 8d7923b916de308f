package ghcache_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// The account of every storage emulator, as its documentation gives it.
const (
	account    = "devstoreaccount1"
	accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	sasVersion = "2021-12-02"
)

// azurite starts Microsoft's emulator of the storage, and returns its address.
func azurite(t *testing.T) string {
	t.Helper()
	dir := modules(t, "azurite")
	cmd := exec.Command("node", filepath.Join(dir, "azurite/dist/src/blob/main.js"), "--blobHost", "127.0.0.1", "--blobPort", "0",
		"--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	listening := regexp.MustCompile(`listen.* (http://127\.0\.0\.1:\d+)`)
	patience := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer patience.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return m[1]
		}
	}
	t.Fatal("the emulator does not listen")
	return ""
}

// sign returns the query of a shared access signature.
func sign(t *testing.T, q url.Values, parts ...string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(accountKey)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(strings.Join(parts, "\n")))
	q.Set("sig", base64.StdEncoding.EncodeToString(h.Sum(nil)))
	return q.Encode()
}

// Through the storage's own rules: what we upload it takes, and what we download
// is what GitHub's client uploaded.
func TestRealStorage(t *testing.T) {
	at := azurite(t)
	expiry := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	q := url.Values{"sv": {sasVersion}, "ss": {"b"}, "srt": {"c"}, "sp": {"c"}, "se": {expiry}, "restype": {"container"}}
	create := at + "/" + account + "/cache?" + sign(t, q, account, "c", "b", "c", "", expiry, "", "", sasVersion, "", "")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, create, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("no container: %s %s", res.Status, text)
	}
	blob := func(name, permission string) string {
		q := url.Values{"sv": {sasVersion}, "sr": {"b"}, "sp": {permission}, "se": {expiry}}
		return at + "/" + account + "/cache/" + name + "?" + sign(t, q, permission, "", expiry, "/blob/"+account+"/cache/"+name,
			"", "", "", sasVersion, "b", "", "", "", "", "", "", "")
	}
	s := cacheserver.Start(t, cacheserver.Options{Sign: func(name string) (string, string) { return blob(name, "cw"), blob(name, "r") }})
	c := client(t, s, main...)
	files := map[string][]byte{"sot/a": []byte("text"), "sot/b": make([]byte, 3<<20)}
	if err := c.Save(t.Context(), "ours", paths, list(files)); err != nil {
		t.Fatal(err)
	}
	hit, err := c.Restore(t.Context(), "ours", nil, paths)
	if err != nil || hit == nil {
		t.Fatal(hit, err)
	}
	same(t, hit.Files, files)

	modules(t, "@actions/cache")
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("no zstd here")
	}
	workspace := t.TempDir()
	write(t, workspace, files)
	if got := github(t, workspace, s.Env(main...), "save", "theirs", "sot"); got != "theirs" {
		t.Fatalf("saved %q", got)
	}
	if hit, err = c.Restore(t.Context(), "theirs", nil, paths); err != nil || hit == nil {
		t.Fatal(hit, err)
	}
	same(t, hit.Files, files)
	if got := github(t, t.TempDir(), s.Env(main...), "restore", "ours", "sot"); got != "ours" {
		t.Errorf("restored %q", got)
	}
	safe(t, s, client(t, cacheserver.Start(t, cacheserver.Options{Sign: func(name string) (string, string) {
		return at + "/" + account + "/cache/" + name + "?sig=wrong", blob(name, "r")
	}}), main...).Save(t.Context(), "k", paths, []ghcache.File{{Name: "sot/x"}}))
}
