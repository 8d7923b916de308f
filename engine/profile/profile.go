package profile

import (
	"sync"
	"time"
	"unicode/utf8"
)

// Profile is what one run knows and learns, on one class of machine. It is safe
// for concurrent use.
type Profile struct {
	path  string // "" keeps nothing
	class string

	mu    sync.Mutex
	base  *Store // as loaded; never changed
	delta *Store // what this run saw; one class
	costs map[string]Cost
	kinds map[string]Cost // of rules never seen
	now   time.Time
}

// Load reads the profile at path for a class of machine. The profile is never
// nil: the error is a warning, which says why it starts cold. Path "" keeps
// nothing: such a profile starts cold, and Save does nothing.
func Load(path string, c Class) (*Profile, error) {
	p := &Profile{path: path, class: c.String(), base: NewStore(), delta: NewStore(),
		costs: map[string]Cost{}, kinds: map[string]Cost{}, now: time.Now().UTC().Truncate(time.Second)}
	if path == "" {
		return p, nil
	}
	s, err := Read(path)
	if err != nil {
		return p, err
	}
	p.base = s
	return p, nil
}

// Warm says whether anything is known of rules on this class of machine.
func (p *Profile) Warm() bool { return len(p.base.classes[p.class]) > 0 }

// Runs returns from how many runs a rule is known on this class of machine; fewer
// where old ones have faded.
func (p *Profile) Runs(rule string) float64 {
	if m := p.base.classes[p.class][rule]; m != nil {
		return m.runs
	}
	return 0
}

// Learned returns what is known of a rule's tasks on this class of machine: of how
// many, fewer where old ones have faded, and the mean and the sample standard
// deviation of their seconds. 0 tasks is nothing.
func (p *Profile) Learned(rule string) (tasks, mean, sd float64) {
	if m := p.base.classes[p.class][rule]; m != nil {
		return m.Count(), m.Mean(), m.SD()
	}
	return 0, 0, 0
}

// Cost returns what a rule of a kind costs: of one never seen on this class of
// machine, what it costs on another class, else what the median rule of its kind
// costs, else 0.01 s whatever the size.
//
// It answers from what was loaded, not from what this run observed, so that the
// answer does not depend on when it is asked.
func (p *Profile) Cost(rule, kind string) Cost {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.costs[rule]; ok && p.kindOf(rule) == kind {
		return c
	}
	if m := p.base.classes[p.class][rule]; m != nil && m.n > 0 && m.Kind == kind {
		c := m.Cost()
		p.costs[rule] = c
		return c
	}
	if c, ok := p.elsewhere(rule, kind); ok {
		return c
	}
	return p.ofKind(kind)
}

func (p *Profile) kindOf(rule string) string {
	if m := p.base.classes[p.class][rule]; m != nil {
		return m.Kind
	}
	return ""
}

// elsewhere returns the rule's cost on the class that knows most of it.
func (p *Profile) elsewhere(rule, kind string) (Cost, bool) {
	var best Entry
	for class, rules := range p.base.classes {
		m := rules[rule]
		if class == p.class || m == nil || m.n == 0 || m.Kind != kind {
			continue
		}
		if best.Model == nil || m.n > best.n || m.n == best.n && class < best.Class {
			best = Entry{class, rule, m}
		}
	}
	if best.Model == nil {
		return Cost{}, false
	}
	c := best.Cost()
	c.Basis, c.samples = FromClass, 0
	return c, true
}

// ofKind returns the cost of the median rule of a kind, on this class of machine
// or else on all.
func (p *Profile) ofKind(kind string) Cost {
	if c, ok := p.kinds[kind]; ok {
		return c
	}
	var here, anywhere []*Model
	for _, e := range p.base.Entries() {
		if e.Kind != kind {
			continue
		}
		anywhere = append(anywhere, e.Model)
		if e.Class == p.class {
			here = append(here, e.Model)
		}
	}
	c, ok := median(here)
	if !ok {
		c, ok = median(anywhere)
	}
	if !ok {
		c = Cost{Fixed: unknownSeconds, FileShare: 1, ByteShare: 1, FindingsRate: 0.5, Basis: FromNone}
	}
	p.kinds[kind] = c
	return c
}

// Estimate predicts a task of a rule that judges so many bytes in so many files;
// see Cost, which is cheaper to ask where a rule has many tasks.
func (p *Profile) Estimate(rule, kind string, bytes int64, files int) Estimate {
	c := p.Cost(rule, kind)
	return c.Estimate(bytes, files)
}

// Observe adds one observation to the run's delta. One that is negative, not a
// number or beyond all reason is passed over.
func (p *Profile) Observe(o Observation) {
	if !o.valid() || !fitName(o.Rule) || len(o.Kind) > maxName {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delta.model(p.class, o.Rule).add(&o, p.now)
}

// Judged adds the outcome of a rule in this run to its delta: call it once a run
// for each rule that judged something, with whether it found something.
func (p *Profile) Judged(rule, kind string, found bool) {
	if !fitName(rule) || len(kind) > maxName {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delta.model(p.class, rule).judged(kind, found, p.now)
}

func fitName(s string) bool { return s != "" && len(s) <= maxName && utf8.ValidString(s) }

// Save adds what was observed since the last save to the file, under a lock, so
// that two runs at once both count. The error is a warning.
func (p *Profile) Save() error {
	delta := p.take()
	if p.path == "" || delta.Len() == 0 {
		return nil
	}
	return Update(p.path, func(s *Store) error {
		s.learn(delta, func(class, rule string) float64 {
			if m := p.base.classes[class][rule]; m != nil {
				return m.saves
			}
			return 0
		})
		return nil
	})
}

// WriteDelta writes what was observed since the last save to a file of its own,
// whatever was there, for `sot profile merge`. The profile itself is left as it is.
// The error is a warning.
func (p *Profile) WriteDelta(path string) error {
	return write(path, p.take())
}

// take removes the delta, ready to be saved: the models count one save each.
func (p *Profile) take() *Store {
	p.mu.Lock()
	defer p.mu.Unlock()
	delta := p.delta
	for _, m := range delta.classes[p.class] {
		m.saves = 1
	}
	p.delta = NewStore()
	return delta
}
