package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"
)

// browser drives a headless Chromium over its debugging pipe: JSON messages that end
// with a zero byte, on file descriptors 3 and 4.
// https://chromedevtools.github.io/devtools-protocol/
type browser struct {
	t       *testing.T
	out     *os.File
	mu      sync.Mutex
	next    int
	answers map[int]chan cdpMessage
	events  []cdpMessage
	session string
}

type cdpMessage struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// cdpPatience bounds the wait for one answer: a browser on a busy machine is slow.
const cdpPatience = 60 * time.Second

// newBrowser starts a browser with one empty page; it skips the test where there is
// none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the debugging pipe needs file descriptors that a child inherits")
	}
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium here: the page is not looked at")
	}
	toBrowser, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	in, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = toBrowser.Close()
	_ = fromBrowser.Close()
	b := &browser{t: t, out: out, answers: map[int]chan cdpMessage{}}
	go b.listen(in)
	t.Cleanup(func() {
		_, _ = b.send("Browser.close", nil)
		done := make(chan struct{})
		go func() {
			_ = cmd.Wait() // it was killed, or asked to end
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
		_ = out.Close()
		_ = in.Close()
	})
	var target struct {
		ID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct {
		Session string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &attached)
	b.session = attached.Session
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func (b *browser) listen(in *os.File) {
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m cdpMessage
		if json.Unmarshal(line[:len(line)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if answer := b.answers[m.ID]; answer != nil && m.ID > 0 {
			answer <- m
			delete(b.answers, m.ID)
		} else {
			b.events = append(b.events, m)
		}
		b.mu.Unlock()
	}
}

func (b *browser) send(method string, params any) (json.RawMessage, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	if params == nil {
		raw = []byte("{}")
	}
	answer := make(chan cdpMessage, 1)
	b.mu.Lock()
	b.next++
	m := cdpMessage{ID: b.next, Method: method, Params: raw, SessionID: b.session}
	b.answers[m.ID] = answer
	b.mu.Unlock()
	line, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if _, err := b.out.Write(append(line, 0)); err != nil {
		return nil, err
	}
	select {
	case got := <-answer:
		if got.Error != nil {
			return nil, errors.New(method + ": " + got.Error.Message)
		}
		return got.Result, nil
	case <-time.After(cdpPatience):
		return nil, fmt.Errorf("%s: no answer from the browser", method)
	}
}

func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	raw, err := b.send(method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(raw, result)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// eval returns what an expression comes to on the page, as JSON has it.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var got struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &got)
	if got.Exception != nil {
		b.t.Fatalf("%s: %s", expression, got.Exception.Text)
	}
	return got.Result.Value
}

// load opens a page and waits until it has been painted.
func (b *browser) load(url string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	for end := time.Now().Add(cdpPatience); b.eval("document.readyState + ' ' + location.href") != "complete "+url; {
		if time.Now().After(end) {
			b.t.Fatalf("%s did not load: %v", url, b.eval("location.href"))
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.settle()
}

// settle waits for what has been asked to be painted.
func (b *browser) settle() {
	b.t.Helper()
	b.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
}

// key presses and releases a key.
func (b *browser) key(key string) {
	b.t.Helper()
	text := ""
	if len(key) == 1 {
		text = key
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		params := map[string]any{"type": kind, "key": key}
		if kind == "keyDown" {
			params["text"] = text
		}
		b.call("Input.dispatchKeyEvent", params, nil)
	}
	b.settle()
}

// screen sets the size of the window and the preferred colours.
func (b *browser) screen(width, height int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.settle()
}

// seen returns the events of a method so far.
func (b *browser) seen(method string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []string
	for _, e := range b.events {
		if e.Method == method {
			found = append(found, string(e.Params))
		}
	}
	return found
}
