package plan

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Shard is what --shard says: "2/4", or "2/4@...", where the text behind the @ is
// the slice that `sot plan` made.
type Shard struct {
	Index, Of int
	slice     []byte // encoded; nil where none was given
}

// Planned says whether the shard carries its slice.
func (s *Shard) Planned() bool { return s.slice != nil }

// The encoding of a slice: version, layout, digest, one code an item (nothing, all,
// or a range's two ends), and a sum over index, count and these. A job so needs
// nothing but its argument: not the profile that the plan was made by.
const (
	sliceVersion = 1
	sumBytes     = 4
	headBytes    = 1 + 8 + 8
	mostSlice    = 1 << 20
)

const (
	codeNothing = iota
	codeAll
	codeRange
)

// ParseShard reads what --shard says. The error is a phrase.
func ParseShard(text string) (*Shard, error) {
	name, slice, planned := strings.Cut(text, "@")
	index, of, ok := strings.Cut(name, "/")
	s := &Shard{}
	var err, err2 error
	s.Index, err = strconv.Atoi(index)
	s.Of, err2 = strconv.Atoi(of)
	switch {
	case !ok || err != nil || err2 != nil:
		return nil, errors.New("it takes a shard and their number, such as 1/4")
	case s.Of < 1 || s.Of > MostShards:
		return nil, fmt.Errorf("there can be 1 to %d shards", MostShards)
	case s.Index < 1 || s.Index > s.Of:
		return nil, fmt.Errorf("the shards are 1 to %d", s.Of)
	case !planned:
		return s, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(slice)
	if n := len(b) - sumBytes; err != nil || n < headBytes || n > mostSlice || b[0] != sliceVersion || string(sumOf(s.Index, s.Of, b[:n])) != string(b[n:]) {
		return nil, errors.New("what stands behind the @ is not what `sot plan` of this version wrote for this shard: give it whole and unchanged")
	}
	s.slice = b[:len(b)-sumBytes]
	return s, nil
}

func sumOf(index, of int, b []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d %s", index, of, b))
	return sum[:sumBytes]
}

// Argument is the slice as --shard takes it.
func (s *Slice) Argument() string {
	b := append([]byte{sliceVersion}, s.layout.sum[:]...)
	digest, _ := hex.DecodeString(s.Digest) // it was encoded here
	b = append(b, digest...)
	for _, r := range s.ranges {
		switch {
		case r.empty():
			b = append(b, codeNothing)
		case r == between{0, lineEnd}:
			b = append(b, codeAll)
		default:
			b = binary.AppendUvarint(append(b, codeRange), r.from)
			b = binary.AppendUvarint(b, r.to)
		}
	}
	b = append(b, sumOf(s.Index, s.Of, b)...)
	return s.String() + "@" + base64.RawURLEncoding.EncodeToString(b)
}

// ErrOtherRules says that a slice was made for other rules than those of the run.
var ErrOtherRules = errors.New("the plan is of other rules, or of other flags that choose them")

// Cut returns the slice that a shard names. Where it does not carry one, it is cut
// by what is usual, which is the same for everybody; in.Costs are not asked.
func Cut(in Input, shard *Shard) (*Slice, error) {
	if !shard.Planned() {
		in.Costs = usual{}
		all := shards(in, shard.Of, true)
		return all[shard.Index-1], nil
	}
	l := newLayout(in.Rules, in.Skip)
	b := shard.slice[1:]
	if string(b[:8]) != string(l.sum[:]) {
		return nil, ErrOtherRules
	}
	digest := hex.EncodeToString(b[8:16])
	b = b[16:]
	ranges := make([]between, len(l.items))
	for k := range ranges {
		if len(b) == 0 {
			return nil, ErrOtherRules
		}
		code := b[0]
		b = b[1:]
		switch {
		case code == codeNothing:
		case code == codeAll:
			ranges[k] = between{0, lineEnd}
		case code == codeRange && l.items[k].split:
			from, n := binary.Uvarint(b)
			to, m := binary.Uvarint(b[max(0, n):])
			if n <= 0 || m <= 0 || from > to || to > lineEnd {
				return nil, ErrOtherRules
			}
			ranges[k], b = between{from, to}, b[n+m:]
		default:
			return nil, ErrOtherRules
		}
	}
	if len(b) > 0 {
		return nil, ErrOtherRules
	}
	return newSlice(l, shard.Index, shard.Of, digest, ranges), nil
}
