package profile

// field is one number of a model in the file.
type field struct {
	name  string
	of    func(*Model) *float64
	limit float64 // its largest absolute value
	sign  bool    // it may be negative
}

// The largest numbers of a file that are believed.
const (
	maxCount  = 1e12
	maxSum    = 1e22
	maxMoment = 1e46
)

// fields are the numbers of a model in the order of the file. One that is 0 is
// left out.
var fields = [...]field{
	{"count", func(m *Model) *float64 { return &m.n }, maxCount, false},
	{"mean", func(m *Model) *float64 { return &m.s }, maxSeconds, false},
	{"m2", func(m *Model) *float64 { return &m.ss }, maxMoment, false},
	{"min", func(m *Model) *float64 { return &m.min }, maxSeconds, false},
	{"max", func(m *Model) *float64 { return &m.max }, maxSeconds, false},
	{"bytes_mean", func(m *Model) *float64 { return &m.x }, maxBytes, false},
	{"bytes_m2", func(m *Model) *float64 { return &m.xx }, maxMoment, false},
	{"files_mean", func(m *Model) *float64 { return &m.y }, maxFiles, false},
	{"files_m2", func(m *Model) *float64 { return &m.yy }, maxMoment, false},
	{"bytes_files", func(m *Model) *float64 { return &m.xy }, maxMoment, true},
	{"bytes_seconds", func(m *Model) *float64 { return &m.xs }, maxMoment, true},
	{"files_seconds", func(m *Model) *float64 { return &m.ys }, maxMoment, true},
	{"latest_count", func(m *Model) *float64 { return &m.latest.n }, maxCount, false},
	{"latest_seconds", func(m *Model) *float64 { return &m.latest.s }, maxSum, false},
	{"latest_bytes", func(m *Model) *float64 { return &m.latest.x }, maxSum * 1e6, false},
	{"latest_files", func(m *Model) *float64 { return &m.latest.y }, maxSum, false},
	{"offered_files", func(m *Model) *float64 { return &m.offeredFiles }, maxSum, false},
	{"judged_files", func(m *Model) *float64 { return &m.judgedFiles }, maxSum, false},
	{"offered_bytes", func(m *Model) *float64 { return &m.offeredBytes }, maxSum * 1e6, false},
	{"judged_bytes", func(m *Model) *float64 { return &m.judgedBytes }, maxSum * 1e6, false},
	{"cpu_seconds", func(m *Model) *float64 { return &m.cpu }, maxSum, false},
	{"cpu_wall_seconds", func(m *Model) *float64 { return &m.cpuWall }, maxSum, false},
	{"memory_count", func(m *Model) *float64 { return &m.memN }, maxCount, false},
	{"memory_mean", func(m *Model) *float64 { return &m.memMean }, maxBytes, false},
	{"memory_max", func(m *Model) *float64 { return &m.memMax }, maxBytes, false},
	{"runs", func(m *Model) *float64 { return &m.runs }, maxCount, false},
	{"runs_with_findings", func(m *Model) *float64 { return &m.found }, maxCount, false},
	{"saves", func(m *Model) *float64 { return &m.saves }, maxCount, false},
}
