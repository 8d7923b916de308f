package sched

// slowdown is what the race detector costs: large counts are divided by it.
var slowdown = 1

// Slowdown is slowdown for the tests outside the package.
func Slowdown() int { return slowdown }
