package engine

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// Verdict is what the last run said of a rule, for `sot explain`.
type Verdict struct {
	Rule     string        `json:"rule"` // first: a run finds by it the lines that it replaces
	At       time.Time     `json:"at"`
	Source   string        `json:"source"`
	Status   report.Status `json:"status"`
	Reason   string        `json:"reason,omitempty"`
	Findings int           `json:"findings"`
	Files    int           `json:"files"`
	Digest   string        `json:"digest"` // of the rule's declaration, as it was
}

// Changed says whether the rule was another one then.
func (v *Verdict) Changed(r *rule.Rule) bool { return v.Digest != shortDigest(r) }

func shortDigest(r *rule.Rule) string { return hex.EncodeToString(r.Digest[:8]) }

// maxLastRun bounds the file of last verdicts that is read, in bytes.
const maxLastRun = 8 << 20

// lastRunPath is the file of last verdicts, a JSON object a line, beside the
// profile; "" where there is no place for it.
func (r *run) lastRunPath() string {
	dir, err := r.src.StateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "last-run.jsonl")
}

// keepVerdicts writes down what this run says of its rules. Those that it did not
// run keep what an earlier one said. What goes wrong is no more than a detail:
// nothing depends on the file.
func (r *run) keepVerdicts(ctx context.Context, rep *report.Report) {
	path := r.lastRunPath()
	if path == "" || r.o.Shard != nil || r.o.NoCache && r.o.NoProfile {
		return
	}
	now := time.Now().UTC().Truncate(time.Second)
	ran := map[string]bool{}
	var out bytes.Buffer
	for i, x := range rep.Rules {
		if x.Status == report.Skipped && ctx.Err() != nil {
			continue // it was stopped
		}
		line, err := json.Marshal(Verdict{x.ID, now, rep.Run.Source, x.Status, x.Reason, x.Findings, x.Files, shortDigest(r.rules[i])})
		if err != nil {
			continue
		}
		ran[x.ID] = true
		out.Write(append(line, '\n'))
	}
	old, err := readLastRun(path)
	for line := range bytes.Lines(old) {
		if id := idOfLine(line); id != "" && !ran[id] {
			out.Write(line)
		}
	}
	if err == nil {
		err = replaceFile(path, out.Bytes())
	}
	if err != nil {
		r.details = append(r.details, fmt.Sprintf("what the rules said was not kept: %v", err))
	}
}

// readLastRun reads the file of last verdicts; nothing where there is none, or
// where it is too large to be one.
func readLastRun(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New(path + " is not a regular file")
	case info.Size() > maxLastRun:
		return nil, nil
	}
	return os.ReadFile(path)
}

// idOfLine returns the rule of a line without parsing the rest; "" where it is no
// whole line of ours.
func idOfLine(line []byte) string {
	rest, ok := bytes.CutPrefix(line, []byte(`{"rule":"`))
	if !ok || !bytes.HasSuffix(line, []byte("}\n")) {
		return ""
	}
	id, _, ok := bytes.Cut(rest, []byte(`","at"`))
	if !ok {
		return ""
	}
	return string(id)
}

// replaceFile writes a file whole, or not at all. It is not synced: a reader takes
// a file that was torn by a loss of power for an absent one.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// lastVerdict returns what the last run that ran a rule said of it; nil where
// none is known.
func (r *run) lastVerdict(id string) *Verdict {
	data, err := readLastRun(r.lastRunPath())
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(data) {
		var v Verdict
		if idOfLine(line) == id && json.Unmarshal(line, &v) == nil {
			return &v
		}
	}
	return nil
}
