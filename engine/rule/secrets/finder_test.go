package secrets

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var bg = context.Background()

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// naive runs a pattern's expression over the whole text.
func naive(p *pattern, data []byte) []window {
	p.load()
	var out []window
	for _, m := range p.regexp.FindAllIndex(data, -1) {
		out = append(out, window{m[0], m[1]})
	}
	return out
}

// onWindows runs it on the windows alone.
func onWindows(f *finder, i int, data []byte) []window {
	s := f.scratch()
	defer f.release(s)
	f.scan(s, data)
	p := f.patterns[i]
	if p.load(); p.machine == nil {
		return naive(p, data)
	}
	var out []window
	for _, w := range newWalker(p.machine).windows(nil, data, s.hits[i]) {
		for _, m := range p.regexp.FindAllIndex(data[w.start:w.end], -1) {
			out = append(out, window{w.start + m[0], w.start + m[1]})
		}
	}
	return out
}

func sameAsNaive(t interface{ Fatalf(string, ...any) }, f *finder, i int, data []byte) {
	if got, want := onWindows(f, i, data), naive(f.patterns[i], data); !slices.Equal(got, want) {
		t.Fatalf("%s on %q: the windows give %v, the whole text %v", f.patterns[i].id, data, got, want)
	}
}

// TestWindowsLoseNothing: on texts of samples, parts of samples and what tears them
// apart, windows give the matches of the whole text.
func TestWindowsLoseNothing(t *testing.T) {
	f := newFinder(&builtin().allow, slices.DeleteFunc(slices.Clone(builtin().patterns), func(p *pattern) bool { return p.expr == "" }))
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		i := rapid.IntRange(0, len(f.patterns)-1).Draw(t, "pattern")
		var b strings.Builder
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			text := sample(r, f.patterns[i].expr)
			switch rapid.IntRange(0, 7).Draw(t, "part") {
			case 0:
				text = text[:r.IntN(len(text)+1)]
			case 1:
				text = text[r.IntN(len(text)+1):]
			case 2:
				text = strings.ToUpper(text)
			case 3:
				text = sample(r, f.patterns[r.IntN(len(f.patterns))].expr)
			}
			b.WriteString(text)
			b.WriteString(rapid.SampledFrom([]string{"", " ", "\n", "\r\n", `"`, ";", "=", "x", "é", "\xe2", "\x82\xff", "\x00", ": '", "\u212a", "-"}).Draw(t, "between"))
		}
		sameAsNaive(t, f, i, []byte(b.String()))
	})
}

func FuzzWindowsLoseNothing(f *testing.F) {
	finder := newFinder(&builtin().allow, slices.DeleteFunc(slices.Clone(builtin().patterns), func(p *pattern) bool { return p.expr == "" }))
	r := seeded()
	for i, p := range finder.patterns {
		f.Add(uint16(i), []byte(sample(r, p.expr)+"\n"+sample(r, p.expr)))
	}
	f.Fuzz(func(t *testing.T, i uint16, data []byte) {
		if len(data) < 4096 && !bytes.Contains(data, []byte("\u212a")) && !bytes.Contains(data, []byte("\u017f")) {
			sameAsNaive(t, finder, int(i)%len(finder.patterns), data)
		}
	})
}

// TestCustomExpressions: any expression, not only those of the table.
func TestCustomExpressions(t *testing.T) {
	texts := []string{"abcab", "ab ab\nab", "xxabyab", "", "ab", "aabb ab", "abé ab", "ab\xffab\n", "cabab", "a b ab"}
	for _, expr := range []string{
		`ab`, `\bab\b`, `^ab$`, `(?m)^ab$`, `ab\z`, `(x|y)ab`, `(ab)+`, `ab.*ab`, `.*ab`, `(?s).*ab.`, `ab|ca`, `a(?:b|c)b?`,
		`[^a]ab`, `ab\B`, `(?i)AB`, `x*ab{1,3}`, `(?:ab){2}`, `é?ab`, `ab(?:$|\n)`, `(?:ab|abc)ab`, `ab[\x{80}-\x{10ffff}]`,
	} {
		p := &pattern{id: expr, expr: expr, words: anchorWords(expr)}
		if len(p.words) == 0 {
			t.Errorf("%s has no anchors", expr)
		}
		f := newFinder(&allowlist{}, []*pattern{p})
		for _, text := range texts {
			sameAsNaive(t, f, 0, []byte(text))
		}
	}
}

// TestSamples: what a rule's expression describes is found by it, and what allow
// lists, entropy and missing keywords say is none is not.
func TestSamples(t *testing.T) {
	r := seeded()
	for _, p := range builtin().patterns {
		if p.expr == "" {
			continue
		}
		f := newFinder(&builtin().allow, []*pattern{p})
		path := "a.txt"
		if p.path != "" {
			path = sample(r, p.path)
		}
		found, tries := 0, 300
		for range tries {
			if found == 3 {
				break
			}
			text := sample(r, p.expr)
			if len(p.keywords) > 0 {
				text = p.keywords[r.IntN(len(p.keywords))] + "\n" + text
			}
			if len(f.find(bg, path, []byte(text))) > 0 {
				found++
			}
		}
		if found == 0 {
			t.Errorf("%s: none of %d samples is found, such as %q", p.id, tries, sample(r, p.expr))
		}
	}
}

func all() *finder {
	return newFinder(&builtin().allow, slices.DeleteFunc(slices.Clone(builtin().patterns), func(p *pattern) bool { return p.expr == "" }))
}

// ids returns what is found, as "id:start-end".
func ids(f *finder, path, text string) string {
	var out []string
	for _, x := range f.find(bg, path, []byte(text)) {
		out = append(out, fmt.Sprintf("%s:%d-%d", x.pattern.id, x.start, x.end))
	}
	return strings.Join(out, " ")
}

func TestWhatIsNoSecret(t *testing.T) {
	f := all()
	pat := "ghp" + "_" + "x7Hq2Lm9Tz4Kc8Rv1Nw6Bp3Js5Df0Gy7Ua2E"
	value := "q9Xz7" + "LmK2p" + "T4vB8" + "nW3cJ6hR1"
	for text, want := range map[string]string{
		pat:                                     "github-pat:0-40",
		"see " + pat + " here":                  "github-pat:4-44",
		"ghp" + "_" + strings.Repeat("a", 36):   "",
		"AKIA" + "IOSFODNN7" + "EXAMPLE":        "",
		"AKIA" + "QW3RT5Y7UZ2X4C6V":             "aws-access-token:0-20",
		`api_key = "` + value + `"`:             "generic-api-key:11-35",
		`api_key = "${API_KEY_FROM_ENV}"`:       "",
		`api_key = "{{ .Values.apiKey }}"`:      "",
		`key_name = "` + value + `"`:            "",
		`token: ` + value + ` # gitleaks:allow`: "",
		`password = "aaaaaaaaaaaaaaaaaaaaaaaa"`: "",
		`password = "someWordsWithoutDigits"`:   "",
		"monkey = " + value:                     "",
		"token = " + pat:                        "github-pat:8-48",
		"-----BEGIN PUBLIC " + "KEY-----\n" + strings.Repeat("A", 80) + "\n-----END PUBLIC KEY-----": "",
	} {
		if got := ids(f, "a.go", text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for path, want := range map[string]string{
		"src/a.go": "github-pat:0-40", "package-lock.json": "", "web/node_modules/x/index.js": "", "vendor/github.com/a/b.go": "", "go.sum": "",
	} {
		if got := ids(f, path, pat); got != want {
			t.Errorf("in %s: %q, want %q", path, got, want)
		}
	}
}

func TestEncoded(t *testing.T) {
	f := all()
	pat := "ghp" + "_" + "x7Hq2Lm9Tz4Kc8Rv1Nw6Bp3Js5Df0Gy7Ua2E"
	escaped := regexp.MustCompile(`.`).ReplaceAllStringFunc(pat, func(c string) string { return fmt.Sprintf(`\u%04x`, c[0]) })
	for name, text := range map[string]string{
		"base64":     base64.StdEncoding.EncodeToString([]byte("see " + pat)),
		"base64url":  base64.RawURLEncoding.EncodeToString([]byte("see?" + pat)),
		"twice":      base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte("see " + pat)))),
		"lines":      base64.StdEncoding.EncodeToString([]byte("see\n" + pat + "\n")),
		"hex":        hex.EncodeToString([]byte("see " + pat)),
		"percent":    strings.ReplaceAll(url.QueryEscape("["+pat+"]"), "_", "%5F"),
		"escapes":    escaped,
		"many lines": strings.Repeat("x y\n", 2000) + base64.StdEncoding.EncodeToString([]byte("see "+pat)) + strings.Repeat("\nx y", 2000),
	} {
		found := f.find(bg, "a.txt", []byte(text))
		if len(found) != 1 || !found[0].encoded || found[0].pattern.id != "github-pat" {
			t.Errorf("%s: %v", name, found)
			continue
		}
		if x := found[0]; name == "many lines" && (x.start != 8000 || x.end != len(text)-8000) {
			t.Errorf("%s: found at %d-%d", name, x.start, x.end)
		}
		if got := ids(f, "a.txt", text+" gitleaks:allow"); name != "many lines" && got != "" {
			t.Errorf("%s with a comment: %s", name, got)
		}
	}
}

// TestKeywords: a file must hold a keyword, whatever else it holds.
func TestKeywords(t *testing.T) {
	f := all()
	for keyword, text := range map[string]string{
		"sourcegraph": strings.Repeat("0123456789abcdef", 2) + "76543210",
		"airtable":    "pat" + "Zx7Lw9Kd5Fh2Vb" + "." + strings.Repeat("0123456789abcdef", 4),
	} {
		if got := ids(f, "a", text+" "+keyword); !strings.HasPrefix(got, keyword) {
			t.Errorf("with %s: %q", keyword, got)
		}
		if got := ids(f, "a", text+" other"); got != "" {
			t.Errorf("without %s: %q", keyword, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	finder := all()
	r := seeded()
	for _, p := range finder.patterns[:40] {
		f.Add([]byte(sample(r, p.expr)))
		f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(sample(r, p.expr)))))
	}
	f.Add([]byte(`%41%4g%\u0041\\u00e9\ud800 U+0041 ==== AAAAAAAAAAAAAAAAAAAA=`))
	f.Fuzz(func(t *testing.T, data []byte) {
		end := 0
		for _, x := range finder.find(bg, "a.yml", data) {
			if x.start < 0 || x.start > x.end || x.end > len(data) || x.from > x.start && !x.encoded || x.end < end {
				t.Fatalf("%s at %d-%d of %d bytes, behind one that ends at %d", x.pattern.id, x.start, x.end, len(data), end)
			}
			end = x.end
		}
	})
}

// TestOneLongLine: what would take hours if a step were not linear.
func TestOneLongLine(t *testing.T) {
	f := all()
	const size = 1 << 20
	pem := "-----BEGIN RSA PRIVATE " + "KEY-----"
	for name, unit := range map[string]string{
		"keys": "key=", "headers": pem, "curl": "curl -u ", "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", "base64": "QUJDREVGR0hJSktMTU5PUA== ",
		"percent": "%41", "escapes": `\u0041`, "NUL": "\x00token=\xff", "secrets": `secret="q9Xz7` + `LmK2pT4vB8n" `, "data": "kind: secret data: ",
	} {
		data := []byte(strings.Repeat(unit, size/len(unit)))
		n := len(f.find(bg, "a.yaml", data))
		if name == "secrets" && (n == 0 || n > maxSecrets) {
			t.Errorf("%d secrets are found in a line full of them", n)
		}
	}
}
