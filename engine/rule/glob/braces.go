package glob

// braces returns the patterns that p stands for once its braces are expanded,
// and false where they are more than MaxAlternatives. The pattern is valid.
func braces(p string) ([]string, bool) {
	done, todo := []string(nil), []string{p}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		open, alts, end := firstBrace(p)
		if open < 0 {
			done = append(done, p)
		}
		// Pushed from the last, so that the order of the pattern is kept.
		for i := len(alts) - 1; i >= 0; i-- {
			todo = append(todo, p[:open]+alts[i]+p[end:])
		}
		if len(done)+len(todo) > MaxAlternatives {
			return nil, false
		}
	}
	return done, true
}

// firstBrace finds the first brace outside a class: its offset, what stands
// between its commas, and the offset behind its partner. The offset is -1
// where there is none.
func firstBrace(p string) (open int, alts []string, end int) {
	open = -1
	depth, start := 0, 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '[':
			i = classEnd(p, i)
		case '{':
			if depth++; depth == 1 {
				open, start = i, i+1
			}
		case ',':
			if depth == 1 {
				alts = append(alts, p[start:i])
				start = i + 1
			}
		case '}':
			if depth--; depth == 0 {
				return open, append(alts, p[start:i]), i + 1
			}
		}
	}
	return -1, nil, 0
}

// classEnd returns the offset of the "]" of the class that opens at i.
func classEnd(p string, i int) int {
	for i++; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case ']':
			return i
		}
	}
	return len(p)
}
