package tomlsyntax

import "time"

// value takes a value.
func (p *parser) value() bool {
	switch c := p.peek(); c {
	case '"', '\'':
		if p.has(string([]byte{c, c, c})) {
			return p.multiLine(c)
		}
		_, ok := p.oneLine(c)
		return ok
	case '[', '{':
		if p.depth == MaxDepth {
			return p.fail("nested too deeply to be looked into")
		}
		p.depth++
		defer func() { p.depth-- }()
		if c == '[' {
			return p.array()
		}
		return p.inlineTable()
	}
	for _, word := range [...]string{"true", "false", "inf", "nan", "+inf", "+nan", "-inf", "-nan"} {
		if p.has(word) {
			p.pos += len(word)
			return true
		}
	}
	if found, ok := p.date(); found {
		return ok
	}
	if n := timeLength(p.data[p.pos:]); n > 0 {
		p.pos += n
		return true
	}
	if n := numberLength(p.data[p.pos:]); n > 0 {
		p.pos += n
		return true
	}
	return p.fail("found %q where a value is expected, quote it if it is text", p.char())
}

// array takes "[a, b]"; its values may be on lines of their own.
func (p *parser) array() bool {
	start := p.pos
	p.pos++
	for {
		if !p.arraySpace() {
			return false
		}
		if p.peek() == ']' {
			p.pos++
			return true
		}
		if p.pos == len(p.data) {
			p.report(start, start+1, "this bracket is not closed, close it")
			return false
		}
		if !p.value() || !p.arraySpace() {
			return false
		}
		switch {
		case p.peek() == ',':
			p.pos++
		case p.peek() == ']':
		case p.pos == len(p.data):
		default:
			return p.fail("found %q where ',' or ']' is expected, for the array that begins at line %d", p.char(), p.lineOf(start))
		}
	}
}

// arraySpace takes white space, line ends and comments.
func (p *parser) arraySpace() bool {
	for {
		p.spaces()
		if !p.comment() {
			return false
		}
		if !p.newline() {
			return true
		}
	}
}

// inlineTable takes "{a = 1, b.c = 2}", on one line but for what its values hold.
func (p *parser) inlineTable() bool {
	p.pos++
	p.spaces()
	if p.peek() == '}' {
		p.pos++
		return true
	}
	var table entry
	for {
		if !p.keyValue(&table, false) {
			return false
		}
		p.spaces()
		switch p.peek() {
		case '}':
			p.pos++
			return true
		case ',':
			p.pos++
			p.spaces()
		default:
			return p.fail("found %q where ',' or '}' is expected: an inline table is one line, and has no comma at its end", p.char())
		}
	}
}

// date takes a date, with a time and an offset where they follow.
func (p *parser) date() (found, ok bool) {
	s := p.data[p.pos:]
	if !matches(s, "dddd-dd-dd") || number(s[5:7]) < 1 || number(s[5:7]) > 12 || number(s[8:10]) < 1 || number(s[8:10]) > 31 {
		return false, false
	}
	year, month, day := number(s[:4]), number(s[5:7]), number(s[8:10])
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year == 0 || at.Day() != day {
		p.report(p.pos, p.pos+10, "there is no such date, mend it, or quote it")
		return true, false
	}
	n := 10
	if len(s) > n && (s[n] == 'T' || s[n] == 't' || s[n] == ' ') {
		if t := timeLength(s[n+1:]); t > 0 {
			n += 1 + t
			n += offsetLength(s[n:])
		}
	}
	p.pos += n
	return true, true
}

// offsetLength returns the length of "Z" or "+01:00" at the start of s.
func offsetLength(s []byte) int {
	if len(s) > 0 && (s[0] == 'Z' || s[0] == 'z') {
		return 1
	}
	if len(s) >= 6 && (s[0] == '+' || s[0] == '-') && matches(s[1:], "dd:dd") && number(s[1:3]) < 24 && number(s[4:6]) < 60 {
		return 6
	}
	return 0
}

// timeLength returns the length of "07:32:00.999" at the start of s.
func timeLength(s []byte) int {
	if !matches(s, "dd:dd:dd") || number(s[:2]) > 23 || number(s[3:5]) > 59 || number(s[6:8]) > 59 {
		return 0
	}
	n := 8
	if digits := digitsLength(s[n:], '.', isDigit); digits > 1 {
		n += digits
	}
	return n
}

// matches says whether s begins like the pattern, where d is a digit.
func matches(s []byte, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == 'd' && !isDigit(s[i]) || pattern[i] != 'd' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = 10*n + int(c-'0')
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digitsLength returns the length of a lead byte and the digits behind it; 0
// without the lead, 1 without digits.
func digitsLength(s []byte, lead byte, digit func(byte) bool) int {
	if len(s) == 0 || s[0] != lead {
		return 0
	}
	n := 1
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

// grouped returns the length of digits with single underscores between them.
func grouped(s []byte, digit func(byte) bool) int {
	n := 0
	for n < len(s) && (digit(s[n]) || n > 0 && s[n] == '_' && n+1 < len(s) && digit(s[n+1])) {
		n++
	}
	return n
}

// numberLength returns the length of a number at the start of s.
func numberLength(s []byte) int {
	if len(s) > 2 && s[0] == '0' {
		var digit func(byte) bool
		switch s[1] {
		case 'x':
			digit = func(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
		case 'o':
			digit = func(c byte) bool { return '0' <= c && c <= '7' }
		case 'b':
			digit = func(c byte) bool { return c == '0' || c == '1' }
		}
		if digit != nil {
			if n := grouped(s[2:], digit); n > 0 {
				return 2 + n
			}
		}
	}
	n := 0
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		n = 1
	}
	whole := grouped(s[n:], isDigit)
	if whole == 0 {
		return 0
	}
	if s[n] == '0' {
		whole = 1
	}
	n += whole
	if n < len(s) && s[n] == '.' {
		if f := grouped(s[n+1:], isDigit); f > 0 {
			n += 1 + f
		}
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		sign := 1
		if n+1 < len(s) && (s[n+1] == '+' || s[n+1] == '-') {
			sign = 2
		}
		if f := grouped(s[min(n+sign, len(s)):], isDigit); f > 0 {
			n += sign + f
		}
	}
	return n
}
