package source

import "container/list"

// deltaBases keeps objects that others are deltas of, by their place: to read
// every object of a chain then applies each delta about once. What was not asked
// for the longest goes first.
type deltaBases struct {
	byPlace map[packPlace]*list.Element
	order   list.List // of *deltaBase, the last used in front
	size    int64
}

// deltaBasesMax is what they may hold, in bytes.
const deltaBasesMax = 16 << 20

type packPlace struct {
	pack *packFile
	at   int64
}

type deltaBase struct {
	packPlace
	kind byte
	data []byte // not to be changed
}

// get returns what is kept of a place, or nil.
func (d *deltaBases) get(p packPlace) *deltaBase {
	e := d.byPlace[p]
	if e == nil {
		return nil
	}
	d.order.MoveToFront(e)
	return e.Value.(*deltaBase)
}

// put keeps an object that is not kept yet.
func (d *deltaBases) put(b *deltaBase) {
	if int64(len(b.data)) > deltaBasesMax || d.byPlace[b.packPlace] != nil {
		return
	}
	if d.byPlace == nil {
		d.byPlace = map[packPlace]*list.Element{}
	}
	d.byPlace[b.packPlace] = d.order.PushFront(b)
	for d.size += int64(len(b.data)); d.size > deltaBasesMax; {
		last := d.order.Remove(d.order.Back()).(*deltaBase)
		delete(d.byPlace, last.packPlace)
		d.size -= int64(len(last.data))
	}
}
