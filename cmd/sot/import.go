package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/config/importer"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/source"
	"github.com/spf13/cobra"
)

// importFlags are those of `sot import`.
type importFlags struct {
	output string
	force  bool
}

// foreign is a set-up that can be imported.
type foreign struct {
	name  string
	files []string // where its configuration may be, the usual place first
	read  func(name string, data []byte, open func(string) ([]byte, error), o importer.Options) (*importer.Result, error)
}

var foreigners = []foreign{
	{"pre-commit", []string{".pre-commit-config.yaml", ".pre-commit-config.yml"},
		func(name string, data []byte, _ func(string) ([]byte, error), o importer.Options) (*importer.Result, error) {
			return importer.PreCommit(name, data, o)
		}},
	{"lefthook", []string{"lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", ".config/lefthook.yml", ".config/lefthook.yaml", "lefthook.json", ".lefthook.json"},
		importer.Lefthook},
	{"ls-lint", []string{".ls-lint.yml", ".ls-lint.yaml"},
		func(name string, data []byte, _ func(string) ([]byte, error), o importer.Options) (*importer.Result, error) {
			return importer.LsLint(name, data, o)
		}},
}

func newImport(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Write the sot.yaml of an existing set-up",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, f := range foreigners {
		cmd.AddCommand(newImportOf(s, f))
	}
	return cmd
}

func newImportOf(s Streams, f foreign) *cobra.Command {
	var flags importFlags
	cmd := &cobra.Command{
		Use:   f.name + " [FILE]",
		Short: "Write the sot.yaml that does what " + f.files[0] + " does",
		Long: "Writes the sot.yaml that does what " + f.files[0] + " does, and lists on standard error, and in the\n" +
			"file, what it could not carry over, with the reason. Nothing is installed or fetched.",
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd.Context(), s, f, flags, args)
		},
	}
	cmd.Flags().StringVarP(&flags.output, "output", "o", "sot.yaml", "the file to write, - for standard output")
	cmd.Flags().BoolVar(&flags.force, "force", false, "overwrite the file that is there")
	return cmd
}

func runImport(ctx context.Context, s Streams, f foreign, flags importFlags, args []string) error {
	root := importRoot(ctx)
	name, data, err := f.find(root, args)
	if err != nil {
		return err
	}
	if err := flags.free(root); err != nil {
		return err
	}
	open := func(path string) ([]byte, error) { return readBelow(root, path) }
	res, err := f.read(name, data, open, importer.Options{
		Kinds: engine.Kinds(), KnownType: filetype.Known, Types: filetype.All, Version: Version(),
	})
	if err != nil {
		return importError(s, name, err)
	}
	for _, n := range res.Notes {
		fmt.Fprintf(s.Err, "%s:%d: %s\n", report.Printable(name), n.Line, report.Printable(n.String()))
	}
	if res.Rules == 0 {
		return &flagError{fmt.Errorf("nothing of %s could be carried over, so nothing was written", name)}
	}
	return flags.write(s, root, name, res)
}

// importRoot is the folder of the configuration files: the repository's root, or
// the working directory outside of one.
func importRoot(ctx context.Context) string {
	src, err := source.Open(ctx, source.Options{Mode: source.All})
	if err != nil {
		return "."
	}
	defer func() { _ = src.Close() }() // nothing was read
	return src.Root()
}

// find reads the file to import.
func (f foreign) find(root string, args []string) (name string, data []byte, err error) {
	if len(args) > 0 {
		data, err = readBounded(os.Open(args[0]))
		if err != nil {
			return "", nil, &flagError{fmt.Errorf("cannot read what to import: %w", err)}
		}
		return args[0], data, nil
	}
	for _, name := range f.files {
		data, err := readBelow(root, name)
		if err == nil {
			return name, data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, &flagError{fmt.Errorf("cannot read what to import: %w", err)}
		}
	}
	return "", nil, &flagError{fmt.Errorf("there is no %s in %s; name the file: `sot import %s FILE`", f.files[0], root, f.name)}
}

// readBelow reads a file of the repository, by no link that leads out of it.
func readBelow(root, name string) ([]byte, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }() // only read from
	return readBounded(dir.Open(filepath.FromSlash(name)))
}

// readBounded reads a configuration: one byte over the limit is enough for the
// reader to refuse it.
func readBounded(f *os.File, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	return io.ReadAll(io.LimitReader(f, 1<<20+1))
}

// path is where the file goes: beside what is imported, unless --output says.
func (o importFlags) path(root string) string {
	if o.output == "sot.yaml" {
		return filepath.Join(root, o.output)
	}
	return o.output
}

// free refuses to write over a configuration that is there.
func (o importFlags) free(root string) error {
	if o.output == "-" || o.force {
		return nil
	}
	taken := []string{o.path(root)}
	if o.output == "sot.yaml" {
		taken = append(taken, filepath.Join(root, ".sot.yaml"))
	}
	for _, p := range taken {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return &flagError{fmt.Errorf("%s is there already; --force writes it anew, --output - only shows what would be written", filepath.Base(p))}
		}
	}
	return nil
}

func (o importFlags) write(s Streams, root, name string, res *importer.Result) error {
	if o.output == "-" {
		_, err := s.Out.Write(res.Text)
		return err
	}
	path := o.path(root)
	if err := writeAtomic(path, func(w io.Writer) error {
		_, err := w.Write(res.Text)
		return err
	}); err != nil {
		return err
	}
	dropped := 0
	for _, n := range res.Notes {
		if n.Kind == importer.Dropped {
			dropped++
		}
	}
	_, err := fmt.Fprintf(s.Out, "wrote %s with %s from %s, %s not carried over; next: `sot run --all`\n", report.Printable(o.output),
		report.Plural(res.Rules, "rule", "rules"), report.Printable(name), report.Plural(dropped, "thing", "things"))
	return err
}

// importError shows the mistakes of the file that is imported; those of what was
// written are ours.
func importError(s Streams, name string, err error) error {
	var bug *importer.Error
	var problems config.Problems
	if errors.As(err, &bug) || !errors.As(err, &problems) {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(s.Err, report.Printable(p.Error()))
	}
	if strings.HasSuffix(name, ".toml") {
		return &flagError{fmt.Errorf("%s is TOML, which is not imported; write it as YAML", name)}
	}
	return &flagError{fmt.Errorf("%s has mistakes, so nothing was imported", name)}
}
