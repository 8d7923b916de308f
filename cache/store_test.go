package cache_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
	"pgregory.net/rapid"
)

func key(n int) (k cache.Key) {
	binary.LittleEndian.PutUint64(k[:], uint64(n)*0x9E3779B97F4A7C15)
	binary.LittleEndian.PutUint64(k[8:], uint64(n))
	return k
}

func open(t testing.TB, path string, limit int64) *cache.Store {
	t.Helper()
	s := cache.Open(path, limit)
	if err := s.Problem(); err != nil {
		t.Fatal(err)
	}
	return s
}

func save(t testing.TB, s *cache.Store) {
	t.Helper()
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
}

// saveSoon saves where others save all the time: on a busy machine the lock may be
// theirs for longer than a save waits.
func saveSoon(s *cache.Store) (err error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if err = s.Save(); err == nil || !strings.Contains(err.Error(), "another process") {
			return err
		}
	}
	return err
}

// Whatever the order of puts, saves and openings, the store answers as a map
// does, as long as the bound is not reached.
func TestAnswersAsAMapDoes(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		path := filepath.Join(dir, strconv.Itoa(n), "verdicts")
		model := map[cache.Key]string{}
		for range rapid.IntRange(1, 6).Draw(rt, "runs") {
			s := open(t, path, 0)
			for k := range 40 {
				v, ok := s.Get(key(k))
				if want, there := model[key(k)]; ok != there || string(v) != want {
					rt.Fatalf("key %d: %q %v, want %q %v", k, v, ok, want, there)
				}
			}
			for range rapid.IntRange(0, 30).Draw(rt, "puts") {
				k := key(rapid.IntRange(0, 39).Draw(rt, "key"))
				v := bytes.Repeat([]byte{'v'}, rapid.IntRange(0, 9000).Draw(rt, "length"))
				s.Put(k, v)
				model[k] = string(v)
			}
			save(t, s)
		}
	})
}

// A file that is cut off at any byte, or has any byte changed, gives the right
// value or none, and takes the next save.
func TestDamageCostsAnswersAndNeverGivesWrongOnes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	for run := range 3 { // a sealed region and a tail
		s := open(t, path, 0)
		for k := range 4 {
			s.Put(key(10*run+k), fmt.Appendf(nil, "value %d", 10*run+k))
		}
		save(t, s)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, at int, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		s := cache.Open(path, 0)
		for k := range 30 {
			if v, ok := s.Get(key(k)); ok && string(v) != fmt.Sprintf("value %d", k) {
				t.Fatalf("%s at %d: key %d is %q", what, at, k, v)
			}
		}
		s.Put(key(99), []byte("value 99"))
		save(t, s)
		if v, ok := open(t, path, 0).Get(key(99)); !ok || string(v) != "value 99" {
			t.Fatalf("%s at %d: what was saved behind it is not there", what, at)
		}
	}
	found := 0
	for at := range whole {
		check("cut", at, whole[:at])
		for _, bit := range []byte{1, 0x80} {
			broken := bytes.Clone(whole)
			broken[at] ^= bit
			check("flip", at, broken)
		}
		if _, ok := cache.Open(path, 0).Get(key(0)); ok {
			found++
		}
	}
	if found == 0 {
		t.Error("no damage left anything to be found")
	}
}

// Over its bound, the store leaves out what was used longest ago.
func TestBoundLeavesOutWhatWasUsedLongestAgo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	const limit = 64 << 10
	value := bytes.Repeat([]byte{'x'}, 1000)
	for n := range 400 {
		s := open(t, path, limit)
		s.Get(key(-1)) // in use all the time
		if n == 0 {
			s.Put(key(-1), value)
		}
		s.Put(key(n), value)
		save(t, s)
		if info, err := os.Stat(path); err != nil || info.Size() > limit {
			t.Fatalf("after %d: %v bytes, %v", n, info.Size(), err)
		}
	}
	s := open(t, path, limit)
	for k, want := range map[int]bool{-1: true, 399: true, 380: true, 0: false, 200: false} {
		if _, ok := s.Get(key(k)); ok != want {
			t.Errorf("key %d there: %v, want %v", k, ok, want)
		}
	}
}

func TestTwoAtOnceBothCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := range 25 {
				s := cache.Open(path, 0)
				s.Put(key(1000*w+n), []byte("v"))
				if err := saveSoon(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := open(t, path, 0)
	for w := range 4 {
		for n := range 25 {
			if _, ok := s.Get(key(1000*w + n)); !ok {
				t.Fatalf("what writer %d saved as number %d is lost", w, n)
			}
		}
	}
}

// Processes that save at once, and write the file anew as they do, lose nothing of
// each other's.
func TestProcessesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	saves := []int{40, 40, 40}
	var wg sync.WaitGroup
	for w, n := range saves {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CACHE_TEST_SAVER="+path, fmt.Sprintf("CACHE_TEST_SAVES=%d", n), fmt.Sprintf("CACHE_TEST_FROM=%d", 10_000*w))
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v %s", err, out)
			}
		})
	}
	wg.Wait()
	s := open(t, path, 192<<10)
	for w, n := range saves {
		for k := range 20 * n {
			k += 10_000 * w
			if v, ok := s.Get(key(k)); !ok || string(v) != fmt.Sprintf("value %d", k) {
				t.Fatalf("key %d: %q %v", k, v, ok)
			}
		}
	}
}

// TestMain lets the test binary be a process that saves, until it is killed or so
// many times. It closes its standard output when it has saved once.
func TestMain(m *testing.M) {
	if path := os.Getenv("CACHE_TEST_SAVER"); path != "" {
		saves, _ := strconv.Atoi(os.Getenv("CACHE_TEST_SAVES"))
		from, _ := strconv.Atoi(os.Getenv("CACHE_TEST_FROM"))
		for n := from / 20; saves == 0 || n < from/20+saves; n++ {
			s := cache.Open(path, 192<<10)
			for i := range 20 {
				s.Put(key(n*20+i), fmt.Appendf(nil, "value %d", n*20+i))
			}
			if err := saveSoon(s); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			_ = os.Stdout.Close()
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A process that is killed while it saves leaves values that are right, and no
// lock that holds others up.
func TestKilledWhileSaving(t *testing.T) {
	kills := 20
	if os.Getenv("SOT_LONG") != "" {
		kills = 300
	}
	path := filepath.Join(t.TempDir(), "verdicts")
	found, halves := 0, 0
	moment := rand.New(rand.NewPCG(1, 2))
	for n := range kills {
		var savers []*exec.Cmd
		var first []io.Reader
		for range 2 { // at once
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "CACHE_TEST_SAVER="+path)
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			savers, first = append(savers, cmd), append(first, out)
		}
		if n%2 == 0 { // else they may not even have started, or have just begun
			for _, out := range first {
				_, _ = io.Copy(io.Discard, out)
			}
		}
		time.Sleep(time.Duration(5+moment.IntN(60)) * time.Millisecond)
		for _, cmd := range savers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
		}
		left, err := filepath.Glob(path + ".tmp-*")
		if err != nil || len(left) > 1 {
			t.Fatal(left, err) // only who holds the lock writes one
		}
		halves += len(left)
		s := open(t, path, 192<<10)
		for k := range 4000 {
			v, ok := s.Get(key(k))
			if ok && string(v) != fmt.Sprintf("value %d", k) {
				t.Fatalf("after kill %d, key %d is %q", n, k, v)
			}
			if ok {
				found++
			}
		}
		s.Put(key(-5), []byte("v"))
		save(t, s)
	}
	if found == 0 {
		t.Error("the killed processes had saved nothing")
	}
	t.Logf("%d kills left %d half-written files and gave %d right values", kills, halves, found)
	if err := cache.Remove(path); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) > 1 {
		t.Errorf("beside the lock there are %v (%v)", left, err)
	}
}

func TestDroppedAndListed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	s := open(t, path, 0)
	want := map[cache.Key]string{}
	for n := range 300 {
		s.Put(key(n), bytes.Repeat([]byte{'v'}, n*n%90_000)) // some over a page
		want[key(n)] = string(bytes.Repeat([]byte{'v'}, n*n%90_000))
		if n%100 == 50 {
			save(t, s)
			s = open(t, path, 0)
		}
	}
	s.Put(key(7), []byte("again"))
	want[key(7)] = "again"
	s.Drop(key(8))
	delete(want, key(8))
	save(t, s)
	s = open(t, path, 0)
	got := map[cache.Key]string{}
	if !s.Each(func(k cache.Key, v []byte) { got[k] += string(v) }) {
		t.Error("it is not whole")
	}
	if len(got) != len(want) || s.Len() != len(want) {
		t.Errorf("%d are listed, Len is %d, want %d", len(got), s.Len(), len(want))
	}
	for k, v := range want {
		if got[k] != v {
			t.Fatalf("a value of %d bytes has %d", len(v), len(got[k]))
		}
	}
}

func TestPlacesThatCannotBeWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of folders are not Windows's")
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s := cache.Open(folder, 0)
	if s.Problem() == nil {
		t.Error("a folder in the file's place is no problem")
	}
	s.Put(key(1), nil)
	if s.Save() == nil {
		t.Error("a folder was written to")
	}
	link := filepath.Join(dir, "link")
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	s = cache.Open(link, 0)
	s.Put(key(1), nil)
	_ = s.Save()
	if got, err := os.ReadFile(target); err != nil || string(got) != "precious" {
		t.Errorf("a link was followed: %q %v", got, err)
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "verdicts")
	s := cache.Open(path, 0)
	s.Put(key(1), []byte("one"))
	if err := s.Save(); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "verdicts")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		s := cache.Open(path, 0)
		s.Get(key(1))
		s.Put(key(2), []byte("two"))
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		if v, ok := cache.Open(path, 0).Get(key(2)); !ok || string(v) != "two" {
			t.Fatalf("%q %v", v, ok)
		}
	})
}

// What is lent is found where the store has nothing itself, and kept if it was
// found; what was put or found is told.
func TestLentAndTouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	s := open(t, path, 0)
	s.Put(key(1), []byte("one"))
	s.Put(key(2), []byte("two"))
	save(t, s)
	s = open(t, path, 0)
	s.Track()
	for n := range 4 {
		s.Fill(key(n+1), []byte("lent"))
	}
	for n, want := range map[int]string{1: "one", 3: "lent"} {
		for range 2 {
			if v, ok := s.Get(key(n)); !ok || string(v) != want {
				t.Errorf("key %d: %q %v", n, v, ok)
			}
		}
	}
	s.Put(key(5), []byte("five"))
	touched := map[cache.Key]string{}
	s.Touched(func(k cache.Key, v []byte) { touched[k] = string(v) })
	if len(touched) != 3 || touched[key(1)] != "one" || touched[key(3)] != "lent" || touched[key(5)] != "five" {
		t.Errorf("%q", touched)
	}
	save(t, s)
	s = open(t, path, 0)
	if s.Len() != 4 {
		t.Errorf("%d values were kept", s.Len())
	}
}
