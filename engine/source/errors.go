package source

import (
	"fmt"
)

// UsageError is a mistake of whoever started the run (an unknown ref, a path
// that is not there, no repository): the command line exits with 2.
type UsageError struct {
	What string // where and what, lower case, no full stop
	Hint string // what to do; may be empty
	Err  error  // the cause; may be nil
}

// Error returns what went wrong and what to do.
func (e *UsageError) Error() string {
	if e.Hint == "" {
		return e.What
	}
	return e.What + "; " + e.Hint
}

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

func usagef(hint, format string, args ...any) *UsageError {
	return &UsageError{What: fmt.Sprintf(format, args...), Hint: hint}
}

// UnsupportedError says what of a repository cannot be read without git's own
// binary.
type UnsupportedError struct {
	What string // such as "the index is split"
}

// Error says why the repository cannot be read, and what to do.
func (e *UnsupportedError) Error() string {
	return e.What + ", which only git's own binary reads; install git and see that it is on the PATH"
}

func unsupported(format string, args ...any) error {
	return &UnsupportedError{What: fmt.Sprintf(format, args...)}
}

// TooLargeError is returned by Reader.Read for content over the limit.
type TooLargeError struct {
	Size int64  // of the whole content, in bytes
	Head []byte // its first headSize bytes, in the caller's buffer
}

// Error says how large the content is.
func (e *TooLargeError) Error() string { return fmt.Sprintf("too large: %d bytes", e.Size) }

// headSize is how much of a file over the limit is handed out: enough to tell
// text from binary.
const headSize = 8 << 10
