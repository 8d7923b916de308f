package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// Reading files makes garbage that the collector's default setting collects too
// eagerly for a process that lives a second, and a setting that lets the heap
// grow to a multiple of what is live makes memory grow several times as fast as
// the repository. So the heap may grow freely up to memoryFloor, and beyond it
// to a quarter more than what is live and a fixed part.
const (
	memoryFloor = 56 << 20
	gcPercent   = 400
)

// tuneMemory sets the collector, unless the user has.
func tuneMemory() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryFloor)
	afterGC()
}

// afterGC raises the limit with what is live, after every collection: a limit
// near to that would have the collector run all the time. A cleanup of an object
// that nobody holds is what runs then.
func afterGC() {
	runtime.AddCleanup(new([16]byte), func(struct{}) {
		debug.SetMemoryLimit(max(memoryFloor, liveBytes()*5/4+memoryFloor/5))
		afterGC()
	}, struct{}{})
}

// liveBytes is what is in use just after a collection, with the stacks. (Package
// runtime/metrics would tell without stopping the world for a moment, but costs
// every start 15 KB of tables.)
func liveBytes() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
