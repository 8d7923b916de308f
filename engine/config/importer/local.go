package importer

import (
	"errors"
	"fmt"
	"strings"
)

// local carries over a hook whose command stands in the file.
func (p *precommit) local(h *hook, def selection) error {
	switch h.language {
	case "pygrep":
		message := ""
		if h.name != "" {
			message = comment(h.name)
		}
		return p.grep(h, h.entry, message, def)
	case "fail":
		return p.fail(h)
	case "docker", "docker_image", "conda", "coursier":
		return fmt.Errorf("sot starts no environments of the language %s: write a command with `run: docker run ...`", h.language)
	}
	words, err := shellWords(h.entry)
	if err != nil {
		return fmt.Errorf("its entry: %w", err)
	}
	if h.language == "script" || h.language == "unsupported_script" {
		if len(words) > 0 && !strings.Contains(words[0], "/") {
			words[0] = "./" + words[0]
		}
	} else if !p.onPath(h) && len(h.additional) > 0 && h.repo == "local" {
		p.note(Differs, h.line, h.subject(), "sot installs nothing, see that %s is there", comment(strings.Join(h.additional, ", ")))
	}
	if t, prefix, rest := toolOf(words); t != nil && t.changes(append(rest, h.args...)) {
		own := t.called(prefix, def)
		h.args = append(rest, h.args...)
		return p.command(h, own)
	}
	return p.plain(h, append(words, h.args...), def)
}

// onPath says whether pre-commit itself takes the hook's program from the PATH.
func (p *precommit) onPath(h *hook) bool {
	switch h.language {
	case "system", "unsupported", "script", "unsupported_script":
		return true
	}
	return false
}

// plain carries over a command of which nothing more is known: its exit code
// decides.
func (p *precommit) plain(h *hook, words []string, def selection) error {
	if err := runnable(words); err != nil {
		return err
	}
	if strings.Contains(strings.Join(words, " "), "PRE_COMMIT_") {
		return errors.New("its command reads variables that pre-commit sets, PRE_COMMIT_..., and sot does not")
	}
	def.always = h.alwaysRun && !h.passFilenames
	e, err := p.entryOf(h, def)
	ofMessage := false
	if err == nil {
		ofMessage, err = p.ofFilesOrMessage(h, &e)
	}
	if err != nil {
		return err
	}
	if err := regular(e); err != nil {
		return err
	}
	if h.alwaysRun && h.passFilenames && !ofMessage {
		p.drop(h.line, h.subject()+", always_run", "a command that takes files runs where there are some")
	}
	body := fields{{"run", quoted(words) + " {files}"}}
	if !h.passFilenames {
		body = fields{{"run", quoted(words)}, {"files", "none"}}
		if ofMessage { // which it finds in the git directory, and a copy has none
			body.add("snapshot", "never")
		}
	}
	e.body = fields{{"command", body}}
	if !ofMessage {
		if len(p.unsure) == 0 {
			p.unsureLine = h.line
		}
		p.unsure = append(p.unsure, h.id)
	}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

// fail carries over a hook of the language fail: every file that it speaks of is
// a mistake. `not` with a pattern that every name matches says it, with the
// hook's entry as its message.
func (p *precommit) fail(h *hook) error {
	e, err := p.entryOf(h, selection{types: []string{"file"}})
	if err == nil {
		err = p.ofFiles(h, &e)
	}
	if err != nil {
		return err
	}
	message := strings.TrimSpace(comment(h.entry))
	if message == "" {
		return errors.New("its entry, which is its message, is empty")
	}
	e.description = message
	e.body = fields{{"not", []fields{{{"naming", fields{{"pattern", "."}, {"of", "path"}}}}}}}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}
