package tomlsyntax

// entry is what a name stands for: a table, an array of tables (its last one),
// or a value.
type entry struct {
	value bool // no table
	list  bool // [[name]]
	// declared says that a header may not open it again, and dotted keys in
	// other tables may not add to it.
	declared bool
	// frozen says that it was written as an inline table or an array, which
	// nothing can be added to.
	frozen bool
	names  map[string]*entry
	first  int // where it was first written
}

// child returns what a name stands for in a table, making it a table where it
// is new.
func (e *entry) child(name string, at int) *entry {
	c := e.names[name]
	if c == nil {
		c = &entry{first: at}
		e.set(name, c)
	}
	return c
}

func (e *entry) set(name string, c *entry) {
	if e.names == nil {
		e.names = map[string]*entry{}
	}
	e.names[name] = c
}
