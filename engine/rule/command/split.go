package command

import "os"

// Split deals the paths, in order, to invocations.
//
// With a parser, there are as many invocations as parts says. Without one
// (`parse: none`), an invocation's own output is the finding, so that the split
// would show in the report: it then follows from the paths and the operating
// system's limit alone.
func (c *check) Split(paths []string, parts int) [][]string {
	switch {
	case c.files == filesNone:
		return [][]string{nil}
	case c.files == filesEach:
		return deal(paths, len(paths), func(string) int { return 1 }, 1)
	}
	n := 1
	if c.parse.parse != nil {
		n = max(1, min(parts, len(paths)))
	}
	l := systemLimit(append(os.Environ(), c.env...))
	budget := l.total - c.run.fixed(l)
	if c.fix != nil {
		budget = min(budget, l.total-c.fix.fixed(l))
	}
	return deal(paths, n, func(p string) int { return l.cost(toArgument(c.dir, p)) }, budget)
}

// deal cuts the paths into runs of nearly equal length, and each of them again
// where its cost is over the budget. A path that is over the budget alone
// stands alone, and fails when it is run.
func deal(paths []string, parts int, cost func(string) int, budget int) [][]string {
	var out [][]string
	for i := range parts {
		run := paths[i*len(paths)/parts : (i+1)*len(paths)/parts]
		for len(run) > 0 {
			n, sum := 1, cost(run[0])
			for n < len(run) && sum+cost(run[n]) <= budget {
				sum += cost(run[n])
				n++
			}
			out = append(out, run[:n:n])
			run = run[n:]
		}
	}
	return out
}
