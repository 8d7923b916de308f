package kind

import "fmt"

// Printer stands for golang.org/x/text's, which the original prints with: that
// one is a megabyte of tables, and writes 1000 as "1,000".
type Printer struct{}

// Sprintf is fmt.Sprintf.
func (Printer) Sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }
