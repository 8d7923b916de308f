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
  - id: tested
    structure:
      pairs: { of: "**/*.go", has: "**/*_test.go", ignore: [doc.go, "internal/gen/**"] }
      unique: { of: "**/*.proto", ignore_case: true }
  - id: docs
    structure:
      each: "docs/"
      extensions: [md, png]
      max_depth: 2
  - id: owners
    structure: { owned: codeowners }
` + "```" + `

| key | holds where |
| --- | --- |
| only | every name directly in the directory matches one of these; they may be absent |
| exactly | the same, and each of these that is no glob is there |
| require | each of these matches at least one file (or directory, where it ends in a slash) |
| forbid | none of these matches anything; each path that one does is a finding |
| count | the number of files or directories that ` + "`of`" + ` matches lies in ` + "`min` to `max`" + `; one, or a list |
| pairs | each file that ` + "`of`" + ` matches has the partner that ` + "`has`" + ` names; one, or a list |
| unique | no two of the files that this matches have the same name; a glob, a mapping, or a list of them |
| max_depth | a file lies at most so many directories below the directory that is judged |
| extensions | each file below, at any depth, has one of these; ` + "`" + `""` + "`" + ` is a name without one |
| owned | ` + "`codeowners`" + `: each file below has an owner in GitHub's CODEOWNERS |
| each | the directories in which the rest is judged, with globs relative to them; without it, the root |

A glob that ends in "/" matches directories, any other files. Directories exist through their files. The rule judges the
whole tree, whatever changed; its ` + "`files` and `exclude`" + ` say which files it sees at all, so an excluded directory is not
counted. To compare a set of directories and let files be: ` + "`exactly: [a/, b/, \"*\"]`" + `.

In a pair, the first ` + "`*`" + ` of ` + "`has`" + ` stands for what the first ` + "`*`" + ` of ` + "`of`" + ` matched, the second for the second, and
likewise ` + "`**/`" + ` for ` + "`**/`" + `; of ` + "`{a,b}`" + ` in ` + "`has`" + `, one must be there. What both match is a partner where ` + "`has`" + ` says
more of it: x_test.go is a .go file too, and needs no x_test_test.go. ` + "`both: true`" + ` asks the way back as well: no x_test.go
without an x.go. In ` + "`unique`" + `, ` + "`by: stem`" + ` leaves the last extension out. ` + "`ignore`" + ` lists globs of what is not judged: one
without a slash is held against the name, one with a slash against the path.

CODEOWNERS is read from .github/, the root or docs/, the first that is there, by GitHub's rules: the last line that matches decides,
one without owners takes them away, "!" and "[a-z]" are no patterns, and a line that is not valid is skipped. Of a directory in which
no file has an owner, the directory is reported. Whether an owner exists and may write is GitHub's to know.

` + "`holds`" + ` says in how many of the directories of ` + "`each`" + ` the rest must hold; where it is not all, there is one finding that
sums up. ` + "`on_empty: fail`" + ` makes it a finding that ` + "`each`" + ` matches no directory.`
