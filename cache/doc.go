// Package cache keeps small values under 32-byte keys between runs: the store of
// verdicts. It knows bytes only; what a key stands for is its caller's business.
//
// # The file
//
//	header   magic and version, the file's own number, sizes, checksum
//	table    an open-addressed hash table: where each sealed record starts
//	sealed   records, the least recently used first
//	tail     frames, one a save: head with checksum, index, records
//
// A record carries its own checksum over key and value, and it is held to it
// whenever it is read. So whatever is damaged is not found, and nothing that is
// found is damaged: a lost table entry, a torn frame or a flipped bit costs a
// cold answer, never a wrong one.
//
// Opening reads the header and the indexes of the frames alone; of the rest, the
// pages that are looked at are read, once. So a large file costs no more than what
// is asked of it. When the tail has grown, or the file is over its bound, a save
// writes the file anew, sealed, beside the old one, and renames it.
//
// # Invariants
//
//   - Readers need no lock: the table, the sealed region and the whole frames of a
//     file never change, and a torn end of the tail is ignored.
//   - Writers hold the lock beside the file, and only append, cut off a torn
//     end, or rename. What else lies beside the file under the name of one that is
//     being written was left by a process that was killed.
//   - A file that nears its bound also tells, in its frames, which sealed records
//     were used since it was sealed. They go behind the others when it is written
//     anew, so that position is recency, and leaving out the front leaves out what
//     was used longest ago.
//   - A link in the file's place is not followed, and nothing but a regular file
//     is opened.
package cache
