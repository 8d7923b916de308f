package command

import (
	"syscall"
	"unicode/utf16"
)

// systemLimit returns what CreateProcess takes: 32,767 UTF-16 units with the
// closing NUL, apart from the environment. A batch file, which is what npm
// installs, goes through cmd.exe, which takes 8,191; since Split does not know
// yet what the program will be, the smaller one holds.
func systemLimit([]string) limit {
	const total = 8191 - 512 // the path of cmd.exe and of the batch file
	return limit{total: total, cost: func(arg string) int {
		return len(utf16.Encode([]rune(syscall.EscapeArg(arg)))) + 1
	}}
}
