//go:build !linux

package source

// beneath opens files below one folder without following any link.
type beneath struct{ *rooted }

func openBeneath(root string) (*beneath, error) {
	r, err := openRooted(root)
	return &beneath{r}, err
}
