package use

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckJSONPlaces(t *testing.T) {
	s := newSubject(t, "check-json", "f.json", "")
	for _, c := range []struct{ data, want string }{
		{`{"a": 1}`, ""},
		{"{\n  \"é\": 1,\n}", `3:1-3:2 a comma stands before '}', remove the comma`},
		{"", `1:1-1:1 the file holds no value, write one, such as {}`},
		{"[1,\n2,\n]", `3:1-3:2 a comma stands before ']', remove the comma`},
		{`["Extra close"]]`, `1:16-1:17 ']' follows the document's end, remove it or join both documents in an array`},
		{"{\n\"a\": [1", `2:8-2:8 the file ends before the '[' of line 2 is closed, close it with ']'`},
		{`{'a': 1}`, `1:2-1:3 found '\'' where a key should be, put the key in double quotes`},
		{`['a']`, `1:2-1:3 a string in single quotes, use double quotes`},
		{"[\n  // x\n]", `2:3-2:4 JSON has no comments, remove it`},
		{"{\"é\": 1,\n \"b\": {\"\\u00e9\": 1}, \"\\u00e9\": 2}", `2:22-2:30 the object has this key already, remove or rename one of them`},
		{`{"a":1,"a":2,"a":3}`, "1:8-1:11 the object has this key already, remove or rename one of them\n1:14-1:17 the object has this key already, remove or rename one of them"},
		{`[01]`, `1:2-1:4 a number begins with 0, remove the 0 or put the number in double quotes`},
		{`[1.]`, `1:2-1:4 a number ends in a point, write a digit behind it`},
		{`[1e+]`, `1:2-1:5 a number has an empty exponent, write its digits`},
		{`[-]`, `1:2-1:4 a minus without a number, write the number`},
		{"[\"a\nb\"]", `1:2-1:4 the string is not closed on its line, close it with ", or write the line break as \n`},
		{"[\"a\tb\"]", `1:4-1:5 a control character in a string, write it as \u0009`},
		{`["a\x"]`, `1:4-1:6 an escape that JSON does not have, write the backslash as \\`},
		{`["a`, `1:2-1:4 the string is not closed, close it with "`},
		{`[1 2]`, `1:4-1:5 found '2', put a comma before it, or close with ']'`},
		{`[1}`, `1:3-1:4 found '}', put a comma before it, or close with ']'`},
		{`{"a" 1}`, `1:6-1:7 found '1' behind a key, put a colon there`},
		{`{"a":}`, `1:6-1:7 found '}' where a value should be, write a value`},
		{`[True]`, `1:2-1:3 found 'T' where a value should be, write a value`},
		{`[trve]`, `1:2-1:3 an unknown word, write true, false or null, or put it in double quotes`},
		{"[1,\n\"\xff\"]", `2:2-2:3 byte 0xff is not UTF-8, save the file as UTF-8`},
		{"\xef\xbb\xbf[x]", `1:3-1:4 found 'x' where a value should be, write a value`},
		{"\xff\xfe[\x00\n\x00x\x00]\x00", `2:1-2:2 found 'x' where a value should be, write a value`},
		{"\xff\xfe[\x00]", `0:0-0:0 neither UTF-8 nor whole UTF-16 or UTF-32, save the file as UTF-8`},
		{strings.Repeat("[", maxJSONDepth+1), `1:10001-1:10002 more than 10000 levels of nesting, split the document`},
	} {
		if got := strings.TrimSuffix(places(s.findings([]byte(c.data))), "\n"); got != c.want {
			t.Errorf("%.40q:\n%s\nwant\n%s", c.data, got, c.want)
		}
	}
}

// A million keys on one line are found in no time, and none is kept quiet about.
func TestCheckJSONManyRepeats(t *testing.T) {
	const keys = 1_000_000
	s := newSubject(t, "check-json", "f.json", "")
	found := s.findings([]byte(`{"a":0` + strings.Repeat(`,"a":0`, keys) + "}"))
	if len(found) != maxRepeats+1 {
		t.Fatalf("%d findings", len(found))
	}
	if got, want := places(found[maxRepeats:]), "1:608-1:611 keys that their object has already: 999900 from here on, remove or rename them\n"; got != want {
		t.Errorf("%swant %s", got, want)
	}
}

// The scanner agrees with encoding/json wherever that has an opinion: it
// differs only in the three words, and in keys that come again, which it reads.
func FuzzJSONScanner(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e+3,true,null,"\u00e9\ud83d\ude00"]}`, `[NaN,-Infinity]`, "\"\xed\xa0\x80\"", `{"a":1,"a":2}`, `[1,]`, "\xff\xfe1\x00", `"\ud800"`, "[[[[{}]]]]", "-0.0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newSubject(t, "check-json", "f.json", "")
		found := s.findings(data)
		for _, p := range found {
			if p.Line > 0 && (p.Column < 1 || p.EndLine < p.Line) {
				t.Fatalf("%q: %s", data, places(found))
			}
		}
		if text, _, wide, _ := decodeJSON(data); wide || len(text) != len(data) || !utf8.Valid(data) {
			return
		}
		duplicates := strings.Count(places(found), "has this key already") + strings.Count(places(found), "keys that their object has")
		valid := len(found) == duplicates
		standard := json.Valid(data)
		if standard && !valid {
			t.Fatalf("%q is JSON: %s", data, places(found))
		}
		if valid && !standard && !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
			t.Fatalf("%q is no JSON", data)
		}
	})
}
