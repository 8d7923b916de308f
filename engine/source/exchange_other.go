//go:build !linux

package source

import "os"

func exchange(root *os.Root, temp, name string) error { return exchangeByLink(root, temp, name) }
