// Package data is the kind of rule that judges what a document holds: YAML, JSON
// or TOML, by a JSON Schema and by expressions.
//
//	document    a file to values, and to the place of each
//	expression  assert, within bounds
//	jsonpath    for_each
//	internal/jsonschema, builtin.go, schema.go    schema
//
// A file is parsed once, whatever the number of rules that ask (File.Memo), and
// a schema is compiled once for as long as its files stay the same. Other files
// that a verdict depends on, a schema's and those of `with`, are read through
// Pass.Repo when a file is checked, so that they are of the same source.
package data
