package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
	"golang.org/x/term"
)

// When progress is shown: not for runs that are over before anyone looks.
const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

// showProgress draws one line on a terminal's standard error while a long run
// goes on: how much is done, what runs, and how long it may still take. The
// function that it returns wipes the line and ends it.
func showProgress(s Streams, p *engine.Progress) (stop func()) {
	f, ok := s.Err.(*os.File)
	if !ok || !isTerminal(s.Err) || os.Getenv("CI") != "" || os.Getenv("TERM") == "dumb" {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(ended)
		drawn := false
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				if drawn {
					fmt.Fprint(f, "\r\x1b[K")
				}
				return
			case <-tick.C:
				if time.Since(start) < progressAfter {
					continue
				}
				width, _, err := term.GetSize(int(f.Fd()))
				fmt.Fprint(f, "\r\x1b[K"+progressLine(p, time.Since(start), columns(width, err)-1))
				drawn = true
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// columns is the width of a terminal: 80 where it is not known, for which some
// terminals say 0.
func columns(width int, err error) int {
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// progressLine is what is shown after so much time, at most width columns wide.
func progressLine(p *engine.Progress, since time.Duration, width int) string {
	done, total, running := p.Snapshot()
	if total == 0 {
		return clip(fmt.Sprintf("sot: listing files, %.0f s", since.Seconds()), width)
	}
	left := ""
	if d, ok := p.Left(time.Now()); ok && done < total && d >= time.Second/2 {
		left = fmt.Sprintf(", about %.0f s left", d.Seconds())
	}
	live, busy := p.Workers()
	return clip(report.Printable(fmt.Sprintf("sot: %d of %d tasks%s, %d of %d workers busy: %s", done, total, left, busy, live, strings.Join(running, ", "))), width)
}

// clip cuts s to width columns.
func clip(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	used := 1 // the ellipsis
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used += g.Width(); used > width {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}
