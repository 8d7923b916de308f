// Package filetype tells what a file is, as tags: the types that rules select
// files by (`types: [python, executable]`).
//
// The tags, and which file has which, are those of the identify library that
// pre-commit uses, so that a set-up carried over selects the same files:
//
//   - file, symlink, directory (a submodule), by mode; of a file alone:
//   - executable or non-executable, by mode;
//   - language and format tags, by name (Dockerfile, also as part of a name:
//     Dockerfile.dev) and by extension; where neither says anything and the file is
//     executable, by its shebang;
//   - text or binary, by name or extension where known, else by the first 1024 bytes.
//
// Tag slices are shared between files with the same tags and must not be
// changed. Nothing is computed at import: the tables are sorted arrays that the
// linker lays out.
package filetype
