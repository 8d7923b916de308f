package profile

import "math"

// fit is a least-squares fit of seconds = a + b x bytes + c x files.
type fit struct {
	a, b, c float64 // all at least 0
	// variance is that of one sample around the fit, with the number of samples
	// less the number of coefficients below; 0 where there are not enough.
	variance float64
	// The variance of the fit itself at (x, y) is variance x d'Vd, with d the
	// distance from (x0, y0) and base the part that does not depend on it.
	base, x0, y0  float64
	vxx, vxy, vyy float64
}

// fit finds the coefficients that are not negative, from the moments alone: of
// all sets of coefficients that may be other than 0, the one with the least
// penalised error whose solution is not negative. With three coefficients that is
// the whole of the non-negative least-squares problem (Lawson and Hanson 1974).
//
// The penalty is a ridge (Hoerl and Kennard 1970) of lambda = 1/n^2 + 1e-6 in
// units of each slope's own spread: where bytes and files grow together it
// shares the slope between them, and with two or three samples it keeps chance
// from being taken for a slope. That a is not negative keeps predictions from
// growing faster than the size: k times the size is at most k times the seconds,
// however much chance there is in the slope.
func (m *moments) fit() fit {
	best := fit{a: m.s}
	if m.n < 1 {
		return best
	}
	best.base = 1 / m.n
	least := max(0, m.ss)
	params := 1.0
	if m.n > 1 {
		lambda := 1/(m.n*m.n) + 1e-6
		hasX, hasY := varies(m.xx, m.x, m.n), varies(m.yy, m.y, m.n)
		for _, intercept := range []bool{true, false} {
			for _, use := range [...][2]bool{{true, true}, {true, false}, {false, true}} {
				if use[0] && !hasX || use[1] && !hasY {
					continue
				}
				f, objective, ok := m.solve(intercept, use[0], use[1], lambda)
				if ok && objective < least {
					best, least = f, objective
					params = count(intercept, use[0], use[1])
				}
			}
		}
	}
	if left := m.n - params; left >= 1 {
		best.variance = m.sse(best.a, best.b, best.c) / left
	} else if m.n > 1 {
		best.variance = max(0, m.ss) / (m.n - 1)
	}
	return best
}

func count(params ...bool) float64 {
	n := 0.0
	for _, p := range params {
		if p {
			n++
		}
	}
	return n
}

// varies says whether a column's spread is more than rounding.
func varies(squares, mean, n float64) bool { return squares > 1e-18*n*mean*mean && squares > 0 }

// solve solves the penalised normal equations of one set of coefficients. The
// error is false where the solution is negative or not a number.
func (m *moments) solve(intercept, useX, useY bool, lambda float64) (f fit, objective float64, ok bool) {
	gxx, gyy, gxy, gxs, gys := m.xx, m.yy, m.xy, m.xs, m.ys
	if !intercept { // moments about the origin
		gxx += m.n * m.x * m.x
		gyy += m.n * m.y * m.y
		gxy += m.n * m.x * m.y
		gxs += m.n * m.x * m.s
		gys += m.n * m.y * m.s
	}
	gxx += lambda * m.xx
	gyy += lambda * m.yy
	switch {
	case useX && useY:
		// Solved in units where the diagonal is 1, so that bytes squared and files
		// do not meet in one determinant.
		sx, sy := math.Sqrt(gxx), math.Sqrt(gyy)
		r := max(-1, min(1, gxy/sx/sy))
		det := 1 - r*r
		if !(det > 1e-12) {
			return f, 0, false
		}
		px, py := gxs/sx, gys/sy
		f.b, f.c = (px-r*py)/det/sx, (py-r*px)/det/sy
		f.vxx, f.vyy, f.vxy = 1/(det*sx*sx), 1/(det*sy*sy), -r/(det*sx*sy)
	case useX:
		f.b, f.vxx = gxs/gxx, 1/gxx
	case useY:
		f.c, f.vyy = gys/gyy, 1/gyy
	}
	if intercept {
		f.a = m.s - f.b*m.x - f.c*m.y
		f.base, f.x0, f.y0 = 1/m.n, m.x, m.y
	}
	objective = m.sse(f.a, f.b, f.c) + lambda*(f.b*f.b*m.xx+f.c*f.c*m.yy)
	ok = sane(f.a, math.MaxFloat64) && sane(f.b, math.MaxFloat64) && sane(f.c, math.MaxFloat64) && sane(objective, math.MaxFloat64)
	return f, objective, ok
}

// sse is the sum of squared errors of a model, from the moments.
func (m *moments) sse(a, b, c float64) float64 {
	d := m.s - a - b*m.x - c*m.y // mean error
	centred := m.ss - 2*(b*m.xs+c*m.ys) + b*b*m.xx + 2*b*c*m.xy + c*c*m.yy
	return max(0, centred) + m.n*d*d
}

// told is Cost.Told, by the column that varies more.
func (m *moments) told() float64 {
	best := 0.0
	for _, column := range [...][2]float64{{m.x, m.xx}, {m.y, m.yy}} {
		if mean, squares := column[0], column[1]; m.n > 0 && varies(squares, mean, m.n) {
			best = max(best, 1/(1+1/m.n+mean*mean/squares))
		}
	}
	return best
}

// at predicts the seconds at a size.
func (f *fit) at(x, y float64) float64 { return f.a + f.b*x + f.c*y }

// leverage is the variance of the prediction at a size, in units of variance.
func (f *fit) leverage(x, y float64) float64 {
	dx, dy := x-f.x0, y-f.y0
	return f.base + max(0, dx*dx*f.vxx+2*dx*dy*f.vxy+dy*dy*f.vyy)
}
