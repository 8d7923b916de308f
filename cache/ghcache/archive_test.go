package ghcache

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

var sot = []string{"sot"}

func zipped(t testing.TB, raw []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(raw, nil)
}

func tarOf(t testing.TB, heads ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range heads {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, h.Size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func file(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 3} }

// One entry that is no plain file below the paths, and nothing is given back.
func TestHostileArchives(t *testing.T) {
	good := file("sot/good")
	for name, bad := range map[string]tar.Header{
		"absolute":     file("/sot/x"),
		"dots":         file("sot/../../x"),
		"dots at head": file("../sot/x"),
		"dot inside":   file("sot/./x"),
		"backslash":    file(`sot\..\..\x`),
		"drive":        file("C:/sot/x"),
		"control":      file("sot/\x1b[31m"),
		"not UTF-8":    file("sot/\xff"),
		"elsewhere":    file("other/x"),
		"a path's kin": file("sotto/x"),
		"twice":        file("sot/good"),
		"twice by dot": file("./sot/good"),
		"endless name": file("sot/" + strings.Repeat("x", 2000)),
		"symlink":      {Typeflag: tar.TypeSymlink, Name: "sot/x", Linkname: "/etc/passwd"},
		"hard link":    {Typeflag: tar.TypeLink, Name: "sot/x", Linkname: "sot/good"},
		"device":       {Typeflag: tar.TypeChar, Name: "sot/x"},
		"block device": {Typeflag: tar.TypeBlock, Name: "sot/x"},
		"pipe":         {Typeflag: tar.TypeFifo, Name: "sot/x"},
		"bad folder":   {Typeflag: tar.TypeDir, Name: "../x/"},
	} {
		files, err := unpack(t.Context(), zipped(t, tarOf(t, good, bad)), sot)
		if err == nil || files != nil || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%s: %v %v", name, files, err)
		}
	}
	folders := []tar.Header{{Typeflag: tar.TypeDir, Name: "./"}, {Typeflag: tar.TypeDir, Name: "sot/"}, file("./sot/a"), file("sot/..b/...")}
	files, err := unpack(t.Context(), zipped(t, tarOf(t, folders...)), sot)
	if err != nil || len(files) != 2 || files[0].Name != "sot/a" || string(files[0].Data) != "\x00\x00\x00" {
		t.Error(files, err)
	}
}

// Sizes that are declared are not believed, and bombs do not go off.
func TestBombs(t *testing.T) {
	lying := tarOf(t, file("sot/x"))
	copy(lying[124:], "77777777777\x00") // 8 GiB
	head := lying[:512]
	copy(head[148:], "        ")
	sum := 0
	for _, b := range head {
		sum += int(b)
	}
	copy(head[148:], []byte{'0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' '})

	var bomb bytes.Buffer
	w, err := zstd.NewWriter(&bomb, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(w)
	if err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "sot/x", Size: 10}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 512)); err != nil { // the file, and what may follow
		t.Fatal(err)
	}
	zero := make([]byte, 1<<20)
	for range MaxUnpacked>>20 + 8 {
		if _, err := w.Write(zero); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wide, err := zstd.NewWriter(nil, zstd.WithWindowSize(4*maxWindow), zstd.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	var many []tar.Header
	for i := range MaxFiles + 1 {
		many = append(many, tar.Header{Typeflag: tar.TypeReg, Name: "sot/" + strings.Repeat("x", i%90) + string(rune('a'+i%26)) + strings.Repeat("y", i/90)})
	}
	for name, data := range map[string][]byte{
		"a declared size": zipped(t, lying),
		"a bomb":          bomb.Bytes(),
		"a wide window":   wide.EncodeAll(bytes.Repeat(tarOf(t, file("sot/x")), 20_000), nil),
		"many files":      zipped(t, tarOf(t, many...)),
	} {
		if len(data) > 1<<20 {
			t.Errorf("%s: %d bytes", name, len(data))
		}
		files, err := unpack(t.Context(), data, sot)
		if err == nil || files != nil {
			t.Errorf("%s: %d files", name, len(files))
		}
		t.Log(name, len(data), err)
	}
}

// An archive that is cut off anywhere, or has any byte changed, is refused or
// gives what was packed.
func TestDamagedArchives(t *testing.T) {
	want := []File{{"sot/a", []byte("some text")}, {"sot/b", bytes.Repeat([]byte("more"), 1000)}}
	byUs, err := pack(t.Context(), want, sot)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := decompress(byUs)
	if err != nil {
		t.Fatal(err)
	}
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	if _, err := io.Copy(z, raw); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), raw.Close()); err != nil {
		t.Fatal(err)
	}
	for _, whole := range [][]byte{byUs, gz.Bytes()} {
		check := func(data []byte) {
			files, err := unpack(t.Context(), data, sot)
			if err != nil {
				return
			}
			for i, f := range files {
				if f.Name != want[i].Name || !bytes.Equal(f.Data, want[i].Data) {
					t.Fatalf("%q became %q", want[i].Name, f.Name)
				}
			}
		}
		if files, err := unpack(t.Context(), whole, sot); err != nil || len(files) != 2 {
			t.Fatal(err)
		}
		for i := range whole {
			if files, err := unpack(t.Context(), whole[:i], sot); err == nil {
				t.Fatalf("%d of %d bytes gave %d files", i, len(whole), len(files))
			}
			changed := bytes.Clone(whole)
			changed[i] ^= 0x40
			check(changed)
		}
	}
}

func TestUnpackStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := unpack(ctx, zipped(t, tarOf(t, file("sot/x"))), sot); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whatever an archive holds, what comes out is plain files below the paths.
func FuzzUnpack(f *testing.F) {
	f.Add(zipped(f, tarOf(f, file("sot/x"))), false)
	f.Add(tarOf(f, file("sot/x"), tar.Header{Typeflag: tar.TypeSymlink, Name: "sot/y", Linkname: "/"}), true)
	f.Add(tarOf(f, file("sot/"+strings.Repeat("ü", 200))), true)
	f.Fuzz(func(t *testing.T, data []byte, raw bool) {
		if raw {
			data = zipped(t, data)
		}
		files, err := unpack(t.Context(), data, sot)
		if err != nil && files != nil {
			t.Error("an error and files")
		}
		for _, f := range files {
			if !plain(f.Name) || f.Name != "sot" && !strings.HasPrefix(f.Name, "sot/") {
				t.Errorf("%q", f.Name)
			}
		}
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whatever the service answers, there is no panic, and the text of an error is
// one line without secrets.
func FuzzAnswers(f *testing.F) {
	f.Add(200, []byte(`{"ok":true,"signed_download_url":"https://x/y?sig=z","matched_key":"k","signed_upload_url":"https://x/y"}`))
	f.Add(409, []byte(`{"code":"already_exists","msg":"cache entry \u2028 T0KEN https://x?sig=1"}`))
	f.Add(200, []byte(`{"ok":false,"message":"cache write denied: no"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		env := map[string]string{"ACTIONS_RESULTS_URL": "https://x/", "ACTIONS_RUNTIME_TOKEN": "T0KEN"}
		h := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			if !strings.HasPrefix(r.URL.Path, servicePath) && r.Header.Get("Authorization") != "" {
				t.Error("the token went elsewhere")
			}
			return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{}, Request: r}, nil
		})}
		c, err := New(func(n string) string { return env[n] }, h)
		if err != nil {
			t.Fatal(err)
		}
		c.retry = 0
		_, err1 := c.Restore(t.Context(), "k", nil, sot)
		err2 := c.Save(t.Context(), "k", sot, []File{{"sot/x", nil}})
		for _, err := range []error{err1, err2} {
			if err != nil && strings.ContainsAny(err.Error(), "\n\r\u2028") || err != nil && (strings.Contains(err.Error(), "T0KEN") || strings.Contains(err.Error(), "sig=")) {
				t.Errorf("%q", err)
			}
		}
	})
}
