//go:build !unix

package source

func isNotDir(error) bool { return false }
