package ghcache

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Limits of an entry, of those written as of those read.
const (
	MaxArchive  = 64 << 20  // bytes, compressed
	MaxUnpacked = 128 << 20 // bytes of the tar
	MaxFiles    = 10_000

	// maxWindow is what RFC 8878 asks of every decoder; zstd's levels up to 19 need
	// no more.
	maxWindow = 8 << 20
	maxName   = 1024
	firstRead = 1 << 20 // what is believed of a declared size, bytes
)

var (
	errForeign  = errors.New("it is neither zstd nor gzip")
	errUnpacked = fmt.Errorf("it is larger than %d bytes unpacked", MaxUnpacked)
	errFiles    = fmt.Errorf("it holds more than %d files", MaxFiles)
)

// unpack reads the files of an archive. One with anything but files and folders
// below the paths is refused whole.
func unpack(ctx context.Context, data []byte, paths []string) ([]File, error) {
	raw, err := decompress(data)
	if err != nil {
		return nil, err
	}
	defer func() { _ = raw.Close() }()
	in := &bounded{ctx: ctx, r: raw, left: MaxUnpacked}
	files, err := readTar(in, paths)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // up to its checksum
		return nil, err
	}
	return files, nil
}

// decompress goes by what the bytes are: the version says what they should be.
func decompress(data []byte) (io.ReadCloser, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		d, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return gzip.NewReader(bytes.NewReader(data))
	}
	return nil, errForeign
}

// bounded reads at most so much, and nothing once its context is done.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

func readTar(in io.Reader, paths []string) ([]File, error) {
	tr := tar.NewReader(in)
	var files []File
	seen := map[string]bool{}
	left := int64(MaxUnpacked) // a sparse file is larger than what stands for it
	for {
		head, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(head.Name, "./")
		switch {
		case head.Typeflag == tar.TypeXGlobalHeader:
			continue
		case head.Typeflag == tar.TypeDir && strings.TrimSuffix(name, "/") != "" && !plain(strings.TrimSuffix(name, "/")):
			return nil, fmt.Errorf("it holds a folder by the name %.80q", head.Name)
		case head.Typeflag == tar.TypeDir:
			continue
		case head.Typeflag != tar.TypeReg:
			return nil, fmt.Errorf("%.80q is no file in it", head.Name)
		case !plain(name) || !below(name, paths):
			return nil, fmt.Errorf("it holds a file by the name %.80q", head.Name)
		case seen[name]:
			return nil, fmt.Errorf("it holds %.80q twice", head.Name)
		case len(files) == MaxFiles:
			return nil, errFiles
		case head.Size < 0 || head.Size > left:
			return nil, errUnpacked
		}
		seen[name] = true
		left -= head.Size
		buf := bytes.NewBuffer(make([]byte, 0, min(head.Size, firstRead)))
		if _, err := io.Copy(buf, tr); err != nil {
			return nil, err
		}
		files = append(files, File{name, buf.Bytes()})
	}
}

// plain says whether a name stays where it is put, on every system.
func plain(name string) bool {
	return fs.ValidPath(name) && name != "." && len(name) <= maxName && !strings.ContainsAny(name, `\:`) &&
		!strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// below says whether a name is one of the paths, or in one.
func below(name string, paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool {
		p = path.Clean(p)
		return p == "." || name == p || strings.HasPrefix(name, p+"/")
	})
}

// pack makes an archive of files, the same bytes of the same files.
func pack(ctx context.Context, files []File, paths []string) ([]byte, error) {
	if len(files) == 0 {
		return nil, errors.New("there is nothing to put in the cache")
	}
	if len(files) > MaxFiles {
		return nil, errFiles
	}
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	err = writeTar(ctx, z, files, paths)
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, err
	}
	if out.Len() > MaxArchive {
		return nil, fmt.Errorf("the archive is larger than %d bytes", MaxArchive)
	}
	return out.Bytes(), nil
}

func writeTar(ctx context.Context, w io.Writer, files []File, paths []string) error {
	tw := tar.NewWriter(w)
	seen := map[string]bool{}
	total := 0
	for _, f := range files {
		if !plain(f.Name) || !below(f.Name, paths) || seen[f.Name] {
			return fmt.Errorf("%.80q has no place in the archive", f.Name)
		}
		seen[f.Name] = true
		if total += len(f.Data) + 2<<10; total > MaxUnpacked {
			return errUnpacked
		}
		head := &tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Mode: 0o644, Size: int64(len(f.Data)), Format: tar.FormatPAX}
		if err := errors.Join(ctx.Err(), tw.WriteHeader(head)); err != nil {
			return err
		}
		if _, err := tw.Write(f.Data); err != nil {
			return err
		}
	}
	return tw.Close()
}
