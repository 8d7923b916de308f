package profile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test's own binary is the second process: with this variable it saves to
// the profile that it names, so often as it says, or for ever.
const helperPath, helperTimes = "SOT_PROFILE_TEST_PATH", "SOT_PROFILE_TEST_TIMES"

func TestMain(m *testing.M) {
	if path := os.Getenv(helperPath); path != "" {
		times, _ := strconv.Atoi(os.Getenv(helperTimes))
		for i := 0; times == 0 || i < times; i++ {
			if err := learn(path, 0, 299); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// learn is a run that observes the rules of these numbers once. It starts again where others
// hold the lock for too long, as they may on a busy machine.
func learn(path string, first, last int) error {
	for {
		p, err := Load(path, class)
		if err != nil {
			return err
		}
		for k := first; k <= last; k++ {
			observe(p, fmt.Sprint("rule-", k), 1)
		}
		if err = p.Save(); err == nil || !strings.Contains(err.Error(), "held its lock") {
			return err
		}
	}
}

func helper(path string, times int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperPath+"="+path, helperTimes+"="+strconv.Itoa(times))
	cmd.Stderr = os.Stderr
	return cmd
}

// Processes and goroutines that save at once all count.
func TestProcessesAtOnceAllCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	const processes, times = 4, 5
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			if err := helper(path, times).Run(); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := learn(path, 7, 7); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p := load(t, path)
	if n := p.model("rule-7").Count(); n != processes*times+processes {
		t.Errorf("%v samples", n)
	}
	if n := p.model("rule-8").Count(); n != processes*times {
		t.Errorf("%v samples", n)
	}
}

// awaitSave waits until a profile is another file than before, however slow the
// machine is.
func awaitSave(t *testing.T, path string, before os.FileInfo) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if now, err := os.Stat(path); err == nil && (before == nil || !os.SameFile(before, now)) {
			return
		}
	}
	t.Error("nothing was saved within a minute")
}

// A process that is killed at any moment leaves a file that is whole, and a
// lock that is free.
func TestKilledProcessLeavesAWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	last := 0.0
	for i := range 12 {
		before, _ := os.Stat(path)
		cmd := helper(path, 0)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		awaitSave(t, path, before)
		time.Sleep(time.Duration(7*i) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		p := load(t, path)
		if m := p.model("rule-299"); m != nil {
			if m.saves < last {
				t.Errorf("%v saves, after %v", m.saves, last)
			}
			last = m.saves
		}
	}
	if last == 0 {
		t.Error("nothing was ever saved")
	}
	p := load(t, path)
	observe(p, "r", 1)
	save(t, p)
}

func TestProfileIsSafeForConcurrentUse(t *testing.T) {
	p := learned(t, 2, func(p *Profile) { observe(p, "r", 1) })
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				observe(p, fmt.Sprint("rule-", i%5), 1)
				p.Judged("rule-1", "k", w == 0)
				p.Estimate("r", "k", 1, 1)
				p.Estimate("unseen", "k", 1, 1)
				if i%50 == 0 {
					p.Slow()
				}
				if w == 0 && i%100 == 0 {
					_ = p.Save()
				}
			}
		})
	}
	wg.Wait()
	save(t, p)
	again := load(t, p.path)
	if n := again.model("rule-1").Count(); n != 8*40 {
		t.Errorf("%v samples", n)
	}
	if n := again.model("rule-1").Runs(); n != 8*200 && n < 8*100 {
		t.Errorf("%v runs", n)
	}
}
