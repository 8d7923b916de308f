package importer

import (
	"slices"
	"strings"
)

// native carries over a hook whose work sot does itself; false where it does
// not, or where the hook has arguments that it has no counterpart for: then it
// stays a command.
func (p *precommit) native(h *hook) (bool, error) {
	if h.v.Get("entry").Set() || h.v.Get("pass_filenames").Set() {
		return false, nil
	}
	switch h.id {
	case "editorconfig-checker", "editorconfig-checker-system":
		if len(h.args) > 0 || !p.has("use") {
			return false, nil
		}
		p.note(Differs, h.line, h.subject(), "its own configuration (.editorconfig-checker.json, .ecrc) is not read: what that disables goes to with, what it excludes to exclude")
		return true, p.inProcess(h, selection{}, fields{{"use", "editorconfig"}})
	case "gitleaks", "gitleaks-system", "gitleaks-docker":
		if slices.ContainsFunc(h.args, func(a string) bool {
			return !slices.Contains([]string{"--verbose", "-v", "--redact", "--no-banner"}, a)
		}) || !p.has("secrets") {
			return false, nil
		}
		p.note(Differs, h.line, h.subject(), "its rules are built in, and whole files are judged, where it judges the lines that are added; .gitleaks.toml is not read: see allow, allow_patterns and custom of the kind secrets")
		return true, p.inProcess(h, selection{}, fields{{"secrets", fields{}}})
	case "detect-secrets":
		if !onlyBaseline(h.args) || !p.has("secrets") {
			return false, nil
		}
		p.note(Differs, h.line, h.subject(), "secrets are told by the rules of gitleaks, and its baseline is not read: `sot run --all --write-baseline` writes one")
		return true, p.inProcess(h, selection{}, fields{{"secrets", fields{}}})
	}
	return p.schema(h)
}

// onlyBaseline says whether arguments name a baseline and nothing else.
func onlyBaseline(args []string) bool {
	return len(args) == 0 || len(args) == 2 && args[0] == "--baseline" || len(args) == 1 && strings.HasPrefix(args[0], "--baseline=")
}

// builtinSchema returns the embedded schema for one of check-jsonschema's; ""
// where there is none.
func builtinSchema(name string) string {
	switch name {
	case "github-workflows":
		return "builtin:github-workflow"
	case "github-actions":
		return "builtin:github-action"
	case "dependabot":
		return "builtin:github-dependabot"
	}
	return ""
}

// schema carries over the hooks of check-jsonschema.
func (p *precommit) schema(h *hook) (bool, error) {
	t := knownTool(h)
	if t == nil || t.program != "check-jsonschema" || !p.has("data") {
		return false, nil
	}
	name := ""
	switch args := words(h.args); {
	case h.id != "check-jsonschema" && len(args) == 0:
		name = builtinSchema(strings.TrimPrefix(h.id, "check-"))
	case h.id == "check-jsonschema" && len(args) == 2 && args[0] == "--builtin-schema":
		name = builtinSchema(strings.TrimPrefix(args[1], "vendor."))
	case h.id == "check-jsonschema" && len(args) == 2 && args[0] == "--schemafile" && inRepository(args[1]):
		name = strings.TrimPrefix(args[1], "./")
	}
	if name == "" {
		return false, nil
	}
	if strings.HasPrefix(name, "builtin:") {
		p.note(Differs, h.line, h.subject(), "the schema is the one that this sot has, which may be older than its own")
	}
	return true, p.inProcess(h, t.selection(), fields{{"data", fields{{"schema", name}}}})
}

// words splits arguments of the form --name=value.
func words(args []string) (out []string) {
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		if ok && strings.HasPrefix(name, "--") {
			out = append(out, name, value)
			continue
		}
		out = append(out, a)
	}
	return out
}

// inRepository says whether a schema is a file of the repository.
func inRepository(name string) bool {
	return name != "" && !strings.Contains(name, ":") && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "-") &&
		!strings.Contains("/"+name+"/", "/../") && !strings.ContainsAny(name, "\\")
}

// inProcess adds a rule of a kind that needs no program.
func (p *precommit) inProcess(h *hook, def selection, body fields) error {
	e, err := p.entryOf(h, def)
	if err == nil {
		err = p.ofFiles(h, &e)
	}
	if err != nil {
		return err
	}
	e.body = body
	if e.exclude != nil && body[0].value == "editorconfig" {
		e.exclude = append(e.exclude, p.excludedBy("editorconfig")...) // in the place of which it stands
	}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

// excludedBy are the globs that a check leaves out by itself.
func (m *importing) excludedBy(check string) []string {
	for _, k := range m.Kinds {
		for _, u := range k.Uses {
			if u.ID == check {
				return u.Defaults.Exclude
			}
		}
	}
	return nil
}
