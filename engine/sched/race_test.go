//go:build race

package sched

func init() { slowdown = 20 }
