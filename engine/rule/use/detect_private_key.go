package use

// sot:ignore-file detect-private-key -- the marker is what this file is about

import "github.com/sot-validator/sot/engine/rule"

func detectPrivateKey() rule.Use {
	return rule.Use{
		ID:  "detect-private-key",
		Why: "A key that was pushed is known to whoever can read the repository, and history keeps it.",
		Doc: `Finds private keys.

Looked for are the first lines of RSA, DSA, EC, OpenSSH, PKCS 8, encrypted PKCS 8, SSH2
and PGP private keys, of PuTTY's key files and of OpenVPN's static keys.
`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return privateKey{}, nil },
	}
}

// privateKey is the check detect-private-key.
type privateKey struct{}

// The two words that one of every marker begins with: files are searched for
// these, at the speed of memory, and what follows is compared on a hit.
const (
	beginKey = "BEGIN "
	puttyKey = "PuTTY-User-Key-File-2"
)

// CheckFile reports every line that holds a marker.
func (privateKey) CheckFile(p *rule.Pass, f *rule.File) {
	const message = "private key (%s%s), take it out and replace the key: it is no secret any more once pushed"
	data := f.Bytes()
	lines := onceALine{data: data}
	for at := range indices(data, beginKey) {
		if kind := keyKind(data[at+len(beginKey):]); kind != "" && lines.first(at) {
			p.Range(f, at, at+len(beginKey)+len(kind), message, beginKey, kind)
		}
	}
	lines = onceALine{data: data}
	for at := range indices(data, puttyKey) {
		if lines.first(at) {
			p.Range(f, at, at+len(puttyKey), message, puttyKey, "")
		}
	}
}

// keyKind returns what stands behind "BEGIN " in a private key's first line, ""
// where it is something else, such as a certificate.
func keyKind(after []byte) string {
	kinds := [...]string{
		"RSA PRIVATE KEY", "DSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY",
		"SSH2 ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "ENCRYPTED PRIVATE KEY", "OpenVPN Static key V1",
	}
	head := after[:min(len(after), 32)]
	for _, kind := range kinds {
		if len(head) >= len(kind) && string(head[:len(kind)]) == kind {
			return kind
		}
	}
	return ""
}
