package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
)

// shardOf is the report of one shard of two, as it is read from its file.
func shardOf(t *testing.T, index int, r *report.Report) report.ShardReport {
	t.Helper()
	r.Run.Shard = &report.Shard{Index: index, Of: 2, FailOn: "error"}
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	rec, err := report.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return report.ShardReport{Name: "report", Record: rec}
}

// What the cache spared the jobs adds up, and what was learned of a rule stands once.
func TestMergedFiguresOfTheCache(t *testing.T) {
	a, b := cleanRun(), cleanRun()
	a.Cache, b.Cache = report.Cache{Files: 3, Verdicts: 40, Seconds: 0.5}, report.Cache{Files: 4, Verdicts: 2, Seconds: 0.25}
	a.Rules[1].Learned = nil
	a.Rules[2].Part, a.Rules[2].Learned = report.Elsewhere, &report.Learned{Tasks: 99, Mean: 1}
	m, err := report.Merge([]report.ShardReport{shardOf(t, 1, a), shardOf(t, 2, b)})
	if err != nil {
		t.Fatal(err)
	}
	if want := (report.Cache{Files: 7, Verdicts: 42, Seconds: 0.75}); m.Cache != want {
		t.Errorf("%+v, want %+v", m.Cache, want)
	}
	for i, want := range []float64{31, 31, 99} {
		if l := m.Rules[i].Learned; l == nil || l.Tasks != want {
			t.Errorf("rule %d: %+v, want %v tasks", i, l, want)
		}
	}
	var md strings.Builder
	if err := report.Markdown(&md, m, report.MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| 2 | **880 ms** | `██████████` |", "| 0 to 1 |", "| 2 to 3 |", "the longest took 1.00 times as long as the mean", "| cache saved | **8 files, 750 ms** |", "200 ms ± 20 ms (31)"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("%q is not in\n%s", want, md.String())
		}
	}
}
