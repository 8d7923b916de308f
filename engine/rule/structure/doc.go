// Package structure is the kind "structure": what files and directories there
// must be, may be and must not be.
//
// It is a rule.TreeCheck. Directories exist through files only, so an empty one
// does not; a submodule counts as a directory. A glob that ends in "/" speaks of
// directories, any other of files. Globs are relative to the directory that is
// judged: the root, or each directory that `each` matches.
package structure

const doc = `Holds the repository's files and directories to a layout.

` + "```yaml" + `
version: 1
rules:
  - id: root-layout
    description: The repository has exactly these folders at its root
    structure:
      only: [cmd/, docs/, "*.*", LICENSE]
      require: [README.md, cmd/]
      forbid: ["**/*.exe", "**/node_modules/"]
  - id: shards
    structure:
      each: "*/shards/*/"
      require: [chart.yaml, "templates/*.yaml"]
      count: { of: "*/", min: 1, max: 16 }
    holds: "80%"
` + "```" + `

| key | holds where |
| --- | --- |
| only | every name directly in the directory matches one of these; they may be absent |
| exactly | the same, and each of these that is no glob is there |
| require | each of these matches at least one file (or directory, where it ends in a slash) |
| forbid | none of these matches anything; each path that one does is a finding |
| count | the number of files or directories that ` + "`of`" + ` matches lies in ` + "`min` to `max`" + `; one, or a list |
| each | the directories in which the rest is judged, with globs relative to them; without it, the root |

A glob that ends in "/" matches directories, any other files. Directories exist through their files. The rule judges the
whole tree, whatever changed; its ` + "`files` and `exclude`" + ` say which files it sees at all, so an excluded directory is not
counted. To compare a set of directories and let files be: ` + "`exactly: [a/, b/, \"*\"]`" + `.

` + "`holds`" + ` says in how many of the directories of ` + "`each`" + ` the rest must hold; where it is not all, there is one finding that
sums up. ` + "`on_empty: fail`" + ` makes it a finding that ` + "`each`" + ` matches no directory.`
