package source

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sot-validator/sot/engine/rule"
)

// kindUnknown is the type of a name whose folder does not tell it.
const kindUnknown = fs.ModeIrregular

// folder is an open folder of the worktree.
type folder struct {
	fd   int
	slow *slowFolder
	// blind says that its names cannot be read, though its files can be looked at.
	blind error
}

// folder opens a folder that is reached without links. fs.ErrNotExist and
// errChanged say that there is none.
func (b *beneath) folder(dir string) (*folder, error) {
	if b.slow != nil {
		f, err := b.slow.folder(dir)
		return &folder{fd: -1, slow: f}, err
	}
	if dir == "" {
		dir = "."
	}
	fd, err := b.open(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err == unix.EACCES {
		if fd, err := b.open(dir, unix.O_PATH|unix.O_DIRECTORY); err == nil {
			return &folder{fd: fd, blind: unix.EACCES}, nil
		}
	}
	if err != nil {
		return nil, openError(err)
	}
	return &folder{fd: fd}, nil
}

func (f *folder) close() {
	if f.slow != nil {
		f.slow.close()
		return
	}
	_ = unix.Close(f.fd)
}

// status returns the status of a folder below an open one, by a path that is
// short and has been looked at up to there; of the open folder itself where the
// path is "". It is not ok where no folder is there.
func (f *folder) status(path string) (st folderStat, ok bool) {
	if f.slow != nil {
		return st, false
	}
	var s unix.Stat_t
	var err error
	if path == "" {
		err = unix.Fstat(f.fd, &s)
	} else {
		err = unix.Fstatat(f.fd, path, &s, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil || s.Mode&unix.S_IFMT != unix.S_IFDIR {
		return st, false
	}
	return folderStat{dev: s.Dev, ino: s.Ino, mtime: unix.TimespecToNsec(s.Mtim), ctime: unix.TimespecToNsec(s.Ctim)}, true
}

// toldByTimes returns the device of a folder on a file system that changes a
// folder's times whenever a name in it comes, goes or is exchanged. Those of
// other machines and other systems may not, or not at once.
func (b *beneath) toldByTimes() (dev uint64, ok bool) {
	var fs unix.Statfs_t
	var st unix.Stat_t
	if b.slow != nil || unix.Fstatfs(b.fd, &fs) != nil || unix.Fstat(b.fd, &st) != nil {
		return 0, false
	}
	switch uint32(fs.Type) { //nolint:gosec // magic numbers have 32 bits
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC, zfsMagic:
		return st.Dev, true
	}
	return 0, false
}

const zfsMagic = 0x2fc12fc1

// look returns what is there of a tracked file, and why it could not be looked at
// or is no file. Modified is when the index was written.
func (f *folder) look(name string, e *indexEntry, modified time.Time) (now seen, why string) {
	if f.slow != nil {
		return f.slow.look(name, e, modified)
	}
	var st unix.Stat_t
	err := unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case err == unix.ENOENT:
		return seen{}, ""
	case err != nil:
		return seen{mode: e.mode, size: -1}, err.Error()
	}
	s := seen{size: st.Size}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		s.mode = rule.ModeFile
		if st.Mode&0o100 != 0 {
			s.mode = rule.ModeExecutable
		}
	case unix.S_IFLNK:
		s.mode = rule.ModeSymlink
	case unix.S_IFDIR:
		s.size = -1
		if e.mode == rule.ModeSubmodule {
			s.mode = e.mode
		}
		return s, ""
	default:
		return seen{}, "it is no file but a " + typeName(fileMode(st.Mode))
	}
	stat := statOf(&st)
	stat.dev = e.stat.dev // numbers of devices may change from boot to boot: git does not compare them either
	s.clean = e.mode == s.mode && !e.stat.racy(modified) && e.stat == stat
	return s, ""
}

// statOf cuts a file's status as the index does.
func statOf(st *unix.Stat_t) fileStat {
	// The index keeps the low 32 bits; types differ between architectures
	return fileStat{
		ctime: uint32(st.Ctim.Sec), ctimeNsec: uint32(st.Ctim.Nsec),
		mtime: uint32(st.Mtim.Sec), mtimeNsec: uint32(st.Mtim.Nsec),
		dev: uint32(st.Dev), ino: uint32(st.Ino), uid: st.Uid, gid: st.Gid, size: uint32(st.Size),
	}
}

func fileMode(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFREG:
		return 0
	}
	return fs.ModeDevice
}

// kind looks at the type of a name.
func (f *folder) kind(name string) fs.FileMode {
	var st unix.Stat_t
	if f.slow != nil || unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
		return kindUnknown
	}
	return fileMode(st.Mode)
}

// names calls yield for every name but "." and "..", with its type. It reads
// getdents64(2) itself, into a buffer that is used again.
func (f *folder) names(buf *[]byte, yield func(name string, kind fs.FileMode)) error {
	if f.slow != nil {
		return f.slow.names(yield)
	}
	if f.blind != nil {
		return f.blind
	}
	if *buf == nil {
		*buf = make([]byte, 32<<10)
	}
	for {
		n, err := unix.Getdents(f.fd, *buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return err
		}
		dirents((*buf)[:n], yield)
	}
}

// dirents reads struct linux_dirent64: inode and offset of 8 bytes each, the
// record's length in 2, the type in 1, the name with a NUL.
func dirents(b []byte, yield func(name string, kind fs.FileMode)) {
	const head = 19
	for len(b) > head {
		size := int(binary.NativeEndian.Uint16(b[16:]))
		if size < head || size > len(b) {
			return
		}
		name := b[head:size]
		if n := bytes.IndexByte(name, 0); n >= 0 {
			name = name[:n]
		}
		if s := string(name); s != "." && s != ".." {
			yield(s, direntKind(b[18]))
		}
		b = b[size:]
	}
}

func direntKind(t byte) fs.FileMode {
	switch t {
	case unix.DT_REG:
		return 0
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_LNK:
		return fs.ModeSymlink
	case unix.DT_UNKNOWN:
		return kindUnknown
	}
	return fs.ModeDevice // pipes, sockets, devices: nothing that is checked
}
