package filetype

import (
	"bytes"
	"strings"
)

// blanks is what str.split and str.strip of Python take for white space in ASCII.
const blanks = " \t\n\r\v\f"

// interpreterOf returns the place in byInterpreter of the program that the
// content's shebang names, 0 where there is none or it is not known.
func interpreterOf(head []byte) uint16 {
	words := shebang(head)
	if len(words) == 0 {
		return 0
	}
	program := words[0][strings.LastIndexByte(words[0], '/')+1:]
	for program != "" {
		if i := lookup(byInterpreter[:], program); i != 0 {
			return i
		}
		// python3.5.2, python3.5, python3
		program = program[:max(0, strings.LastIndexByte(program, '.'))]
	}
	return 0
}

// shebang returns the words of the content's first line behind "#!", without
// /usr/bin/env. The line must be printable ASCII.
func shebang(head []byte) []string {
	line, rest, ok := shebangLine(head)
	if !ok {
		return nil
	}
	words := splitWords(line)
	if len(words) > 0 && words[0] == "/usr/bin/env" {
		words = words[1:]
		if len(words) > 0 && words[0] == "-S" {
			words = words[1:]
		}
	}
	if len(words) == 1 && words[0] == "nix-shell" {
		return nixShebang(rest, words)
	}
	return words
}

// nixShebang reads the further lines of a nix-shell script: the word behind the
// last -i is the program.
func nixShebang(rest []byte, words []string) []string {
	for {
		line, next, ok := shebangLine(rest)
		if !ok {
			return words
		}
		args := splitWords(line)
		for i := range len(args) - 1 {
			if args[i] == "-i" {
				words = args[i+1 : i+2]
			}
		}
		rest = next
	}
}

// shebangLine returns the line behind "#!", and what follows it.
func shebangLine(b []byte) (line string, rest []byte, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte("#!"))
	if !ok {
		return "", nil, false
	}
	first, rest, _ := bytes.Cut(b, []byte{'\n'})
	for _, c := range first {
		if (c < 0x20 || c > 0x7e) && strings.IndexByte(blanks, c) < 0 {
			return "", nil, false
		}
	}
	return strings.Trim(string(first), blanks), rest, true
}

// splitWords splits as a POSIX shell does, without expansions (Python's
// shlex.split), and at white space where quotes do not close.
func splitWords(line string) []string {
	words, ok := shellWords(line)
	if !ok {
		return strings.Fields(line)
	}
	return words
}

// shellWords fails where a quote or a backslash has no end.
func shellWords(line string) (words []string, ok bool) {
	var word []byte
	var quote byte
	open := false // a word has begun; it may be empty, in quotes
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
			if i == len(line) {
				return nil, false
			}
			if quote == '"' && line[i] != '"' && line[i] != '\\' {
				word = append(word, '\\')
			}
			word, open = append(word, line[i]), true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word = append(word, c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if open {
				words, word, open = append(words, string(word)), nil, false
			}
		default:
			word, open = append(word, c), true
		}
	}
	if open {
		words = append(words, string(word))
	}
	return words, quote == 0
}
