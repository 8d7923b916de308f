package rule

import (
	"bytes"
	"encoding/hex"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Mode is a git file mode.
type Mode uint32

// The modes that a tree or an index holds.
const (
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
)

// Regular says whether the entry is a file with content of its own.
func (m Mode) Regular() bool { return m&0o170000 == 0o100000 }

// Status says how an entry came to be listed.
type Status byte

// The statuses, with git's letters.
const (
	Unchanged Status = ' ' // listed because everything is (--all, paths, the tree)
	Added     Status = 'A'
	Modified  Status = 'M'
	Deleted   Status = 'D' // has no content: only tree checks see that it is gone
	Renamed   Status = 'R'
	Typed     Status = 'T' // file, link and submodule changed into one another
	Untracked Status = '?' // not in the index, and not ignored
	Unmerged  Status = 'U' // in conflict: the worktree's content is read
)

// Entry is one file as a source lists it, without its content.
type Entry struct {
	Path   string // relative to the root, "/"-separated, any byte but NUL
	Mode   Mode
	Status Status
	// Near says that the content equals Blob's but for line ends, which may be
	// converted.
	Near bool
	// Blob is the object id of the content, "" where it is not known without
	// hashing (a worktree file that differs from the index).
	Blob ID
	// Size of the content in bytes; -1 where it is not known yet.
	Size int64
	// Old is the other side of the comparison (HEAD or the base); nil where the
	// file is new or nothing was compared. Entries share it: do not change it.
	Old *Side
}

// Side is what one side of a comparison holds.
type Side struct {
	Path string
	Mode Mode
	Blob ID
}

// Before returns the other side of the comparison; zero where there is none.
func (e *Entry) Before() Side {
	if e.Old == nil {
		return Side{}
	}
	return *e.Old
}

// Exact is the object whose content is the file's, byte for byte; "" where it is
// not known.
func (e *Entry) Exact() ID {
	if e.Near {
		return ""
	}
	return e.Blob
}

// ID is a git object id as its bytes, 20 of them or 32; "" is not known. In
// hex they would take as much again, for each of 100,000 files.
type ID string

// ParseID reads an id in hex; "" where it is none.
func ParseID(digits string) ID {
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return ""
	}
	return ID(raw)
}

// String returns the id in hex.
func (id ID) String() string { return hex.EncodeToString([]byte(id)) }

// Digits is the length of the id in hex.
func (id ID) Digits() int { return hex.EncodedLen(len(id)) }

// New says whether the file did not exist on the other side: a file added, or
// not tracked yet.
func (e *Entry) New() bool { return e.Status == Added || e.Status == Untracked }

// Name returns the last element of the path.
func (e *Entry) Name() string { return e.Path[strings.LastIndexByte(e.Path, '/')+1:] }

// File is an entry with its content, shared by all rules of a sweep.
// It is used by one goroutine at a time.
type File struct {
	Entry
	data   []byte
	tags   []string
	starts []int // byte offset of each line's start; nil until asked for
	last   place // that Position was asked for
	memo   map[any]any
	kept   *Kept // nil where no other rule asks for the file later
}

// place is a position of a file.
type place struct{ offset, line, column int }

// NewFile returns a file with its content. Data belongs to the caller, and must
// stay unchanged while the file is in use. Tags are sorted.
func NewFile(e Entry, data []byte, tags []string) *File {
	return &File{Entry: e, data: data, tags: tags}
}

// Keeping returns a file whose content is kept beyond it: what is made of it is
// shared with the others that have the same Kept.
func Keeping(e Entry, k *Kept, tags []string) *File {
	return &File{Entry: e, data: k.data, tags: tags, kept: k}
}

// With returns a file with the same entry and tags and other content: what the
// file would be after a fix.
func (f *File) With(data []byte) *File {
	g := NewFile(f.Entry, data, f.tags)
	g.Size, g.Blob, g.Near = int64(len(data)), "", false
	return g
}

// Bytes returns the content. It is shared: do not change it, do not keep it.
func (f *File) Bytes() []byte { return f.data }

// Tags returns the file's type tags, sorted.
func (f *File) Tags() []string { return f.tags }

// HasTag says whether the file has a type tag, such as "text" or "python".
func (f *File) HasTag(t string) bool {
	_, ok := slices.BinarySearch(f.tags, t)
	return ok
}

// Memo returns the value that make gave for this key on this file, calling it
// at most once: for a parsed document that several rules ask for. Keys are
// values of unexported types, as with context; values are such as Kept.Memo asks
// for.
func (f *File) Memo(key any, make func() any) any {
	if f.kept != nil {
		return f.kept.Memo(key, make)
	}
	if v, ok := f.memo[key]; ok {
		return v
	}
	v := make()
	if f.memo == nil {
		f.memo = map[any]any{}
	}
	f.memo[key] = v
	return v
}

// Lines returns the number of lines; a last line without a line end counts.
func (f *File) Lines() int {
	f.index()
	n := len(f.starts)
	if f.starts[n-1] == len(f.data) {
		n--
	}
	return n
}

// Line returns the 1-based line n without its "\n" or "\r\n", and the offset of
// its start; nil and the end of the file where there is no such line.
func (f *File) Line(n int) (text []byte, offset int) {
	f.index()
	if n < 1 || n > len(f.starts) {
		return nil, len(f.data)
	}
	start, end := f.starts[n-1], len(f.data)
	if n < len(f.starts) {
		end = f.starts[n] - 1
	}
	text = f.data[start:end]
	return bytes.TrimSuffix(text, []byte{'\r'}), start
}

// Text returns the 1-based line n for a report: valid UTF-8, cut to MaxLineText
// bytes. A conversion by runes, not bytes.ToValidUTF8: that one folds a run of
// bad bytes into one character, and columns would be off.
func (f *File) Text(n int) string {
	text, _ := f.Line(n)
	return string([]rune(string(text[:min(len(text), MaxLineText)])))
}

// Position returns the 1-based line, and the 1-based column in code points, of
// a byte offset. A byte that is not part of valid UTF-8 counts as one.
func (f *File) Position(offset int) (line, column int) {
	f.index()
	offset = max(0, min(offset, len(f.data)))
	line = sort.Search(len(f.starts), func(i int) bool { return f.starts[i] > offset })
	// Places mostly come in order: on one line of 10 MB, counting from its start
	// each time would take a thousand findings 10 GB.
	from, column := f.starts[line-1], 1
	if f.last.line == line && f.last.offset <= offset {
		from, column = f.last.offset, f.last.column
	}
	column += utf8.RuneCount(f.data[from:offset])
	if offset == len(f.data) || utf8.RuneStart(f.data[offset]) {
		f.last = place{offset, line, column}
	}
	return line, column
}

func (f *File) index() {
	if f.starts != nil {
		return
	}
	f.starts = make([]int, 1, 1+bytes.Count(f.data, []byte{'\n'}))
	for i := 0; ; {
		n := bytes.IndexByte(f.data[i:], '\n')
		if n < 0 {
			return
		}
		i += n + 1
		f.starts = append(f.starts, i)
	}
}
