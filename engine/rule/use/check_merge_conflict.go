package use

import (
	"bytes"
	"context"
	"strconv"

	"github.com/sot-validator/sot/engine/rule"
)

func checkMergeConflict() rule.Use {
	return rule.Use{
		ID:  "check-merge-conflict",
		Why: "A marker breaks whatever reads the file, or ends up in what users read.",
		Doc: `Finds the markers that a merge left behind.

A marker is a line that begins with ` + "`<<<<<<< `, `======= ` or `>>>>>>> `" + `, or that is
` + "`=======`" + ` alone. Lines of equals signs are common in text, so files are looked at only while
a merge or a rebase is under way.

- assume_in_merge: look always.
`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With: rule.Object("options of check-merge-conflict",
			rule.Key{Name: "assume_in_merge", Shape: rule.Boolean("look for markers whether or not a merge is under way")},
		),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			return mergeConflict{with.Get("assume_in_merge").Bool(false)}, nil
		},
	}
}

// mergeConflict is the check check-merge-conflict.
type mergeConflict struct{ always bool }

// State says whether files are looked at.
func (c mergeConflict) State(ctx context.Context, repo rule.Repo) (string, error) {
	if c.always {
		return "", nil
	}
	merging, err := repo.Merging(ctx)
	return strconv.FormatBool(merging), err
}

// CheckFile reports each marker.
func (c mergeConflict) CheckFile(p *rule.Pass, f *rule.File) {
	if !c.always {
		merging, err := p.Stated().Merging(p.Context())
		if err != nil {
			cannot(p, "see whether a merge is under way", err)
			return
		}
		if !merging {
			return
		}
	}
	data := f.Bytes()
	for at := 0; at < len(data); {
		if isMarker(data[at:]) {
			p.Range(f, at, at+7, "merge conflict marker %q, resolve the conflict and remove it", data[at:at+7])
		}
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			return
		}
		at += n + 1
	}
}

// isMarker says whether a marker stands at the start of a line's text.
func isMarker(line []byte) bool {
	c := line[0]
	if c != '<' && c != '=' && c != '>' || len(line) < 8 {
		return false
	}
	for _, d := range line[1:7] {
		if d != c {
			return false
		}
	}
	if c != '=' {
		return line[7] == ' '
	}
	return line[7] == ' ' || line[7] == '\n' || line[7] == '\r' && len(line) > 8 && line[8] == '\n'
}
