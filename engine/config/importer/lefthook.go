package importer

// Lefthook is a stub.
func Lefthook(name string, data []byte, open func(string) ([]byte, error), o Options) (*Result, error) {
	return nil, nil
}
