package profile

import "math"

// moments are the weighted moments of samples (x, y, s): bytes, files, seconds.
// Means and centred co-moments are kept, not sums of squares, which lose all
// digits where the spread is small beside the mean (Welford 1962, "Note on a
// method for calculating corrected sums of squares and products").
type moments struct {
	n          float64 // sum of weights: the count, until weights fade
	x, y, s    float64 // means
	xx, yy, ss float64 // sums of squared deviations; ss is Welford's M2
	xy, xs, ys float64 // sums of products of deviations
}

// add takes one sample of weight 1.
func (m *moments) add(x, y, s float64) {
	m.n++
	dx, dy, ds := x-m.x, y-m.y, s-m.s
	m.x += dx / m.n
	m.y += dy / m.n
	m.s += ds / m.n
	ex, ey, es := x-m.x, y-m.y, s-m.s
	m.xx += dx * ex
	m.yy += dy * ey
	m.ss += ds * es
	m.xy += dx * ey
	m.xs += dx * es
	m.ys += dy * es
}

// merge adds the samples of o (Chan et al. 1979).
func (m *moments) merge(o moments) {
	switch {
	case o.n == 0:
		return
	case m.n == 0:
		*m = o
		return
	}
	n := m.n + o.n
	dx, dy, ds := o.x-m.x, o.y-m.y, o.s-m.s
	part, both := o.n/n, m.n/n*o.n
	m.n = n
	m.x += dx * part
	m.y += dy * part
	m.s += ds * part
	m.xx += o.xx + dx*dx*both
	m.yy += o.yy + dy*dy*both
	m.ss += o.ss + ds*ds*both
	m.xy += o.xy + dx*dy*both
	m.xs += o.xs + dx*ds*both
	m.ys += o.ys + dy*ds*both
}

// scale multiplies all weights. Means stay.
func (m *moments) scale(f float64) {
	for _, v := range []*float64{&m.n, &m.xx, &m.yy, &m.ss, &m.xy, &m.xs, &m.ys} {
		*v *= f
	}
}

// sd is the sample standard deviation of the seconds: 0 below two samples.
func (m *moments) sd() float64 {
	if m.n <= 1 {
		return 0
	}
	return math.Sqrt(max(0, m.ss) / (m.n - 1))
}
