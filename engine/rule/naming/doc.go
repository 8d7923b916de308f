// Package naming is the kind "naming": the names of files and directories have
// a case, match a pattern, or carry a number in a range.
//
// A name is judged without the file's content (rule.Blind). Directories are no
// entries of their own, and one is above many files: `of: directory` is a
// rule.TreeCheck that reports each of them once.
package naming

const doc = `Holds the names of files or directories to a case, a pattern or a range of numbers.

` + "```yaml" + `
version: 1
rules:
  - id: python-names
    files: "**/*.py"
    naming: { case: snake_case }
  - id: migrations
    files: "migrations/*.sql"
    naming:
      pattern: '^(\d{4})_[a-z_]+$'
      number: { min: 1, max: 1999 }
      ignore: ["README*"]
  - id: shards
    naming: { each: "*/shards/*/", pattern: '^shard-(\d+)$', number: { max: 15 } }
` + "```" + `

At least one of ` + "`case` and `pattern`" + ` is needed; where both are given, both must hold.

What is judged is set by ` + "`of`" + `:

| of | of web/my-app/user.test.ts it judges | and a case asks that |
| --- | --- | --- |
| stem (default) | user.test | it is in the case; a dot is in none but lowercase and UPPERCASE |
| name | user | it is: all behind the first dot is the extension |
| basename | user.test.ts | each part between dots is, without the extension |
| directory | web, my-app | each is; every directory above a file is judged, and reported once |
| path | web/my-app/user.test.ts | each name in it is, as with basename |

Cases: snake_case, kebab-case, camelCase, PascalCase, SCREAMING_SNAKE_CASE, SCREAMING-KEBAB-CASE, flatcase (lower-case
letters and digits alone), lowercase and UPPERCASE (no letter of the other case, whatever else there is). Letters of scripts
without case are fine everywhere; so are digits, underscores at either end of snake_case (` + "`__init__`" + `), and the dot that
hides a file. Several cases in a list: any of them.

A pattern is a regular expression (RE2) that is searched for: write ^ and $ where it is the whole name. ` + "`number`" + ` bounds
what its first group matches. In a pattern, ${0} is the name of the directory that the judged one lies in, ${1} of that
above it: ` + "`^${0}$`" + ` asks that a file is called as its directory is. ` + "`each`" + ` lists globs of the directories whose
names are judged, and no files then. ` + "`ignore`" + ` lists globs of names that are not judged: one without a slash is held
against the basename and the judged name, one with a slash against the path.`
