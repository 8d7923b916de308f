//go:build !linux

package source

func portable(r *rooted) *beneath { return &beneath{r} }
