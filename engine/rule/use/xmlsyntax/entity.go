package xmlsyntax

import "fmt"

// entity is a general or a parameter entity.
type entity struct {
	text     []byte // the replacement text
	external bool
	unparsed bool // NDATA
	open     bool // being looked through, so that a reference to it is a circle
	// content and attribute say that its text was looked through for use there.
	content, attribute bool
	size               int // bytes that it expands to, once looked through
}

// dtd is what the document type declares.
type dtd struct {
	general    map[string]*entity
	parameter  map[string]*entity
	standalone bool
	// unread says that there are declarations that were not read, so that an
	// entity that is not known may be declared there.
	unread bool
	// skipped says that a parameter entity was not read, behind which
	// declarations do not count: it may have made them.
	skipped bool
	depth   int // of entities being looked through
	subsets int // bytes of parameter entities that were read
}

// reference takes &name; or a character reference.
func (p *parser) reference(attribute bool) bool {
	start := p.pos
	p.pos++
	if p.peek() == '#' {
		_, ok := p.characterReference(start)
		return ok
	}
	n, ok := p.name("an entity's name, or &amp; for the character,")
	if !ok {
		return false
	}
	if !p.take(";") {
		return p.fail("';' is expected behind the entity's name, add it, or write &amp;")
	}
	switch p.text(n) {
	case "lt", "gt", "amp", "apos", "quot":
		p.expanded++
		return true
	}
	e := p.dtd.general[p.text(n)]
	what := p.text(n)
	switch {
	case e == nil && p.dtd.unread && !p.dtd.standalone:
		return true
	case e == nil:
		return p.report(start, p.pos, "entity &"+what+"; is not defined, write the character, or &#N; by its number")
	case e.unparsed:
		return p.report(start, p.pos, "entity &"+what+"; is no text, remove the reference")
	case e.external && attribute:
		return p.report(start, p.pos, "entity &"+what+"; is another file, which an attribute cannot hold")
	case e.external:
		return true
	}
	if problem := p.look(e, attribute); problem != "" {
		return p.report(start, p.pos, "entity &"+what+"; "+problem)
	}
	p.expanded += e.size
	if p.expanded > maxExpansion && p.expanded/maxFactor > len(p.data) {
		return p.report(start, p.pos, "entities expand to over 100 times the file's size, remove what does")
	}
	return true
}

// look looks an entity's text through, once for each place of use, and returns
// what is wrong with it.
func (p *parser) look(e *entity, attribute bool) string {
	switch {
	case e.open:
		return "refers to itself, remove the circle"
	case attribute && e.attribute || !attribute && e.content:
		return ""
	case p.dtd.depth == maxEntityDepth:
		return "refers to others too deeply to be looked into"
	}
	e.open = true
	p.dtd.depth++
	inner := &parser{data: e.text, dtd: p.dtd}
	ok := false
	if attribute {
		ok = inner.attributeText()
	} else {
		ok = inner.content(false)
	}
	p.dtd.depth--
	e.open = false
	if !ok {
		return "cannot be used here: " + inner.problem.Message
	}
	if attribute {
		e.attribute = true
	} else {
		e.content = true
	}
	// Saturates: what is over the limit is over it.
	e.size = min(len(e.text)+inner.expanded, 1<<40)
	return ""
}

// attributeText reads an entity's text as part of an attribute's value.
func (p *parser) attributeText() bool {
	for !p.end() {
		ok := false
		switch p.data[p.pos] {
		case '<':
			ok = p.fail("'<' in an attribute's value, write &lt;")
		case '&':
			ok = p.reference(true)
		default:
			ok = p.char()
		}
		if !ok {
			return false
		}
	}
	return true
}

// characterReference takes &#N; or &#xN; and returns the character.
func (p *parser) characterReference(start int) (rune, bool) {
	p.pos++ // '#'
	base := rune(10)
	if p.peek() == 'x' {
		base = 16
		p.pos++
	}
	digits := p.pos
	r := rune(0)
	for {
		c := p.peek()
		d := rune(99)
		switch {
		case '0' <= c && c <= '9':
			d = rune(c - '0')
		case 'a' <= c && c <= 'f':
			d = rune(c-'a') + 10
		case 'A' <= c && c <= 'F':
			d = rune(c-'A') + 10
		}
		if d >= base {
			break
		}
		r = min(r*base+d, 0x110000)
		p.pos++
	}
	if p.pos == digits || !p.take(";") {
		return 0, p.fail("digits and ';' are expected in a character reference, write &#10; or &#xA;")
	}
	if !(r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd || 0x10000 <= r && r <= 0x10ffff) {
		return 0, p.report(start, p.pos, fmt.Sprintf("U+%04X is no character that XML can hold, remove it", r))
	}
	return r, true
}
