package engine

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/rule"
)

// answer is what the cache keeps of one rule alone: what a rule of the whole
// tree found, a command, or a rule of files that looks at others as well.
type answer struct {
	rule      ruleKey
	files     int    // that it judged
	bytes     int64  // of these, as far as known
	unmatched string // why a tree check had no place to judge
	findings  []rule.Finding
	// reads are the files that it read, and contents a hash of what they held.
	reads    []string
	contents contentsKey
}

// contentsKey is a hash of files' paths and contents: half of a SHA-256.
type contentsKey [16]byte

// answerKey is where the answer of a rule about something is kept.
func answerKey(k ruleKey, about []byte) cache.Key {
	h := sha256.New()
	h.Write([]byte{isAnswer, recordVersion})
	h.Write(k[:])
	h.Write(about)
	var out cache.Key
	h.Sum(out[:0])
	return out
}

// encode writes the answer.
func (a *answer) encode() []byte {
	b := []byte{isAnswer, recordVersion}
	b = append(b, a.rule[:]...)
	b = binary.AppendUvarint(b, uint64(a.files))
	b = binary.AppendUvarint(b, uint64(a.bytes))
	b = appendText(b, a.unmatched)
	b = append(b, a.contents[:]...)
	b = binary.AppendUvarint(b, uint64(len(a.reads)))
	for _, path := range a.reads {
		b = appendText(b, path)
	}
	b = binary.AppendUvarint(b, uint64(len(a.findings)))
	for i := range a.findings {
		b = appendFinding(appendText(b, a.findings[i].Path), &a.findings[i])
	}
	return b
}

// decodeAnswer reads what encode wrote for a rule, and refuses everything else.
func decodeAnswer(b []byte, k ruleKey) (answer, bool) {
	const most = 1 << 40
	d := &decoder{b: b}
	if d.one() != isAnswer || d.one() != recordVersion {
		return answer{}, false
	}
	a := answer{rule: ruleKey(d.fixed())}
	a.files, a.bytes, a.unmatched = int(d.number(most)), int64(d.number(1<<62)), d.text()
	a.contents = contentsKey(d.fixed())
	for range d.number(cache.MaxValue) {
		if a.reads = append(a.reads, d.text()); d.bad {
			return answer{}, false
		}
	}
	for range d.number(cache.MaxValue) {
		path := d.text()
		if a.findings = append(a.findings, d.finding(path)); d.bad {
			return answer{}, false
		}
	}
	return a, !d.bad && len(d.b) == 0 && a.rule == k
}

// fixed reads 16 bytes.
func (d *decoder) fixed() (out [16]byte) {
	copy(out[:], d.bytes(uint64(len(out))))
	return out
}
