package profile

// Next returns the profile that the next run would load, without a file between
// them: what p was loaded with and what it has observed since, faded as Save fades
// it. p keeps what it was loaded with, and has observed nothing.
func (p *Profile) Next() *Profile {
	known, err := Decode(p.base.Encode())
	if err != nil {
		known = NewStore() // what Encode writes, Decode reads; if not, a cold start
	}
	known.Learn(p.take())
	return &Profile{class: p.class, base: known, delta: NewStore(), costs: map[string]Cost{}, kinds: map[string]Cost{}, now: p.now}
}
