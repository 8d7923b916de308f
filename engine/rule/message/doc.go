// Package message is the kind "message": what a commit message must look like.
//
// It is a rule.MessageCheck. The message is the file that git hands to the
// commit-msg hook, as git will clean it: lines that git drops (comments, what is
// below the scissors) are empty here, so that lines keep their numbers.
package message

const doc = `Holds commit messages to a form, at the stage commit-msg (` + "`sot hook install commit-msg`" + `).

` + "```yaml" + `
version: 1
rules:
  - id: subject
    message:
      conventional: true
      max_subject: 72
      trailers: [Signed-off-by]
      forbid: ["WIP", { pattern: '^fixup!', message: squash it before you push }]
  - id: ticket
    message: { pattern: '^[A-Z]+-[0-9]+ ' }
` + "```" + `

The subject is the first line. Comments, what is below a scissors line and empty lines at the start are no part of the
message: they are left out as git does it (` + "`core.commentChar`, `commit.cleanup`" + `).

**conventional** is the form of [Conventional Commits](https://www.conventionalcommits.org/en/v1.0.0/):
` + "`type(scope)!: description`" + `, the scope and the ` + "`!`" + ` optional, and an empty line before the body. The types are those in
general use; a mapping names others: ` + "`conventional: { types: [feat, fix], scopes: [api, web], require_scope: true }`" + `.

**max_subject** counts code points.

**trailers** must all be there with a value, in the last paragraph, as ` + "`git interpret-trailers`" + ` reads them;
upper and lower case are the same.

**forbid** holds words or phrases that no line may have, whole and in whatever case, or patterns (RE2).

**pattern** must be found in the subject, or with ` + "`of: message`" + ` in the whole message, where ^ and $ match at the ends
of lines.

What git itself writes as a subject (` + "`Merge branch ...`, `Revert \"...\"`, `Reapply \"...\"`, `fixup! ...`, `squash! ...`, `amend! ...`" + `)
is held to forbid alone, unless ` + "`generated: true`" + ` says otherwise.`
