package source

import (
	"path"
	"strings"
)

// ignorePattern is one line of a .gitignore file (gitignore(5)).
type ignorePattern struct {
	glob    string
	dir     string // the folder of its file, "" for the root
	not     bool   // "!": what matched before is not ignored
	dirOnly bool   // "name/"
	deep    bool   // without a slash: matches the name at any depth
}

// ignoreFile holds the patterns of one file; the last that matches decides.
type ignoreFile []ignorePattern

// parseIgnore reads the patterns of a file that lies in dir.
func parseIgnore(data []byte, dir string) ignoreFile {
	var list ignoreFile
	text := strings.TrimPrefix(string(data), "\ufeff")
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		line = strings.TrimSuffix(line, "\r")
		line = trimBlanks(line)
		if line == "" || line[0] == '#' {
			continue
		}
		p := ignorePattern{dir: dir}
		if line[0] == '!' {
			p.not, line = true, line[1:]
		}
		if strings.HasSuffix(line, "/") {
			p.dirOnly, line = true, line[:len(line)-1]
		}
		if line == "" {
			continue
		}
		p.deep = !strings.Contains(line, "/")
		p.glob = strings.TrimPrefix(line, "/")
		list = append(list, p)
	}
	return list
}

// trimBlanks takes off blanks at the end that no backslash protects.
func trimBlanks(line string) string {
	end := len(line)
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
			end = min(i+1, len(line))
		case ' ':
		default:
			end = i + 1
		}
	}
	if strings.TrimRight(line, " ") == "" {
		return ""
	}
	return line[:end]
}

// matches says whether the pattern speaks of a path.
func (p *ignorePattern) matches(name string, isDir bool) bool {
	if p.dirOnly && !isDir {
		return false
	}
	if p.deep {
		return wildmatch(p.glob, path.Base(name))
	}
	if p.dir != "" {
		name = strings.TrimPrefix(name, p.dir+"/")
	}
	return wildmatch(p.glob, name)
}

// decide returns whether the file's patterns ignore a path, and whether any
// speaks of it.
func (f ignoreFile) decide(name string, isDir bool) (ignored, spoken bool) {
	for i := len(f) - 1; i >= 0; i-- {
		if f[i].matches(name, isDir) {
			return !f[i].not, true
		}
	}
	return false, false
}

// ignorer answers for any path, reading each folder's .gitignore once.
type ignorer struct {
	global  []ignoreFile // from the strongest: info/exclude, core.excludesFile
	read    func(path string) []byte
	folders map[string]ignoreFile
	dirs    map[string]bool // answers for folders
}

func (g *ignorer) folder(dir string) ignoreFile {
	f, ok := g.folders[dir]
	if !ok {
		f = parseIgnore(g.read(path.Join(dir, ".gitignore")), dir)
		g.folders[dir] = f
	}
	return f
}

// ignored says whether a path is ignored, itself or with a folder above it.
func (g *ignorer) ignored(name string, isDir bool) bool {
	if answer, ok := g.dirs[name]; ok && isDir {
		return answer
	}
	parent := parentOf(name)
	answer := parent != "" && g.ignored(parent, true)
	if !answer {
		answer = g.own(name, parent, isDir)
	}
	if isDir {
		g.dirs[name] = answer
	}
	return answer
}

// own asks the patterns of the nearest folder first.
func (g *ignorer) own(name, parent string, isDir bool) bool {
	for dir := parent; ; {
		if ignored, spoken := g.folder(dir).decide(name, isDir); spoken {
			return ignored
		}
		if dir == "" {
			break
		}
		dir = parentOf(dir)
	}
	for _, f := range g.global {
		if ignored, spoken := f.decide(name, isDir); spoken {
			return ignored
		}
	}
	return false
}

// parentOf returns the folder that a path lies in, "" for the root. Unlike
// path.Dir it gets shorter whatever the path.
func parentOf(name string) string { return name[:max(0, strings.LastIndexByte(name, '/'))] }
