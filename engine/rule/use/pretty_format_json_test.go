package use

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

func TestPrettyJSONPlaces(t *testing.T) {
	for _, c := range []struct{ options, data, want string }{
		{"", "{\n  \"a\": 1\n}\n", ""},
		{"", "{\r\n  \"a\": 1\r\n}\r\n", ""},
		{"", "{\n  \"b\": 1,\n  \"a\": 2\n}\n", "2:0-0:0 JSON is not formatted from here on, format it"},
		{"", "[\n  1\n]", "3:0-0:0 JSON is not formatted from here on, format it"},
		{"", "[\n1,]", "2:3-2:4 JSON cannot be formatted: a comma stands before ']', remove the comma"},
		{"", "[\n\"\xff\"]", "2:2-2:3 JSON cannot be formatted: a byte is not UTF-8, save the file as UTF-8"},
		{"", `{"a":1,"a":"x"}`, "1:15-1:16 JSON cannot be formatted: this object has a key several times, with values that cannot be compared, keep one of them"},
		{`{"no_ensure_ascii": true}`, `["\ud800"]`, "1:2-1:10 JSON cannot be formatted: a lone surrogate is no UTF-8, remove it or drop no_ensure_ascii"},
		{"", strings.Repeat("[", 1001) + strings.Repeat("]", 1001), "1:1001-1:1002 JSON cannot be formatted: more than 1000 levels of nesting, make it flatter"},
	} {
		s := newSubject(t, "pretty-format-json", "f.json", c.options)
		if got := strings.TrimSuffix(places(s.findings([]byte(c.data))), "\n"); got != c.want {
			t.Errorf("%s %.40q:\n%s\nwant\n%s", c.options, c.data, got, c.want)
		}
	}
}

// Nesting times indentation must not fill the memory.
func TestPrettyJSONSize(t *testing.T) {
	data := strings.Repeat("[", 999) + "1" + strings.Repeat(",1", 100_000) + strings.Repeat("]", 999)
	s := newSubject(t, "pretty-format-json", "f.json", "")
	if got := places(s.findings([]byte(data))); !strings.Contains(got, "its formatted text is too large") {
		t.Errorf("%.200s", got)
	}
}

func TestPrettyJSONOptions(t *testing.T) {
	_, problems := prettyFormatJSON().New(valueOf(t, `{"indent": 1000000000}`))
	if got, want := whats(problems), "the indentation is too wide"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, ok := newSubject(t, "pretty-format-json", "f", "").check.(rule.Fixer); ok {
		t.Error("it fixes without autofix")
	}
}

// Floats read back as what they were.
func TestAppendFloat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		text := string(appendFloat(nil, f))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return
		}
		if back, err := strconv.ParseFloat(text, 64); err != nil || back != f || !strings.ContainsAny(text, ".e") {
			t.Fatalf("%v is written %s", f, text)
		}
	})
}

// A formatted document stays as it is, means what it meant, and a document that
// can be formatted is one that check-json reads.
func FuzzPrettyJSON(f *testing.F) {
	for _, s := range []string{`{"b":[1,-0,2.5e+3,true],"a":{"d":"\u00e9\ud83d\ude00\ud800","c":{}}}`, `{"a":2,"a":1.5,"a":true}`, `[NaN]`, "[1,\r\n2]"} {
		f.Add([]byte(s), false, false, "")
		f.Add([]byte(s), true, true, "c,a")
	}
	f.Fuzz(func(t *testing.T, data []byte, ascii, sort bool, top string) {
		c := prettyFixer{prettyJSON{indent: "  ", ascii: ascii, sort: sort, topKeys: strings.Split(top, ",")}}
		s := subject{c, "f.json"}
		fixed, changed := s.fix(data)
		if found := s.findings(data); changed && len(found) == 0 {
			t.Fatalf("%q becomes %q without a finding", data, fixed)
		}
		if !changed {
			return
		}
		if again, changed := s.fix(fixed); changed || len(s.findings(fixed)) > 0 {
			t.Fatalf("%q becomes %q, then %q", data, fixed, again)
		}
		if bytes.Contains(data, []byte("e")) || !json.Valid(data) || !json.Valid(fixed) {
			return // an exponent may be infinite, which encoding/json does not read
		}
		readJSON(data, func(e *jsonError) { t.Skip("a key is there again") })
		var before, after any
		if json.Unmarshal(data, &before) != nil || json.Unmarshal(fixed, &after) != nil {
			return
		}
		x, _ := json.Marshal(before)
		y, _ := json.Marshal(after)
		if !bytes.Equal(x, y) && !bytes.Contains(data, []byte("-0")) {
			t.Fatalf("%s becomes %s", x, y)
		}
	})
}
