// Package cputime measures for tests what a computation costs, by the CPU time of
// the process: the time by the clock grows with whatever else the machine does. Go's
// garbage collector and other tests of the process count as well.
package cputime
