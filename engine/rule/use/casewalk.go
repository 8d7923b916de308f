package use

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// lookFor returns the names of the trees that are a name but for case, itself
// among them: of each tree the folders, then the files. It enters only folders
// that are on the name's way but for case, and passes over the others by binary
// search.
func lookFor(name string, trees []*rule.Tree) []string {
	name = strings.TrimSuffix(name, "/")
	w := caseWalk{exact: !utf8.ValidString(name)} // see fold
	for _, t := range trees {
		w.files = w.files[:0]
		w.walk(t.Entries(), "", fold(name))
		w.found = append(w.found, w.files...)
	}
	return w.found
}

// caseWalk is a search for one name.
type caseWalk struct {
	exact        bool // letters are not folded
	found, files []string
}

// walk looks for what is left of a folded name among sorted files that all lie
// below a folder, "" or with its slash.
func (w *caseWalk) walk(files []rule.Entry, dir, left string) {
	want, below, deeper := strings.Cut(left, "/")
	for i := 0; i < len(files); {
		name, _, isDir := strings.Cut(files[i].Path[len(dir):], "/")
		if !isDir {
			if !deeper && w.same(name, want) {
				w.files = append(w.files, files[i].Path)
			}
			i++
			continue
		}
		sub := files[i].Path[:len(dir)+len(name)+1]
		end := i + sort.Search(len(files)-i, func(k int) bool { return !strings.HasPrefix(files[i+k].Path, sub) })
		switch {
		case !w.same(name, want):
		case deeper:
			w.walk(files[i:end], sub, below)
		default:
			w.found = append(w.found, sub)
		}
		i = end
	}
}

func (w *caseWalk) same(name, want string) bool {
	return name == want || !w.exact && fold(name) == want
}
