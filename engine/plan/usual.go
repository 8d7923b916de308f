package plan

// usual predicts where nothing was learned: only the order matters, commands
// before sweeps.
type usual struct{}

func (usual) Sweep(int, int64, int) float64             { return 0 }
func (usual) Read(_ int64, files int) float64           { return 20e-6 * float64(files) }
func (usual) Whole(int) float64                         { return 5e-3 }
func (usual) Command(int, int64, int) float64           { return 0.5 }
func (usual) Parts(_ int, _ int64, _ int, most int) int { return most }
func (usual) Hold(int) Hold                             { return Hold{CPUs: 1} }
