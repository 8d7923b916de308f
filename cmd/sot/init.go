package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/source"
	"github.com/spf13/cobra"
)

func newInit(s Streams) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Look at the repository and write a commented sot.yaml",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			src, err := source.Open(cmd.Context(), source.Options{Mode: source.All})
			if err != nil {
				return err
			}
			file := "sot.yaml"
			for _, name := range []string{".sot.yaml", "sot.yaml"} {
				if _, err := os.Lstat(filepath.Join(src.Root(), name)); errors.Is(err, fs.ErrNotExist) {
					continue
				}
				if !force {
					return &flagError{fmt.Errorf("%s is there already; `sot init --force` writes it anew", name)}
				}
				file = name // a second one beside it would be an error
			}
			t, err := src.Tree(cmd.Context())
			if err != nil {
				return err
			}
			text := engine.Starter(t, func(bin string) bool {
				_, err := exec.LookPath(bin)
				return err == nil
			})
			if err := src.WriteFile(file, []byte(text)); err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.Out, "wrote %s; next: `sot run --all` to see what it finds, `sot fix --all` to mend what it can\n", file)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the sot.yaml that is there")
	return cmd
}
