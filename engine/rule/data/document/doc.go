// Package document reads YAML, JSON and TOML into one form: values as JSON has
// them, and of each the place where it stands.
//
//	Parse      a file to its documents, or to what is wrong with it (parse.go)
//	builder    what all formats share: limits, duplicate keys (build.go)
//	yaml.go    YAML 1.2: streams, aliases, merge keys
//	json.go    RFC 8259, with comments and trailing commas where asked for
//	toml.go    TOML 1.0
//	node.go    nodes, JSON Pointers (RFC 6901)
//
// Values are nil, bool, int, float64, string, []any and map[string]any, and
// json.Number for a whole number that no int holds. Keys are strings: a YAML key
// that is a number or a boolean is its text. Dates are their text.
//
// Limits. A document has at most MaxValues values once aliases and merge keys
// are expanded, nested at most MaxDepth deep. Over that, and where a value has
// no counterpart in JSON (NaN, a key that is a mapping), a problem with its
// place comes instead of a document.
package document
