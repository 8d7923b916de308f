package command

import (
	"net/url"
	"strings"
)

// uriPath returns the path that a URI reference names (RFC 3986, RFC 8089):
// percent escapes undone, "file:///C:/x" as "C:/x". One of another scheme is
// returned as it is: it is no file below the root.
func uriPath(uri string) string {
	p := uri
	if len(uri) >= 5 && strings.EqualFold(uri[:5], "file:") {
		p = uri[5:]
		if rest, ok := strings.CutPrefix(p, "//"); ok {
			n := max(0, strings.IndexByte(rest, '/')) // the host
			p = rest[n:]
		}
		if len(p) > 2 && p[0] == '/' && isLetter(p[1]) && (p[2] == ':' || p[2] == '|') {
			p = p[1:2] + ":" + p[3:]
		}
	}
	if i := strings.IndexAny(p, "?#"); i >= 0 && hasEscapes(p) {
		p = p[:i]
	}
	if plain, err := url.PathUnescape(p); err == nil {
		return plain
	}
	return p // a stray "%": it was not escaped at all
}

// hasEscapes says whether p was written as a URI rather than as a bare path, in
// which "?" and "#" are part of the name.
func hasEscapes(p string) bool {
	_, err := url.PathUnescape(p)
	return err == nil && strings.Contains(p, "%")
}

// hasScheme says whether a URI is absolute; "C:/x" is a path.
func hasScheme(uri string) bool {
	n := strings.IndexByte(uri, ':')
	if n < 2 {
		return strings.HasPrefix(uri, "/")
	}
	for i := range n {
		if c := uri[i]; !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
