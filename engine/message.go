package engine

import (
	"path/filepath"

	"github.com/sot-validator/sot/engine/rule"
)

// Message is a commit message to judge.
type Message struct {
	// Path is the absolute path of the file that holds it. Findings name it, and
	// commands are given it, relative to the root: in a linked worktree it begins
	// with "../".
	Path string
	// Text is the message as git will clean it, and Drops says which lines git
	// drops: see rule.Message.
	Text  []byte
	Drops []bool
}

// below returns the message with its path relative to a root.
func (m *Message) below(root string) (*Message, error) {
	path := m.Path
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(dir, filepath.Base(path)) // the root is free of links
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return nil, usagef("the commit message %s lies outside of all folders: %v", m.Path, err)
	}
	out := *m
	out.Path = filepath.ToSlash(rel)
	return &out, nil
}

func (m *Message) entry() rule.Entry {
	return rule.Entry{Path: m.Path, Mode: rule.ModeFile, Status: rule.Added, Size: int64(len(m.Text))}
}
