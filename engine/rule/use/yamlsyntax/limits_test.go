package yamlsyntax

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// Hostile texts end soon, with the verdict that they deserve. The time allowed
// is a hundred times what is needed, and far below what anything quadratic takes.
func TestHostileTexts(t *testing.T) {
	const n = 50_000
	// Over a million nodes, syntax alone is checked.
	nodes, undefined := 1000, "undefined alias"
	if os.Getenv("SOT_LONG") != "" {
		nodes, undefined = MaxNodes+10, ""
	}
	bomb := "a: &a [x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += string(c) + ": &" + string(c) + strings.Repeat(" ", 1) + "[*" + string(c-1) + ", *" + string(c-1) + "]\n"
	}
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "k" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String() + ": 1\n"
	}
	for name, c := range map[string]struct {
		text string
		want string // part of the message; "" where there is none
	}{
		"alias bomb":        {bomb, ""},
		"merge bomb":        {strings.ReplaceAll(strings.ReplaceAll(bomb, "[x, x]", "{k: 1}"), "[*", "[x, *"), ""},
		"open brackets":     {strings.Repeat("[", n), "nested too deeply"},
		"closed brackets":   {strings.Repeat("[", 5000) + strings.Repeat("]", 5000), ""},
		"open braces":       {strings.Repeat("{a: ", n), "nested too deeply"},
		"dashes":            {strings.Repeat("- ", n), "nested too deeply"},
		"question marks":    {strings.Repeat("? ", n), "nested too deeply"},
		"long line":         {"a: " + strings.Repeat("é ", n), ""},
		"long flow line":    {"[" + strings.Repeat("é, ", n) + "]", ""},
		"long quoted line":  {"\"" + strings.Repeat("é\\n", n) + "\"", ""},
		"many keys":         {strings.Join(keys, ""), ""},
		"many keys, parsed": {"!!map\n" + strings.Join(keys, ""), ""},
		"many documents":    {strings.Repeat("---\n", n), "a second document"},
		"many anchors":      {"- " + strings.Repeat("&a\n- ", n), "second anchor"},
		"many duplicates":   {"{" + strings.Repeat("a: 1, ", n) + "}", "duplicate key"},
		"huge number value": {"a: " + strings.Repeat("9", n) + "_\n", ""},
		"many nodes":        {"[" + strings.Repeat("1,", nodes) + "*undefined ]", undefined},
		"spaces":            {strings.Repeat(" ", n) + "a", ""},
		"line ends":         {strings.Repeat("\n", n), ""},
	} {
		start := cputime.Used()
		problems := CheckFully([]byte(c.text), Options{})
		loads := Loads([]byte(c.text), false)
		if took := cputime.Used() - start; took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if len(problems) > MaxProblems+1 {
			t.Errorf("%s: %d problems", name, len(problems))
		}
		switch {
		case c.want == "" && len(problems) > 0:
			t.Errorf("%s: %v", name, problems[0])
		case c.want != "" && (len(problems) == 0 || !strings.Contains(problems[0].Message, c.want)):
			t.Errorf("%s: %d problems, want one with %q", name, len(problems), c.want)
		case loads && c.want != "":
			t.Errorf("%s: accepted by the fast pass", name)
		}
	}
}
