package filetype

import (
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// HeadSize is how many bytes of a file's beginning suffice for Tags: more than
// any real shebang, and what IsText looks at.
const HeadSize = 1024

// entry is a line of a table: a key, and its tags, sorted, with blanks between.
type entry struct{ key, tags string }

// encoding is what is known of a file's content.
type encoding uint8

const (
	byTable encoding = iota // the tables' tags say text or binary, or no one has looked
	text
	binary
)

// Static returns the tags that path and mode alone decide, sorted, and whether
// they are complete: if not, Tags needs the content's beginning.
func Static(path string, mode rule.Mode) (tags []string, complete bool) {
	if !mode.Regular() {
		return special(mode), true
	}
	k := keyOf(path, mode)
	return tagsOf(k), k.encoded()
}

// Tags returns all tags, sorted, from path, mode and the content's beginning:
// HeadSize bytes, or the whole content where it is shorter.
func Tags(path string, mode rule.Mode, head []byte) []string {
	if !mode.Regular() {
		return special(mode)
	}
	k := keyOf(path, mode)
	if k.encoded() {
		return tagsOf(k)
	}
	if k.executable && k.name == 0 && k.ext == 0 {
		k.interpreter = interpreterOf(head)
	}
	k.encoding = binary
	if IsText(head) {
		k.encoding = text
	}
	return tagsOf(k)
}

// special returns the one tag of what is no regular file. They are full slices
// of arrays, so that an append copies.
func special(mode rule.Mode) []string {
	switch mode & 0o170000 {
	case rule.ModeSymlink:
		return symlinkTags
	case rule.ModeSubmodule, 0o040000:
		return directoryTags
	case 0o140000:
		return socketTags
	}
	return nil
}

var (
	symlinkTags   = []string{"symlink"}
	directoryTags = []string{"directory"}
	socketTags    = []string{"socket"}
)

// IsText says whether the content's first 1024 bytes look like text: bytes from
// 128 on, printable ASCII, and the control characters BEL to CR and ESC. An
// empty file is text. (The test is identify's, after that of the file command.)
func IsText(head []byte) bool {
	const control = 1<<7 | 1<<8 | 1<<9 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<27
	for _, c := range head[:min(len(head), HeadSize)] {
		if c < 0x20 && control>>c&1 == 0 || c == 0x7f {
			return false
		}
	}
	return true
}

// key is what a regular file's tags follow from. The numbers are 1-based
// places in the tables, 0 is none.
type key struct {
	name, ext, interpreter uint16
	executable             bool
	encoding               encoding
}

// encoded says whether the tags of name and extension say text or binary.
func (k key) encoded() bool {
	return k.name != 0 || // a test holds every name to it
		k.ext != 0 && hasEncoding(byExtension[k.ext-1].tags)
}

func hasEncoding(tags string) bool {
	for t := range strings.SplitSeq(tags, " ") {
		if t == "text" || t == "binary" {
			return true
		}
	}
	return false
}

// keyOf looks a path up in the tables.
func keyOf(path string, mode rule.Mode) key {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return key{
		name:       lookupName(name),
		ext:        lookup(byExtension[:], lowerExtension(name)),
		executable: mode&0o111 != 0,
	}
}

// lookupName tries the whole name, then its parts between dots, from the left.
func lookupName(name string) uint16 {
	if i := lookup(byName[:], name); i != 0 || strings.IndexByte(name, '.') < 0 {
		return i
	}
	for part := range strings.SplitSeq(name, ".") {
		if i := lookup(byName[:], part); i != 0 {
			return i
		}
	}
	return 0
}

// lowerExtension returns what follows the last dot, in lower case. Dots that
// lead the name begin no extension.
func lowerExtension(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || strings.Trim(name[:i], ".") == "" {
		return ""
	}
	return strings.ToLower(name[i+1:])
}

// lookup returns the 1-based place of a key in a sorted table, 0 where there is none.
func lookup(table []entry, key string) uint16 {
	lo, hi := 0, len(table)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch c := strings.Compare(table[mid].key, key); {
		case c == 0:
			return uint16(mid + 1)
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0
}

// memo holds the tag slices that were asked for, by key. A repository has a few
// hundred keys at most, and as many as its files in the worst case.
var memo struct {
	sync.RWMutex
	tags map[key][]string
}

// tagsOf returns the tags of a key, sorted: always the same slice.
func tagsOf(k key) []string {
	memo.RLock()
	tags, ok := memo.tags[k]
	memo.RUnlock()
	if ok {
		return tags
	}
	memo.Lock()
	defer memo.Unlock()
	if memo.tags == nil {
		memo.tags = map[key][]string{}
	}
	tags = slices.Clip(k.build())
	memo.tags[k] = tags
	return tags
}

// build makes the tags of a key.
func (k key) build() []string {
	tags := []string{"file", "non-executable"}
	if k.executable {
		tags[1] = "executable"
	}
	switch k.encoding {
	case text:
		tags = append(tags, "text")
	case binary:
		tags = append(tags, "binary")
	}
	add := func(table []entry, i uint16) {
		if i != 0 {
			tags = append(tags, strings.Split(table[i-1].tags, " ")...)
		}
	}
	add(byName[:], k.name)
	add(byExtension[:], k.ext)
	add(byInterpreter[:], k.interpreter)
	slices.Sort(tags)
	return slices.Compact(tags)
}

// Known says whether any file can have this tag.
func Known(tag string) bool {
	_, ok := slices.BinarySearch(all(), tag)
	return ok
}

// All returns every tag there is, sorted.
func All() []string { return slices.Clone(all()) }

var all = sync.OnceValue(func() []string {
	tags := []string{"binary", "directory", "executable", "file", "non-executable", "socket", "symlink", "text"}
	for _, table := range [][]entry{byExtension[:], byName[:], byInterpreter[:]} {
		for _, e := range table {
			tags = append(tags, strings.Split(e.tags, " ")...)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
})
