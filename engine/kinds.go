package engine

import (
	"context"
	"os"
	"path/filepath"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/command"
	"github.com/sot-validator/sot/engine/rule/content"
	"github.com/sot-validator/sot/engine/rule/data"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/rule/message"
	"github.com/sot-validator/sot/engine/rule/naming"
	"github.com/sot-validator/sot/engine/rule/secrets"
	"github.com/sot-validator/sot/engine/rule/structure"
	"github.com/sot-validator/sot/engine/rule/use"
	"github.com/sot-validator/sot/engine/source"
)

// Kinds lists what a rule can do, in the order in which they are shown. A new
// kind is one line here; a new built-in check is one line in rule/use/list.go.
func Kinds() []rule.Kind {
	return []rule.Kind{
		use.Kind(),
		structure.Kind(),
		naming.Kind(),
		content.Kind(),
		data.Kind(),
		command.Kind(),
		message.Kind(),
		secrets.Kind(),
	}
}

// configOptions hands the loader what it may not import.
func configOptions(ctx context.Context, o Options, src *source.Source) (config.Options, error) {
	file, err := configPath(o, src)
	return config.Options{
		File:        file,
		Read:        func(path string) ([]byte, error) { return src.ReadPolicy(ctx, path) },
		ReadOutside: os.ReadFile,
		Kinds:       Kinds(),
		Version:     o.Version,
		KnownType:   filetype.Known,
		Types:       filetype.All,
	}, err
}

// configPath returns what --config names: relative to the root where it lies
// inside, so that a staged run reads the staged file, else absolute.
func configPath(o Options, src *source.Source) (string, error) {
	if o.Config == "" {
		return "", nil
	}
	abs, err := filepath.Abs(filepath.Join(o.Source.Dir, o.Config))
	if filepath.IsAbs(o.Config) {
		abs, err = o.Config, nil
	}
	if err != nil {
		return "", err
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(dir, filepath.Base(abs)) // the root is free of links
	}
	if rel, err := filepath.Rel(src.Root(), abs); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel), nil
	}
	return abs, nil
}
