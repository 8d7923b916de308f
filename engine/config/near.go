package config

import (
	"strconv"
	"strings"
)

// Nearest returns the candidate that word was most likely meant to be, or "".
// A third of the letters may differ; the first of equals wins.
func Nearest(word string, candidates []string) string {
	const longest = 100 // longer words are no slip of the fingers
	if len(word) > longest {
		return ""
	}
	best, most := "", max(1, len([]rune(word))/3)
	for _, c := range candidates {
		if d := distance(fold(word), fold(c)); d <= most {
			best, most = c, d-1
		}
	}
	return best
}

// fold takes away the differences that one does not remember.
func fold(s string) []rune {
	return []rune(strings.ReplaceAll(strings.ToLower(s), "_", "-"))
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours (Damerau 1964, Levenshtein 1966).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// suggest is the hint for an unknown word: the near miss, or a short list of
// what there is, or where to look.
func suggest(word string, candidates []string, look string) string {
	if near := Nearest(word, candidates); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	const short = 12
	if n := len(candidates); n > 0 && n <= short {
		return "write one of " + strings.Join(candidates, ", ")
	}
	return look
}
