package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// modelJSON is a file with one model.
func modelJSON(body string) string {
	return `{"version":1,"classes":{"linux/amd64/2":{"r":{` + body + `}}}}`
}

// damaged are files that nothing is believed of.
var damaged = map[string]string{
	"empty":                "",
	"spaces":               "  \n",
	"half":                 `{"version":1,"classes":{"linux/amd64/2":{"r":{"kind":"k","cou`,
	"binary":               "\x00\x01\xff",
	"list":                 `[]`,
	"null":                 `null`,
	"no version":           `{"classes":{}}`,
	"foreign version":      `{"version":2,"classes":{}}`,
	"version of no number": `{"version":"1","classes":{}}`,
	"two ends":             `{"version":1,"classes":{}}{}`,
	"NaN":                  modelJSON(`"kind":"k","count":NaN`),
	"infinite":             modelJSON(`"kind":"k","count":1e999`),
	"negative":             modelJSON(`"kind":"k","count":1,"mean":-1`),
	"huge":                 modelJSON(`"kind":"k","count":1,"mean":1e300`),
	"count of a fraction":  modelJSON(`"kind":"k","count":1e-300,"mean":1`),
	"wrong type":           modelJSON(`"kind":"k","count":"1"`),
	"kind of no string":    modelJSON(`"kind":1`),
	"kind that is long":    modelJSON(`"kind":"` + strings.Repeat("x", 600) + `"`),
	"time of no time":      modelJSON(`"kind":"k","updated":"yesterday"`),
	"time that overflows":  modelJSON(`"kind":"k","updated":"9999-12-31T23:59:59-01:00"`),
	"number with a zero":   modelJSON(`"kind":"k","count":01`),
	"number with a plus":   modelJSON(`"kind":"k","count":+1`),
	"number that is long":  modelJSON(`"kind":"k","count":1.` + strings.Repeat("0", 100)),
	"number with a point":  modelJSON(`"kind":"k","count":1.`),
	"number of hex":        modelJSON(`"kind":"k","count":0x10`),
	"duplicate field":      modelJSON(`"kind":"k","count":1,"count":2`),
	"duplicate rule":       `{"version":1,"classes":{"a":{"r":{},"r":{}}}}`,
	"duplicate class":      `{"version":1,"classes":{"a":{"r":{}},"a":{}}}`,
	"duplicate by escape":  `{"version":1,"classes":{"a":{"r":{},"\u0072":{}}}}`,
	"rule without a name":  `{"version":1,"classes":{"a":{"":{}}}}`,
	"rule that is long":    `{"version":1,"classes":{"a":{"` + strings.Repeat("x", 600) + `":{}}}}`,
	"model of no object":   `{"version":1,"classes":{"a":{"r":[]}}}`,
	"deep":                 `{"version":1,"later":` + strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5) + `}`,
	"deep objects":         `{"version":1,"later":` + strings.Repeat(`{"a":`, 1e5) + `1` + strings.Repeat("}", 1e5) + `}`,
	"control character":    modelJSON("\"kind\":\"k\n\""),
	"bad escape":           modelJSON(`"kind":"\x"`),
	"escape at the end":    `{"version":1,"\`,
	"trailing comma":       modelJSON(`"kind":"k",`),
	"missing colon":        modelJSON(`"kind" "k"`),
	"missing comma":        modelJSON(`"kind":"k" "count":1`),
	"later list, no comma": `{"version":1,"later":[1 2]}`,
	"later, not a word":    `{"version":1,"later":nul}`,
}

// manyRules is a file of so many models.
func manyRules(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"version":1,"classes":{"linux/amd64/2":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%d":{}`, i)
	}
	b.WriteString("}}}")
	return b.Bytes()
}

// A damaged file costs a warning that says where and why, and is replaced by
// what the run learns.
func TestDamagedFileCostsAWarning(t *testing.T) {
	files := map[string][]byte{
		"too many rules":    manyRules(maxModels + 1),
		"millions":          manyRules(1_500_000),
		"a hundred MB":      bytes.Repeat([]byte(" "), 100<<20),
		"a hundred MB of [": append([]byte(`{"version":1,"later":`), bytes.Repeat([]byte("["), maxFile-100)...),
	}
	for name, text := range damaged {
		files[name] = []byte(text)
	}
	for name, data := range files {
		path := filepath.Join(t.TempDir(), "profile.json")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		start := cputime.Used()
		p, err := Load(path, class)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: warning %v", name, err)
		}
		if p.Warm() || p.Estimate("r", "k", 1, 1).Seconds != 0.01 {
			t.Errorf("%s: it is believed", name)
		}
		if d := cputime.Used() - start; d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
		observe(p, "r", 1)
		save(t, p)
		if p, err := Load(path, class); err != nil || !p.Warm() {
			t.Errorf("%s: after the save: %v", name, err)
		}
	}
}

// What a later release may add is passed over.
func TestUnknownKeysArePassedOver(t *testing.T) {
	s, err := Decode([]byte(` { "later" : [ {"a":[1,-2.5e3,"\"x", {} , [] ], "b":null}, true, false ] , "version" : 1 ,
		"classes" : { "linux/amd64/2" : { "r\u00e9" : { "new" : {"x":1} , "mean" : 2e0, "count" : 1 , "kind" : "k", "updated":"2026-01-02T03:04:05+01:00" } } } } `))
	if err != nil {
		t.Fatal(err)
	}
	if m := s.classes["linux/amd64/2"]["ré"]; m == nil || m.Count() != 1 || m.Mean() != 2 || m.Kind != "k" || m.Updated.Hour() != 2 {
		t.Errorf("%+v", m)
	}
}

func TestWhatIsNoFileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	folder, target := filepath.Join(dir, "folder"), filepath.Join(dir, "target")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte("keep me"), 0o644); err != nil {
		t.Fatal(err)
	}
	places := map[string]string{"folder": folder, "below a file": filepath.Join(target, "p.json")}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(target, link); err == nil { // Windows may not let us
		places["link"] = link
	}
	locked := filepath.Join(dir, "locked")
	if err := os.Symlink(target, locked+".lock"); err == nil {
		places["link as the lock"] = locked
	}
	for name, path := range places {
		p, err := Load(path, class)
		if name == "link" && (err == nil || !strings.Contains(err.Error(), "symbolic link")) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && name != "link as the lock" && name != "below a file" {
			t.Errorf("%s: no warning", name)
		}
		observe(p, "r", 1)
		if err := p.Save(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: saving says %v", name, err)
		}
	}
	if b, err := os.ReadFile(target); err != nil || string(b) != "keep me" {
		t.Errorf("the link's target holds %q, %v", b, err)
	}
	if info, err := os.Lstat(link); err == nil && info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
}

func TestReadOnlyFolderCostsAWarning(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("root, and Windows, write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	p := load(t, filepath.Join(dir, "p.json"))
	observe(p, "r", 1)
	if err := p.Save(); err == nil {
		t.Error("no warning")
	}
}

// FuzzDecode: whatever the bytes, what is read is JSON as encoding/json sees
// it, survives being written and read again, and its costs are numbers.
func FuzzDecode(f *testing.F) {
	for _, text := range damaged {
		if len(text) < 1e4 {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte(modelJSON(`"kind":"k","updated":"2026-01-02T03:04:05Z","count":60,"mean":1e-3,"m2":2,"bytes_mean":3,"bytes_m2":1e40,"files_m2":1e46,"bytes_files":-1e46,"latest_count":3,"saves":2`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("read, but not JSON: %q", data)
		}
		for _, e := range s.Entries() {
			c := e.Cost()
			for _, x := range []Estimate{c.Estimate(0, 0), c.Offered(math.MaxInt64, math.MaxInt)} {
				for _, v := range []float64{x.Seconds, x.StdErr, x.Spread, e.SD()} {
					if !(v >= 0) || math.IsInf(v, 0) {
						t.Fatalf("%+v from %q", x, data)
					}
				}
			}
		}
		again, err := Decode(s.Encode())
		if err != nil || again.Len() != s.Len() {
			t.Fatalf("%q is written as %q: %v", data, s.Encode(), err)
		}
		again.Learn(s)
		again.Merge(s)
		for _, e := range again.Entries() {
			c := e.Cost()
			if v := c.Estimate(1e6, 10).Seconds; !(v >= 0) || math.IsInf(v, 0) {
				t.Fatalf("merged with itself: %v from %q", v, data)
			}
		}
	})
}
