package yamlsyntax

import "fmt"

// parser turns tokens into the tree of a document, and has each document judged
// as a loader would when it ends. It descends recursively, one state of
// libyaml's machine a method.
type parser struct {
	scanner
	options  Options
	problems []Problem
	each     func(*Tree) // takes each document; nil where none is asked for

	doc     document
	depth   int
	handles map[string]string // of %TAG directives of this document
}

// stream parses the whole text.
func (p *parser) stream() *Problem {
	for n := 0; ; n++ {
		t, err := p.peek()
		if err != nil {
			return err
		}
		for n > 0 && t.kind == documentEnd {
			p.skip()
			if t, err = p.peek(); err != nil {
				return err
			}
		}
		if t.kind == streamEnd {
			return nil
		}
		if n == 1 && !p.options.Multi && !p.options.Syntax {
			p.problems = append(p.problems, Problem{t.start, t.end,
				"a second document begins here, split the file, or set allow_multiple_documents"})
			// The loader stops here, so what follows is never judged.
			return nil
		}
		if err := p.document(n == 0); err != nil {
			return err
		}
	}
}

// document parses one document; the first may begin without "---".
func (p *parser) document(first bool) *Problem {
	p.doc.reset()
	p.handles = nil
	root, err := p.documentContent(first)
	if err != nil {
		return err
	}
	t, err := p.peek()
	if err != nil {
		return err
	}
	if t.kind == documentEnd {
		p.skip()
	}
	if p.each != nil {
		p.hand(root)
	}
	if !p.options.Syntax && len(p.problems) < MaxProblems {
		l := loader{document: &p.doc, data: p.data}
		p.problems = append(p.problems, l.load(root)...)
		p.problems = p.problems[:min(len(p.problems), MaxProblems)]
	}
	return nil
}

func (p *parser) documentContent(first bool) (int32, *Problem) {
	t, err := p.peek()
	if err != nil {
		return 0, err
	}
	if first && t.kind != versionDirective && t.kind != tagDirective && t.kind != documentStart {
		return p.node(true, false)
	}
	if err := p.directives(); err != nil {
		return 0, err
	}
	if t, err = p.peek(); err != nil {
		return 0, err
	}
	if t.kind != documentStart {
		return 0, p.fail(t.start, t.end, fmt.Sprintf("found %s where a document must begin, add '---', or mend what is in front of it", t.what()))
	}
	p.skip()
	if t, err = p.peek(); err != nil {
		return 0, err
	}
	switch t.kind {
	case versionDirective, tagDirective, documentStart, documentEnd, streamEnd:
		return p.empty(t.start), nil
	}
	return p.node(true, false)
}

// directives takes the directives in front of "---".
func (p *parser) directives() *Problem {
	version := false
	for {
		t, err := p.peek()
		if err != nil {
			return err
		}
		switch t.kind {
		case versionDirective:
			if version {
				return p.fail(t.start, t.end, "a second %YAML directive, remove it")
			}
			if t.handle != "1.1" && t.handle != "1.2" {
				return p.fail(t.start, t.end, "YAML version "+t.handle+" is not known, write 1.2")
			}
			version = true
		case tagDirective:
			if _, twice := p.handles[t.handle]; twice {
				return p.fail(t.start, t.end, "a second %TAG directive for "+t.handle+", remove one")
			}
			if p.handles == nil {
				p.handles = map[string]string{}
			}
			p.handles[t.handle] = string(t.owned)
		default:
			return nil
		}
		p.skip()
	}
}

// empty adds the null that stands where a value is left out.
func (p *parser) empty(at int) int32 {
	return p.doc.add(node{kind: scalarNode, start: int32(at), end: int32(at), anchor: -1})
}

// node parses a node. In block context, block collections may begin; as a value
// in a block mapping, also a list that is not indented further.
func (p *parser) node(inBlock, indentless bool) (int32, *Problem) {
	t, err := p.peek()
	if err != nil {
		return 0, err
	}
	if t.kind == aliasToken {
		n := node{kind: aliasNode, start: int32(t.start), end: int32(t.end), anchor: p.doc.name(string(p.data[t.from:t.to]))}
		p.skip()
		return p.doc.add(n), nil
	}
	n := node{start: int32(t.start), anchor: -1}
	for t.kind == anchorToken && n.anchor < 0 || t.kind == tagToken && n.tag == 0 {
		if t.kind == anchorToken {
			n.anchor = p.doc.name(string(p.data[t.from:t.to]))
		} else if n.tag, err = p.tag(t); err != nil {
			return 0, err
		}
		n.end = int32(t.end)
		p.skip()
		if t, err = p.peek(); err != nil {
			return 0, err
		}
	}
	properties := n.anchor >= 0 || n.tag != 0
	if !properties {
		n.end = int32(t.end)
	}
	if p.depth++; p.depth > MaxDepth {
		return 0, p.fail(t.start, t.end, "nested too deeply to be looked into")
	}
	defer func() { p.depth-- }()
	switch {
	case indentless && t.kind == blockEntry:
		return p.indentlessSequence(n)
	case t.kind == scalarToken:
		return p.scalar(n, t), nil
	case t.kind == flowSequenceStart:
		return p.flowSequence(n)
	case t.kind == flowMappingStart:
		return p.flowMapping(n)
	case inBlock && t.kind == blockSequenceStart:
		return p.blockSequence(n)
	case inBlock && t.kind == blockMappingStart:
		return p.blockMapping(n)
	case properties:
		n.kind = scalarNode
		return p.doc.add(n), nil
	}
	return 0, p.fail(t.start, t.end, fmt.Sprintf("found %s where a value is expected, quote it, or remove it", t.what()))
}

func (p *parser) scalar(n node, t *token) int32 {
	n.kind, n.style, n.end = scalarNode, t.style, int32(t.end)
	if n.anchor < 0 && n.tag == 0 {
		n.start = int32(t.start)
	}
	n.from, n.to = int32(t.from), int32(t.to)
	if t.owned != nil {
		n.from, n.to = -1, p.doc.own(t.owned)
	}
	p.skip()
	return p.doc.add(n)
}

// tag returns the number of the full tag that a token stands for.
func (p *parser) tag(t *token) (int32, *Problem) {
	prefix := ""
	switch t.handle {
	case "":
	case "!":
		prefix = "!"
	case "!!":
		prefix = "tag:yaml.org,2002:"
	}
	if declared, ok := p.handles[t.handle]; ok {
		prefix = declared
	} else if len(t.handle) > 2 {
		return 0, p.fail(t.start, t.end, "the tag handle "+t.handle+" is not declared, declare it with %TAG, or mend the tag")
	}
	return p.doc.tagNumber(prefix + string(t.owned)), nil
}
