package ghcache

import "testing"

// The hashes are those of getCacheVersion in GitHub's client.
func TestVersion(t *testing.T) {
	for _, c := range []struct{ path, method, goos, want string }{
		{"profiles", byZstd, "linux", "0b1c8859b6cf1ab9bc5fcd14dc2c1002f0b4d031dce2d9d8fa85096b3da6fcbf"},
		{"profiles", byGzip, "linux", "36895f90752f9c6c097d65e2c6b1875abeb33aaedfebbddfb322111095c80c8a"},
		{"profiles", byZstd, "windows", "6c5890a11273aee9530ab31d2ed1ce8f1177aa8bb295e39ff0911bd85b0c00c2"},
	} {
		if got := version([]string{c.path}, c.method, c.goos); got != c.want {
			t.Errorf("%s for %s on %s: %s, want %s", c.path, c.method, c.goos, got, c.want)
		}
	}
}
