package use

import "github.com/sot-validator/sot/engine/rule"

// cannot reports a fault once a pass: a question that the repository cannot
// answer fails in the same words for each of the pass's files.
func cannot(p *rule.Pass, doing string, err error) {
	if len(p.Faults()) == 0 {
		p.Fail(rule.FaultUnreadable, "cannot %s: %v", doing, err)
	}
}
