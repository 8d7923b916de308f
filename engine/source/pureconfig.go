package source

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// configure reads git's configuration and settles what depends on it. What it
// finds that only git can follow is an *UnsupportedError.
func (b *pureBackend) configure() error {
	c := &configReader{settings: plainSettings, home: getenv(b.env, "HOME")}
	for _, file := range b.globalFiles() {
		if err := c.file(file, 0); err != nil {
			return err
		}
	}
	if err := c.file(filepath.Join(b.commonDir, "config"), 0); err != nil {
		return err
	}
	if c.worktreeConfig {
		if err := c.file(filepath.Join(b.gitDir, "config.worktree"), 0); err != nil {
			return err
		}
	}
	if err := c.variables(b.env); err != nil {
		return err
	}
	b.settled, b.partial = c.settings, c.partial
	if err := b.locate(c); err != nil {
		return err
	}
	return b.refuse(c)
}

// globalFiles are the configuration files outside of the repository.
func (b *pureBackend) globalFiles() []string {
	var files []string
	if v := getenv(b.env, "GIT_CONFIG_SYSTEM"); v != "" {
		files = append(files, v)
	} else if !gitBool(getenv(b.env, "GIT_CONFIG_NOSYSTEM")) {
		files = append(files, "/etc/gitconfig")
	}
	if v := getenv(b.env, "GIT_CONFIG_GLOBAL"); v != "" {
		return append(files, v)
	}
	home, xdg := getenv(b.env, "HOME"), getenv(b.env, "XDG_CONFIG_HOME")
	if xdg == "" && home != "" {
		xdg = filepath.Join(home, ".config")
	}
	if xdg != "" {
		files = append(files, filepath.Join(xdg, "git", "config"))
	}
	if home != "" {
		files = append(files, filepath.Join(home, ".gitconfig"))
	}
	return files
}

// locate applies GIT_WORK_TREE and core.worktree.
func (b *pureBackend) locate(c *configReader) error {
	switch v := getenv(b.env, "GIT_WORK_TREE"); {
	case v != "":
		b.root = absFrom(b.root, v)
	case c.worktree != "":
		b.root = absFrom(b.gitDir, c.worktree)
	case c.bare && b.gitDir == b.commonDir:
		return usagef("run sot in a clone that has one, or set GIT_WORK_TREE", "%s is a bare repository: it has no worktree", b.gitDir)
	default:
		return nil
	}
	root, err := filepath.EvalSymlinks(b.root)
	if err != nil {
		return &UsageError{What: fmt.Sprintf("cannot open the worktree %s: %s", b.root, whyNot(err)), Err: err}
	}
	b.root = root
	b.place = b.withIndexFile(b.env)
	return nil
}

// refuse looks for what makes git's answers differ from what we could read.
func (b *pureBackend) refuse(c *configReader) error {
	for _, reason := range c.refused {
		return unsupported("%s", reason)
	}
	if entries, err := os.ReadDir(filepath.Join(b.commonDir, "refs", "replace")); err == nil && len(entries) > 0 {
		return unsupported("the repository replaces objects (refs/replace)")
	}
	packed, err := readSmall(filepath.Join(b.commonDir, "packed-refs"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if bytes.Contains(packed, []byte(" refs/replace/")) {
		return unsupported("the repository replaces objects (refs/replace)")
	}
	if _, err := os.Stat(filepath.Join(b.commonDir, "info", "grafts")); err == nil {
		return unsupported("the repository has grafts (info/grafts)")
	}
	shallow, err := readSmall(filepath.Join(b.commonDir, "shallow"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	b.shallows = map[string]bool{}
	for _, id := range strings.Fields(string(shallow)) {
		b.shallows[id] = true
	}
	return nil
}

// configReader collects keys over several files; later ones win.
type configReader struct {
	settings
	home           string
	bare           bool
	worktree       string
	worktreeConfig bool
	partial        bool
	refused        []string // reasons
	conditional    bool     // within an includeIf
}

const maxIncludes = 10 // as deep as git follows them

// file reads one configuration file, which may be absent, and those that it includes.
func (c *configReader) file(path string, depth int) error {
	data, err := readSmall(path)
	if os.IsNotExist(err) || path == os.DevNull {
		return nil
	}
	if err != nil {
		return fmt.Errorf("git's configuration: %w", err)
	}
	items, err := parseConfig(string(data))
	if err != nil {
		return unsupported("%s cannot be parsed (%v)", path, err)
	}
	for _, item := range items {
		if err := c.item(path, item, depth); err != nil {
			return err
		}
	}
	return nil
}

// item takes one variable of a file.
func (c *configReader) item(path string, item configItem, depth int) error {
	section, _, sub := strings.Cut(item.section, ".")
	switch {
	case item.section == "include" && item.key == "path":
		return c.include(path, item.value, depth)
	case section == "includeif" && sub && item.key == "path":
		return c.includeIf(path, item.value, depth)
	case section == "remote" && sub && item.key == "promisor":
		c.partial = true
	case !sub:
		c.key(section+"."+item.key, item.value, item.bare)
	}
	return nil
}

func (c *configReader) include(from, to string, depth int) error {
	if depth >= maxIncludes {
		return unsupported("%s includes others too deeply", from)
	}
	if rest, ok := strings.CutPrefix(to, "~/"); ok {
		to = filepath.Join(c.home, rest)
	}
	return c.file(absFrom(filepath.Dir(from), to), depth+1)
}

// includeIf reads a file whose condition we do not judge: it may hold what does
// not concern us (a token, as the checkout action leaves), else git is needed.
func (c *configReader) includeIf(from, to string, depth int) error {
	was := c.conditional
	c.conditional = true
	defer func() { c.conditional = was }()
	return c.include(from, to, depth)
}

// key takes one key, "section.name" in small letters; bare says that it stands
// without a value.
func (c *configReader) key(key, value string, bare bool) {
	before := *c
	c.take(key, value, bare)
	changed := before.settings != c.settings || before.bare != c.bare || before.worktree != c.worktree || len(before.refused) != len(c.refused)
	if c.conditional && changed {
		c.refused = append(c.refused, fmt.Sprintf("%s is set under a condition (includeIf)", key))
	}
}

func (c *configReader) take(key, value string, bare bool) {
	c.set(key, value, bare)
	switch key {
	case "core.bare":
		c.bare = bare || gitBool(value)
	case "core.worktree":
		c.worktree = value
	case "core.repositoryformatversion":
		if v, err := strconv.Atoi(value); err != nil || v > 1 {
			c.refuse("the repository's format is version %s", value)
		}
	case "extensions.worktreeconfig":
		c.worktreeConfig = bare || gitBool(value)
	case "extensions.partialclone":
		c.partial = true
	case "extensions.objectformat":
		if value != "sha1" {
			c.refuse("object ids are %s", value)
		}
	case "extensions.refstorage":
		if value != "files" {
			c.refuse("refs are kept as %s", value)
		}
	case "extensions.noop", "extensions.preciousobjects", "extensions.relativeworktrees":
	default:
		if strings.HasPrefix(key, "extensions.") {
			c.refuse("the repository uses the extension %s", strings.TrimPrefix(key, "extensions."))
		}
	}
}

func (c *configReader) refuse(format string, args ...any) {
	c.refused = append(c.refused, fmt.Sprintf(format, args...))
}

// variables reads the configuration that the environment carries.
func (c *configReader) variables(env []string) error {
	if v := getenv(env, "GIT_CONFIG_PARAMETERS"); strings.Contains(strings.ToLower(v), "core.") {
		return unsupported("git was started with `-c core...`")
	}
	n, _ := strconv.Atoi(getenv(env, "GIT_CONFIG_COUNT")) // not a number is no count
	for i := range min(n, 1000) {
		key := getenv(env, fmt.Sprintf("GIT_CONFIG_KEY_%d", i))
		c.key(strings.ToLower(key), getenv(env, fmt.Sprintf("GIT_CONFIG_VALUE_%d", i)), false)
	}
	return nil
}
