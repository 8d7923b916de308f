package source

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every object is read as git reads it: loose, in packs of both kinds of delta,
// behind an offset of 64 bits.
func TestObjectFiles(t *testing.T) {
	for name, pack := range map[string]func(r *testRepo){
		"loose":  func(*testRepo) {},
		"packed": func(r *testRepo) { r.git("repack", "-q", "-a", "-d") },
		"deltas": func(r *testRepo) { r.git("repack", "-q", "-a", "-d", "-f", "--depth=250", "--window=100") },
		"deltas by id": func(r *testRepo) {
			r.git("config", "repack.useDeltaBaseOffset", "false")
			r.git("repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
		},
		"64-bit offsets": func(r *testRepo) {
			r.git("repack", "-q", "-a", "-d")
			packs, _ := filepath.Glob(r.path(".git/objects/pack/*.pack"))
			r.must(os.Remove(strings.TrimSuffix(packs[0], "pack") + "idx"))
			r.git("index-pack", "--index-version=2,0x40", packs[0])
		},
		"two packs": func(r *testRepo) {
			r.git("repack", "-q", "-a", "-d")
			r.write("late", "late\n")
			r.commit()
			r.git("repack", "-q", "-d")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			rnd := rand.New(rand.NewSource(1))
			text := strings.Repeat(randomText(rnd), 20)
			for i := range 8 {
				text = edit(rnd, text)
				r.write("dir/text", text)
				r.write(fmt.Sprintf("dir/sub%d/x", i), text)
				r.commit()
			}
			r.git("tag", "-a", "-m", "x", "v1")
			pack(r)
			compareObjects(t, r)
		})
	}
}

func compareObjects(t *testing.T, r *testRepo) {
	t.Helper()
	o := &objectFiles{dir: r.path(".git/objects")}
	defer o.close()
	list := strings.Fields(r.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	if len(list) < 30 {
		t.Fatalf("only %d objects", len(list))
	}
	for _, id := range list {
		kind, data, err := o.read(id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		want := strings.TrimSpace(r.git("cat-file", "-t", id))
		if kind != want || objectID(kind, data, len(id)) != id {
			t.Errorf("%s: a %s of %d bytes, want a %s", id, kind, len(data), want)
		}
	}
	if _, _, err := o.read(strings.Repeat("1", 40)); !errors.Is(err, errNoObject) {
		t.Errorf("an object that is not there: %v", err)
	}
}

func TestApplyDelta(t *testing.T) {
	base := []byte(strings.Repeat("0123456789abcdef", 5000))
	size := []byte{0x80, 0xf1, 0x04} // 80,000, seven bits a byte
	for name, c := range map[string]struct {
		delta string
		want  string // "" is an error
	}{
		"copy of 64 KiB": {"\x80\x80\x04\x80", string(base[:0x10000])},
		"copy and text":  {"\x05\x91\x02\x03\x02xy", "234xy"},
		"offset of two":  {"\x02\x93\x01\x02\x02", string(base[0x201:0x203])},
		"beyond":         {"\x05\x9f\xff\xff\xff\xff\x05", ""},
		"too short":      {"\x05\x91\x02\x03", ""},
		"too long":       {"\x02\x91\x02\x03", ""},
		"reserved":       {"\x01\x00", ""},
		"text cut off":   {"\x05\x05xy", ""},
	} {
		out, err := applyDelta(nil, base, append(size[:3:3], c.delta...), objectMax, objectMax)
		if (err == nil) != (c.want != "") || string(out) != c.want {
			t.Errorf("%s: %.20q, %v; want %.20q", name, out, err, c.want)
		}
	}
	if _, err := applyDelta(nil, base[1:], append(size[:3:3], "\x01\x01x"...), objectMax, objectMax); err == nil {
		t.Error("a base of another size was taken")
	}
}

func FuzzApplyDelta(f *testing.F) {
	f.Add([]byte("the base"), []byte("\x08\x0b\x90\x08\x03new"))
	f.Add([]byte("the base"), []byte("\x08\x04\x91\x04\x04"))
	f.Add([]byte(""), []byte("\x00\xff\xff\xff\xff\x7f\x01a"))
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		out, err := applyDelta(nil, base, delta, objectMax, objectMax)
		if err == nil && len(out) > objectMax {
			t.Fatalf("%d bytes", len(out))
		}
	})
}

// FuzzPack gives a pack and its index that were tampered with.
func FuzzPack(f *testing.F) {
	r := newRepo(f)
	for i := range 4 {
		r.write("text", strings.Repeat(fmt.Sprintf("line %d\n", i), 40))
		r.commit()
	}
	r.git("repack", "-q", "-a", "-d", "-f")
	names, _ := filepath.Glob(r.path(".git/objects/pack/*.idx"))
	index, err := os.ReadFile(names[0])
	r.must(err)
	pack, err := os.ReadFile(strings.TrimSuffix(names[0], "idx") + "pack")
	r.must(err)
	ids := strings.Fields(r.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)"))
	f.Add(index, pack)
	f.Add(index[:len(index)/2], pack)
	f.Add(index, pack[:len(pack)/2])
	f.Fuzz(func(t *testing.T, index, pack []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "pack"), 0o777); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"pack-x.idx": index, "pack-x.pack": pack} {
			if err := os.WriteFile(filepath.Join(dir, "pack", name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		o := &objectFiles{dir: dir}
		defer o.close()
		for _, id := range ids {
			if kind, data, err := o.read(id); err == nil && objectID(kind, data, len(id)) != id {
				t.Fatalf("%s: a wrong object", id)
			}
		}
	})
}

func FuzzCacheTree(f *testing.F) {
	r := newRepo(f)
	r.base()
	x, err := readIndexFile(r.path(".git/index"), 20)
	r.must(err)
	f.Add(x.cacheTree)
	f.Add("\x00-1 1\na\x00-1 0\n")
	f.Add("\x00-1 999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := parseCacheTree(text, 20)
		if err != nil {
			return
		}
		if n := tree.nodes[0].end; int(n) != len(tree.nodes) {
			t.Fatalf("%d folders, the root ends at %d", len(tree.nodes), n)
		}
		tree.child(0, "a")
		_, _ = diffStagedTree(&index{text: x.text, starts: x.starts, idSize: 20, cacheTree: text}, strings.Repeat("a", 40),
			func(string) ([]byte, error) { return []byte("40000 dir\x00" + strings.Repeat("b", 20)), nil })
	})
}
