package document

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// problems returns what is wrong with a text as lines "start-end message".
func problems(text string, f Format) string {
	var out []string
	for _, p := range Parse([]byte(text), f).Problems {
		out = append(out, fmt.Sprintf("%d-%d %s", p.Start, p.End, p.Message))
	}
	return strings.Join(out, "\n")
}

func laughs(levels int) string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < levels; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return text
}

func merges(levels int) string {
	text := "a0: &a0 {" + strings.Repeat("", 0)
	for i := range 1000 {
		text += fmt.Sprintf("k%d: 1, ", i)
	}
	text += "}\n"
	for i := range levels {
		text += fmt.Sprintf("m%d: {<<: *a0}\n", i)
	}
	return text
}

// What is bad is told where it stands, and none of it takes long.
func TestBadInput(t *testing.T) {
	for name, c := range map[string]struct {
		format     Format
		text, want string // want begins the first problem; "" is none
	}{
		"billion laughs":         {YAML, laughs(10), "279-"},
		"a hundred laughs":       {YAML, laughs(2), ""},
		"merges without end":     {YAML, merges(2000), ""},
		"an alias of itself":     {YAML, "a: &a [*a]", "7-9 the alias *a stands inside of what it names"},
		"an undefined alias":     {YAML, "a: *b", "3-5 undefined alias *b"},
		"99 deep":                {YAML, strings.Repeat("[", 99) + strings.Repeat("]", 99), ""},
		"100 levels":             {YAML, deepBlock(100), ""},
		"501 deep":               {YAML, strings.Repeat("[", 501) + strings.Repeat("]", 501), "500-500 nested more than 500 deep"},
		"100,000 deep":           {YAML, strings.Repeat("[", 100_000), ""},
		"100,000 deep in JSON":   {JSON, strings.Repeat("[", 100_000), "500-501 nested more than 500 deep"},
		"a key that is a map":    {YAML, "{a: 1}: x", "0-"},
		"a template as a key":    {YAML, "a: {{ x }}", "4-"},
		"a list as a key":        {YAML, "? [a]\n: 1", "2-"},
		"number keys":            {YAML, "1: a\n2.5: b\ntrue: c\nnull: d", ""},
		"python/object":          {YAML, "a: !!python/object/apply:os.system [x]", "3-"},
		"a tag of an own":        {YAML, "a: !Ref x\nb: !Sub [1]", ""},
		"a tab":                  {YAML, "a:\n\tb: 1", "3-4 tab where indentation is expected"},
		"duplicate keys":         {YAML, "a: 1\nb: 2\na: 3\na: 4", "10-11 duplicate key \"a\", the first is at line 1, remove or rename one\n15-16 "},
		"duplicate in a list":    {YAML, "- {a: 1, a: 2}", "9-10 duplicate key"},
		"keys of one text":       {YAML, "1: a\n'1': b", "5-8 duplicate key"},
		"NaN":                    {YAML, "a: .nan", "3-7 a number that JSON does not have"},
		"infinity":               {YAML, "a: -.inf", "3-8 a number that JSON does not have"},
		"NaN in JSON":            {JSON, `{"a": NaN}`, "6-7 "},
		"NaN in TOML":            {TOML, "a = nan", "4-7 a number that JSON does not have"},
		"a huge number":          {JSON, "1e999999999", "0-11 a number that JSON does not have"},
		"a long number":          {JSON, strings.Repeat("9", 2000), "0-2000 a number of more than 1000 digits"},
		"invalid UTF-8":          {JSON, "{\"a\": \"\xff\"}", "7-8 byte 0xff is not UTF-8"},
		"invalid UTF-8 in YAML":  {YAML, "a: \xc3\x28", "3-4 byte 0xc3 is not UTF-8"},
		"UTF-16":                 {YAML, "\xff\xfea\x00", "0-2 the file is UTF-16, save it as UTF-8"},
		"a byte order mark":      {YAML, "\ufeffa: 1", ""},
		"one in JSON":            {JSON, "\ufeff{}", ""},
		"one in TOML":            {TOML, "\ufeffa = 1", ""},
		"CRLF":                   {YAML, "a: 1\r\nb: |\r\n  x\r\n", ""},
		"duplicate keys in JSON": {JSON, `{"a": 1, "a": 2, "b": {"c": 1, "c": 1}}`, "9-12 duplicate key \"a\", the first is at line 1, remove or rename one\n31-34 "},
		"in TOML":                {TOML, "a = 1\na = 2", "6-7 key \"a\" is there twice, first at line 1"},
		"nothing in JSON":        {JSON, "  ", "0-1 the file is empty"},
		"two values":             {JSON, "{} {}", "3-4 a second value"},
		"a bracket too many":     {JSON, `["Extra close"]]`, "15-16 a second value, or text"},
		"an open comment":        {JSONC, "{} /* x", "3-5 a comment that is not closed"},
		"a comma alone":          {JSONC, "[,]", "1-2 "},
		"two commas":             {JSONC, "[1,,]", "3-4 "},
		"an open string":         {JSONC, "[\"a", "3-3 "},
	} {
		start := cputime.Used()
		got := problems(c.text, c.format)
		if !strings.HasPrefix(got, c.want) || (c.want == "" && name != "100,000 deep" && name != "merges without end") && got != "" {
			t.Errorf("%s: got %.300q, want %q", name, got, c.want)
		}
		if (name == "100,000 deep" || name == "merges without end") && got == "" {
			t.Errorf("%s is taken", name)
		}
		if d := cputime.Used() - start; d > 20*time.Second {
			t.Errorf("%s took %s", name, d)
		}
	}
}

func deepBlock(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// A document of very many values ends in a problem, not in memory.
func TestManyValues(t *testing.T) {
	many := strings.Repeat("0,", MaxValues+10)
	for f, text := range map[Format]string{
		JSON: "[" + many + "0]",
		YAML: "[" + many + "0]",
		TOML: "a = [" + many + "0]",
	} {
		if got := problems(text, f); !strings.Contains(got, "values") || strings.Contains(got, "\n") {
			t.Errorf("%s: %.300q", f, got)
		}
	}
}

func TestValues(t *testing.T) {
	for text, want := range map[string]any{
		"a: 1":                       map[string]any{"a": 1},
		"- 0x10\n- 0o17\n- 1_000":    []any{16, 15, 1000},
		"[1.5, 1e3, -0.0, .5]":       []any{1.5, 1000.0, 0.0, 0.5},
		"[yes, on, true, False]":     []any{"yes", "on", true, false},
		"[~, null, '', ]":            []any{nil, nil, ""},
		"2024-01-02":                 "2024-01-02",
		"a: 2024-01-02 03:04:05":     map[string]any{"a": "2024-01-02 03:04:05"},
		"12345678901234567890":       json.Number("12345678901234567890"),
		"'1'":                        "1",
		"!!str 1":                    "1",
		"|\n  a\n  b\n":              "a\nb\n",
		">-\n  a\n  b\n\n  c\n":      "a b\nc",
		"|+\n  a\n\n":                "a\n\n",
		"\"a \n  b\\n\\u00e9\"":      "a b\né",
		"on: {1: x, true: y}":        map[string]any{"on": map[string]any{"1": "x", "true": "y"}},
		"[http://host:80, {a: b:c}]": []any{"http://host:80", map[string]any{"a": "b:c"}},
		"a: &x {b: 1}\nc: {<<: [*x, {b: 2, d: 3}], e: 4}": map[string]any{"a": map[string]any{"b": 1}, "c": map[string]any{"b": 1, "d": 3, "e": 4}},
	} {
		got := Parse([]byte(text), YAML)
		if len(got.Problems) > 0 || !reflect.DeepEqual(got.Roots[0].Value, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// values are what all three formats can hold.
func values(depth int) *rapid.Generator[any] {
	scalar := rapid.OneOf(
		// Three characters are line ends for YAML 1.1 alone, and are folded as such.
		rapid.Map(rapid.String(), func(s string) any {
			return strings.NewReplacer("\u0085", "", "\u2028", "", "\u2029", "").Replace(strings.ToValidUTF8(s, "?"))
		}),
		rapid.Map(rapid.Int(), func(n int) any { return n }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just[any](nil),
	)
	if depth == 0 {
		return scalar
	}
	inner := values(depth - 1)
	return rapid.OneOf(scalar,
		rapid.Map(rapid.SliceOfN(inner, 0, 4), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-zA-Z0-9 é._~/"-]{0,8}`), inner, 0, 4), func(m map[string]any) any { return m }))
}

// same compares values, numbers by what they are: 1.0 is written as 1.
func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	positive := strings.NewReplacer("-0,", "0,", "-0]", "0]", "-0}", "0}")
	return err1 == nil && err2 == nil && positive.Replace(string(x)+",") == positive.Replace(string(y)+",")
}

// What is written as JSON or YAML is read back, and each node's bytes are its
// value written.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := values(3).Draw(t, "value")
		text, err := json.MarshalIndent(v, "", rapid.SampledFrom([]string{"", "  "}).Draw(t, "indent"))
		if err != nil {
			t.Skip(err)
		}
		got := Parse(text, JSON)
		if len(got.Problems) > 0 || !same(got.Roots[0].Value, v) {
			t.Fatalf("JSON %s: %v", text, got)
		}
		checkSpans(t, text, got.Roots[0], true)
		asYAML, err := yaml.Marshal(v)
		if err != nil {
			t.Skip(err)
		}
		if yaml.Unmarshal(asYAML, &v) != nil { // what it writes is not always what it was given
			t.Skip("yaml.v3 does not read what it writes")
		}
		if got := Parse(asYAML, YAML); len(got.Problems) > 0 || !same(got.Roots[0].Value, v) {
			t.Fatalf("YAML %q: %v, want %v", asYAML, got, v)
		}
		// JSON is YAML, but for characters that YAML does not have.
		if got := Parse(text, YAML); len(got.Problems) == 0 {
			if asJSON := Parse(text, JSON).Roots[0].Value; !same(got.Roots[0].Value, asJSON) {
				t.Fatalf("JSON as YAML %s: %v", text, got.Roots[0].Value)
			}
			checkSpans(t, text, got.Roots[0], false)
		}
	})
}

// checkSpans parses each node's bytes alone; a YAML collection has its start alone.
func checkSpans(t *rapid.T, text []byte, n *Node, collections bool) {
	part := Parse(text[n.Start:n.End], JSON)
	if (collections || n.depth == 0) && (len(part.Problems) > 0 || !same(part.Roots[0].Value, n.Value)) {
		t.Fatalf("%s: the bytes %d-%d are %q, the value %v", text, n.Start, n.End, text[n.Start:n.End], n.Value)
	}
	for i, k := range n.Kids {
		token := fmt.Sprint(i)
		if k.KeyEnd > 0 {
			token = k.Key
			var key string
			if err := json.Unmarshal(text[k.KeyStart:k.KeyEnd], &key); err != nil || key != k.Key {
				t.Fatalf("%s: the key %q has the bytes %q", text, k.Key, text[k.KeyStart:k.KeyEnd])
			}
		}
		tokens, ok := Tokens(Pointer([]string{token}))
		if found, whole := n.Nearest(tokens); !ok || !whole || found != k {
			t.Fatalf("%s: the pointer to %q leads elsewhere", text, token)
		}
		checkSpans(t, text, k, collections)
	}
}

func TestPointers(t *testing.T) {
	for pointer, ok := range map[string]bool{"": true, "/": true, "/a~1b/~0": true, "a": false, "/~": false, "/~2": false} {
		if _, got := Tokens(pointer); got != ok {
			t.Errorf("%q: %v", pointer, got)
		}
	}
	root := Parse([]byte(`{"a": [1, {"": 2}], "01": 3}`), JSON).Roots[0]
	for pointer, want := range map[string]any{"/a/1/": 2, "/01": 3, "/a/01": nil, "/a/-": nil, "/a/2": nil, "/b": nil} {
		tokens, _ := Tokens(pointer)
		n, ok := root.Nearest(tokens)
		if ok != (want != nil) || ok && n.Value != want {
			t.Errorf("%q: %v, %v", pointer, n.Value, ok)
		}
	}
}

// Whatever the bytes are: no panic, problems inside the text, values that JSON
// can write.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: &x [1, *x]\n", "{\"a\": [1e5, \"\\u00e9\"]}", "[a.b]\nc = '''x'''\n[[d]]\n", laughs(3), "<<: {a: 1}", "{ // c\n}", "? [a]\n: b", "\ufeff# c", "a = { b.c = 1, d = [1, 2] }"} {
		for i := range 4 {
			f.Add([]byte(s), i)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		format := []Format{YAML, JSON, JSONC, TOML}[uint(n)%4]
		got := Parse(data, format)
		if (len(got.Problems) == 0) != (len(got.Roots) > 0) {
			t.Fatalf("%q: %d problems and %d documents", data, len(got.Problems), len(got.Roots))
		}
		for _, p := range got.Problems {
			if p.Start < 0 || p.End < p.Start || p.End > len(data) || p.Message == "" {
				t.Fatalf("%q: problem %+v", data, p)
			}
		}
		for _, r := range got.Roots {
			if r.Count() > 1000 {
				continue
			}
			inside(t, data, r)
			if _, err := json.Marshal(r.Value); err != nil {
				t.Fatalf("%q: %v", data, err)
			}
		}
	})
}

func inside(t *testing.T, data []byte, n *Node) {
	if n.Start < 0 || n.End < n.Start || n.End > len(data) || n.KeyEnd > len(data) || n.KeyStart > n.KeyEnd {
		t.Fatalf("%q: node %+v", data, n)
	}
	for _, k := range n.Kids {
		inside(t, data, k)
	}
}
