package command

// limit is how long a command line may be, in the operating system's units.
type limit struct {
	// total bounds the sum of the costs of all arguments.
	total int
	// cost is what one argument takes, with all that goes along with it.
	cost func(arg string) int
}

// headroom is left free for what is added to a command line on its way: the
// interpreter of a "#!" line and its option, the auxiliary vector, the
// variables of a snapshot. POSIX asks xargs for 2,048 bytes.
const headroom = 4096

// less takes an environment off the total, where the two share one space. No
// more than half is used: wrappers (npx, a shell script) hand the same
// arguments on, with more variables and longer paths in front.
func (l limit) less(env []string) limit {
	free := l.total - headroom
	for _, v := range env {
		free -= l.cost(v)
	}
	l.total = max(0, min(free, l.total/2))
	return l
}
