//go:build !linux

package source

// prefault is for Linux alone.
func prefault[T any]([]T) {}
