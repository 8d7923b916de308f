package jsonpath

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
	"github.com/sot-validator/sot/engine/rule/data/document"
)

func root(t testing.TB, text string) *document.Node {
	t.Helper()
	docs := document.Parse([]byte(text), document.YAML)
	if len(docs.Problems) > 0 {
		t.Fatal(docs.Problems)
	}
	return docs.Roots[0]
}

// pointers returns where the matches are, in order.
func pointers(t testing.TB, query, text string) string {
	t.Helper()
	p, err := Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	ms, err := p.Select(root(t, text))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var out []string
	for _, m := range ms {
		n, ok := root(t, text).Nearest(m.Tokens())
		if !ok || n.Start != m.Node.Start {
			t.Errorf("%s: the tokens %q lead elsewhere", query, m.Tokens())
		}
		out = append(out, document.Pointer(m.Tokens()))
	}
	return strings.Join(out, " ")
}

const book = `
store:
  book:
    - {title: A, price: 8, isbn: x}
    - {title: B, price: 12}
    - {title: C, price: 9, isbn: y}
  z: {price: 20}
  a: {price: 5}
limit: 10
`

func TestSelect(t *testing.T) {
	for query, want := range map[string]string{
		"$":                          "",
		"$.store.book[0].title":      "/store/book/0/title",
		"$.store.book[-1]":           "/store/book/2",
		"$.store.book[5]":            "",
		"$['store']['a']":            "/store/a",
		"$.store.book[*].title":      "/store/book/0/title /store/book/1/title /store/book/2/title",
		"$.store.*":                  "/store/book /store/z /store/a", // in the order of the file
		"$..price":                   "/store/book/0/price /store/book/1/price /store/book/2/price /store/z/price /store/a/price",
		"$.store.book[1:]":           "/store/book/1 /store/book/2",
		"$.store.book[::-1]":         "/store/book/2 /store/book/1 /store/book/0",
		"$.store.book[0,0,2]":        "/store/book/0 /store/book/0 /store/book/2",
		"$.store.book[?@.isbn]":      "/store/book/0 /store/book/2",
		"$.store.book[?@.price < 9]": "/store/book/0",
		"$..[?@.price > $.limit]":    "/store/z /store/book/1",
		"$.store.book[?match(@.title, '[AB]')].price": "/store/book/0/price /store/book/1/price",
		"$.store[?count(@..title) > 2]":               "/store/book",
		"$.none.deeper":                               "",
	} {
		if got := pointers(t, query, book); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, query := range []string{"", "store", "$.", "$[", "$[01]", "$[?@.a", "$.a b", "$[?@..a..b]", "$[?@[?$.a]]", "$[?@[?@..a]]", "$" + strings.Repeat(".a", 600)} {
		if _, err := Parse(query); err == nil || strings.Contains(err.Error(), "jsonpath:") {
			t.Errorf("%q: %v", query, err)
		}
	}
}

// Queries whose answer grows with a power of the document end.
func TestBounds(t *testing.T) {
	deep := strings.Repeat("[", 300) + "1" + strings.Repeat(", 1, 1]", 300)
	wide := "[" + strings.Repeat("1,", 20_000) + "1]"
	for query, text := range map[string]string{
		"$..*..*..*..*..*":             deep,
		"$..[*,*,*]..[*,*,*]..[*,*,*]": deep,
		"$[?@ == $[0] || $[1] == 5]":   wide,
		"$[?count($..*) > 1]":          wide,
	} {
		start := cputime.Used()
		p, err := Parse(query)
		if err != nil {
			t.Fatal(query, err)
		}
		if _, err := p.Select(root(t, text)); err != nil && !errors.Is(err, ErrSteps) {
			t.Errorf("%s: %v", query, err)
		} else if err == nil {
			t.Errorf("%s ends", query)
		}
		if d := cputime.Used() - start; d > time.Minute {
			t.Errorf("%s took %s", query, d)
		}
	}
}

func FuzzSelect(f *testing.F) {
	for _, q := range []string{"$..price", "$.store.book[?@.price < 10 && match(@.title, 'A')]", "$[1:5:2]", "$[?@.a == $.b]..*", "$['a',0,*]"} {
		f.Add(q, book)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		docs := document.Parse([]byte(text), document.YAML)
		p, err := Parse(query)
		if err != nil || len(docs.Problems) > 0 {
			return
		}
		ms, err := p.Select(docs.Roots[0])
		if err != nil && !errors.Is(err, ErrSteps) {
			t.Fatal(err)
		}
		for _, m := range ms[:min(len(ms), 1000)] {
			if n, ok := docs.Roots[0].Nearest(m.Tokens()); !ok || n.Start != m.Node.Start {
				t.Fatalf("%q in %q: %q leads elsewhere", query, text, m.Tokens())
			}
		}
	})
}
