// Package cache keeps small values under 32-byte keys between runs: the store of
// verdicts. It knows bytes only; what a key stands for is its caller's business.
//
// # The file
//
//	header   magic, version, sizes of the two regions that follow, checksum
//	table    an open-addressed hash table: where each sealed record starts
//	sealed   records, the least recently written first
//	tail     frames: length, checksum, records; one a save
//
// A record carries its own checksum over key and value, so that whatever is
// damaged is not found, and nothing that is found is damaged: a lost table
// entry, a torn frame or a flipped bit costs a cold answer, never a wrong one.
//
// Opening reads header and tail alone; of the rest, the pages that are looked at
// are read, once. So a large file costs no more than what is asked of it. When
// the tail has grown, or the file is over its bound, a save writes the file anew,
// sealed, beside the old one, and renames it.
//
// # Invariants
//
//   - Readers need no lock: the table and the sealed region of a file never
//     change, and a torn end of the tail is ignored.
//   - Writers hold the lock beside the file, and only append, cut off a torn
//     end, or rename.
//   - A record that is used while it lies among the oldest is written again, so
//     that position is recency, and leaving out the front leaves out what was
//     used longest ago.
package cache
