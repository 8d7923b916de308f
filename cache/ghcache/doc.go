// Package ghcache speaks to the cache service of GitHub Actions, version 2, so
// that a run starts with what earlier runs learned. Files are handed over and
// given back in memory: no name in an archive can write anywhere.
//
// # The protocol
//
// GitHub documents it by its own client, the package @actions/cache of
// github.com/actions/toolkit, and that is what this package was held against:
//
//	POST <ACTIONS_RESULTS_URL>/twirp/github.actions.results.api.v1.CacheService/<Method>
//
// with a bearer token and JSON by the names of the protocol buffers. An entry has
// a key, which names it, and a version, a hash that says which paths it holds and
// how they are packed (see version). CreateCacheEntry gives a signed URL to upload
// to, FinalizeCacheEntryUpload makes the entry visible; entries never change after
// that. GetCacheEntryDownloadURL finds one: by key, then by the prefixes, the
// newest first, in the run's own branch, then in the default branch. The bytes
// themselves go to and from Azure's blob storage ("Put Blob", "Get Blob" of
// learn.microsoft.com/rest/api/storageservices), without the token.
//
// An entry is a POSIX tar of names relative to the workspace, compressed by
// zstd (RFC 8878). Where the zstd program is missing, GitHub's client uses gzip
// under another version; such entries are found as well, after all others.
//
// # What a caller can count on
//
//   - No call takes longer than [Budget], and all calls that fail take no longer
//     than that together, however the service behaves.
//   - Every failure is an error on one line that is safe to print: neither the
//     token nor a signed URL is in it.
//   - The token goes to the service alone, and redirects are not followed.
//   - What comes back is bounded ([MaxArchive], [MaxUnpacked], [MaxFiles]) and holds
//     plain files below the paths that were asked for, or is refused whole.
//
// What the files say is not to be trusted all the same: whoever can run a
// workflow in the repository can write entries.
package ghcache
