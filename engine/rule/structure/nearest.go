package structure

import "strings"

// nearest returns the name that differs from name alone in case, in what joins
// its words, or in an extension that people leave out or shorten; "" where there
// is none.
func nearest(name string, among []string) string {
	for _, a := range among {
		if fold(a) == fold(name) {
			return a
		}
	}
	stem, ext := cutExt(name)
	for _, a := range among {
		s, e := cutExt(a)
		if fold(s) == fold(stem) && (e == "" || ext == "" || yaml(e) && yaml(ext)) {
			return a
		}
	}
	return ""
}

func yaml(ext string) bool { return ext == ".yaml" || ext == ".yml" }

func fold(s string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", "/", "").Replace(strings.ToLower(s))
}

func cutExt(s string) (stem, ext string) {
	if i := strings.LastIndexByte(s, '.'); i > 0 && !strings.HasSuffix(s, "/") {
		return s[:i], s[i:]
	}
	return s, ""
}
