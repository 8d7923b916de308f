//go:build !linux

package source

import "errors"

func swapNames(spot, spot) error { return errors.ErrUnsupported }
