package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// selection are the conditions that a hook's manifest has. What the rule has by
// itself (a built-in check's types, a command's regular files) is not among them.
type selection struct {
	files, exclude              string // Python patterns
	types, typesOr, exceptTypes []string
	stages                      []string // nil: those of default_stages
	// always has the rule run whatever files there are: they are no condition.
	always bool
}

// stageError is a hook at stages that sot does not have.
type stageError struct{ stages []string }

// Error names the stages.
func (e *stageError) Error() string {
	return "there are no rules at the stage " + strings.Join(e.stages, ", ")
}

// entryOf returns the rule of a hook, all but its body.
func (p *precommit) entryOf(h *hook, def selection) (entry, error) {
	e := entry{line: h.line, id: h.id}
	if h.name != "" && !strings.EqualFold(h.name, h.id) {
		e.description = comment(h.name)
	}
	var err error
	if e.stages, err = p.stages(h, def); err != nil {
		return e, err
	}
	if def.always {
		return e, nil
	}
	if err := p.paths(h, def, &e); err != nil {
		return e, err
	}
	for _, t := range []struct {
		key string
		def []string
		out *[]string
	}{{"types", def.types, &e.types}, {"types_or", def.typesOr, &e.typesOr}, {"exclude_types", def.exceptTypes, &e.exceptTypes}} {
		*t.out = t.def
		if v := h.v.Get(t.key); v.Set() {
			*t.out = scalars(v)
		}
		for _, tag := range *t.out {
			if p.KnownType != nil && !p.KnownType(tag) {
				return e, fmt.Errorf("sot does not know the type %q", tag)
			}
		}
	}
	return e, nil
}

// paths carries over files and exclude.
func (p *precommit) paths(h *hook, def selection, e *entry) error {
	files, exclude := def.files, def.exclude
	if v := h.v.Get("files"); v.Set() {
		files = v.Scalar
	}
	if v := h.v.Get("exclude"); v.Set() {
		exclude = v.Scalar
	}
	in, err := pathsOf(files)
	if err != nil {
		return fmt.Errorf("its files: %w", err)
	}
	out := pathPattern{}
	if exclude != "" {
		if out, err = pathsOf(exclude); err != nil {
			return fmt.Errorf("its exclude: %w", err)
		}
	}
	if p.files != nil {
		if in.match, err = meet(in.match, p.files); err != nil {
			return err
		}
	}
	if out.except != nil { // all but some is left out: only some are looked at
		if !all(out.match) {
			return fmt.Errorf("its exclude: %w", errLookaround)
		}
		if in.match, err = meet(in.match, out.except); err != nil {
			return err
		}
		out.match = nil
	}
	return write(in, out, e)
}

// write writes the globs of both patterns.
func write(in, out pathPattern, e *entry) error {
	files, err := globs(in.match)
	if err != nil {
		return fmt.Errorf("its files: %w", err)
	}
	if files == nil {
		return errors.New("its files match no path")
	}
	exclude, err := globs(slices.Concat(in.except, out.match))
	if err != nil {
		return fmt.Errorf("its exclude: %w", err)
	}
	if !slices.Equal(files, []string{everything}) {
		e.files = files
	}
	e.exclude = exclude
	return nil
}

// stageNames maps pre-commit's stages to those of rules. A plain `sot run` is at
// the stage manual, and ci where CI=true: what pre-commit runs at pre-commit,
// which is what a plain `pre-commit run` is, runs at these too.
var stageNames = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"pre-commit": {"pre-commit", "ci", "manual"},
		"commit":     {"pre-commit", "ci", "manual"},
		"pre-push":   {"pre-push"},
		"push":       {"pre-push"},
		"manual":     {"manual"},
		"commit-msg": {"commit-msg"},
	}
})

// everyStage is what a rule without stages has.
var everyStage = []string{"pre-commit", "pre-push", "ci", "manual"}

// stages returns a rule's stages; nil is a rule's default.
func (p *precommit) stages(h *hook, def selection) ([]string, error) {
	asked := scalars(h.v.Get("stages"))
	own := len(asked) > 0
	switch {
	case own:
	case def.stages != nil:
		asked = def.stages
	default:
		asked = p.defaultStages
	}
	if len(asked) == 0 {
		return nil, nil
	}
	has := map[string]bool{}
	var foreign []string
	for _, s := range asked {
		if stageNames()[s] == nil {
			foreign = append(foreign, s)
		}
		for _, name := range stageNames()[s] {
			has[name] = true
		}
	}
	if len(has) == 0 {
		return nil, &stageError{foreign}
	}
	if own && len(foreign) > 0 {
		p.drop(h.v.Get("stages").Line, h.subject()+", stages", "%v", &stageError{foreign})
	}
	if own && has["manual"] && !has["pre-commit"] {
		p.note(Differs, h.line, h.subject(), "its stage is manual, which a plain `sot run` is; leave it out there with --skip, or ask for it with --rule")
	}
	var out []string
	for _, s := range []string{"pre-commit", "pre-push", "ci", "manual", "commit-msg"} {
		if has[s] {
			out = append(out, s)
		}
	}
	return out, nil
}

// ofFiles returns the stages of a rule that judges files: those without
// commit-msg, which a rule that reads the message alone has.
func (p *precommit) ofFiles(h *hook, e *entry) error {
	stages := slices.DeleteFunc(slices.Clone(e.stages), func(s string) bool { return s == "commit-msg" })
	if len(stages) == 0 && len(e.stages) > 0 {
		return errors.New("what it makes of the commit's message is not known to sot: write a rule of the kind message, or a command with `stages: [commit-msg]`, whose {files} is the message")
	}
	if len(stages) < len(e.stages) && len(scalars(h.v.Get("stages"))) > 0 {
		p.drop(h.v.Get("stages").Line, h.subject()+", stages", "one rule does not speak of files and of the commit's message: write another for the stage commit-msg")
	}
	if e.stages = stages; slices.Equal(stages, everyStage) {
		e.stages = nil
	}
	return nil
}

// ofMessage says whether a rule is for the commit's message alone, and has no
// conditions then: the message is its one file, whatever its name.
func ofMessage(e *entry) (bool, error) {
	if !slices.Equal(e.stages, []string{"commit-msg"}) {
		return false, nil
	}
	plain := func(t string) bool { return t == "file" || t == "text" || t == "non-executable" }
	others := slices.DeleteFunc(slices.Concat(e.types, e.typesOr), plain)
	if slices.Concat(e.files, e.exclude, e.exceptTypes, others) != nil {
		return true, errors.New("its conditions on files are asked of the file that holds the commit's message")
	}
	e.types, e.typesOr = nil, nil
	return true, nil
}

// ofFilesOrMessage is ofFiles for what can judge the commit's message as well.
func (p *precommit) ofFilesOrMessage(h *hook, e *entry) (message bool, err error) {
	if message, err = ofMessage(e); message || err != nil {
		return message, err
	}
	return false, p.ofFiles(h, e)
}

// regular refuses a command over what is no regular file, which it would not be
// given.
func regular(e entry) error {
	for _, t := range slices.Concat(e.types, e.typesOr) {
		if t == "symlink" || t == "directory" || t == "socket" {
			return fmt.Errorf("commands are given regular files, and its types have %s", t)
		}
	}
	return nil
}
