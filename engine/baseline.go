package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// BaselineFile holds the findings that were accepted with --write-baseline.
const BaselineFile = ".sot-baseline.json"

// baseline is the set of accepted fingerprints.
type baseline map[string]bool

type baselineFile struct {
	Version  int             `json:"version"`
	Findings []baselineEntry `json:"findings"`
}

// baselineEntry is one accepted finding. Only the fingerprint counts: the rest
// is for whoever reviews the file.
type baselineEntry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Path        string `json:"path"`
	Message     string `json:"message"`
}

func readBaseline(ctx context.Context, src *source.Source) ([]baselineEntry, error) {
	data, err := src.ReadPolicy(ctx, BaselineFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var f baselineFile
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, usagef("%s is not a baseline: %v; write it anew with `sot run --all --write-baseline`", BaselineFile, err)
	}
	if f.Version != 1 {
		return nil, usagef("%s has version %d, and this sot reads version 1; write it anew with `sot run --all --write-baseline`", BaselineFile, f.Version)
	}
	return f.Findings, nil
}

func newBaseline(entries []baselineEntry) baseline {
	b := make(baseline, len(entries))
	for _, e := range entries {
		b[e.Fingerprint] = true
	}
	return b
}

// remove takes away the accepted findings.
func (b baseline) remove(fs []rule.Finding) []rule.Finding {
	if len(b) == 0 {
		return fs
	}
	return slices.DeleteFunc(fs, func(f rule.Finding) bool { return b[f.Fingerprint] })
}

// writeBaseline accepts what was found, and keeps what was accepted before for
// files and rules that this run did not judge.
func (r *run) writeBaseline() error {
	if !r.src.Worktree() {
		return usagef("--write-baseline writes to the worktree, and this run judges what git holds (%s): run it without --staged or --head", r.src.Name())
	}
	f := baselineFile{Version: 1, Findings: []baselineEntry{}}
	for _, e := range r.accepted {
		if !r.judged(e) {
			f.Findings = append(f.Findings, e)
		}
	}
	for _, x := range r.last.findings() {
		f.Findings = append(f.Findings, baselineEntry{x.Fingerprint, x.Rule, strings.ToValidUTF8(x.Path, "\uFFFD"), x.Message})
	}
	slices.SortFunc(f.Findings, func(a, b baselineEntry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Rule, b.Rule), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		return err
	}
	if err := r.src.WriteFile(BaselineFile, b.Bytes()); err != nil {
		return fmt.Errorf("%s could not be written: %w", BaselineFile, err)
	}
	r.notes = append(r.notes, fmt.Sprintf("%s holds %d accepted findings from now on", BaselineFile, len(f.Findings)))
	r.baseline = newBaseline(f.Findings)
	r.last.accept()
	return nil
}

// judged says whether this run would have found a finding anew.
func (r *run) judged(e baselineEntry) bool {
	ran := e.Rule == UnusedIgnore || e.Rule == OversizedFile
	for i, x := range r.rules {
		ran = ran || x.ID == e.Rule && r.last.states[i].result.Status != report.Skipped
	}
	if e.Path == "" || strings.HasSuffix(e.Path, "/") || r.src.Name() == "all" {
		return ran
	}
	_, listed := slices.BinarySearchFunc(r.files, e.Path, func(f rule.Entry, path string) int { return strings.Compare(f.Path, path) })
	return ran && listed
}

// accept takes the findings that the new baseline holds out of the round.
func (p *round) accept() {
	for i := range p.states {
		st := &p.states[i]
		if st.result.Status == report.Failed {
			st.findings = p.baseline.remove(st.findings)
			st.result.Findings = len(st.findings)
			st.result.Status, st.result.Reason = report.Passed, "its findings were accepted"
		}
	}
}
