package use

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

func detectAWSCredentials() rule.Use {
	return rule.Use{
		ID:  "detect-aws-credentials",
		Why: "A secret that was pushed is known to whoever can read the repository, and history keeps it.",
		Doc: `Finds your own AWS secrets, those that the AWS command line uses on this machine.

They are read from ~/.aws/config, ~/.aws/credentials, /etc/boto.cfg, ~/.boto, from the files that
AWS_CONFIG_FILE, AWS_CREDENTIAL_FILE, AWS_SHARED_CREDENTIALS_FILE and BOTO_CONFIG name, and from
AWS_SECRET_ACCESS_KEY, AWS_SECURITY_TOKEN and AWS_SESSION_TOKEN. Files are searched for the
secrets as they are; a message shows four characters of one.

- credentials_file: further files, one or a list; ~ is your home.
- allow_missing_credentials: find nothing where there are no secrets to look for, instead of
  failing.

Differs from pre-commit-hooks in a credentials file that its reader stops at (a key or section
that is there twice, a broken interpolation): here the lines that are an option are read, as
they are written, and no file is too broken to be looked into.
`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With: rule.Object("options of detect-aws-credentials",
			rule.Key{Name: "credentials_file", Shape: rule.OneOrMore(rule.Str("a path, ~ is your home"), "further credentials files")},
			rule.Key{Name: "allow_missing_credentials", Shape: rule.Boolean("pass where there are no credentials to look for")},
		),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			files := with.Get("credentials_file").Strings()
			return awsCredentials{
				allowMissing: with.Get("allow_missing_credentials").Bool(false),
				secrets:      sync.OnceValue(func() []string { return awsSecrets(files) }),
			}, nil
		},
	}
}

// awsCredentials is the check detect-aws-credentials.
type awsCredentials struct {
	allowMissing bool
	// secrets reads the machine's credentials when the first file is checked:
	// they are no part of the repository, so no source hands them out.
	secrets func() []string
}

// errMachine says why no verdict is kept: it depends on the machine's own
// credentials, and a finding's line holds them.
var errMachine = errors.New("the verdict is about this machine's credentials")

// State refuses: nothing of it is kept.
func (awsCredentials) State(context.Context, rule.Repo) (string, error) { return "", errMachine }

// CheckFile reports each line that holds a secret, for each secret.
func (c awsCredentials) CheckFile(p *rule.Pass, f *rule.File) {
	secrets := c.secrets()
	if len(secrets) == 0 && !c.allowMissing && len(p.Faults()) == 0 {
		p.Fail(rule.FaultUnreadable, "found no AWS credentials to look for in files or environment, set credentials_file or allow_missing_credentials")
	}
	for _, secret := range secrets {
		lines := onceALine{data: f.Bytes()}
		for at := range indices(f.Bytes(), secret) {
			if lines.first(at) {
				p.Range(f, at, at+len(secret), "AWS secret %s, take it out and replace the key: it is no secret any more once pushed", hidden(secret))
			}
		}
	}
}

// awsSecrets returns this machine's secrets, sorted, each once.
func awsSecrets(files []string) []string {
	files = append([]string{"~/.aws/config", "~/.aws/credentials", "/etc/boto.cfg", "~/.boto"}, files...)
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_CREDENTIAL_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"} {
		if file := os.Getenv(name); file != "" {
			files = append(files, file)
		}
	}
	var secrets []string
	for _, file := range files {
		secrets = append(secrets, secretsIn(readHome(file))...)
	}
	for _, name := range []string{"AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"} {
		if secret := os.Getenv(name); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	slices.Sort(secrets)
	return slices.Compact(secrets)
}

// readHome returns a regular file's content, ~ being the user's home; nil where
// it cannot be read or is no credentials file by its size (over 1 MiB).
func readHome(file string) []byte {
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		file = filepath.Join(home, rest)
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return data
}

// secretsIn returns the secrets of a credentials file: an INI file in the form
// that Python's configparser reads (key = value or key: value, keys in any
// case, an indented line goes on, # and ; at a line's start are comments).
func secretsIn(data []byte) []string {
	var secrets []string
	section, value := false, -1 // value is the secret that an indented line goes on with
	for line := range bytes.Lines(data) {
		text := strings.TrimSpace(string(line))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case value >= 0 && (line[0] == ' ' || line[0] == '\t'):
			secrets[value] += "\n" + text
		case text[0] == '[' && strings.IndexByte(text, ']') > 1:
			section, value = true, -1
		default:
			value = -1
			i := strings.IndexAny(text, "=:")
			if i < 0 || !section {
				continue
			}
			switch strings.ToLower(strings.TrimSpace(text[:i])) {
			case "aws_secret_access_key", "aws_security_token", "aws_session_token":
				if secret := strings.TrimSpace(text[i+1:]); secret != "" {
					secrets, value = append(secrets, secret), len(secrets)
				}
			}
		}
	}
	return secrets
}

// hidden returns the first four characters of a secret, and asterisks.
func hidden(secret string) string {
	r := []rune(secret)
	return string(r[:min(4, len(r))]) + strings.Repeat("*", max(0, 28-min(4, len(r))))
}
