package engine

import (
	"context"
	"slices"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
)

// runCommand runs one invocation of a command, and says whether on a copy of what
// is judged.
func (p *round) runCommand(ctx context.Context, t *plan.Task, out *ruleWork) (copied bool) {
	r := p.rules[t.Rules[0]]
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	start := time.Now()
	pass := rule.NewPass(ctx, r, p.src)
	defer func() {
		if v := recover(); v != nil {
			out.faults = append(out.faults, panicFault(r.ID, "", v))
		}
		out.findings, out.skipped = pass.Findings(), pass.Skipped()
		out.faults = append(out.faults, pass.Faults()...)
		out.doubtful = pass.Doubtful()
		out.judged, out.files, out.bytes = true, t.Count, t.Bytes
		out.cpu, out.peak = pass.Usage().CPUSeconds, pass.Usage().PeakMemory
		out.seconds = time.Since(start).Seconds()
	}()
	check := r.Check.(rule.CommandCheck)
	if p.o.Refuse != "" {
		pass.Fail(rule.FaultRefused, "%s", p.o.Refuse)
		return false
	}
	paths := t.Paths
	if w := p.commands[t.Rules[0]]; w != nil && len(paths) > 0 {
		paths = slices.Concat(paths, w.inputs) // it looks at these as well
	}
	root, err := p.where(ctx, r, paths)
	if err != nil {
		pass.Fail(rule.FaultUnreadable, "no copy of what is judged could be made to run the command on: %v", err)
		return false
	}
	start = time.Now() // the copy is no cost of the rule's
	check.Run(pass, rule.Place{Root: root, Env: p.commandEnv(), Line: p.lineOf(ctx)}, t.Paths)
	return root != p.src.Root()
}

// lineOf returns a function that gives a file's line for a finding's caret. It
// keeps the last file, because findings come file by file.
func (p *round) lineOf(ctx context.Context) func(path string, line int) string {
	var file *rule.File
	return func(path string, line int) string {
		if file == nil || file.Path != path {
			data, err := p.content(ctx, path)
			if err != nil || len(data) > MaxFile {
				data = nil
			}
			file = rule.NewFile(rule.Entry{Path: path}, data, nil)
		}
		return file.Text(line)
	}
}
