package source

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func (r *testRepo) objects(t *testing.T) *objects {
	b := &pureBackend{place: place{commonDir: r.path(".git")}}
	o := newObjects(b)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// Objects of any size are read whole or by their head alone, loose, packed, and
// as deltas of each other.
func TestPureObjectsLarge(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	noise := make([]byte, 5<<20)
	rnd.Read(noise)
	text := bytes.Repeat([]byte("a line that compresses well\n"), 250_000)
	changed := slices.Concat([]byte("in front"), noise, []byte("behind"))
	files := map[string][]byte{"noise": noise, "text": text, "changed": changed, "small": []byte("small"), "empty": nil, "at the limit": noise[:headSize]}
	for name, pack := range map[string]func(r *testRepo){
		"loose":  func(*testRepo) {},
		"packed": func(r *testRepo) { r.git("repack", "-q", "-a", "-d") },
		"whole":  func(r *testRepo) { r.git("repack", "-q", "-a", "-d", "-f", "--window=0") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			for name, data := range files {
				r.write(name, string(data))
			}
			r.commit()
			pack(r)
			o := r.objects(t)
			for name, data := range files {
				id := strings.TrimSpace(r.git("rev-parse", "HEAD:"+name))
				got, err := o.read(id, nil, 0)
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(data))
				}
				got, err = o.read(id, make([]byte, 3, 10), int64(len(data)))
				if err != nil || !bytes.Equal(got, data) {
					t.Errorf("%s within a limit: %d bytes, %v", name, len(got), err)
				}
				if len(data) < 2 {
					continue
				}
				var large *TooLargeError
				_, err = o.read(id, nil, int64(len(data))-1)
				if !errors.As(err, &large) || large.Size != int64(len(data)) || !bytes.Equal(large.Head, data[:min(len(data), headSize)]) {
					t.Errorf("%s over a limit: %v", name, err)
				}
			}
		})
	}
}

// A database may borrow from others, and these from others; a ring ends.
func TestPureObjectsBorrowed(t *testing.T) {
	top := t.TempDir()
	id := map[string]string{}
	link := map[string]string{
		"a": "# a comment\n../../b/objects\n", "b": "\"" + filepath.Join(top, `c\143`, "objects") + "\"\n", "cc": "../../a/objects\n../../missing/objects\n",
		"d0": "../../d1/objects", "d1": "../../d2/objects", "d2": "../../d3/objects", "d3": "../../d4/objects", "d4": "../../d5/objects",
		"d5": "../../d6/objects", "d6": "",
	}
	for name, text := range link {
		dir := filepath.Join(top, name)
		r := newRepo(t)
		r.write("file", name)
		r.commit()
		if name == "cc" {
			r.git("repack", "-q", "-a", "-d")
		}
		id[name] = strings.TrimSpace(r.git("rev-parse", "HEAD:file"))
		r.must(os.Rename(r.path(".git"), dir))
		r.must(os.WriteFile(filepath.Join(dir, "objects", "info", "alternates"), []byte(text), 0o666))
	}
	for _, c := range []struct {
		from, of string
		want     bool
	}{{"a", "a", true}, {"a", "b", true}, {"a", "cc", true}, {"cc", "b", true}, {"d0", "d5", true}, {"d0", "d6", false}, {"a", "d0", false}} {
		o := newObjects(&pureBackend{place: place{commonDir: filepath.Join(top, c.from)}})
		data, err := o.read(id[c.of], nil, 0)
		if (err == nil) != c.want || err == nil && string(data) != c.of || err != nil && !errors.Is(err, errNoObject) {
			t.Errorf("%s from %s: %q, %v", c.of, c.from, data, err)
		}
		ids, err := o.files.withPrefix(id[c.of][:5])
		if err != nil || slices.Contains(ids, id[c.of]) != c.want {
			t.Errorf("%s from %s by its first digits: %q, %v", c.of, c.from, ids, err)
		}
		_ = o.Close()
	}
}

// Every prefix finds what git finds by it.
func TestPureObjectsPrefix(t *testing.T) {
	r := newRepo(t)
	for i := range 300 {
		r.write(fmt.Sprintf("f%d", i), fmt.Sprint(i))
	}
	r.commit()
	for _, pack := range []bool{false, true} {
		if pack {
			r.git("repack", "-q", "-a")
		}
		o := r.objects(t)
		all := strings.Fields(r.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
		for i := range 256 {
			for _, prefix := range []string{fmt.Sprintf("%02x", i), fmt.Sprintf("%02x%x", i, i%16)} {
				var want []string
				for _, id := range all {
					if strings.HasPrefix(id, prefix) {
						want = append(want, id)
					}
				}
				got, err := o.files.withPrefix(prefix)
				if err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s: %q, %v; want %q", prefix, got, err, want)
				}
			}
		}
	}
}

// An object that is not sound is an error that names it, whatever it claims.
func TestPureObjectsDamaged(t *testing.T) {
	r := newRepo(t)
	r.write("file", strings.Repeat("text\n", 100))
	r.commit()
	id := strings.TrimSpace(r.git("rev-parse", "HEAD:file"))
	file := r.path(filepath.Join(".git/objects", id[:2], id[2:]))
	sound, err := os.ReadFile(file)
	r.must(err)
	r.must(os.Chmod(file, 0o644))
	other := r.git("hash-object", "-w", "--stdin")
	swapped, err := os.ReadFile(r.path(filepath.Join(".git/objects", other[:2], strings.TrimSpace(other[2:]))))
	r.must(err)
	for name, data := range map[string][]byte{
		"empty": nil, "cut off": sound[:len(sound)-6], "no checksum": sound[:len(sound)-4], "another": swapped, "no zlib": []byte("blob 500\x00"),
		"huge": deflate("blob 2000000000\x00x"), "beyond": deflate("blob 99999999999999999\x00x"), "negative": deflate("blob -5\x00x"), "no end": deflate(strings.Repeat("b", 100)),
		"longer": deflate("blob 1\x00xy"),
	} {
		r.must(os.WriteFile(file, data, 0o666))
		if _, err := r.objects(t).read(id, nil, 0); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	r.must(os.WriteFile(file, sound, 0o666))
	r.git("repack", "-q", "-a") // now it lies in a pack as well
	r.must(os.WriteFile(file, nil, 0o666))
	if _, err := r.objects(t).read(id, nil, 0); err != nil {
		t.Errorf("damaged here, sound in a pack: %v", err)
	}
}

// To read a chain of deltas from either end costs about one delta for each object.
func TestPureObjectsChain(t *testing.T) {
	r := newRepo(t)
	rnd := rand.New(rand.NewSource(1))
	lines := make([]string, 900)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d\n", rnd.Int63())
	}
	for i := range 30 { // each differs from the one before by ten lines, from others by more
		for j := range 10 {
			lines[i+30*(2*j)] = fmt.Sprintf("changed %d\n", rnd.Int63())
		}
		r.write("file", strings.Join(lines, ""))
		r.commit()
	}
	r.git("repack", "-q", "-a", "-d", "-f", "--window=50", "--depth=100")
	all := strings.Fields(r.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	o := r.objects(t)
	longest := 0
	for range 2 {
		slices.Reverse(all)
		for _, id := range all {
			if _, _, err := o.files.read(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range o.files.dirs[0].packs {
		for _, id := range all {
			raw, err := hex.DecodeString(id)
			r.must(err)
			at, err := p.find(raw)
			r.must(err)
			cold := objectFiles{dir: o.files.dir}
			c, err := cold.chain(p, at, 1<<30)
			r.must(err)
			longest = max(longest, len(c.links))
			warm, err := o.files.chain(p, at, 1<<30)
			r.must(err)
			if len(warm.links) > 1 {
				t.Errorf("%s: %d deltas although its base was read", id, len(warm.links))
			}
		}
	}
	if longest < 10 {
		t.Errorf("the longest chain has %d links", longest)
	}
}

func deflate(text string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}
