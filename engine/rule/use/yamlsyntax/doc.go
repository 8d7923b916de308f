// Package yamlsyntax says whether a text is YAML that can be loaded, and if
// not, where and why.
//
// Its verdict is that of the loader behind pre-commit-hooks' check-yaml:
// ruamel.yaml's safe loader with the C parser (libyaml 0.1's grammar, YAML
// 1.2's scalars). It is a parser of its own because none in Go gives that
// verdict: gopkg.in/yaml.v3 has no columns, names the wrong line for an
// unclosed bracket and stops at the first undefined alias;
// go.yaml.in/yaml/v4 has places, but differed in the verdict in 1 % of 20,000
// mutated files. Neither goes beyond some 20 MB a second.
//
// The phases, each its own file:
//
//	Loads   one pass that accepts a plain subset, or says that it does not know (fast.go)
//	check   every character is one that YAML allows (chars.go)
//	scan    bytes to tokens (scan*.go)
//	parse   tokens to a tree of nodes (parse.go)
//	load    what a loader objects to in the tree: duplicate keys, unknown tags,
//	        undefined aliases, values that are not what they look like (load.go,
//	        scalar.go, key.go)
//
// Limits. Time and memory are linear in the text: aliases are never expanded, a
// node is 56 bytes, and no call goes deeper than MaxDepth. Over MaxNodes nodes
// in a document, syntax alone is checked.
package yamlsyntax
