package ghcache

import "time"

// SetBudget shortens the budget, so that tests need not wait for it.
func (c *Client) SetBudget(d time.Duration) { c.left = d }
