package source

func portable(r *rooted) *beneath { return &beneath{fd: -1, slow: r} }
