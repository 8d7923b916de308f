package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// Shards deals the work of a run to at most n shards, as equal as estimates make
// them; those that would have nothing to do are left out, but for one. The
// same input gives the same slices.
//
// It is longest processing time first (Graham 1969), with set-up times: what a
// shard pays once, such as a command's start or a rule that others need, is part of
// the price where a shard does not have it yet.
func Shards(in Input, n int) []*Slice { return shards(in, n, false) }

// shards is Shards; with every, a shard without work is one as well.
func shards(in Input, n int, every bool) []*Slice {
	in.Slice = nil
	if in.Costs == nil {
		in.Costs = usual{}
	}
	d := &dealer{Input: in, layout: newLayout(in.Rules, in.Skip)}
	for k := range d.layout.items {
		d.price(k)
	}
	ranges := d.deal(max(1, min(n, MostShards)), every)
	digest := digestOf(d.layout, ranges)
	slices := make([]*Slice, len(ranges))
	for s := range ranges {
		slices[s] = newSlice(d.layout, s+1, len(ranges), digest, ranges[s])
	}
	return slices
}

// dealer deals items to shards. Its work is in whole microseconds, so that sums do
// not depend on the processor.
type dealer struct {
	Input
	layout *layout
	items  []priced
}

// priced is what an item costs.
type priced struct {
	setup int64 // in each shard that has some of it
	work  int64 // of all of it
	files []spot
}

// spot is a file of a split item on the line of hashes.
type spot struct {
	at     uint64
	path   string
	weight int64 // bytes and what opening costs
}

func micros(seconds float64) int64 { return int64(math.Round(1e6 * min(max(0, seconds), 1e9))) }

// price finds what item k costs, and where its files lie.
func (d *dealer) price(k int) {
	it := d.layout.items[k]
	it.rules = slices.DeleteFunc(slices.Clone(it.rules), func(i int) bool { return d.layout.idle[i] })
	p := priced{}
	switch {
	case k == 0 && len(it.rules) == 0:
		p.files = spots(d.Changed)
	case len(it.rules) > 0:
		i := it.rules[0]
		switch check := d.Rules[i].Check.(type) {
		case rule.FileCheck:
			p = d.sweep(it)
		case rule.CommandCheck:
			p = d.command(it, check)
		default:
			p.work = micros(d.Costs.Whole(i))
		}
	}
	d.items = append(d.items, p)
}

func (d *dealer) sweep(it item) (p priced) {
	files := d.Changed
	if d.Rules[it.rules[0]].WholeTree() {
		files = d.Tree
	}
	p.files = spots(files)
	p.work = micros(d.Costs.Read(Size(files), len(files)))
	for _, i := range it.rules {
		p.work += micros(d.Costs.Sweep(i, Size(files), len(files)))
	}
	return p
}

func (d *dealer) command(it item, check rule.CommandCheck) (p priced) {
	i := it.rules[0]
	files := d.Taken(i)
	if len(files) == 0 {
		return p
	}
	p.files = spots(files)
	cpus := max(1, min(d.Costs.Hold(i).CPUs, float64(d.Workers))) // that nothing else has meanwhile
	all := micros(cpus * d.Costs.Command(i, Size(files), len(files)))
	if runs := check.Split(Paths(files), 1); !it.split || len(runs) == len(files) {
		once := micros(cpus * d.Costs.Command(i, 0, 0))
		p.work = max(0, all-once) + once*int64(len(runs)) // each invocation is started for itself
		return p
	}
	p.setup = micros(cpus * d.Costs.Start(i, Size(files), len(files)))
	p.work = max(0, all-p.setup)
	return p
}

func spots(files []rule.Entry) []spot {
	out := make([]spot, len(files))
	for i := range files {
		out[i] = spot{point(files[i].Path), files[i].Path, int64(weight(&files[i]))}
	}
	slices.SortFunc(out, func(a, b spot) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.path, b.path)) })
	return out
}

// unit is what is dealt at once: an item, or a piece of a split one.
type unit struct {
	item, piece int
	work        int64
}

// piecesPerShard is into how many pieces a split item is cut for each shard: what a
// shard has too much is at most one piece.
const piecesPerShard = 8

// units are the work, the largest first. A rule that others need is dealt after
// them: it belongs where it runs anyway.
func (d *dealer) units(n int) []unit {
	var out []unit
	last := map[int]bool{}
	for k, needs := range d.layout.needs {
		for _, r := range needs {
			if d.busy(k) {
				last[d.layout.item[r]] = true
			}
		}
	}
	for k, p := range d.items {
		pieces := 1
		if d.layout.items[k].split {
			pieces = max(1, min(len(p.files), n*piecesPerShard))
		}
		for i := range pieces {
			w := p.work*int64(i+1)/int64(pieces) - p.work*int64(i)/int64(pieces)
			out = append(out, unit{k, i, w})
		}
	}
	slices.SortStableFunc(out, func(a, b unit) int {
		if x, y := last[a.item], last[b.item]; x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(b.work, a.work), cmp.Compare(a.item, b.item), cmp.Compare(a.piece, b.piece))
	})
	return out
}

// busy says whether an item has work.
func (d *dealer) busy(k int) bool { return d.items[k].work+d.items[k].setup > 0 }

// deal returns the ranges of each shard, beside the items: of those with work, or of
// every one.
//
// Where a set-up is paid in one more shard only if the work ends sooner by as much
// again, shards do not pay 10 s each for 0.1 s of work; but one may take as much longer
// than the others. So smaller parts of it are tried too, and the shortest
// division is taken; one that pays more only where it is shorter by a twentieth.
func (d *dealer) deal(n int, every bool) [][]between {
	var amount [][]int64
	var load []int64
	for _, worth := range []int64{8, 4, 2, 1} {
		a, l := d.greedy(n, worth)
		if load == nil || slices.Max(l) < slices.Max(load)-slices.Max(load)/20 {
			amount, load = a, l
		}
	}
	kept := [][]int64{}
	for s := range amount {
		if every || load[s] > 0 {
			kept = append(kept, amount[s])
		}
	}
	if len(kept) == 0 {
		kept = amount[:1]
	}
	return d.lay(kept)
}

// greedy deals the units, the largest first: what each shard has of each item, and
// its work. Worth is in eighths of a set-up.
func (d *dealer) greedy(n int, worth int64) (amount [][]int64, load []int64) {
	load = make([]int64, n)
	has := make([][]bool, n) // items that run in a shard, for themselves or for others
	amount = make([][]int64, n)
	for s := range n {
		has[s] = make([]bool, len(d.items))
		amount[s] = make([]int64, len(d.items))
	}
	for _, u := range d.units(n) {
		best := d.choose(u, worth, load, has)
		work, setup := d.added(u, has[best])
		load[best] += work + setup
		amount[best][u.item] += max(1, u.work)
		has[best][u.item] = true
		for _, r := range d.layout.needs[u.item] {
			has[best][d.layout.item[r]] = true
		}
	}
	return amount, load
}

// choose returns the shard for a unit: where there is the least to do with it. What
// takes no time goes where it costs the least, and what runs somewhere for others
// stays there.
func (d *dealer) choose(u unit, worth int64, load []int64, has [][]bool) (best int) {
	least := [2]int64{math.MaxInt64, 0}
	for s := range load {
		work, setup := d.added(u, has[s])
		v := [2]int64{load[s] + work + setup + setup*worth/8, 0}
		switch {
		case !d.layout.items[u.item].split && has[s][u.item]:
			v = [2]int64{-1, load[s]}
		case !d.busy(u.item):
			v = [2]int64{setup, load[s]}
		}
		if slices.Compare(v[:], least[:]) < 0 {
			best, least = s, v
		}
	}
	return best
}

// added is what a unit adds to a shard that has some items: its own work, and what
// is to be paid once.
func (d *dealer) added(u unit, has []bool) (work, setup int64) {
	p := &d.items[u.item]
	work = u.work
	if has[u.item] {
		if !d.layout.items[u.item].split {
			return 0, 0 // it runs here for others
		}
		return work, 0
	}
	setup = p.setup
	for _, r := range d.layout.needs[u.item] {
		if k := d.layout.item[r]; !has[k] {
			setup += d.items[k].work + d.items[k].setup
		}
	}
	return work, setup
}

// lay puts what each shard has of an item onto its line, shard by shard: a range
// for each.
func (d *dealer) lay(amount [][]int64) [][]between {
	out := make([][]between, len(amount))
	for s := range out {
		out[s] = make([]between, len(d.items))
	}
	for k := range d.items {
		d.cut(k, amount, out)
	}
	return out
}

// cut gives each shard its range of item k.
func (d *dealer) cut(k int, amount [][]int64, out [][]between) {
	var all, weight int64
	last := 0
	for s := range amount {
		if all += amount[s][k]; amount[s][k] > 0 {
			last = s
		}
	}
	files := d.items[k].files
	if !d.layout.items[k].split {
		files = nil
	}
	for i := range files {
		weight += files[i].weight
	}
	var dealt, passed int64
	from, next := uint64(0), 0
	for s := range amount {
		if amount[s][k] == 0 && s != last {
			continue
		}
		dealt += amount[s][k]
		to := uint64(lineEnd)
		if s != last {
			want := float64(weight) * (float64(dealt) / float64(all))
			for next < len(files) && float64(passed)+float64(files[next].weight)/2 <= want {
				passed += files[next].weight
				next++
			}
			if to = from; next > 0 {
				to = max(from, files[next-1].at+1)
			}
		}
		out[s][k] = between{from, to}
		from = to
	}
}

// digestOf names a partition.
func digestOf(l *layout, ranges [][]between) string {
	h := sha256.New()
	h.Write(l.sum[:])
	for _, r := range ranges {
		fmt.Fprintln(h, r)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
