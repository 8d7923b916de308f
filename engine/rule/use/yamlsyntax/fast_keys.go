package yamlsyntax

import "hash/maphash"

// keySet holds the hashes of all keys of a text, each mixed with its mapping's
// number, in an open-addressed table. Equal keys have equal hashes, so no
// duplicate is missed; of two keys that differ and have equal hashes, the second
// is called a duplicate, and the parser is asked.
type keySet struct {
	seed  maphash.Seed
	table []uint64 // 0 is free; the length is a power of two
	used  int
	last  uint64 // number of the last mapping
}

const (
	smallKeySet = 256
	// largeKeySet is the longest table that is kept for the next text.
	largeKeySet = 1 << 14
)

func newKeySet() keySet {
	return keySet{seed: maphash.MakeSeed(), table: make([]uint64, smallKeySet)}
}

func (k *keySet) reset() {
	if len(k.table) > largeKeySet {
		k.table = make([]uint64, smallKeySet)
	} else if k.used > 0 {
		clear(k.table)
	}
	k.used, k.last = 0, 0
}

// mapping returns a new mapping's number.
func (k *keySet) mapping() uint64 {
	k.last++
	return k.last
}

// add says whether the key is new to the mapping.
func (k *keySet) add(mapping uint64, key []byte) bool {
	h := maphash.Bytes(k.seed, key) ^ mapping*0x9e3779b97f4a7c15 // 2^64 / golden ratio: spreads the numbers
	if h == 0 {
		return false
	}
	if 2*k.used >= len(k.table) {
		k.grow()
	}
	k.used++
	return k.insert(h)
}

func (k *keySet) insert(h uint64) bool {
	mask := uint64(len(k.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch k.table[i] {
		case 0:
			k.table[i] = h
			return true
		case h:
			return false
		}
	}
}

func (k *keySet) grow() {
	old := k.table
	k.table = make([]uint64, 2*len(old))
	for _, h := range old {
		if h != 0 {
			k.insert(h)
		}
	}
}
