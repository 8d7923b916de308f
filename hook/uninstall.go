package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// UninstallOptions say which hooks, and where.
type UninstallOptions struct {
	Dir    string
	Stages []string // none is all
}

// Uninstall removes sot's hooks, and brings back those that were kept. It
// returns sentences that say what was done.
func Uninstall(ctx context.Context, o UninstallOptions) ([]string, error) {
	if err := known(o.Stages); err != nil {
		return nil, err
	}
	p, err := findPlace(ctx, git{dir: o.Dir})
	if err != nil {
		return nil, err
	}
	stages := o.Stages
	if len(stages) == 0 {
		stages = Stages
	}
	var said []string
	for _, stage := range stages {
		what, err := remove(stage, filepath.Join(p.dir, stage))
		if err != nil {
			return said, fmt.Errorf("the %s hook could not be removed: %w", stage, err)
		}
		if what != "" {
			said = append(said, what)
		} else if len(o.Stages) > 0 {
			said = append(said, fmt.Sprintf("%s: not installed in %s", stage, p.dir))
		}
	}
	if len(said) == 0 {
		said = append(said, "no hook of sot is installed in "+p.dir)
	}
	return said, nil
}

// remove removes one hook; it returns "" where there is none.
func remove(stage, path string) (string, error) {
	st, err := look(path, nil)
	if err != nil || st == absent {
		return "", err
	}
	_, err = os.Lstat(path + kept)
	hasKept := err == nil
	if st == foreign {
		more := ""
		if hasKept {
			more = fmt.Sprintf("; %s was kept when sot was installed, and nothing runs it", path+kept)
		}
		return fmt.Sprintf("%s: %s is not sot's, and stays%s", stage, path, more), nil
	}
	more := ""
	if st == edited {
		aside, err := setAside(path, path+".edited")
		if err != nil {
			return "", err
		}
		more = "; it had been edited, and is kept as " + aside
	}
	if hasKept {
		if err := os.Rename(path+kept, path); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s: removed from %s, and the hook from before is back%s", stage, path, more), nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return fmt.Sprintf("%s: removed from %s%s", stage, path, more), nil
}
