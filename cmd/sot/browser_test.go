package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/trace"
)

// hostileName would run a script, ask the network and end the page's own script, had
// it its way.
const hostileName = `</script><script>window.pwned=1</script><img src="http://127.0.0.1:9/x" onerror="window.pwned=2">"'` + "\u2028\u202e"

// pages writes the HTML pages of a bench of the seed workload, and of a run whose
// rules have hostile names, and returns their addresses.
func pages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	sot := func(args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if code := Main(args, Streams{strings.NewReader(""), &out, &errs}); code != 0 {
			t.Fatalf("sot %v: exit %d\n%s", args, code, errs.String())
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	sot("bench", "--workload", "seed", "--virtual", "--output", at("bench.json"))
	sot("report", at("bench.json"), "--html", at("bench.html"))

	s := trace.Measure(hostileLog())
	f, err := os.Create(at("run.json"))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(report.JSON(f, &report.Report{Tool: report.Tool{Name: "sot"}, Schedule: &s, Run: report.Run{Source: hostileName},
		Rules: []report.RuleResult{{ID: hostileName, Kind: "content", Status: report.Passed, Seconds: 1}}}), f.Close())
	if err != nil {
		t.Fatal(err)
	}
	sot("report", at("run.json"), "--html", at("run.html"))
	return map[string]string{"bench": "file://" + at("bench.html"), "run": "file://" + at("run.html")}
}

func hostileLog() trace.Log {
	l := trace.Log{Policy: "adaptive", Warm: true, Allowed: 4, Predicted: 2}
	for i := range 4 {
		l.Workers = append(l.Workers, trace.Worker{ID: i, Life: 5})
	}
	for i := range 5000 {
		l.Tasks = append(l.Tasks, trace.Task{ID: fmt.Sprintf("%s#%d", hostileName, i), Rule: hostileName, Batch: i % 11, Estimate: 0.004})
		start := float64(i/4) * 0.004
		l.Spans = append(l.Spans, trace.Span{Task: i, Worker: i % 4, Start: start, End: start + 0.0035, Victim: -1})
	}
	return l
}

// tooWide names the elements that make the page wider than the window.
const tooWide = `(() => {
	const most = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= most) return "";
	return document.documentElement.scrollWidth + " of " + most + ": " + [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > most && !e.closest(".scroll")).map((e) => e.tagName + "." + e.className).join(" ");
})()`

func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	b := newBrowser(t)
	for name, url := range pages(t) {
		for _, screen := range []struct {
			width  int
			scheme string
		}{{1280, "light"}, {1280, "dark"}, {390, "light"}, {390, "dark"}} {
			b.screen(screen.width, 900, screen.scheme)
			b.load(url)
			where := fmt.Sprintf("%s, %d pixels, %s", name, screen.width, screen.scheme)
			if over := b.eval(tooWide); over != "" {
				t.Errorf("%s: wider than the window: %v", where, over)
			}
			b.picture(name, screen.width, screen.scheme)
		}
		b.screen(1280, 900, "light")
		testKeyboard(t, b, name)
		if name == "bench" {
			testNextOnThePath(t, b)
		}
		testTheme(t, b, name)
		if got := b.eval("String(window.pwned)"); got != "undefined" {
			t.Errorf("%s: a name ran as a script: %v", name, got)
		}
		if n := b.eval("document.querySelectorAll('img, iframe, script').length"); n != 2.0 {
			t.Errorf("%s: %v images, frames and scripts, want the data and the script", name, n)
		}
	}
	for _, event := range []string{"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"} {
		if got := b.seen(event); len(got) > 0 {
			t.Errorf("%s: %s", event, got)
		}
	}
	for _, request := range b.seen("Network.requestWillBeSent") {
		if !strings.Contains(request, `"url":"file://`) && !strings.Contains(request, `"url":"data:,"`) {
			t.Errorf("a page asked for something: %s", request)
		}
	}
}

// testKeyboard moves through tasks by keys alone.
func testKeyboard(t *testing.T, b *browser, name string) {
	t.Helper()
	b.eval("document.getElementById('timeline').focus()")
	told := func() string { return fmt.Sprint(b.eval("document.getElementById('task').textContent")) }
	if got := told(); !strings.Contains(got, "Choose a task") {
		t.Errorf("%s: told %q before a task is chosen", name, got)
	}
	seen := map[string]bool{}
	for _, key := range []string{"ArrowRight", "ArrowRight", "ArrowDown", "End"} {
		b.key(key)
		got := told()
		if seen[got] || !strings.Contains(got, "took ") || !strings.Contains(got, "worker ") {
			t.Errorf("%s: key %s told %q", name, key, got)
		}
		seen[got] = true
	}
	b.key("c")
	if got := told(); !strings.Contains(got, "on the critical path") {
		t.Errorf("%s: key c told %q", name, got)
	}
	b.key("+")
	b.key("+")
	b.picture(name+"-task", 1280, "light")
	b.key("Escape")
	if got := told(); !strings.Contains(got, "Choose a task") {
		t.Errorf("%s: told %q after Escape", name, got)
	}
}

// testNextOnThePath goes from a task beside the critical path to the one on it that
// begins when it does, not to the one that ends there.
func testNextOnThePath(t *testing.T, b *browser) {
	t.Helper()
	told := ""
	for _, key := range []string{"ArrowRight", "ArrowRight", "ArrowDown", "c"} {
		b.key(key)
		told = fmt.Sprint(b.eval("document.getElementById('task').textContent"))
		if strings.Contains(told, "0.0 %") {
			t.Errorf("key %s: an estimate is off by nothing: %q", key, told)
		}
	}
	if !strings.HasPrefix(told, "AR002") {
		t.Errorf("key c told %q, want AR002", told)
	}
	b.key("Escape")
}

// testTheme presses the button for the colours.
func testTheme(t *testing.T, b *browser, name string) {
	t.Helper()
	background := func() any { return b.eval("getComputedStyle(document.body).backgroundColor") }
	colors := map[any]bool{}
	for range 3 {
		b.eval("document.getElementById('theme').click()")
		b.settle()
		colors[background()] = true
	}
	if len(colors) != 2 {
		t.Errorf("%s: the button gives the backgrounds %v", name, colors)
	}
}

// picture writes a screenshot into the folder that SOT_SCREENSHOTS names, for eyes.
func (b *browser) picture(name string, width int, scheme string) {
	b.t.Helper()
	dir := os.Getenv("SOT_SCREENSHOTS")
	if dir == "" {
		return
	}
	var got struct {
		Data string `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &got)
	png, err := base64.StdEncoding.DecodeString(got.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
