package profile

import (
	"math"
	"time"
)

// What an observation may hold at most; one beyond is a mistake and not learned.
const (
	maxSeconds = 1e8  // three years
	maxBytes   = 1e16 // 10 PB
	maxFiles   = 1e10
	maxCPUs    = 1 << 16
)

// Weights above fadeAbove halve when a run's delta is added; those of the
// latest samples are cut to latestWeight.
const (
	fadeAbove    = 50
	latestWeight = 2
)

// Observation is what one task measured of one rule.
type Observation struct {
	Rule, Kind string
	Seconds    float64
	Bytes      int64 // of the files that it judged
	Files      int   // that it judged
	// Offered are the files among which the rule found those that it judged, and
	// OfferedBytes their bytes: a chunk of a sweep. 0 where the files were known
	// before: then no share is learned.
	Offered      int
	OfferedBytes int64
	CPUSeconds   float64 // user and system time of a command; 0 where not known
	PeakMemory   int64   // bytes of a command at its peak; 0 where not known
}

// Model is what is known of one rule on one class of machine. The zero value
// knows nothing. A Model is not safe for concurrent use.
type Model struct {
	Kind     string
	Updated  time.Time // to the second, UTC
	min, max float64   // seconds
	saves    float64   // how many deltas were added

	moments
	latest struct{ n, s, x, y float64 } // sums over the latest samples

	offeredFiles, judgedFiles float64 // sums over the samples that know what they were offered
	offeredBytes, judgedBytes float64
	cpu, cpuWall              float64 // sums over the samples that know their CPU seconds
	memN, memMean, memMax     float64 // over the samples that know their memory, in bytes
	runs, found               float64 // runs, and those among them with findings
}

// sane says whether a number lies in [0, limit]; NaN does not.
func sane(v, limit float64) bool { return v >= 0 && v <= limit }

// valid says whether an observation can be learned.
func (o *Observation) valid() bool {
	return sane(o.Seconds, maxSeconds) && sane(float64(o.Bytes), maxBytes) && sane(float64(o.Files), maxFiles)
}

// add takes one observation, which is valid.
func (m *Model) add(o *Observation, now time.Time) {
	x, y, s := float64(o.Bytes), float64(o.Files), o.Seconds
	if m.n == 0 {
		m.min, m.max = s, s
	}
	m.min, m.max = min(m.min, s), max(m.max, s)
	m.Kind, m.Updated = o.Kind, now
	m.moments.add(x, y, s)
	m.latest.n++
	m.latest.s += s
	m.latest.x += x
	m.latest.y += y
	if o.Offered > 0 && float64(o.Offered) <= maxFiles && o.Files <= o.Offered {
		m.offeredFiles += float64(o.Offered)
		m.judgedFiles += y
		if o.OfferedBytes >= o.Bytes && float64(o.OfferedBytes) <= maxBytes {
			m.offeredBytes += float64(o.OfferedBytes)
			m.judgedBytes += x
		}
	}
	if o.CPUSeconds > 0 && o.CPUSeconds <= maxSeconds && s > 0 {
		m.cpu += o.CPUSeconds
		m.cpuWall += s
	}
	if mem := float64(o.PeakMemory); mem > 0 && mem <= maxBytes {
		m.memN++
		m.memMean += (mem - m.memMean) / m.memN
		m.memMax = max(m.memMax, mem)
	}
}

// judged takes the outcome of one run.
func (m *Model) judged(kind string, found bool, now time.Time) {
	m.Kind, m.Updated = kind, now
	m.runs++
	if found {
		m.found++
	}
}

// merge adds what o knows. Where the kinds differ, the later update's stands,
// and of two at the same second the one that sorts last.
func (m *Model) merge(o *Model) {
	if o.Updated.After(m.Updated) || o.Updated.Equal(m.Updated) && o.Kind > m.Kind {
		m.Kind, m.Updated = o.Kind, o.Updated
	}
	if o.n > 0 {
		if m.n == 0 {
			m.min, m.max = o.min, o.max
		}
		m.min, m.max = min(m.min, o.min), max(m.max, o.max)
	}
	m.moments.merge(o.moments)
	m.latest.n += o.latest.n
	m.latest.s += o.latest.s
	m.latest.x += o.latest.x
	m.latest.y += o.latest.y
	m.offeredFiles += o.offeredFiles
	m.judgedFiles += o.judgedFiles
	m.offeredBytes += o.offeredBytes
	m.judgedBytes += o.judgedBytes
	m.cpu += o.cpu
	m.cpuWall += o.cpuWall
	if n := m.memN + o.memN; n > 0 {
		m.memMean += (o.memMean - m.memMean) * (o.memN / n)
		m.memN = n
		m.memMax = max(m.memMax, o.memMax)
	}
	m.runs += o.runs
	m.found += o.found
	m.saves += o.saves
}

// fade makes room for a delta; see the package's story.
func (m *Model) fade() {
	if m.n > fadeAbove {
		m.scale(0.5)
		for _, v := range []*float64{&m.offeredFiles, &m.judgedFiles, &m.offeredBytes, &m.judgedBytes, &m.cpu, &m.cpuWall, &m.memN} {
			*v *= 0.5
		}
		// A peak that does not come back is forgotten by halves.
		m.memMax = (m.memMax + m.memMean) / 2
	}
	if m.runs > fadeAbove {
		m.runs /= 2
		m.found /= 2
	}
	if f := latestWeight / m.latest.n; f < 1 {
		m.latest.n *= f
		m.latest.s *= f
		m.latest.x *= f
		m.latest.y *= f
	}
}

// Count is the number of samples, less where old ones have faded.
func (m *Model) Count() float64 { return m.n }

// Mean is the mean of the samples, in seconds.
func (m *Model) Mean() float64 { return m.s }

// SD is the sample standard deviation (Welford: the root of M2 / (count - 1)),
// in seconds; 0 below two samples.
func (m *Model) SD() float64 { return m.sd() }

// Min and Max are the least and the most seconds ever seen.
func (m *Model) Min() float64 { return m.min }

// Max is the most seconds ever seen.
func (m *Model) Max() float64 { return m.max }

// CPUs is how many processors a command keeps busy: CPU seconds / wall seconds;
// 0 where nothing is known.
func (m *Model) CPUs() float64 {
	if m.cpuWall <= 0 {
		return 0
	}
	return min(m.cpu/m.cpuWall, maxCPUs)
}

// Memory is a command's peak in bytes; 0 where nothing is known.
func (m *Model) Memory() int64 { return int64(m.memMax) }

// FindingsRate is the probability that a run finds something: (runs with
// findings + 1) / (runs + 2), by Laplace's rule of succession.
func (m *Model) FindingsRate() float64 { return (min(m.found, m.runs) + 1) / (m.runs + 2) }

// Runs is how many runs the findings rate is learned from.
func (m *Model) Runs() float64 { return m.runs }

// shares are the parts of the offered files and bytes that the rule judges: 1
// where nothing is known.
func (m *Model) shares() (files, bytes float64) {
	files = 1
	if m.offeredFiles > 0 {
		files = math.Min(1, m.judgedFiles/m.offeredFiles)
	}
	bytes = files
	if m.offeredBytes > 0 {
		bytes = math.Min(1, m.judgedBytes/m.offeredBytes)
	}
	return files, bytes
}
