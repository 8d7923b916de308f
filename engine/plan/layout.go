package plan

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// layout is how rules can be dealt to shards. It follows from the rules alone, so
// that every job of a matrix makes the same, whatever it has learned.
//
// An item is what a shard has a part of: a split one is dealt out by files, every
// other is one piece. A rule is in one item, and a skipped one in none.
//
//   - File rules that judge each file for itself are split, those that wait for the
//     same rules together: a file is read in one shard.
//   - Commands that may be started several times over parts of the files are split.
//   - Rules that judge the repository, that count over files, whose output is not
//     parsed, or that others need are one piece. What others need runs wherever they
//     run, so that each shard knows its verdict over all files, and one reports it.
type layout struct {
	rules []*rule.Rule
	items []item
	item  []int   // of each rule; -1 where it is skipped
	needs [][]int // of each item: rules that those of it need, directly or through others
	idle  []bool  // rules that do not run, because one that they need is skipped
	sum   [8]byte // of all of this: slices of one layout do not fit another
}

type item struct {
	rules []int
	split bool
}

// newLayout makes the layout. Item 0 is the file rules that wait for nothing, also
// where there are none: it says which shard a file belongs to.
func newLayout(rules []*rule.Rule, skip func(i int) bool) *layout {
	l := &layout{rules: rules, items: []item{{split: true}}, item: make([]int, len(rules))}
	at := make(map[string]int, len(rules))
	needed := map[string]bool{}
	for i, r := range rules {
		at[r.ID] = i
		for _, n := range r.Needs {
			needed[n] = needed[n] || !skip(i)
		}
	}
	sweeps := map[string]int{fmt.Sprint([]string(nil)): 0}
	for i, r := range rules {
		_, file := r.Check.(rule.FileCheck)
		split := !r.WholeTree() && !needed[r.ID]
		switch key := fmt.Sprint(sorted(r.Needs)); {
		case skip(i):
			l.item[i] = -1
		case split && file:
			k, ok := sweeps[key]
			if !ok {
				k = l.add(true)
				sweeps[key] = k
			}
			l.put(i, k)
		default:
			l.put(i, l.add(split && divisible(r.Check)))
		}
	}
	l.close(at)
	h := sha256.New()
	for i, r := range rules {
		fmt.Fprintf(h, "%q %q %d %v %q\n", r.ID, r.Kind, l.item[i], l.item[i] >= 0 && l.items[l.item[i]].split, sorted(r.Needs))
	}
	copy(l.sum[:], h.Sum(nil))
	return l
}

func (l *layout) add(split bool) int {
	l.items = append(l.items, item{split: split})
	return len(l.items) - 1
}

func (l *layout) put(rule, item int) {
	l.item[rule] = item
	l.items[item].rules = append(l.items[item].rules, rule)
}

// divisible says whether a command may be started over parts of the files without
// anybody seeing a difference.
func divisible(c rule.Check) bool {
	command, ok := c.(rule.CommandCheck)
	return ok && len(command.Split([]string{"a", "b"}, 2)) == 2
}

// close finds what the rules of each item need. A skipped rule is not asked for
// what it needs: it ends the chain.
func (l *layout) close(at map[string]int) {
	l.needs = make([][]int, len(l.items))
	l.idle = make([]bool, len(l.rules))
	for k, it := range l.items {
		seen := map[int]bool{}
		var visit func(i int)
		visit = func(i int) {
			for _, id := range l.rules[i].Needs {
				n, ok := at[id]
				switch {
				case !ok:
				case l.item[n] < 0:
					l.idle[i] = true
				default:
					if !seen[n] {
						seen[n] = true
						visit(n)
						l.needs[k] = append(l.needs[k], n)
					}
					l.idle[i] = l.idle[i] || l.idle[n]
				}
			}
		}
		for _, i := range it.rules {
			visit(i)
		}
		slices.Sort(l.needs[k])
	}
}

// point is where a path lies on the line of hashes, in [0, lineEnd): FNV-1a, with
// the finisher of MurmurHash3 so that the upper half depends on every byte.
func point(path string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(path) {
		h = (h ^ uint64(path[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return (h ^ h>>33) >> 32
}
