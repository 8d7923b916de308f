package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/rule"
)

// The limits on one configuration file. A real one has a few hundred lines;
// these keep a hostile one from costing more than some milliseconds.
const (
	maxBytes  = 1 << 20
	maxDepth  = 100     // nesting of lists and mappings
	maxValues = 200_000 // values once aliases are expanded
	maxRules  = 10_000
)

// Parse returns the content of a YAML file of another tool as a Value, with the
// same bounds and places as a sot.yaml has: see parse.
func Parse(name string, data []byte) (rule.Value, []rule.Problem) { return parse(name, data) }

// parse returns the content of a YAML file as a Value whose places lie in it.
// An empty file is an absent Value. The problems, if there are any, say why
// there is no Value.
func parse(name string, data []byte) (rule.Value, []rule.Problem) {
	src := newSource(name, data)
	if p := src.refuse(); p != nil {
		return rule.Value{}, []rule.Problem{*p}
	}
	docs, err := parseNodes(data)
	if err != nil {
		return rule.Value{}, []rule.Problem{src.syntaxProblem(err)}
	}
	if len(docs) == 0 {
		return rule.Value{}, nil
	}
	c := &converter{src: src, open: map[*yaml.Node]bool{}}
	if len(docs) > 1 {
		c.problem(docs[1], "a configuration is one document: remove it", "a second document starts here")
	}
	v := c.value(docs[0])
	return v, c.problems
}

// parseNodes returns the first two documents. It recovers from the panics that
// the YAML library has on some malformed inputs.
func parseNodes(data []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, errors.New("this is not YAML")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for len(docs) < 2 {
		var n yaml.Node
		if err := dec.Decode(&n); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, &n)
	}
	return docs, nil
}

// refuse returns a problem where the bytes are not text that YAML may hold.
func (s *source) refuse() *rule.Problem {
	if len(s.data) > maxBytes {
		p := s.at(0, fmt.Sprintf("the file has %d bytes, more than the limit of %d", len(s.data), maxBytes),
			"move rules to files of their own and name them in extends")
		return &p
	}
	if bytes.HasPrefix(s.data, []byte("\xff\xfe")) || bytes.HasPrefix(s.data, []byte("\xfe\xff")) {
		p := s.at(0, "the file is UTF-16", "save it as UTF-8")
		return &p
	}
	if i := bytes.IndexByte(s.data, 0); i >= 0 {
		p := s.at(i, "there is a NUL byte in the file", "save it as UTF-8 text")
		return &p
	}
	for i := 0; i < len(s.data); {
		if s.data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && n == 1 {
			p := s.at(i, fmt.Sprintf("the byte 0x%02X is not UTF-8", s.data[i]), "save the file as UTF-8")
			return &p
		}
		i += n
	}
	return nil
}
