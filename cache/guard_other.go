//go:build !unix

package cache

// guarded is for systems whose files can be pipes and links.
const guarded = 0
