package command

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// taken are the tags that encoding/xml reads; false where it reads no XML.
func taken(data []byte) (tags []xmlTag, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.RawToken()
		if err != nil {
			return tags, err == io.EOF
		}
		switch t := token.(type) {
		case xml.EndElement:
			tags = append(tags, xmlTag{name: t.Name.Local, end: true})
		case xml.StartElement:
			tag := xmlTag{name: t.Name.Local}
			for _, a := range t.Attr {
				if tag.attrs == nil {
					tag.attrs = map[string]string{}
				}
				tag.attrs[a.Name.Local] = a.Value
			}
			tags = append(tags, tag)
		}
	}
}

// What encoding/xml reads, the reader of tags reads alike.
func FuzzXMLTags(f *testing.F) {
	for _, s := range []string{
		`<a b="1" c='&lt;&#65;&#x42;&amp;'/>`, `<!-- <x> --><a:b d:e = "f"></a:b>`, `<a><![CDATA[<b>]]></a>`, "<a b='\r\n&quot;&apos;'/>",
		`<!DOCTYPE a><a/>`, `<?xml version="1.0" encoding="UTF-8"?><a/>`, `<a b=c>`, `<a`, `<a b='`, `</ a>`, `<a b='&x;'/>`, "<a b='\xff'/>",
	} {
		f.Add([]byte(s))
	}
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &xmlReader{data: bytes.Clone(data)}
		var got []xmlTag
		var failed error
		for {
			tag, ok, err := r.next()
			if failed = err; !ok {
				break
			}
			got = append(got, tag)
		}
		want, ok := taken(data)
		// Of two attributes of one name the last stands; inner subsets are not read.
		if !ok || bytes.Contains(data, []byte("<!")) && !bytes.Contains(data, []byte("<!-")) {
			return
		}
		same := func(a, b xmlTag) bool { return a.name == b.name && a.end == b.end && maps.Equal(a.attrs, b.attrs) }
		if failed != nil || !cmp.Equal(got, want, cmp.Comparer(same)) {
			t.Fatalf("%q: got %v, %v, want %v", data, got, failed, want)
		}
	})
}

func TestXMLMistakes(t *testing.T) {
	for in, want := range map[string]string{
		"<a\nb=c>":       "line 2, column 3: an attribute has no value in quotes",
		"<a b='&nbsp;'>": "line 1, column 14: a reference to no character, &nbsp;",
		"<a b='&#0;'>":   "line 1, column 12: a reference to no character, &#0;",
		"<a b='x":        "line 1, column 8: the end of the document, within an attribute",
		"<!-- ":          "line 1, column 6: the end of the document, where --> is expected",
		"<a":             `line 1, column 3: the tag of "a" is not closed`,
		"< a>":           "line 1, column 2: a name is missing",
		"<a b='\xff'/>":  "line 1, column 7: it is not UTF-8",
	} {
		if _, err := parseCheckstyle([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	if found, err := parseCheckstyle([]byte("<checkstyle>" + strings.Repeat(" ", 1<<20) + "</checkstyle>")); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}
