package command

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// findProgram returns the absolute path of a program: a bare name from the PATH
// of env, a name with a slash from the working directory dir, as in a shell.
// Relative folders in PATH are passed over: they would let a repository
// replace any program. The error is fs.ErrNotExist or fs.ErrPermission.
func findProgram(name, dir string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return executable(name)
	}
	found := fs.ErrNotExist
	for _, folder := range filepath.SplitList(variable(env, "PATH")) {
		if !filepath.IsAbs(folder) {
			continue
		}
		p, err := executable(filepath.Join(folder, name))
		if err == nil {
			return p, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			found = err
		}
	}
	return "", found
}

// executable returns the file of an absolute path, on Windows with one of the
// extensions of PATHEXT.
func executable(p string) (string, error) {
	full, err := exec.LookPath(p)
	switch {
	case err == nil:
		return full, nil
	case errors.Is(err, fs.ErrPermission):
		// A folder that may not be entered, which a PATH that was made for
		// root has, says nothing of the program.
		if _, err := os.Stat(p); err == nil {
			return "", fs.ErrPermission
		}
	}
	return "", fs.ErrNotExist
}

// variable returns a variable's last value.
func variable(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		k, v, ok := strings.Cut(env[i], "=")
		if ok && (k == name || runtime.GOOS == "windows" && strings.EqualFold(k, name)) {
			return v
		}
	}
	return ""
}
