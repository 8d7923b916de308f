package config

import "testing"

// TestSyntaxPlaces: the place of a syntax error, where the YAML library names
// another line or none.
func TestSyntaxPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: [1, 2\n":                    "2:8",
		"a: [1]\nb: [\n  2,\n  3\nc: [4]\n":   "4:3",
		"x: 1\na: b: c\n":                     "2:5",
		"a:\n  - b\n c: d\n":                  "3:2",
		"a: \"abc\n\nd: e":                    "1:4",
		"rules:\n\t- use: x\n":                "2:1",
		"# c\n\n# d\na: *nope\n":              "4:4",
		"a: &x 1\nb: [*x, *nope, *x]\n":       "2:9",
		"a: @foo\n":                           "1:4",
		"ä: ü: x\n":                           "1:5",
		"- a\nb: c\n":                         "2:1",
		"a: \"\\q\"\n":                        "1:5",
		"a: }\n":                              "1:4",
		"# c\nrules:\n  - id: x\n   use: y\n": "4:4",
		"a: {b: c\n\n\nd: [\n":                "1:8",
		"a: 1\r\nb: c: d\r\n":                 "2:5",
		"\ufeffa: b: c\n":                     "1:6",
		"%YAML 9.9\n---\na: 1\n":              "1:9",
	} {
		_, ps := parse("f", []byte(text))
		if len(ps) != 1 {
			t.Errorf("%q: %v, want one problem", text, ps)
			continue
		}
		if got := ps[0].Pos.String(); got != "f:"+want {
			t.Errorf("%q: %v, want %s", text, ps[0], want)
		}
	}
}

// TestValuePlaces: a key's and a value's place, in code points, whatever ends
// the lines.
func TestValuePlaces(t *testing.T) {
	for text, want := range map[string]string{
		"key: 1\n":                        "f:1:1 f:1:6",
		"- {ä: \"ü\", key: 1}\n":          "f:1:12 f:1:17",
		"a: 1\r\nkey: 1\r\n":              "f:2:1 f:2:6",
		"a: 1\rkey: 1\n":                  "f:1:6 f:1:11",
		"a: \"x\u0085 y\u2028z\"\nkey: 1": "f:2:1 f:2:6",
		"a: 0\u2029key: 1":                "f:1:6 f:1:11",
		"a: &x 7\nkey: *x\n":              "f:2:1 f:1:4",
		"key:\n":                          "f:1:1 f:1:5",
	} {
		v, ps := parse("f", []byte(text))
		if len(ps) > 0 {
			t.Errorf("%q: %v", text, ps)
			continue
		}
		if len(v.Items) > 0 {
			v = v.Items[0]
		}
		f := fieldOf(v, "key")
		if f == nil {
			t.Errorf("%q: no key in %+v", text, v)
			continue
		}
		if got := f.KeyPos.String() + " " + f.Value.Pos.String(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestScalars(t *testing.T) {
	for text, want := range map[string]string{
		"0x1F": "a whole number 31", "0o17": "a whole number 15", "1_000": "a whole number 1000", "+7": "a whole number 7", "-0": "a whole number 0",
		"1e3": "a number 1000", "0.5": "a number 0.5", "1.0": "a number 1", "True": "a boolean true", "yes": "a string yes", "~": "null ",
		"2001-01-01": "a string 2001-01-01", "'1'": "a string 1", "!!str 1": "a string 1", "99999999999999999999": "a number 1e+20",
	} {
		v, ps := parse("f", []byte(text))
		if got := v.Kind.String() + " " + v.Scalar; got != want || len(ps) > 0 {
			t.Errorf("%s: %s %v, want %s", text, got, ps, want)
		}
	}
	for _, text := range []string{".inf", ".nan", "!!int x", "!!bool maybe", "!!float x", "!mine x", "!!set {a}", "!!binary aGk="} {
		if v, ps := parse("f", []byte(text)); len(ps) != 1 {
			t.Errorf("%s: %+v %v, want one problem", text, v, ps)
		}
	}
}
