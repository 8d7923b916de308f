package use

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// texts is a repository of which Read and Tree are asked.
type texts struct {
	rule.Repo
	of    map[string]string
	reads map[string]int
}

func (r *texts) Read(_ context.Context, path string) ([]byte, error) {
	r.reads[path]++
	if text, ok := r.of[path]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist}
}

func (r *texts) Tree(context.Context) (*rule.Tree, error) {
	var es []rule.Entry
	for path := range r.of {
		es = append(es, rule.Entry{Path: path})
	}
	slices.SortFunc(es, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	return rule.NewTree(es), nil
}

func repoOf(of map[string]string) *texts { return &texts{of: of, reads: map[string]int{}} }

// editorConfigFindings returns "line message" of each finding.
func editorConfigFindings(t *testing.T, repo rule.Repo, options, path, text string) []string {
	t.Helper()
	check, problems := newEditorConfig(valueOf(t, options))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p := rule.NewPass(context.Background(), &rule.Rule{Check: check}, repo)
	check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: path}, []byte(text), nil))
	var out []string
	for _, f := range p.Findings() {
		out = append(out, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Message))
	}
	return out
}

// The words at the end of each message say which property it is.
func TestEditorConfig(t *testing.T) {
	for _, tt := range []struct{ name, config, text, want string }{
		{"no properties", "", " \t x \r\n", ""},
		{"trim", "trim_trailing_whitespace = true", "a\nb \n\t \n\r\nc\t\r\n", "2:2 trim, 3:1 trim, 5:2 trim"},
		{"no trim", "trim_trailing_whitespace = false", "b \n", ""},
		{"tabs", "indent_style = tab", "\ta\n  b\n\t c\n *d\n\t * e\n \n\t\n* f\n", "2:1 style, 3:1 style, 6:1 style"},
		{"blanks", "indent_style = space", "a\n\tb\n   c\n \td\n", "2:1 style, 4:1 style"},
		{"levels", "indent_style = space\nindent_size = 4", "    a\n  b\n     * c\n *d\n   *e\n        \n      \n", "2:1 size, 5:1 size, 7:1 size"},
		{"levels of a tab's width", "indent_style = space\nindent_size = tab\ntab_width = 2", " a\n", "1:1 size"},
		{"size says nothing of tabs", "indent_size = 4", "  a\n", ""},
		{"length", "max_line_length = 3", "abc\nabcd\näöü\n", "2:1 length"},
		{"length behind a mark", "max_line_length = 3", "\ufeffabc\n", ""},
		{"no length", "max_line_length = off", "abcd\n", ""},
		{"final newline", "insert_final_newline = true", "a\nb", "2:0 newline"},
		{"final newline is there", "insert_final_newline = true", "a\r", ""},
		{"final newline of a kind", "insert_final_newline = true\nend_of_line = lf", "a\r\n", "1:0 newline, 1:0 line"},
		{"no final newline", "insert_final_newline = false", "a\nb\n", "2:0 newline"},
		{"lf", "end_of_line = lf", "a\nb\r\nc\rd\n", "2:0 line)"},
		{"crlf", "end_of_line = crlf", "a\r\nb\nc\r\r\n", "2:0 line)"},
		{"cr", "end_of_line = cr", "a\rb\r", ""},
		{"utf-8", "charset = utf-8", "ä", ""},
		{"no utf-8", "charset = utf-8", "\xe4", "0:0 charset"},
		{"a mark", "charset = utf-8", "\ufeffa", "0:0 charset"},
		{"control characters", "charset = utf-8", "a\x00", "0:0 charset"},
		{"no mark", "charset = utf-8-bom", "a", "0:0 charset"},
		{"its mark", "charset = utf-8-bom", "\ufeffa", ""},
		{"latin1", "charset = latin1", "\xe4", ""},
		{"no latin1", "charset = latin1", "ä", "0:0 charset"},
		{"utf-16", "charset = utf-16le", "\xff\xfea\x00", ""},
		{"another utf-16", "charset = utf-16le", "\xfe\xff\x00a", "0:0 charset"},
		{"a charset of its own", "charset = x", "\xe4", ""},
		{"an empty file", "insert_final_newline = true\ncharset = utf-8-bom", "", ""},
		{"disabled file", "indent_style = tab\ninsert_final_newline = true", "# editorconfig-checker-disable-file\n  a", ""},
		{"disabled lines", "indent_style = tab", "  a editorconfig-checker-disable-line\n  b\n# editorconfig-checker-disable-next-line\n  c\n  d\n" +
			"# editorconfig-checker-disable\n  e\n\n# editorconfig-checker-enable\n  f\n", "2:1 style, 5:1 style, 10:1 style"},
		{"next lines in a row", "indent_style = tab", "editorconfig-checker-disable-next-line\n  editorconfig-checker-disable-next-line\n\n  d\n", "4:1 style"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			repo := repoOf(map[string]string{".editorconfig": "[*]\n" + tt.config + "\n"})
			got := editorConfigFindings(t, repo, "", "d/f", tt.text)
			var want []string
			if tt.want != "" {
				want = strings.Split(tt.want, ", ")
			}
			same := slices.EqualFunc(got, want, func(g, w string) bool {
				place, word, _ := strings.Cut(w, " ")
				return strings.HasPrefix(g, place+" ") && strings.Contains(g, word)
			})
			if !same {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

func TestEditorConfigDisable(t *testing.T) {
	repo := repoOf(map[string]string{".editorconfig": "[*]\nindent_style = space\nindent_size = 2\nend_of_line = lf\ncharset = latin1\n" +
		"trim_trailing_whitespace = true\ninsert_final_newline = true\nmax_line_length = 3\n"})
	const text = "\ta\n   b \r\nä"
	all := editorConfigFindings(t, repo, "", "f", text)
	if len(all) != 7 {
		t.Fatalf("%d findings: %q", len(all), all)
	}
	for _, name := range properties {
		want := len(all) - 1
		if name == "indent_style" {
			want-- // and its size
		}
		if got := editorConfigFindings(t, repo, `{"disable": "`+name+`"}`, "f", text); len(got) != want {
			t.Errorf("without %s: %q", name, got)
		}
	}
}

// Nearer files win, one that is a root ends the search, and each is read once.
func TestEditorConfigOfFolders(t *testing.T) {
	repo := repoOf(map[string]string{
		".editorconfig":   "[*]\nindent_style = tab\n[a/*]\ntrim_trailing_whitespace = true",
		"a/.editorconfig": "[*.md]\nindent_style = space",
		"b/.editorconfig": "root = true",
	})
	check, _ := newEditorConfig(rule.Value{})
	p := rule.NewPass(context.Background(), &rule.Rule{Check: check}, repo)
	for _, path := range []string{"f", "a/f", "a/f.md", "b/f", "b/c/f", "a/d/f.md"} {
		check.(rule.FileCheck).CheckFile(p, rule.NewFile(rule.Entry{Path: path}, []byte("\t  x \n  y\n"), nil))
	}
	var got []string
	for _, f := range p.Findings() {
		got = append(got, fmt.Sprintf("%s:%d %s", f.Path, f.Line, f.Message[strings.LastIndexByte(f.Message, '('):]))
	}
	want := "f:1 (indent_style) f:2 (indent_style) a/f:1 (trim_trailing_whitespace) a/f:1 (indent_style) a/f:2 (indent_style) " +
		"a/f.md:1 (trim_trailing_whitespace) a/f.md:1 (indent_style) a/d/f.md:1 (indent_style)"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	for path, n := range repo.reads {
		if n != 1 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
}

func TestEditorConfigState(t *testing.T) {
	state := func(of map[string]string) string {
		check, _ := newEditorConfig(rule.Value{})
		s, err := check.(*editorConfigCheck).State(context.Background(), repoOf(of))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	of := func(kv ...string) map[string]string {
		m := map[string]string{"x": "1"}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	same := state(of(".editorconfig", "a"))
	if same != state(of(".editorconfig", "a", "x", "2")) {
		t.Error("another file changes the state")
	}
	for _, other := range []map[string]string{of(), of(".editorconfig", "b"), of("d/.editorconfig", "a"), of(".editorconfig", "a", "d/.editorconfig", "")} {
		if same == state(other) {
			t.Errorf("the state of %v is the same", other)
		}
	}
}

func TestEditorConfigBoundsItsFindings(t *testing.T) {
	repo := repoOf(map[string]string{".editorconfig": "[*]\nindent_style = tab\n"})
	got := editorConfigFindings(t, repo, "", "f", strings.Repeat("  x\n", 2*maxOfOne))
	if len(got) != maxOfOne+1 || !strings.Contains(got[maxOfOne], "more are not listed") {
		t.Errorf("%d findings, the last: %s", len(got), got[len(got)-1])
	}
}
