package xmlsyntax

import "unicode/utf8"

// declare takes one declaration of the document type.
func (p *parser) declare() bool {
	switch {
	case p.take("<!ELEMENT"):
		return p.needSpaces() && p.elementDecl()
	case p.take("<!ATTLIST"):
		return p.needSpaces() && p.attlistDecl()
	case p.take("<!ENTITY"):
		return p.needSpaces() && p.entityDecl()
	case p.take("<!NOTATION"):
		return p.needSpaces() && p.notationDecl()
	}
	return p.fail("a declaration is expected here: <!ELEMENT, <!ATTLIST, <!ENTITY or <!NOTATION")
}

// close takes the '>' of a declaration.
func (p *parser) close() bool {
	p.spaces()
	return p.take(">") || p.fail("the declaration must end here, close it with >")
}

func (p *parser) elementDecl() bool {
	if _, ok := p.name("an element's name"); !ok || !p.needSpaces() {
		return false
	}
	if p.peek() == '(' {
		return p.model() && p.close()
	}
	n, ok := p.name("EMPTY, ANY or a list in parentheses")
	if !ok {
		return false
	}
	if s := p.text(n); s != "EMPTY" && s != "ANY" {
		return p.report(n.start, n.end, "EMPTY, ANY or a list in parentheses is expected here")
	}
	return p.close()
}

// model takes a content model: (#PCDATA|a|b)*, or lists of names joined by ','
// or by '|', in parentheses, each with ?, * or + behind it.
func (p *parser) model() bool {
	p.pos++
	p.spaces()
	if p.take("#PCDATA") {
		return p.mixed()
	}
	joints := []byte{0} // of each open parenthesis; 0 where it is not known yet
	for {
		p.spaces()
		if p.take("(") {
			if joints = append(joints, 0); len(joints) > maxModelDepth {
				return p.fail("nested too deeply to be looked into")
			}
			continue
		}
		if _, ok := p.name("an element's name"); !ok {
			return false
		}
		p.occurrence()
		p.spaces()
		for p.take(")") {
			p.occurrence()
			if joints = joints[:len(joints)-1]; len(joints) == 0 {
				return true
			}
			p.spaces()
		}
		c, joint := p.peek(), &joints[len(joints)-1]
		if c != ',' && c != '|' || *joint != 0 && *joint != c {
			return p.fail("',', '|' or ')' is expected here, and one list has one kind of them")
		}
		*joint = c
		p.pos++
	}
}

func (p *parser) occurrence() {
	if c := p.peek(); c == '?' || c == '*' || c == '+' {
		p.pos++
	}
}

// mixed takes the rest of (#PCDATA | a | b)*.
func (p *parser) mixed() bool {
	names := false
	for {
		p.spaces()
		if p.take(")") {
			if !p.take("*") && names {
				return p.fail("'*' is expected behind a list with #PCDATA and names, add it")
			}
			return true
		}
		if !p.take("|") {
			return p.fail("'|' or ')' is expected here")
		}
		p.spaces()
		if _, ok := p.name("an element's name"); !ok {
			return false
		}
		names = true
	}
}

func (p *parser) attlistDecl() bool {
	if _, ok := p.name("an element's name"); !ok {
		return false
	}
	for {
		spaced := p.spaces()
		if p.take(">") {
			return true
		}
		if !spaced {
			return p.fail("white space is missing, add a space")
		}
		if _, ok := p.name("an attribute's name"); !ok || !p.needSpaces() || !p.attributeType() || !p.attributeDefault() {
			return false
		}
	}
}

// attributeType takes CDATA and the like, NOTATION (a|b), or (a|b), and the
// white space behind it.
func (p *parser) attributeType() bool {
	if p.peek() == '(' {
		return p.choice(false) && p.needSpaces()
	}
	n, ok := p.name("an attribute's type")
	if !ok {
		return false
	}
	switch p.text(n) {
	case "CDATA", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS":
		return p.needSpaces()
	case "NOTATION":
		return p.needSpaces() && p.choice(true) && p.needSpaces()
	}
	return p.report(n.start, n.end, "an attribute's type is expected here: CDATA, ID, NMTOKEN, (a|b) and the like")
}

// choice takes (a|b|c), of names, or of name tokens, which may begin with a digit.
func (p *parser) choice(names bool) bool {
	if !p.take("(") {
		return p.fail("'(' is expected here")
	}
	for {
		p.spaces()
		if names {
			if _, ok := p.name("a name"); !ok {
				return false
			}
		} else if !p.nameToken() {
			return false
		}
		p.spaces()
		if p.take(")") {
			return true
		}
		if !p.take("|") {
			return p.fail("'|' or ')' is expected here")
		}
	}
}

func (p *parser) nameToken() bool {
	start := p.pos
	for !p.end() {
		r, n := utf8.DecodeRune(p.data[p.pos:])
		if !isNameChar(r) {
			break
		}
		p.pos += n
	}
	return p.pos > start || p.fail("a name is expected here")
}

func (p *parser) attributeDefault() bool {
	if p.take("#REQUIRED") || p.take("#IMPLIED") {
		return true
	}
	if p.take("#FIXED") && !p.needSpaces() {
		return false
	}
	return p.attributeValue()
}

// entityDecl takes the rest of <!ENTITY name "text">, or of a parameter
// entity's with "% " in front of the name. The first declaration counts.
func (p *parser) entityDecl() bool {
	entities := &p.dtd.general
	if p.take("%") {
		entities = &p.dtd.parameter
		if !p.needSpaces() {
			return false
		}
	}
	n, ok := p.name("an entity's name")
	if !ok || !p.needSpaces() {
		return false
	}
	e := &entity{}
	if p.has("SYSTEM") || p.has("PUBLIC") {
		e.external = true
		if !p.externalID(false) {
			return false
		}
		spaced := p.spaces()
		if entities == &p.dtd.general && spaced && p.take("NDATA") {
			e.unparsed = true
			if !p.needSpaces() {
				return false
			}
			if _, ok := p.name("a notation's name"); !ok {
				return false
			}
		}
	} else if !p.entityValue(e) {
		return false
	}
	if *entities == nil {
		*entities = map[string]*entity{}
	}
	if _, known := (*entities)[p.text(n)]; !known && !p.dtd.skipped {
		(*entities)[p.text(n)] = e
	}
	return p.close()
}

// entityValue takes an entity's text in quotes. Character references are
// replaced here, references to entities where the entity is used.
func (p *parser) entityValue(e *entity) bool {
	start := p.pos
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		return p.fail("a text in quotes, SYSTEM or PUBLIC is expected here")
	}
	p.pos++
	for !p.end() {
		from := p.pos
		switch c := p.data[p.pos]; {
		case c == quote:
			p.pos++
			return true
		case c == '%':
			return p.fail("a parameter entity cannot be used inside a declaration here, write &#37; for the character")
		case c == '&' && p.has("&#"):
			p.pos++
			r, ok := p.characterReference(from)
			if !ok {
				return false
			}
			e.text = utf8.AppendRune(e.text, r)
			continue
		case c == '&':
			p.pos++
			if _, ok := p.name("an entity's name, or &#38; for the character,"); !ok {
				return false
			}
			if !p.take(";") {
				return p.fail("';' is expected behind the entity's name, add it")
			}
		default:
			if !p.char() {
				return false
			}
		}
		e.text = append(e.text, p.data[from:p.pos]...)
	}
	return p.report(start, start+1, "this quote is not closed, close it")
}

func (p *parser) notationDecl() bool {
	if _, ok := p.name("a notation's name"); !ok || !p.needSpaces() {
		return false
	}
	if !p.has("SYSTEM") && !p.has("PUBLIC") {
		return p.fail("SYSTEM or PUBLIC is expected here")
	}
	return p.externalID(true) && p.close()
}
