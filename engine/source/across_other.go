//go:build !linux && !darwin

package source

import "errors"

func linkAcross(spot, spot) error { return errors.ErrUnsupported }

func renameAcross(spot, spot) error { return errors.ErrUnsupported }

// reaches is false: files are renamed below one open folder alone.
func (s spot) reaches(spot) bool { return false }
