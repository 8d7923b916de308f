package action

import (
	"crypto/x509"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// trustRoots gives this process Mozilla's certificate roots where the system has
// none, as in an image made from scratch.
//
// The package above bundle does that as it is loaded, in every run of sot: 0.67 MB
// allocated to parse 117 certificates. Here only a process that will speak to GitHub
// pays, and only where it must. Where SSL_CERT_FILE or SSL_CERT_DIR name others,
// those count. Other systems than Linux do not keep their roots in files that can be
// missing, and their programs are 0.2 MB smaller without these.
var trustRoots = sync.OnceFunc(func() {
	if system, err := x509.SystemCertPool(); err == nil && !system.Equal(x509.NewCertPool()) {
		return
	}
	roots := x509.NewCertPool()
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // one root less is trusted
		}
		if root.Constraint == nil {
			roots.AddCert(cert)
		} else {
			roots.AddCertWithConstraint(cert, root.Constraint)
		}
	}
	x509.SetFallbackRoots(roots)
})
