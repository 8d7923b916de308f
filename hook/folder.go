package hook

import (
	"context"
	"path/filepath"
	"regexp"
)

// Folder is where git looks for the hooks of a repository.
type Folder struct {
	Dir    string // absolute
	Common string // where hooks are without core.hooksPath, absolute
	Value  string // core.hooksPath; "" where it is not set
	Off    bool   // no hook can be there: core.hooksPath is no folder
	place  place
}

// Find returns the folder of the repository that dir lies in; "" is the working
// directory. Where there is none the error is an *engine.UsageError.
func Find(ctx context.Context, dir string) (Folder, error) {
	p, err := findPlace(ctx, git{dir: dir})
	if err != nil {
		return Folder{}, err
	}
	return Folder{Dir: p.dir, Common: filepath.Join(p.commonDir, "hooks"), Value: p.value, Off: p.off(), place: p}, nil
}

// Refusal says why Install writes no hook there unless it is forced, and what to
// do for that of a stage; "" where it does.
func (f *Folder) Refusal(stage string) (reason, advice string) { return f.place.refusal(stage) }

// Script returns the path of the script that runs at a stage: where husky's own
// is in the folder, the one that it runs.
func (f *Folder) Script(stage string) string {
	if f.place.husky() {
		return filepath.Join(filepath.Dir(f.Dir), stage)
	}
	return filepath.Join(f.Dir, stage)
}

// RunsSot says whether a hook of somebody's own has a line that runs sot for a
// stage, as far as its text tells.
func RunsSot(text []byte, stage string) bool {
	return regexp.MustCompile(`(?m)^(?:[^#\n]|\S#)*\bsot(\.exe)?["']?[ \t]+hook[ \t]+run[ \t]+["']?` + stage + `\b`).Match(text)
}
