package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/rule"
)

// ruleKey names all of a rule that its verdict on a file depends on, beside the
// file: half of a SHA-256.
type ruleKey [16]byte

// record is what the cache keeps of one file: what each rule that judged it
// found. Rules that found nothing are named by the set that they form, because
// most files of a kind are judged by the same rules.
type record struct {
	key   cache.Key // under which it was found
	size  int64     // of the content, in bytes
	tags  []string  // where path and mode alone do not tell
	clean setKey
	found []foundBy // sorted by key
}

// setKey names a set of rules; the zero value is the empty set.
type setKey [16]byte

// foundBy is what one rule found.
type foundBy struct {
	rule     ruleKey
	findings []rule.Finding
}

// Limits of a record: what is beyond is not kept.
const (
	maxRecordTags     = 16
	maxRecordFindings = 1000
	maxAnswerFindings = 10_000
	recordVersion     = 2
)

// What a value of the cache is, by its first byte; the record's version follows.
const (
	isRecord = 'f'
	isSet    = 's'
	isAnswer = 'a'
)

// fileKey is the key of a file's record. Blob is in hex. What was read in the
// worktree is git's word for the object, and what was read of git is the object:
// one is not believed for the other.
func fileKey(e *rule.Entry, worktree bool) cache.Key {
	var room [256]byte // so that nothing is allocated
	b := append(room[:0], isRecord, recordVersion, 0)
	if worktree {
		b[2] = 1
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Mode))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Blob)))
	b = append(append(b, e.Blob...), e.Path...)
	return sha256.Sum256(b)
}

// encode writes the record.
func (r *record) encode() []byte {
	b := append(make([]byte, 0, 32), isRecord, recordVersion)
	b = binary.AppendUvarint(b, uint64(r.size))
	b = append(b, r.clean[:]...)
	b = append(b, byte(len(r.tags)))
	for _, t := range r.tags {
		b = appendText(b, t)
	}
	b = binary.AppendUvarint(b, uint64(len(r.found)))
	for _, f := range r.found {
		b = append(b, f.rule[:]...)
		b = binary.AppendUvarint(b, uint64(len(f.findings)))
		for i := range f.findings {
			b = appendFinding(b, &f.findings[i])
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendFinding writes what of a finding does not follow from its record.
func appendFinding(b []byte, f *rule.Finding) []byte {
	flags := byte(f.Severity)
	if f.Fixable {
		flags |= 0x80
	}
	b = append(b, flags)
	for _, n := range []int{f.Line, f.Column, f.EndLine, f.EndColumn} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return appendText(appendText(b, f.Message), f.Text)
}

// decoder reads a record. After the first mistake it reads zeros.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) bytes(n uint64) []byte {
	if d.bad || n > uint64(len(d.b)) {
		d.bad = true
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) number(most uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if d.bad || n <= 0 || v > most {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) text() string { return string(d.bytes(d.number(cache.MaxValue))) }

// one reads a byte.
func (d *decoder) one() byte {
	if b := d.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// decodeRecord reads what encode wrote about a file, and refuses everything else:
// the cache may come from elsewhere.
func decodeRecord(b []byte, path string) (record, bool) {
	d := &decoder{b: b}
	if d.one() != isRecord || d.one() != recordVersion {
		return record{}, false
	}
	r := record{size: int64(d.number(1 << 62))}
	r.clean = d.fixed()
	n := d.one()
	d.bad = d.bad || n > maxRecordTags
	for range n {
		r.tags = append(r.tags, d.text())
		if d.bad {
			return record{}, false
		}
	}
	for range d.number(maxRecordFindings) {
		var f foundBy
		f.rule = d.fixed()
		for range d.number(maxRecordFindings) {
			f.findings = append(f.findings, d.finding(path))
			if d.bad {
				return record{}, false
			}
		}
		r.found = append(r.found, f)
	}
	return r, !d.bad && len(d.b) == 0
}

func (d *decoder) finding(path string) rule.Finding {
	const mostLines = 1 << 40
	flags := d.one()
	f := rule.Finding{Path: path, Severity: rule.Severity(flags & 0x7f), Fixable: flags&0x80 != 0}
	for _, n := range []*int{&f.Line, &f.Column, &f.EndLine, &f.EndColumn} {
		*n = int(d.number(mostLines))
	}
	f.Message, f.Text = d.text(), d.text()
	d.bad = d.bad || f.Severity < rule.Info || f.Severity > rule.Error || len(f.Text) > rule.MaxLineText
	return f
}

// setOf names a set of rules, and returns what the cache keeps of it.
func setOf(keys []ruleKey) (setKey, []byte) {
	if len(keys) == 0 {
		return setKey{}, nil
	}
	slices.SortFunc(keys, compareKeys)
	keys = slices.Compact(keys)
	b := []byte{isSet, recordVersion}
	for _, k := range keys {
		b = append(b, k[:]...)
	}
	sum := sha256.Sum256(b)
	return setKey(sum[:16]), b
}

// cacheKey is where a set's rules are kept.
func (s setKey) cacheKey() cache.Key {
	return sha256.Sum256(append([]byte("set\x00"), s[:]...))
}

// decodeSet reads the rules of a set, and none of a value that is not this set's.
func decodeSet(s setKey, b []byte) []ruleKey {
	if sum := sha256.Sum256(b); len(b) < 2 || b[0] != isSet || b[1] != recordVersion || setKey(sum[:16]) != s || (len(b)-2)%16 != 0 {
		return nil
	}
	var keys []ruleKey
	for part := range slices.Chunk(b[2:], 16) {
		keys = append(keys, ruleKey(part))
	}
	return keys
}
