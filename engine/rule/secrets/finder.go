package secrets

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule/regexpset"
)

// finder looks for the secrets of some patterns. It is safe for concurrent use.
type finder struct {
	allow    *allowlist
	patterns []*pattern
	words    *regexpset.Words
	owners   []owner // of the words, by position
	always   []int32 // the patterns that have no words
	pool     sync.Pool
}

// owner says whose word it is.
type owner struct {
	pattern int32
	anchor  int32 // -1: a keyword
	word    string
	folded  bool
}

const keyword = -1

func newFinder(allow *allowlist, patterns []*pattern) *finder {
	f := &finder{allow: allow, patterns: patterns}
	var words []string
	add := func(o owner) {
		words = append(words, o.word)
		f.owners = append(f.owners, o)
	}
	for i, p := range patterns {
		if len(p.words)+len(p.keywords) == 0 {
			f.always = append(f.always, int32(i))
		}
		for _, w := range p.words {
			add(owner{int32(i), int32(w.anchor), w.text, w.folded})
		}
		if !p.implied() {
			for _, k := range p.keywords {
				add(owner{int32(i), keyword, k, true})
			}
		}
	}
	f.words = regexpset.NewWords(words)
	return f
}

// secret is one that was found: the bytes [start, end), and the pattern's whole
// match around it.
type secret struct {
	pattern    *pattern
	start, end int
	from, to   int
	encoded    bool // as base64, hex, %XX or \uXXXX
}

// maxSecrets is how many secrets of one pattern in one file are found.
const maxSecrets = 1000

// scratch is what the judging of a file needs, kept for the next file.
type scratch struct {
	hits    [][]hit // by pattern
	gated   []bool  // by pattern: a keyword is there
	touched []int32
	walkers []*walker
	windows []window
}

func (f *finder) scratch() *scratch {
	if s, ok := f.pool.Get().(*scratch); ok {
		return s
	}
	n := len(f.patterns)
	return &scratch{hits: make([][]hit, n), gated: make([]bool, n), walkers: make([]*walker, n)}
}

// maxKept is how many hits of a pattern a scratch keeps room for.
const maxKept = 1 << 16

func (f *finder) release(s *scratch) {
	for _, i := range s.touched {
		s.gated[i] = false
		if s.hits[i] = s.hits[i][:0]; cap(s.hits[i]) > maxKept {
			s.hits[i] = nil
		}
	}
	s.touched = s.touched[:0]
	f.pool.Put(s)
}

// find returns the secrets in the text of a file, in order, none within another,
// those among them that are encoded.
func (f *finder) find(ctx context.Context, path string, data []byte) []secret {
	t := &target{path: path, data: data, allow: f.allow}
	f.search(ctx, t)
	found := t.found
	var layers []*decoded
	for d := decode(data); d != nil && len(layers) < maxDecodes && ctx.Err() == nil && !t.exempts; d = decode(d.text) {
		layers = append(layers, d)
		inner := &target{path: path, data: d.text, allow: f.allow}
		f.search(ctx, inner)
		for _, x := range inner.found {
			if x, ok := outward(x, layers); ok && !t.marked(x) {
				found = append(found, x)
			}
		}
	}
	return distinct(found)
}

// outward places a secret of decoded text in the file; false where nothing of it
// was encoded in the last layer, as it is found in the one before then.
func outward(x secret, layers []*decoded) (secret, bool) {
	for i := len(layers) - 1; i >= 0; i-- {
		from, to, was := layers[i].origin(x.from, x.to)
		if i == len(layers)-1 && !was {
			return x, false
		}
		x.start, x.end, _ = layers[i].origin(x.start, x.end)
		x.from, x.to = from, to
	}
	x.encoded = true
	return x, true
}

// search looks for the secrets of a text.
func (f *finder) search(ctx context.Context, t *target) {
	s := f.scratch()
	defer f.release(s)
	f.scan(s, t.data)
	s.touched = append(s.touched, f.always...)
	slices.Sort(s.touched)
	s.touched = slices.Compact(s.touched)
	for _, i := range s.touched {
		if ctx.Err() != nil || t.exempts {
			return
		}
		if p := f.patterns[i]; p.implied() || s.gated[i] {
			f.judge(t, s, int(i))
		}
	}
}

// scan notes where the words stand.
func (f *finder) scan(s *scratch, data []byte) {
	f.words.Scan(data, func(word, end int) {
		o := &f.owners[word]
		i := o.pattern
		if len(s.hits[i]) == 0 && !s.gated[i] {
			s.touched = append(s.touched, i)
		}
		if o.anchor == keyword {
			s.gated[i] = true
			return
		}
		start := end - len(o.word)
		if o.folded || string(data[start:end]) == o.word {
			s.hits[i] = append(s.hits[i], hit{int32(start), int32(end), o.anchor})
		}
	})
}

// judge looks for the secrets of a pattern.
func (f *finder) judge(t *target, s *scratch, i int) {
	p := f.patterns[i]
	p.load()
	switch {
	case !p.speaksOf(t.path):
		return
	case p.machine == nil:
		s.windows = append(s.windows[:0], window{0, len(t.data)})
	case len(s.hits[i]) == 0:
		return
	default:
		if s.walkers[i] == nil {
			s.walkers[i] = newWalker(p.machine)
		}
		s.windows = s.walkers[i].windows(s.windows[:0], t.data, s.hits[i])
	}
	if len(s.windows) == 0 || t.exempt() {
		return
	}
	found := 0
	for _, w := range s.windows {
		for _, m := range p.regexp.FindAllIndex(t.data[w.start:w.end], maxSecrets-found) {
			t.consider(p, w.start+m[0], w.start+m[1])
			found++
		}
		if found >= maxSecrets {
			return
		}
	}
}

// target is a file that is judged.
type target struct {
	path    string
	data    []byte
	allow   *allowlist
	looked  bool
	exempts bool
	found   []secret
}

// exempt says whether the table leaves the file out: a lock file, vendored code. It
// is asked where an expression may match, because its own many expressions cost
// more than all that comes before.
func (t *target) exempt() bool {
	if !t.looked {
		t.looked, t.exempts = true, t.allow.allowsPath(t.path)
	}
	return t.exempts
}

// consider keeps a match that is a secret.
func (t *target) consider(p *pattern, from, to int) {
	match := strings.TrimRight(string(t.data[from:to]), "\n")
	x := secret{pattern: p, from: from, to: from + len(match)}
	x.start, x.end = p.secretIn(match)
	x.start, x.end = x.start+from, x.end+from
	text := string(t.data[x.start:x.end])
	if p.entropy > 0 && entropy(text) <= p.entropy {
		return
	}
	if t.marked(x) {
		return
	}
	lines := string(t.lines(x.from, x.to))
	if t.allow.allows(t.path, text, match, lines) {
		return
	}
	for _, a := range p.allow {
		if a.allows(t.path, text, match, lines) || a.allowsPath(t.path) {
			return
		}
	}
	t.found = append(t.found, x)
}

// marked says whether a comment on a secret's lines says that it is none.
func (t *target) marked(x secret) bool {
	return bytes.Contains(t.lines(x.from, x.to), []byte("gitleaks:allow"))
}

// secretIn returns where in a match the secret is: the pattern's group, else the
// first that is not empty, else all of it.
func (p *pattern) secretIn(match string) (start, end int) {
	m := p.regexp.FindStringSubmatchIndex(match)
	for g := 1; 2*g < len(m); g++ {
		if (p.group == 0 || p.group == g) && m[2*g] < m[2*g+1] {
			return m[2*g], m[2*g+1]
		}
	}
	return 0, len(match)
}

// maxLine bounds what is looked at of the lines around a match, to either side.
const maxLine = 4096

// lines returns the lines on which the bytes [from, to) stand, cut where they are
// very long: a file of one line must not be read again for each match.
func (t *target) lines(from, to int) []byte {
	lo, hi := max(0, from-maxLine), min(len(t.data), to+maxLine)
	for i := from; i > lo; i-- {
		if t.data[i-1] == '\n' {
			lo = i
		}
	}
	for i := to; i < hi; i++ {
		if t.data[i] == '\n' {
			hi = i
		}
	}
	return t.data[lo:hi]
}

// entropy is Shannon's, in bits a character.
func entropy(s string) float64 {
	counts := map[rune]int{}
	for _, r := range s {
		counts[r]++
	}
	n := make([]int, 0, len(counts))
	for _, c := range counts {
		n = append(n, c)
	}
	slices.Sort(n) // the order of the sum is that of a map otherwise
	sum := 0.0
	for _, c := range n {
		f := float64(c) / float64(len(s))
		sum -= f * math.Log2(f)
	}
	return sum
}

// distinct sorts the secrets and drops those within another. Of two at one place
// the one that is not of the generic pattern stands.
func distinct(found []secret) []secret {
	rank := func(x secret) int {
		if strings.Contains(x.pattern.id, "generic") {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(found, func(a, b secret) int {
		if a.start != b.start {
			return a.start - b.start
		}
		if a.end != b.end {
			return b.end - a.end
		}
		return rank(a) - rank(b)
	})
	var out []secret
	for _, x := range found {
		if n := len(out); n > 0 && x.end <= out[n-1].end {
			continue
		}
		out = append(out, x)
	}
	return out
}
