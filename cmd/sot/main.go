// Command sot keeps a repository true to its declared rules.
package main

import "os"

func main() {
	tuneMemory()
	os.Exit(Main(os.Args[1:], Streams{os.Stdin, os.Stdout, os.Stderr}))
}
