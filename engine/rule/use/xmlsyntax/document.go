package xmlsyntax

import "strings"

// document reads the whole text: declaration, prolog, root, epilog.
func (p *parser) document() *Problem {
	p.take("\ufeff")
	if p.has("<?xml") && p.pos+5 < len(p.data) && isSpace(p.data[p.pos+5]) && !p.declaration() {
		return p.problem
	}
	if !p.misc(true) {
		return p.problem
	}
	if p.end() {
		p.fail("no element, an XML file has one root element")
		return p.problem
	}
	if !p.content(true) {
		return p.problem
	}
	if p.misc(false) && !p.end() {
		what := "text behind the root element, remove it"
		if p.peek() == '<' {
			what = "a second root element, an XML file has one: remove it, or put both into one"
		}
		p.fail(what)
	}
	return p.problem
}

// declaration takes <?xml version="1.0" encoding="..." standalone="..."?>.
func (p *parser) declaration() bool {
	start := p.pos
	bad := func() bool {
		return p.report(start, p.pos+1, "bad XML declaration, write <?xml version=\"1.0\" encoding=\"UTF-8\"?>")
	}
	p.pos += len("<?xml")
	encoding, at, spaced := "", 0, false
	for i, key := range [...]string{"version", "encoding", "standalone"} {
		spaced = p.spaces() || spaced
		if !p.take(key) {
			if i == 0 {
				return bad()
			}
			continue
		}
		value, ok := p.pseudoAttribute()
		if !spaced || !ok {
			return bad()
		}
		spaced = false
		switch key {
		case "encoding":
			encoding, at = value, p.pos-len(value)-1
			if c := value[0] | 0x20; c < 'a' || c > 'z' {
				return bad()
			}
		case "standalone":
			if value != "yes" && value != "no" {
				return bad()
			}
			p.dtd.standalone = value == "yes"
		}
	}
	p.spaces()
	if !p.take("?>") {
		return bad()
	}
	if encoding != "" && !p.setEncoding(encoding) {
		return p.report(at, at+len(encoding), "encoding "+encoding+" is not the file's, or not known, save the file as UTF-8 and declare that")
	}
	return true
}

// pseudoAttribute takes ="value".
func (p *parser) pseudoAttribute() (string, bool) {
	p.spaces()
	if !p.take("=") {
		return "", false
	}
	p.spaces()
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		return "", false
	}
	p.pos++
	start := p.pos
	for c := p.peek(); c != quote; c = p.peek() {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-') {
			return "", false
		}
		p.pos++
	}
	p.pos++
	value := string(p.data[start : p.pos-1])
	return value, value != ""
}

// misc takes white space, comments and processing instructions; in the prolog
// also the document type.
func (p *parser) misc(prolog bool) bool {
	doctype := false
	for {
		p.spaces()
		switch {
		case p.has("<!--"):
			if !p.comment() {
				return false
			}
		case p.has("<?"):
			if !p.instruction() {
				return false
			}
		case prolog && p.has("<!"):
			if doctype {
				return p.fail("a second document type, remove it")
			}
			doctype = true
			if !p.doctype() {
				return false
			}
		case prolog && !p.end() && p.peek() != '<':
			return p.fail("text in front of the root element, remove it")
		default:
			return true
		}
	}
}

func (p *parser) comment() bool {
	start := p.pos
	p.pos += len("<!--")
	for !p.end() {
		if p.take("--") {
			if p.take(">") {
				return true
			}
			p.pos -= 2
			return p.report(p.pos, p.pos+2, "\"--\" inside a comment, write something else")
		}
		if !p.char() {
			return false
		}
	}
	return p.report(start, start+4, "this comment is not closed, close it with -->")
}

// instruction takes <?target text?>.
func (p *parser) instruction() bool {
	start := p.pos
	p.pos += len("<?")
	target, ok := p.name("a target's name")
	if !ok {
		return false
	}
	if strings.EqualFold(p.text(target), "xml") {
		return p.report(start, p.pos, "an XML declaration must be at the very start of the file, move or remove it")
	}
	if p.take("?>") {
		return true
	}
	return p.needSpaces() && p.until("?>", start, "this processing instruction")
}
