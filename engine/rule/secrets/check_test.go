package secrets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }

func object(pairs ...any) rule.Value {
	v := rule.Value{Kind: rule.Map}
	for i := 0; i < len(pairs); i += 2 {
		v.Fields = append(v.Fields, rule.Field{Key: pairs[i].(string), Value: pairs[i+1].(rule.Value)})
	}
	return v
}

func list(items ...rule.Value) rule.Value { return rule.Value{Kind: rule.List, Items: items} }

// Secrets of the tests, in pieces so that no scanner takes them for real.
const (
	pat  = "ghp" + "_" + "x7Hq2Lm9Tz4Kc8Rv1Nw6Bp3Js5Df0Gy7Ua2E"
	slac = "xoxb" + "-" + "1234567890" + "-" + "0987654321" + "-" + "aB3dE5fG7hJ9kL2mN4pQ6rS8"
	pem  = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEq7Zx3Lw9Kd5Fh2Vb8Nc4Tj6Ys1Rg0Pm\nQw8Er5Ty3Ui6Op1As9Df7Gh2Jk4Lz\n-----END RSA PRIVATE " + "KEY-----\n"
)

func newRule(t testing.TB, body rule.Value) *rule.Rule {
	t.Helper()
	built, problems := Kind().New(body)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return &rule.Rule{ID: "secrets", Severity: rule.Error, Check: built.Check}
}

func judged(r *rule.Rule, path, text string, tags ...string) []rule.Finding {
	p := rule.NewPass(context.Background(), r, nil)
	r.Check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: path}, []byte(text), tags))
	return p.Findings()
}

// run returns the findings as "line:column-line:column id".
func run(t testing.TB, body rule.Value, path, text string, tags ...string) string {
	t.Helper()
	var out []string
	for _, x := range judged(newRule(t, body), path, text, tags...) {
		_, id, _ := strings.Cut(x.Message, "(")
		id, _, _ = strings.Cut(id, ",")
		id, _, _ = strings.Cut(id, ")")
		out = append(out, fmt.Sprintf("%d:%d-%d:%d %s", x.Line, x.Column, x.EndLine, x.EndColumn, id))
	}
	return strings.Join(out, "\n")
}

func TestCheck(t *testing.T) {
	ours := object("id", str("our-token"), "pattern", str(`\bacme_([0-9a-f]{8})\b`), "entropy", rule.Value{Kind: rule.Int, Scalar: "2"},
		"keywords", str("Acme"), "path", str("**/*.env"))
	bare := object("id", str("digits"), "pattern", str(`[0-9]{12}`))
	text := "é " + pat + "\n\n x " + slac + " y\n"
	for name, c := range map[string]struct {
		body             rule.Value
		path, text, want string
		tags             []string
	}{
		"two":              {body: object(), path: "a", text: text, want: "1:3-1:43 github-pat\n3:4-3:55 slack-bot-token"},
		"key":              {body: object(), path: "a", text: "x\n" + pem, want: "2:1-5:30 private-key"},
		"allow":            {body: object("allow", list(str("testdata/**"))), path: "testdata/a", text: text},
		"not allowed":      {body: object("allow", list(str("testdata/**"))), path: "a", text: pat, want: "1:1-1:41 github-pat"},
		"allow_patterns":   {body: object("allow_patterns", list(str("^ghp_x7"))), path: "a", text: text, want: "3:4-3:55 slack-bot-token"},
		"allowed by match": {body: object("allow_patterns", str("mock_key")), path: "a", text: `mock_key = "q9Xz` + `7LmK2pT4vB8nW3cJ6hR1"`},
		"rules":            {body: object("rules", list(str("slack-*"))), path: "a", text: text, want: "3:4-3:55 slack-bot-token"},
		"except":           {body: object("except", list(str("slack-*"), str("private-key"))), path: "a", text: text + pem, want: "1:3-1:43 github-pat"},
		"binary":           {body: object(), path: "a", text: text, tags: []string{"binary"}},
		"NUL":              {body: object(), path: "a", text: "\x00\xff" + pat, want: "1:3-1:43 github-pat"},
		"key store":        {body: object(), path: "a/b.p12", tags: []string{"binary"}, want: "0:0-0:0 pkcs12-file"},
		"KEY STORE":        {body: object(), path: "a/B.PFX", tags: []string{"binary"}, want: "0:0-0:0 pkcs12-file"},
		"allowed store":    {body: object("allow", str("a/**")), path: "a/b.p12", tags: []string{"binary"}},
		"comment":          {body: object(), path: "a", text: pat + " # gitleaks:allow\n" + slac, want: "2:1-2:52 slack-bot-token"},
		"custom":           {body: object("custom", list(ours)), path: "x/.env", text: "k: acme_0a1b2c3d\n", want: "1:9-1:17 our-token"},
		"custom elsewhere": {body: object("custom", list(ours)), path: "x/a.txt", text: "k: acme_0a1b2c3d\n"},
		"custom, plain":    {body: object("custom", list(ours)), path: "x/.env", text: "k: acme_00000000\n"},
		"custom alone":     {body: object("rules", str("our-token"), "custom", list(ours)), path: "x/.env", text: "acme_0a1b2c3d " + pat, want: "1:6-1:14 our-token"},
		"without words":    {body: object("custom", list(bare)), path: "a", text: "n 123456789012", want: "1:3-1:15 digits"},
	} {
		if got := run(t, c.body, c.path, c.text, c.tags...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestBadBodiesAreProblems(t *testing.T) {
	custom := func(pairs ...any) rule.Value { return object("custom", list(object(pairs...))) }
	for name, c := range map[string]struct {
		body rule.Value
		want string
	}{
		"pattern":     {object("allow_patterns", list(str("("))), "does not parse"},
		"id":          {object("rules", list(str("github-path"))), "did you mean github-app-token"},
		"except":      {object("except", str("nothing")), "there is no pattern"},
		"all":         {object("except", str("*")), "no pattern is left"},
		"custom":      {custom("id", str("x"), "pattern", str("[")), "does not parse"},
		"taken":       {custom("id", str("github-pat"), "pattern", str("x")), "already"},
		"empty match": {custom("id", str("x"), "pattern", str("x*")), "empty text"},
		"keyword":     {custom("id", str("x"), "pattern", str("xx"), "keywords", str("")), "keyword is empty"},
		"twice":       {object("custom", list(object("id", str("x"), "pattern", str("xx")), object("id", str("x"), "pattern", str("yy")))), "already"},
	} {
		_, problems := Kind().New(c.body)
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// TestNothingIsShown: whatever stands around a secret, a finding holds four of its
// characters at most, the length of its line, and no more.
func TestNothingIsShown(t *testing.T) {
	r, finder := newRule(t, object()), all()
	ids := []string{"github-pat", "slack-bot-token", "aws-access-token", "generic-api-key", "stripe-access-token", "private-key", "npm-access-token"}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var b strings.Builder
		for range rapid.IntRange(1, 4).Draw(t, "secrets") {
			text := secretOf(rng, rapid.SampledFrom(ids).Draw(t, "id"))
			b.WriteString(text)
			b.WriteString(rapid.SampledFrom([]string{" ", "\n", "\" é ", "\xff;\n", " " + text + "\n"}).Draw(t, "between"))
		}
		data := []byte(b.String())
		found := finder.find(bg, "a", data)
		for _, x := range judged(r, "a", b.String()) {
			f := rule.NewFile(rule.Entry{}, data, nil)
			if got, want := len([]rune(x.Text)), len([]rune(f.Text(x.Line))); got != want {
				t.Fatalf("the masked line has %d characters, the line %d", got, want)
			}
			for _, s := range found {
				value := string(data[s.start:s.end])
				hidden := value[kept([]byte(value)):]
				for line := range strings.SplitSeq(hidden, "\n") {
					if len(line) >= 6 && strings.Contains(x.Text+"\n"+x.Message, line) {
						t.Fatalf("%q shows %q of %q", x.Text+"\n"+x.Message, line, value)
					}
				}
				if kept([]byte(value)) > 4 {
					t.Fatalf("%d characters are kept", kept([]byte(value)))
				}
			}
		}
	})
}

func TestMasks(t *testing.T) {
	r := newRule(t, object())
	fs := judged(r, "a", "é"+" "+pat+" and again "+pat[4:20]+" "+pat+" # é\n")
	want := "é ghp_" + strings.Repeat("*", 36) + " and again " + pat[4:20] + " ghp_" + strings.Repeat("*", 36) + " # é"
	if len(fs) != 2 || fs[0].Text != want || fs[1].Text != want || !fs[0].Secret {
		t.Errorf("%d findings: %+v, want %q", len(fs), fs, want)
	}
	if want := `holds a secret (github-pat, "ghp_…"): revoke it where it was issued, take it out of this file, and out of the history if it was committed`; fs[0].Message != want {
		t.Errorf("%q, want %q", fs[0].Message, want)
	}
	short := judged(newRule(t, object("custom", list(object("id", str("pin"), "pattern", str(`pin=(\d{4})`), "message", str("change it"))))), "a", "pin=4711")
	if len(short) != 1 || short[0].Text != "pin=****" || short[0].Message != `holds a secret (pin): change it` {
		t.Errorf("%+v", short)
	}
}

// TestRepeatedSecret: where a secret stands again on its line, and no pattern sees
// it, it is hidden all the same.
func TestRepeatedSecret(t *testing.T) {
	r := newRule(t, object("rules", str("pin"), "custom", list(object("id", str("pin"), "pattern", str(`pin=([0-9]{6})`)))))
	fs := judged(r, "a", "pin=471199 471199, 471199;")
	if len(fs) != 1 || fs[0].Text != "pin=4***** 4*****, 4*****;" {
		t.Errorf("%+v", fs)
	}
}

// TestFingerprints: they do not change with what is around the line, and do not
// depend on the hidden part of the secret.
func TestFingerprints(t *testing.T) {
	r := newRule(t, object())
	print := func(text string) string {
		fs := judged(r, "a", text)
		rule.SetFingerprints(fs)
		return fs[0].Fingerprint
	}
	other := pat[:len(pat)-6] + "Zz9Qw4"
	if a, b, c := print(pat), print("\n\nx\n"+pat), print(other); a != b || a != c {
		t.Errorf("%s, %s, %s", a, b, c)
	}
	if print(pat) == print("x "+pat) {
		t.Error("another line has the same fingerprint")
	}
}

func TestExplain(t *testing.T) {
	bare := object("id", str("digits"), "pattern", str(`[0-9]{12}`))
	got := newRule(t, object("rules", str("gitlab-pat*"), "custom", list(bare))).Check.(rule.Explainer).Explain()
	if want := "looks for 3 kinds of secrets; digits holds no text that every match must hold, and has no keywords, so it runs over every file"; got != want {
		t.Error(got)
	}
}

func TestConcurrently(t *testing.T) {
	r := newRule(t, object())
	rng := seeded()
	var texts, want []string
	for range 40 {
		text := ""
		for range 5 {
			text += sample(rng, builtin().patterns[rng.IntN(len(builtin().patterns))].expr) + "\n"
		}
		texts, want = append(texts, text), append(want, fmt.Sprint(judged(newRule(t, object()), "a", text)))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, text := range texts {
				if got := fmt.Sprint(judged(r, "a", text)); got != want[i] {
					t.Errorf("%q: got %s, want %s", text, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

// TestCancelled: a run that is over stops, and says so.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := newRule(t, object())
	p := rule.NewPass(ctx, r, nil)
	r.Check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: "a"}, []byte(pat), nil))
	if len(p.Findings()) != 0 || len(p.Faults()) != 1 || p.Faults()[0].Kind != rule.FaultCancelled {
		t.Errorf("%v, %v", p.Findings(), p.Faults())
	}
}
