package editorconfig

import "strconv"

// Properties are what holds for a file; "" and 0 are what is not set, or unset.
type Properties struct {
	IndentStyle            string // tab or space
	IndentSize             string // columns, or "tab": TabWidth
	TabWidth               string // columns
	EndOfLine              string // lf, crlf or cr
	Charset                string // latin1, utf-8, utf-8-bom, utf-16be or utf-16le
	TrimTrailingWhitespace string // true or false
	InsertFinalNewline     string // true or false
	MaxLineLength          string // characters, or "off"
}

func (p *Properties) set(key, value string) {
	if value == "unset" {
		value = ""
	}
	switch key {
	case "indent_style":
		p.IndentStyle = value
	case "indent_size":
		p.IndentSize = value
	case "tab_width":
		p.TabWidth = value
	case "end_of_line":
		p.EndOfLine = value
	case "charset":
		p.Charset = value
	case "trim_trailing_whitespace":
		p.TrimTrailingWhitespace = value
	case "insert_final_newline":
		p.InsertFinalNewline = value
	case "max_line_length":
		p.MaxLineLength = value
	}
}

// Indent returns the columns of one level; 0 where it is not set.
func (p *Properties) Indent() int {
	if p.IndentSize == "tab" {
		return number(p.TabWidth)
	}
	return number(p.IndentSize)
}

// Longest returns the most characters of a line; 0 is no bound.
func (p *Properties) Longest() int { return number(p.MaxLineLength) }

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
