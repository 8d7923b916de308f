package editorconfig

import (
	"bytes"
	"strings"
)

// Name is what the files are called.
const Name = ".editorconfig"

// The limits of the specification and of good sense: longer keys, values and
// section names are ignored, in bytes; so is what follows in a larger file.
const (
	maxKey     = 1024
	maxValue   = 4096
	maxSection = 4096
	maxFile    = 1 << 20
)

// File is a parsed .editorconfig.
type File struct {
	// Root says that files further up are not looked at.
	Root     bool
	sections []section
}

// section is the pairs of one glob. Keys and values are in lower case.
type section struct {
	glob  *pattern
	pairs []pair
}

type pair struct{ key, value string }

// Parse reads a file. Lines begin comments with "#" or ";"; a comment behind a
// value needs a blank before it, as files of earlier versions have them.
func Parse(data []byte) *File {
	f := &File{}
	data = bytes.TrimPrefix(data[:min(len(data), maxFile)], []byte("\xef\xbb\xbf"))
	preamble, skip := true, false
	for line := range bytes.SplitAfterSeq(data, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[':
			name, ok := sectionName(text)
			preamble, skip = false, true
			if !ok || len(name) > maxSection {
				continue
			}
			if g := compile(name); g != nil {
				f.sections, skip = append(f.sections, section{glob: g}), false
			}
		default:
			p, ok := parsePair(text)
			switch {
			case !ok || skip:
			case preamble:
				if p.key == "root" {
					f.Root = p.value == "true"
				}
			default:
				s := &f.sections[len(f.sections)-1]
				s.pairs = append(s.pairs, p)
			}
		}
	}
	return f
}

// sectionName returns what stands between the first "[" and the last "]".
func sectionName(text string) (string, bool) {
	end := strings.LastIndexByte(text, ']')
	if end < 1 {
		return "", false
	}
	return text[1:end], true
}

func parsePair(text string) (pair, bool) {
	i := strings.IndexAny(text, "=:")
	if i < 1 {
		return pair{}, false
	}
	value := text[i+1:]
	for k := 0; k < len(value); k++ {
		if (value[k] == '#' || value[k] == ';') && k > 0 && (value[k-1] == ' ' || value[k-1] == '\t') {
			value = value[:k]
			break
		}
	}
	p := pair{strings.ToLower(strings.TrimSpace(text[:i])), strings.ToLower(strings.TrimSpace(value))}
	return p, len(p.key) <= maxKey && len(p.value) <= maxValue
}

// Chain is the files that hold for a directory, from the nearest one up. A nil
// Chain holds none.
type Chain struct {
	file *File
	base int // bytes of the file's directory in a path, with its slash
	up   *Chain
}

// With returns the chain of a directory in which a file lies; dir is "" or ends
// in a slash.
func (c *Chain) With(f *File, dir string) *Chain {
	if f.Root {
		c = nil
	}
	return &Chain{file: f, base: len(dir), up: c}
}

// For returns the properties of the file at a path below the chain's directory.
// Later sections win over earlier ones, nearer files over those further up.
func (c *Chain) For(path string) Properties {
	p := Properties{}
	c.apply(path, &p)
	return p
}

func (c *Chain) apply(path string, p *Properties) {
	if c == nil {
		return
	}
	c.up.apply(path, p)
	for i := range c.file.sections {
		if s := &c.file.sections[i]; s.glob.match(path[c.base:]) {
			for _, pair := range s.pairs {
				p.set(pair.key, pair.value)
			}
		}
	}
}
