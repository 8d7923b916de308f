package xmlsyntax

import (
	"bytes"
	"fmt"
)

// content reads elements and text: up to the end of the root element, where one
// is asked for, or to the end of an entity's text.
func (p *parser) content(root bool) bool {
	for !p.end() {
		var ok bool
		switch {
		case p.has("</"):
			ok = p.endTag()
		case p.has("<!--"):
			ok = p.comment()
		case p.has("<![CDATA["):
			start := p.pos
			p.pos += len("<![CDATA[")
			ok = p.until("]]>", start, "this CDATA section")
		case p.has("<?"):
			ok = p.instruction()
		case p.peek() == '<':
			ok = p.startTag()
		case p.peek() == '&':
			ok = p.reference(false)
		default:
			ok = p.characters()
		}
		if !ok {
			return false
		}
		if root && len(p.open) == 0 {
			return true
		}
	}
	if len(p.open) > 0 {
		last := p.open[len(p.open)-1]
		return p.report(last.start-1, last.end, fmt.Sprintf("element <%s> is not closed, add </%[1]s>", p.text(last)))
	}
	return true
}

// characters takes text up to markup.
func (p *parser) characters() bool {
	for !p.end() {
		switch p.data[p.pos] {
		case '<', '&':
			return true
		case ']':
			if p.has("]]>") {
				return p.report(p.pos, p.pos+3, "\"]]>\" in text, write ]]&gt;")
			}
		}
		if !p.char() {
			return false
		}
	}
	return true
}

// startTag takes a start tag or an empty element.
func (p *parser) startTag() bool {
	start := p.pos
	p.pos++
	element, ok := p.name("an element's name, or &lt; for the character,")
	if !ok {
		return false
	}
	var few [8]name
	attributes := few[:0]
	var many map[string]bool // where comparing each with each would take long
	for {
		spaced := p.spaces()
		switch {
		case p.end():
			return p.report(start, start+1, "this tag is not closed, close it with >")
		case p.take("/>"):
			return true
		case p.take(">"):
			p.open = append(p.open, element)
			return true
		case !spaced:
			return p.fail("found a character that no tag has here, add a space in front of an attribute, or close the tag with >")
		}
		a, ok := p.attribute()
		if !ok {
			return false
		}
		if p.hasAttribute(attributes, &many, a) {
			return p.report(a.start, a.end, fmt.Sprintf("attribute %s is there twice, remove one", p.text(a)))
		}
		attributes = append(attributes, a)
	}
}

func (p *parser) hasAttribute(attributes []name, many *map[string]bool, a name) bool {
	if len(attributes) < 16 {
		for _, b := range attributes {
			if bytes.Equal(p.data[a.start:a.end], p.data[b.start:b.end]) {
				return true
			}
		}
		return false
	}
	if *many == nil {
		*many = map[string]bool{}
		for _, b := range attributes {
			(*many)[p.text(b)] = true
		}
	}
	twice := (*many)[p.text(a)]
	(*many)[p.text(a)] = true
	return twice
}

func (p *parser) endTag() bool {
	start := p.pos
	p.pos += len("</")
	n, ok := p.name("an element's name")
	if !ok {
		return false
	}
	p.spaces()
	if !p.take(">") {
		return p.fail("this tag must end here, close it with >")
	}
	if len(p.open) == 0 {
		return p.report(start, p.pos, fmt.Sprintf("</%s> closes nothing, remove it", p.text(n)))
	}
	last := p.open[len(p.open)-1]
	if !bytes.Equal(p.data[n.start:n.end], p.data[last.start:last.end]) {
		return p.report(start, p.pos, fmt.Sprintf("</%s> does not close <%s> of line %d, mend the name, or add </%[2]s>",
			p.text(n), p.text(last), 1+bytes.Count(p.data[:last.start], []byte{'\n'})))
	}
	p.open = p.open[:len(p.open)-1]
	return true
}

// attribute takes name="value".
func (p *parser) attribute() (name, bool) {
	n, ok := p.name("an attribute's name")
	if !ok {
		return n, false
	}
	p.spaces()
	if !p.take("=") {
		return n, p.fail("'=' is expected behind the attribute's name, add a value")
	}
	p.spaces()
	return n, p.attributeValue()
}

// attributeValue takes a value in quotes.
func (p *parser) attributeValue() bool {
	start := p.pos
	quote := p.peek()
	if quote != '"' && quote != '\'' {
		return p.fail("the value must be in quotes, add them")
	}
	p.pos++
	for !p.end() {
		var ok bool
		switch p.data[p.pos] {
		case quote:
			p.pos++
			return true
		case '<':
			return p.fail("'<' in an attribute's value, write &lt;, or close the quote in front of it")
		case '&':
			ok = p.reference(true)
		default:
			ok = p.char()
		}
		if !ok {
			return false
		}
	}
	return p.report(start, start+1, "this quote is not closed, close it")
}
