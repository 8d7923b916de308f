// Package config turns sot.yaml into rules.
//
// Its phases, each in files of its own:
//
//	bytes -> Value      parse.go, convert.go, place.go   YAML with a place for every key and value
//	Value -> checked    check.go, format.go, shapes.go   one description (rule.Shape) for all
//	Value -> decl       declare.go, extends.go           a rule as written, extended files first
//	decl  -> rule.Rule  build.go, needs.go               kinds make checks; ids and needs agree
//
// Invariants:
//   - every mistake of all files is reported at once, each with a place inside
//     its file, sorted by place;
//   - the shapes that the loader checks are the shapes that Schema prints: a
//     file that breaks the schema does not load. What no schema can say
//     (duplicate ids, cycles, unknown needs, regular expressions, ...) the
//     loader says alone;
//   - hostile input costs bounded time and memory: see the limits in parse.go
//     and extends.go;
//   - nothing happens at import.
package config
