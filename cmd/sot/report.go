package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sot-validator/sot/engine/bench"
	"github.com/sot-validator/sot/engine/report"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// reportFlags are the flags of report.
type reportFlags struct {
	show  map[string]*bool // by picture
	all   bool
	html  string
	color string
}

func newReport(s Streams) *cobra.Command {
	f := &reportFlags{show: map[string]*bool{}}
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Draw the pictures of a run or a bench",
		Long: "Draw what a JSON report holds: that of a run (sot run --format json=FILE) or of a bench\n(sot bench --output FILE). Without a flag it draws every picture that the file has.\n\n" +
			"--html writes one page that needs no network, with a timeline to zoom into.",
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args[0]) },
	}
	fs := cmd.Flags()
	for _, p := range []struct{ name, usage string }{
		{"utilization", "how much of the run each worker spent in tasks"},
		{"stealing", "who took tasks from whom"},
		{"efficiency", "what became of each worker's life: busy, steal, idle"},
		{"timeline", "batches and workers over time"},
		{"comparison", "a bench's modes side by side"},
		{"criteria", "the promised figures, reached or not"},
	} {
		f.show[p.name] = fs.Bool(p.name, false, p.usage)
	}
	fs.BoolVar(&f.all, "all", false, "every picture, and why one is not there")
	fs.StringVar(&f.html, "html", "", "write a page to `FILE`; pictures are drawn only where flags ask for them")
	fs.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	cmd.AddCommand(newReportMerge(s))
	return cmd
}

func (f *reportFlags) run(s Streams, path string) error {
	if err := checkColor(f.color); err != nil {
		return &flagError{err}
	}
	roomForData()
	rec, err := readReport(path)
	if err != nil {
		return &flagError{err}
	}
	if f.html != "" {
		if err := f.page(rec, path); err != nil {
			return err
		}
	}
	o := pictureOptions(s, f.color)
	for _, name := range report.PictureNames() {
		if f.all || *f.show[name] {
			o.Show = append(o.Show, name)
		}
	}
	if f.html != "" && len(o.Show) == 0 {
		return nil
	}
	return report.Pictures(s.Out, rec, o)
}

func readReport(path string) (*report.Record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	rec, err := report.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rec, nil
}

// page writes the HTML page, with the curve of what other numbers of workers would
// have come to.
func (f *reportFlags) page(rec *report.Record, path string) error {
	if sameFile(f.html, path) {
		return &flagError{errors.New("--html names the report itself: give the page a file of its own")}
	}
	o := report.HTMLOptions{Name: filepath.Base(path), Version: Version()}
	if rec.Schedule != nil && rec.SpansLeftOut == 0 {
		curve, err := bench.WhatIf(rec.Schedule)
		if err != nil {
			return &flagError{fmt.Errorf("%s: %w", path, err)}
		}
		o.WhatIf = curve
	}
	return writeAtomic(f.html, func(w io.Writer) error { return report.HTML(w, rec, o) })
}

// pictureOptions fit pictures to where they are drawn.
func pictureOptions(s Streams, color string) report.PictureOptions {
	o := report.PictureOptions{Color: colorful(color, s.Out), Unicode: unicodeTerminal()}
	if file, ok := s.Out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			o.Width = columns
		}
	}
	return o
}

// unicodeTerminal says whether the locale is UTF-8, by the variables that POSIX
// names in that order. Windows has none of them, and its consoles show Unicode.
func unicodeTerminal() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows"
}
