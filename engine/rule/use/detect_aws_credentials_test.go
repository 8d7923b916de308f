package use

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// isolate takes this machine's own credentials away.
func isolate(t *testing.T) (home string) {
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_CREDENTIAL_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG",
		"AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	if _, err := os.Stat("/etc/boto.cfg"); err == nil {
		t.Skip("this machine has an /etc/boto.cfg of its own")
	}
	return home
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAWSCredentials(t *testing.T) {
	home := isolate(t)
	write(t, filepath.Join(home, ".aws", "credentials"), "[default]\naws_access_key_id = PUBLIC\naws_secret_access_key = SECRETSECRET1\n")
	write(t, filepath.Join(home, "more"), "[x]\nAWS_Session_Token: TOKENTOKEN\n")
	t.Setenv("AWS_SECURITY_TOKEN", "FROMENV1")
	e := rule.Entry{Path: "f", Mode: rule.ModeFile}
	s := newSubject(t, "detect-aws-credentials", "f", "")
	expect(t, "clean", s.entry(nil, e, "PUBLIC and nothing more"), "")
	expect(t, "file", s.entry(nil, e, "a\nSECRETSECRET1\n"), "f: AWS secret SECR************************, take it out")
	expect(t, "environment", s.entry(nil, e, "xFROMENV1x"), "AWS secret FROM*")
	expect(t, "not named", s.entry(nil, e, "TOKENTOKEN"), "")
	expect(t, "named", newSubject(t, "detect-aws-credentials", "f", `{"credentials_file": "~/more"}`).entry(nil, e, "TOKENTOKEN"), "AWS secret TOKE*")
	if got := places(s.findings([]byte("é SECRETSECRET1\nSECRETSECRET1"))); got == "" || got[:8] != "1:3-1:16" {
		t.Errorf("places: %s", got)
	}
}

func TestAWSWithoutCredentials(t *testing.T) {
	isolate(t)
	e := rule.Entry{Path: "f", Mode: rule.ModeFile}
	expect(t, "fault", newSubject(t, "detect-aws-credentials", "f", "").entry(nil, e, "x"), "fault: found no AWS credentials")
	expect(t, "allowed", newSubject(t, "detect-aws-credentials", "f", `{"allow_missing_credentials": true}`).entry(nil, e, "x"), "")
}

func TestSecretsIn(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                     nil,
		"[a]\naws_secret_access_key = x = y\n": {"x = y"},
		"[a]\naws_secret_access_key=x\n[b]\naws_session_token:y\n":                  {"x", "y"},
		"[a]\nAWS_SECRET_ACCESS_KEY = x\r\n":                                        {"x"},
		"[a]\naws_secret_access_key =\n":                                            nil,
		"[a]\naws_secret_access_key = x\n  y\n":                                     {"x\ny"},
		"[a]\n# aws_secret_access_key = x\n; aws_session_token = y\n":               nil,
		"aws_secret_access_key = x\n":                                               nil,
		"[a]\nregion = x\n  aws_secret_access_key = y\n":                            {"y"},
		"[a]\n\x00\xff\n=\n:\n[\n[]\naws_secret_access_key\naws_security_token = z": {"z"},
	} {
		if got := secretsIn([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSecretsIn(f *testing.F) {
	f.Add([]byte("[a]\naws_secret_access_key = x\n  y\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range secretsIn(data) {
			if s == "" {
				t.Error("an empty secret is in every file")
			}
		}
	})
}
