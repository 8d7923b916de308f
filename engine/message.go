package engine

import "github.com/sot-validator/sot/engine/rule"

// Message is a commit message to judge.
type Message struct {
	// Path is the file that holds it, relative to the root and "/"-separated;
	// outside of the root it begins with "../". Commands are given this path.
	Path string
	// Text is the message as git will clean it, and Drops says which lines git
	// drops: see rule.Message.
	Text  []byte
	Drops []bool
}

func (m *Message) entry() rule.Entry {
	return rule.Entry{Path: m.Path, Mode: rule.ModeFile, Status: rule.Added, Size: int64(len(m.Text))}
}
