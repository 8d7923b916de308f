// Command sot keeps a repository true to its declared rules.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	// Reading files makes garbage that the default setting collects too eagerly
	// for a process that lives a second; the limit keeps a long one bounded.
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(120 << 20)
	}
	os.Exit(Main(os.Args[1:], Streams{os.Stdin, os.Stdout, os.Stderr}))
}
