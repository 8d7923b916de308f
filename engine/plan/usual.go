package plan

// usual predicts where nothing was learned: only the order matters, commands
// before sweeps.
type usual struct{}

// partFiles is how many files an invocation has at least before another one is
// opened for a further worker: a linter takes 0.3 to 2 s to start, and
// milliseconds for a file.
const partFiles = 16

const usualStart = 0.5 // seconds

// Usual predicts where nothing was learned.
var Usual Costs = usual{}

func (usual) Sweep(int, int64, int) float64             { return 0 }
func (usual) Read(_ int64, files int) float64           { return 20e-6 * float64(files) }
func (usual) Whole(int) float64                         { return 5e-3 }
func (usual) Command(_ int, _ int64, files int) float64 { return usualStart + 5e-3*float64(files) }
func (usual) Start(int, int64, int) float64             { return usualStart }
func (usual) Parts(_ int, _ int64, files, most int) int { return min(most, files/partFiles) }
func (usual) Hold(int) Hold                             { return Hold{CPUs: 1} }
