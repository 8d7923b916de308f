package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var configTable = []string{
	"", "\n", "# only\n; this", "[core]\n\tbare = false\n", "[core] bare", "[core] bare = true", "[Core]\nBare=TRUE\n",
	"[core]\nbare =\n", "[core]\nbare\n", "[core]\nbare ; no\n", "[core]\nbare=; yes\n",
	"[a \"Sub \\\"q\\\" \\\\ x\\n\"]\nk = v\n", "[a.B]\nk = v\n", "[a.B \"C\"]\nk = v\n", "[a \"\"]\nk=1", "[a]b=1\n[c]d=2",
	"[a]\nk = one \\\n  two\n", "[a]\nk = one\\\ntwo", "[a]\nk = \" lead and trail \"\n", "[a]\nk = x \" y \" z  \n", "[a]\nk = a\"b\"c # d\n", "[a]\nk = \"a # b\" ; c\n",
	"[a]\nk = \\t\\n\\b\\\\\\\"\n", "[a]\nk = \\x\n", "[a]\nk = \"open\n", "[a]\nk = \"open \\\n closed\"\n", "[a]\nk = end\\", "[a]\nk = \"end\\",
	"\ufeff[a]\nk = 1\n", "\xef\xbb[a]\nk=1", "[a]\r\nk = 1\r\nl = 2 \\\r\n3\r\n", "[a]\nk = x\ry\n", "[a]\nk=x\r", "[a \"b\"]\r\nk\r\n",
	"[a\nk=1", "[a", "[", "[]\nk=1", "[a b]\nk=1", "[a \"b\" ]\nk=1", "[a \"b\nc\"]\nk=1", "[a_b]\nk=1", "[a-b]\nk-1=1", "[a]\n1k=1", "[a]\n-k=1", "[a]\nk_=1", "[a]\nk = = 1",
	"[a]\nk  \t=\t 1", "[a]\nk x", "k=1", "[a]\n\xff=1", "[a]\nk=\xff\xfe", "[a]\nk = é\n", "[a]\nk= #", "[a]\nk= \"\" x", "[a]\nk=\"x\" \"\" ", "[a]\nk=x  \\\n", "[ \"b\"]\nk=1", "[a]]\nk=1",
	"[a]\nk=x \"\" ", "[a]\nk=\\", "[a]\nk\\\n=1", "[a \"b\"]k\n;\n#\n[c]", "[a]\n\fk=1", "[a]\nk=\fx\v", "[a \"\\\n\"]k",
}

// configOracle asks git for a file's variables, as parseConfig's answer is.
func configOracle(t interface{ Fatal(...any) }, dir, text string) ([]string, bool) {
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "config", "-f", file, "--list", "-z")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, false
	}
	list := strings.Split(string(out), "\x00")
	return list[:len(list)-1], true
}

func configLines(text string) ([]string, bool) {
	items, err := parseConfig(text)
	lines := []string{}
	for _, i := range items {
		line := i.section + "." + i.key
		if !i.bare {
			line += "\n" + i.value
		}
		lines = append(lines, line)
	}
	return lines, err == nil
}

func checkConfig(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, dir, text string) {
	want, sound := configOracle(t, dir, text)
	for _, line := range want {
		key, _, _ := strings.Cut(line, "\n")
		sound = sound && strings.Contains(key, ".") // git lists these, and its other commands die of them
	}
	got, ok := configLines(text)
	// git before 2.45 makes any space within a value a blank.
	plain := strings.NewReplacer("\t", " ", "\r", " ").Replace
	if ok != sound || ok && plain(strings.Join(got, "\x00")) != plain(strings.Join(want, "\x00")) {
		t.Errorf("%q: got %q (%v), git says %q (%v)", text, got, ok, want, sound)
	}
}

func TestParseConfig(t *testing.T) {
	dir := t.TempDir()
	for _, text := range configTable {
		checkConfig(t, dir, text)
	}
	if _, err := parseConfig("[a]\nk=1\x00"); err == nil {
		t.Error("a NUL was taken")
	}
	if _, err := parseConfig("[a]\nb = 1\n?\n"); err == nil || err.Error() != "line 3: a variable" {
		t.Errorf("got error %v", err)
	}
}

// Over random pieces of the syntax git reads the same.
func TestParseConfigProperty(t *testing.T) {
	dir := t.TempDir()
	pieces := rapid.SampledFrom([]string{
		"[a]", "[B.c]", "[d \"E\"]", "[", "]", "\"", "\\", "\n", "\n", "\r\n", "\r", " ", "\t", "=", "= ", "#", ";", "k", "key", "K1", "\nkey = ", "\nk=",
		"\\\n", "\\n", "\\t", "\\\"", "\\\\", "x", "-", "1", ".", "\xff", "é", "\n[a]\n", "\n[f \"\\\"g\"]\n",
	})
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.SampledFrom([]string{"", "[a]\n", "[a]\nk = ", "\ufeff[a]\n"}).Draw(t, "start")
		checkConfig(t, dir, start+strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(t, "pieces"), ""))
	})
}

func FuzzParseConfig(f *testing.F) {
	for _, text := range configTable {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		items, err := parseConfig(text)
		for _, i := range items {
			if err == nil && (i.section == "" || i.key == "" || i.bare && i.value != "") {
				t.Fatalf("%+v", i)
			}
		}
	})
}
