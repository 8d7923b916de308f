// Package editorconfig reads .editorconfig files, as
// https://spec.editorconfig.org describes them.
//
// A file is parsed once, to sections in order; Chain holds the files that a
// directory stands under, and For resolves one path's properties. Nothing here
// fails: a line that is no pair, and a section whose glob does not compile, say
// nothing, as the specification asks.
//
// Globs are compiled to regular expressions of linear time; a range such as
// {1..9} is a number that is compared, so that {0..999999999} costs nothing.
package editorconfig
