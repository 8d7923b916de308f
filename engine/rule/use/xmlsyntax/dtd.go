package xmlsyntax

// doctype takes <!DOCTYPE name ... [ ... ]>.
func (p *parser) doctype() bool {
	start := p.pos
	if !p.take("<!DOCTYPE") {
		return p.fail("<!DOCTYPE or a root element is expected here")
	}
	if !p.needSpaces() {
		return false
	}
	if _, ok := p.name("the root element's name"); !ok {
		return false
	}
	spaced := p.spaces()
	if spaced && (p.has("SYSTEM") || p.has("PUBLIC")) {
		if !p.externalID(false) {
			return false
		}
		p.dtd.unread = true
		p.spaces()
	}
	if p.take("[") {
		if !p.subset(true) {
			return false
		}
		p.pos++ // the ']'
		p.spaces()
	}
	if p.end() {
		return p.report(start, start+9, "this document type is not closed, close it with >")
	}
	return p.take(">") || p.fail("the document type must end here, close it with >")
}

// externalID takes SYSTEM "uri" or PUBLIC "id" "uri"; a notation needs no uri.
func (p *parser) externalID(notation bool) bool {
	public := p.has("PUBLIC")
	p.pos += len("PUBLIC")
	if !p.needSpaces() {
		return false
	}
	if public {
		if !p.literal(true) {
			return false
		}
		spaced := p.spaces()
		if notation && p.peek() != '"' && p.peek() != '\'' {
			return true
		}
		if !spaced {
			return p.fail("white space is missing, add a space")
		}
	}
	return p.literal(false)
}

// literal takes a text in quotes.
func (p *parser) literal(public bool) bool {
	start := p.pos
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		return p.fail("a text in quotes is expected here")
	}
	p.pos++
	for !p.end() {
		c := p.data[p.pos]
		if c == quote {
			p.pos++
			return true
		}
		if public && !isPublic(c) {
			return p.fail("a character that a public identifier cannot hold, remove it")
		}
		if !p.char() {
			return false
		}
	}
	return p.report(start, start+1, "this quote is not closed, close it")
}

// isPublic is PubidChar of XML 1.0, section 2.3.
func isPublic(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == ' ', c == '\n', c == '\r':
		return true
	}
	for _, d := range []byte("-'()+,./:=?;!*#@$_%") {
		if c == d {
			return true
		}
	}
	return false
}

// subset reads declarations: up to ']' in the document, to the end in a
// parameter entity's text.
func (p *parser) subset(inDocument bool) bool {
	start := p.pos
	for {
		p.spaces()
		ok := false
		switch {
		case p.end():
			return !inDocument || p.report(start-1, start, "this bracket is not closed, close it with ]>")
		case p.peek() == ']' && inDocument:
			return true
		case p.has("<!--"):
			ok = p.comment()
		case p.has("<?"):
			ok = p.instruction()
		case p.peek() == '%':
			ok = p.parameterReference()
		default:
			ok = p.declare()
		}
		if !ok {
			return false
		}
	}
}

// parameterReference takes %name; and reads the declarations that it stands for.
func (p *parser) parameterReference() bool {
	start := p.pos
	p.pos++
	n, ok := p.name("a parameter entity's name")
	if !ok {
		return false
	}
	if !p.take(";") {
		return p.fail("';' is expected behind the entity's name, add it")
	}
	what := "parameter entity %" + p.text(n) + "; "
	p.dtd.unread = true
	e := p.dtd.parameter[p.text(n)]
	switch {
	case p.dtd.standalone:
		return true // expat reads none in a document that says it stands alone
	case e == nil || e.external:
		p.dtd.skipped = true
		return true
	case e.open:
		return p.report(start, p.pos, what+"refers to itself, remove the circle")
	case p.dtd.depth == maxEntityDepth:
		return p.report(start, p.pos, what+"refers to others too deeply to be looked into")
	}
	// Declarations depend on those in front of them, so they are read each
	// time; what that comes to is bounded.
	if p.dtd.subsets += len(e.text); p.dtd.subsets > maxExpansion {
		return p.report(start, p.pos, "entities expand to over 100 times the file's size, remove what does")
	}
	e.open = true
	p.dtd.depth++
	inner := &parser{data: e.text, dtd: p.dtd}
	ok = inner.subset(false)
	p.dtd.depth--
	e.open = false
	return ok || p.report(start, p.pos, what+"cannot be used here: "+inner.problem.Message)
}
