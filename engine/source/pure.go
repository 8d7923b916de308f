package source

func (s *Source) connectPure() error {
	return unsupported("there is no git on the PATH")
}
