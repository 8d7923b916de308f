package hook

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
)

// Stages are the stages that a hook can be installed for.
var Stages = []string{"pre-commit", "pre-push", "commit-msg"}

//go:embed shim.sh
var shimText string

// The head of a shim: the shell, and a line by which it is known, with the
// version of its form and a sum of the rest.
const (
	shebang = "#!/bin/sh\n"
	mark    = "# sot-hook 1 "
)

// shim returns the hook of a stage. Binary is the absolute path of sot as it is
// now, "" to record none.
func shim(stage, binary string) []byte {
	var body strings.Builder
	body.WriteString("#\n")
	keep := true
	for line := range strings.Lines(strings.ReplaceAll(shimText, "\r\n", "\n")) {
		switch line {
		case "#pre-push\n":
			keep = stage == "pre-push"
		case "#others\n":
			keep = stage != "pre-push"
		case "#all\n":
			keep = true
		default:
			if keep {
				line = strings.ReplaceAll(line, "STAGE", stage)
				body.WriteString(strings.Replace(line, "BINARY", quote(binary), 1))
			}
		}
	}
	return []byte(shebang + mark + sum(body.String()) + "\n" + body.String())
}

// quote makes a word of sh.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func sum(body string) string {
	s := sha256.Sum256([]byte(body))
	return hex.EncodeToString(s[:8])
}

// isShim says whether a hook is one of ours, whatever its version, and whether
// it was edited since.
func isShim(data []byte) (ours, edited bool) {
	text := string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	rest, ok := strings.CutPrefix(text, shebang+"# sot-hook ")
	if !ok {
		return false, false
	}
	head, body, _ := strings.Cut(rest, "\n")
	return true, head[strings.LastIndexByte(head, ' ')+1:] != sum(body)
}

// Recorded says whether a hook's text is a shim of ours, and which sot it starts
// first; "" where it records none.
func Recorded(data []byte) (binary string, ours bool) {
	if ours, _ = isShim(data); !ours {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if word, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "recorded='"); ok {
			return strings.ReplaceAll(strings.TrimSuffix(word, "'"), `'\''`, "'"), true
		}
	}
	return "", true
}
