// Package glob matches paths against globs, as sot.yaml writes them.
//
// The language is doublestar's (github.com/bmatcuk/doublestar): `*` and `?` stay
// within one name, `**` between slashes is any number of directories, `[a-z]` a
// class, `{a,b}` alternatives, `\` takes the next character as it is. A pattern
// speaks of the whole path from the root, so `README.md` is the one at the root
// and `**/README.md` is each; names that begin with a dot are like all others.
//
// Beyond doublestar, so that what people write means what they expect:
//
//   - a leading "/" or "./" is the root, as in gitignore, and is dropped;
//   - "docs/" is everything below docs at the root (gitignore takes it at any
//     depth: write "**/docs/" for that), "/", "./" and "." are everything;
//   - `{a,b}` is expanded as text before anything else, as a shell does it.
//     doublestar expands while it matches, and so misses `a` for `a*{,b}` and
//     takes the `**` of `{*,x}*/b` for one `*`; on every other path the two agree;
//   - a pattern that can match nothing (empty, or with a ".." in it) and one of
//     more than MaxAlternatives alternatives is an error.
//
// A pattern is compiled to a few comparisons of prefixes and suffixes where it
// has one of the common shapes (see shape.go), and handed to doublestar where it
// has none. Neither allocates, and both take at most time proportional to the
// pattern's length times the square of the path's.
package glob
