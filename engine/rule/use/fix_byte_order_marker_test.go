package use

import "testing"

func TestByteOrderMarkPlaces(t *testing.T) {
	data := []byte("\xef\xbb\xbfa")
	if got, want := places(newSubject(t, "fix-byte-order-marker", "f", "").findings(data)), "1:1-1:2 UTF-8 byte order mark, remove it\n"; got != want {
		t.Errorf("%swant %s", got, want)
	}
	got := places(newSubject(t, "check-byte-order-marker", "f", "").findings(data))
	if want := "1:1-1:2 UTF-8 byte order mark, remove it (check-byte-order-marker is called fix-byte-order-marker now)\n"; got != want {
		t.Errorf("%swant %s", got, want)
	}
}

// A listed difference: the original cannot read such a file.
func TestByteOrderMarkBeforeOtherBytes(t *testing.T) {
	if got, _ := newSubject(t, "fix-byte-order-marker", "f", "").fix([]byte("\xef\xbb\xbf\xff\n")); string(got) != "\xff\n" {
		t.Errorf("%q", got)
	}
}
