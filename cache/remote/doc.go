// Package remote shares verdicts through a server that a team has already: one
// that speaks the HTTP protocol of Bazel's remote cache (bazel.build/remote/caching,
// "HTTP caching protocol"), such as bazel-remote, or nginx with WebDAV.
//
//	GET, PUT <address>/ac/<SHA-256 of what was asked, in hex>
//	GET, PUT <address>/cas/<SHA-256 of the content, in hex>
//
// # What an entry is
//
// One lookup per file would be 27,000 requests for a repository of that many
// files; judging them takes less. One entry for all of it would be sent whole
// whenever a file changes. So what a run over everything knew is one snapshot: a
// small entry under /ac/, found by a name that stands for the rules and the build
// of sot, which lists blobs under /cas/ of about 64 KiB, each with the verdicts
// whose keys share their first bits. A run that lacks verdicts asks once for the
// list, then for the blobs, a few at a time: some 30 requests for those 27,000
// files. A run that wrote before sends only the blobs that changed, and the list.
//
// A verdict's own key still names the content that it is about, so that a
// snapshot of another commit is of use as far as files are the same, and of no
// harm where they are not. The last writer's snapshot is the one that is found;
// repositories with the same rules keep theirs apart by a path in the address.
//
// The list is an ActionResult of github.com/bazelbuild/remote-apis
// (remote_execution.proto), because servers check that it is one, and keep the
// blobs that it names.
//
// # What a caller can count on
//
//   - A server that does not answer costs at most [Budget] in all: the first
//     failure turns the client off.
//   - A blob is what its name is the hash of, or is not used; a list is for the
//     name that was asked for. Sizes are bounded before anything is kept.
//   - Errors are one line, and hold neither the token nor the address's password.
//
// Whoever may write to the server decides what is believed: the values are
// checked for damage, not for truth.
package remote
