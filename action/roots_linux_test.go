package action

import (
	"crypto/x509"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// A process that has no roots trusts Mozilla's once it was told to, and no sooner.
func TestTrustRoots(t *testing.T) {
	if os.Getenv("SSL_CERT_DIR") == "/nowhere" {
		for root := range bundle.Roots() {
			cert, err := x509.ParseCertificate(root.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			if root.Constraint != nil {
				continue
			}
			if os.Getenv("TRUST") != "" {
				trustRoots()
			}
			if _, err := cert.Verify(x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, CurrentTime: cert.NotBefore.AddDate(0, 0, 1)}); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	for _, trust := range []string{"", "1"} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestTrustRoots$")
		cmd.Env = append(os.Environ(), "SSL_CERT_DIR=/nowhere", "SSL_CERT_FILE=/nowhere", "TRUST="+trust)
		if out, err := cmd.CombinedOutput(); (err == nil) != (trust != "") {
			t.Errorf("told to trust %q: %v\n%s", trust, err, out)
		}
	}
}
