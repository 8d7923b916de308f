package cache_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
)

// valueOf is what the tests keep under a key: of a length of its own.
func valueOf(n int) []byte {
	return append(strconv.AppendInt([]byte("value "), int64(n), 10), dots[:n%97]...)
}

var dots = strings.Repeat(".", 97)

// saved saves values from one number up to another.
func saved(tb testing.TB, path string, limit int64, from, to int) {
	tb.Helper()
	s := cache.Open(path, limit)
	for n := from; n < to; n++ {
		s.Put(key(n), valueOf(n))
	}
	save(tb, s)
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
}

// present counts the values below a number that a store has, each of which must
// be right.
func present(tb testing.TB, path string, limit int64, to int) (found int) {
	tb.Helper()
	s := cache.Open(path, limit)
	for n := range to {
		v, ok := s.Get(key(n))
		if ok && !bytes.Equal(v, valueOf(n)) {
			tb.Fatalf("key %d is %q", n, v)
		}
		if ok {
			found++
		}
	}
	s.Each(func(k cache.Key, v []byte) {
		text, _, _ := strings.Cut(strings.TrimPrefix(string(v), "value "), ".")
		if n, err := strconv.Atoi(text); err != nil || k != key(n) || !bytes.Equal(v, valueOf(n)) {
			tb.Fatalf("%x is listed as %q", k, v)
		}
	})
	if err := s.Close(); err != nil {
		tb.Fatal(err)
	}
	return found
}

// Whatever happens to blocks of a larger file, of which part is near its bound
// and tells what was used, a value is right or not there, most are there, and the
// next save is.
func TestDamagedBlocks(t *testing.T) {
	const limit, all = 512 << 10, 4000
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, limit, 0, all-40)
	for n := all - 40; n < all; n += 10 {
		saved(t, path, limit, n, n+10)
		s := open(t, path, limit)
		s.Get(key(n % 300)) // fading: told in a frame
		save(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(whole)) < limit/2 || present(t, path, limit, all) != all {
		t.Fatalf("%d bytes are no such file", len(whole))
	}
	random := rand.New(rand.NewPCG(3, 4))
	const block = 512
	at := func() int { return random.IntN(len(whole)-block) / block * block }
	rounds, lost := 8, 0
	if os.Getenv("SOT_LONG") != "" {
		rounds = 2000
	}
	for range rounds {
		for what, harm := range map[string]func([]byte) []byte{
			"flipped bit": func(b []byte) []byte { b[random.IntN(len(b))] ^= 1 << random.IntN(8); return b },
			"zeroed":      func(b []byte) []byte { clear(b[at():][:block]); return b },
			"swapped": func(b []byte) []byte {
				x, y := b[at():][:block], b[at():][:block]
				z := bytes.Clone(x)
				copy(x, y)
				copy(y, z)
				return b
			},
			"stale":   func(b []byte) []byte { copy(b[at():][:block], b[at():]); return b },
			"cut":     func(b []byte) []byte { return b[:random.IntN(len(b))] },
			"longer":  func(b []byte) []byte { return append(b, b[at():]...) },
			"shifted": func(b []byte) []byte { n := random.IntN(len(b)); return slices.Insert(b, n, b[n/2]) },
		} {
			if err := os.WriteFile(path, harm(bytes.Clone(whole)), 0o644); err != nil {
				t.Fatal(err)
			}
			found := present(t, path, limit, all)
			if what == "flipped bit" && found < all*9/10 {
				lost++ // in the header, or the head of a frame
			}
			s := cache.Open(path, limit)
			s.Put(key(all), valueOf(all))
			save(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if v, ok := open(t, path, limit).Get(key(all)); !ok || !bytes.Equal(v, valueOf(all)) {
				t.Fatalf("%s: what was saved behind it is not there", what)
			}
			present(t, path, limit, all)
			if info, err := os.Stat(path); err != nil || info.Size() > limit {
				t.Fatalf("%s: %v bytes, %v", what, info.Size(), err)
			}
		}
	}
	if lost > 1+rounds/10 {
		t.Errorf("%d of %d flipped bits cost a tenth of the values", lost, rounds)
	}
}

// One damaged record is one lost value, also when the file is listed or written
// anew.
func TestOneDamagedRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, 0, 0, 100)   // sealed
	saved(t, path, 0, 100, 200) // behind it
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{50, 150} {
		data[bytes.Index(data, valueOf(n))] ^= 4
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	listed := 0
	s := open(t, path, 0)
	if s.Each(func(cache.Key, []byte) { listed++ }) || listed != 198 {
		t.Errorf("%d values are listed", listed)
	}
	s.Drop(key(0))
	save(t, s)
	if found := present(t, path, 0, 200); found != 197 {
		t.Errorf("%d values are left", found)
	}
	if s := open(t, path, 0); !s.Each(func(cache.Key, []byte) {}) {
		t.Error("what was written anew is damaged")
	}
}

// A machine that stops may leave a file as long as it should be, with nothing in
// its last blocks.
func TestTailOfZeros(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	for n := range 3 {
		saved(t, path, 0, 3*n, 3*n+3)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		data := bytes.Clone(whole)
		clear(data[at:])
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		present(t, path, 0, 9)
		saved(t, path, 0, 50, 51)
		if v, ok := open(t, path, 0).Get(key(50)); !ok || !bytes.Equal(v, valueOf(50)) {
			t.Fatalf("zeros from %d on: what was saved behind them is not there", at)
		}
	}
}

// What another file's tail would add is not taken for this one's.
func TestTailOfAnotherFile(t *testing.T) {
	var files [2][]byte
	var sealed int
	path := ""
	for i := range files {
		path = filepath.Join(t.TempDir(), "verdicts")
		saved(t, path, 0, 0, 10)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sealed = len(data)
		saved(t, path, 0, 10, 20)
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, append(files[1][:sealed:sealed], files[0][sealed:]...), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := present(t, path, 0, 20); found != 10 {
		t.Errorf("%d values", found)
	}
}

// A store of another version is made anew, whatever else is right about it.
func TestOtherVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, 0, 0, 10)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range "13:x" {
		other := bytes.Clone(data)
		other[7] = byte(version)
		binary.LittleEndian.PutUint32(other[28:], crc32.Checksum(other[:28], crc32.MakeTable(crc32.Castagnoli)))
		if err := os.WriteFile(path, other, 0o644); err != nil {
			t.Fatal(err)
		}
		s := cache.Open(path, 0)
		if err := s.Problem(); err == nil || s.Len() != 0 {
			t.Errorf("version %c: %d values, %v", version, s.Len(), err)
		}
		saved(t, path, 0, 20, 21)
		if s := open(t, path, 0); s.Len() != 1 {
			t.Errorf("version %c: %d values behind it", version, s.Len())
		}
	}
}

// The clock says nothing: neither what is old nor what is right.
func TestClockIsNotAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	for n, when := range []time.Time{time.Unix(0, 0), time.Now().Add(1e6 * time.Hour), time.Now().Add(-48 * time.Hour)} {
		saved(t, path, 0, 10*n, 10*n+10)
		for _, name := range []string{path, path + ".lock", filepath.Dir(path)} {
			if err := os.Chtimes(name, when, when); err != nil {
				t.Fatal(err)
			}
		}
		if found := present(t, path, 0, 100); found != 10*n+10 {
			t.Errorf("%d values, want %d", found, 10*n+10)
		}
	}
}

// What was used goes last, whether anything was put or not; and that it was used
// is told once.
func TestWhatIsUsedStays(t *testing.T) {
	const limit, all = 1 << 20, 6000
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, limit, 0, all)
	size := func() int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	if before < limit/2 {
		t.Fatalf("%d bytes are not near the bound", before)
	}
	for n := range 3 {
		s := open(t, path, limit)
		for n := 0; n < all; n += 2 {
			s.Get(key(n))
		}
		save(t, s)
		if grown := size() - before; n == 0 && grown == 0 || grown > all {
			t.Fatalf("run %d: telling what was used took %d bytes", n, grown)
		}
		if n == 0 {
			before = size()
		} else if size() != before {
			t.Errorf("run %d told it again", n)
		}
	}
	for n := all; n < 11_000; n += 100 { // until something is left out
		saved(t, path, limit, n, n+100)
	}
	even, odd := 0, 0
	s := open(t, path, limit)
	for n := range all {
		if _, ok := s.Get(key(n)); ok && n%2 == 0 {
			even++
		} else if ok {
			odd++
		}
	}
	if even != all/2 || odd > all/4 {
		t.Errorf("%d of %d used ones are left, and %d of the others", even, all/2, odd)
	}
}

// What was used of a file that another process has written anew since is not told
// of the new one, whose slots are others.
func TestUsedOfAFileThatIsGone(t *testing.T) {
	const limit, all = 1 << 20, 6000
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, limit, 0, all)
	s := open(t, path, limit)
	for n := range 100 {
		s.Get(key(n))
	}
	other := open(t, path, limit)
	other.Drop(key(all - 1))
	save(t, other)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("%d bytes are %d (%v)", len(before), len(after), err)
	}
	if found := present(t, path, limit, all); found != all-1 {
		t.Errorf("%d values", found)
	}
}

// A warm run over everything writes nothing, near the bound as well.
func TestWarmRunsWriteLittle(t *testing.T) {
	const limit, all = 1 << 20, 6000
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, limit, 0, all)
	var first os.FileInfo
	for n := range 4 {
		s := open(t, path, limit)
		for n := range all {
			s.Get(key(n))
		}
		save(t, s)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = info
		} else if _, err := os.Lstat(path + ".lock"); err == nil {
			t.Fatalf("run %d took the lock", n)
		} else if !os.SameFile(info, first) || info.Size() != first.Size() {
			t.Fatalf("run %d wrote the file", n)
		}
		_ = os.Remove(path + ".lock")
	}
}

// At the bound, a run that changes little writes the file anew only now and then,
// whether the file is just below it or values were left out.
func TestBoundLeavesRoomToAppend(t *testing.T) {
	const limit = 1 << 20
	for _, values := range []int{9300, 20_000} {
		path := filepath.Join(t.TempDir(), "verdicts")
		anew := 0
		var last os.FileInfo
		saved(t, path, limit, 0, values)
		for n := range 1200 {
			saved(t, path, limit, 100_000+n%7, 100_000+n%7+1)
			info, err := os.Stat(path)
			if err != nil || info.Size() > limit {
				t.Fatal(info.Size(), err)
			}
			if last != nil && !os.SameFile(info, last) {
				anew++
			}
			last = info
		}
		if anew > 2 {
			t.Errorf("of %d values: 1200 small saves wrote the file anew %d times", values, anew)
		}
	}
}

// The bound is at least 64 KiB and at most 1 GiB, and 0 is the usual one. A value
// that would push out all others is not kept, and pushes nothing out.
func TestSmallBounds(t *testing.T) {
	for limit, want := range map[int64]int64{0: cache.DefaultLimit, -1: cache.DefaultLimit, 1: 64 << 10, 100 << 10: 100 << 10, 1 << 62: 1 << 30} {
		if got := cache.Open(filepath.Join(t.TempDir(), "verdicts"), limit).Limit(); got != want {
			t.Errorf("limit %d: %d, want %d", limit, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "verdicts")
	saved(t, path, 1, 0, 20)
	for _, size := range []int{60 << 10, 100 << 10, cache.MaxValue, cache.MaxValue + 1} {
		s := open(t, path, 1)
		s.Put(key(-1), make([]byte, size))
		save(t, s)
		if found := present(t, path, 1, 20); found != 20 {
			t.Errorf("a value of %d bytes left %d of 20", size, found)
		}
	}
	s := open(t, path, 1)
	s.Put(key(-2), make([]byte, 40<<10))
	save(t, s)
	if v, ok := open(t, path, 1).Get(key(-2)); !ok || len(v) != 40<<10 {
		t.Errorf("a value that has room is not there: %d %v", len(v), ok)
	}
	// A file of a larger bound is replaced, not read.
	saved(t, path, 0, 0, 3000)
	if s := cache.Open(path, 1); s.Problem() == nil || s.Len() != 0 {
		t.Errorf("%d values, %v", s.Len(), s.Problem())
	}
	saved(t, path, 1, 0, 3)
	if found := present(t, path, 1, 3000); found != 3 {
		t.Error(found)
	}
}

// What was saved is still found, and may be put again.
func TestAfterSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	s := open(t, path, 0)
	for n := range 3 {
		s.Put(key(1), valueOf(1))
		s.Put(key(2), valueOf(n))
		save(t, s)
		for k, want := range map[int]int{1: 1, 2: n} {
			if v, ok := s.Get(key(k)); !ok || !bytes.Equal(v, valueOf(want)) {
				t.Errorf("after save %d, key %d: %q %v", n, k, v, ok)
			}
			if v, ok := open(t, path, 0).Get(key(k)); !ok || !bytes.Equal(v, valueOf(want)) {
				t.Errorf("after save %d, key %d of the file: %q %v", n, k, v, ok)
			}
		}
	}
	if n := open(t, path, 0).Len(); n != 4 { // two of them twice
		t.Errorf("it has %d values", n)
	}
	told := 0
	s.Touched(func(cache.Key, []byte) { told++ })
	if told != 2 {
		t.Errorf("%d are told", told)
	}
}

// Half-written files of killed processes go when the file is next written anew,
// and nothing else does.
func TestHalfWrittenFilesGo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "verdicts[1]*")
	saved(t, path, 0, 0, 10)
	left := []string{"verdicts[1]*.tmp-123", "verdicts[1]*.tmp-9"}
	others := []string{"verdicts.tmp-1", "verdicts[1]*.tmp-", "verdicts[1]*.tmp-1a", "verdicts1x.tmp-1", "my verdicts[1]*.tmp-1"}
	for _, name := range append(left, others...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, path, 0)
	s.Drop(key(1))
	save(t, s)
	for _, name := range left {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range others {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// Stores of one file that are used at once, by many goroutines each, answer right.
func TestManyAtOnce(t *testing.T) {
	const limit = 256 << 10 // written anew often
	path := filepath.Join(t.TempDir(), "verdicts")
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for round := range 15 {
				s := cache.Open(path, limit)
				var users sync.WaitGroup
				for g := range 3 {
					users.Go(func() {
						for i := range 300 {
							n := (i*7 + g*1000 + w*100 + round) % 5000
							v, ok := s.Get(key(n))
							if ok && !bytes.Equal(v, valueOf(n)) {
								t.Errorf("key %d is %q", n, v)
							}
							if i%3 == 0 {
								s.Put(key(n), valueOf(n))
							}
						}
						if g == 1 {
							if err := saveSoon(s); err != nil {
								t.Error(err)
							}
						}
					})
				}
				users.Wait()
				if err := saveSoon(s); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if found := present(t, path, limit, 5000); found == 0 {
		t.Error("nothing is there")
	}
}
