package cold

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// newCertificate makes an authority of a day and a certificate by it for this
// machine. It returns how a listener speaks TLS with it, and a file with the
// authority, which the caller removes.
func newCertificate() (secured func(net.Listener) net.Listener, file string, err error) {
	authority, own, err := issue(&x509.Certificate{Subject: pkix.Name{CommonName: "bench"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	if err != nil {
		return nil, "", err
	}
	parent, err := x509.ParseCertificate(authority)
	if err != nil {
		return nil, "", fmt.Errorf("read the authority: %w", err)
	}
	der, key, err := issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, parent, own)
	if err != nil {
		return nil, "", err
	}
	if file, err = keep(authority); err != nil {
		return nil, "", err
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	return func(l net.Listener) net.Listener { return tls.NewListener(l, config) }, file, nil
}

// issue signs a certificate by its parent's key, or by its own where it has no
// parent.
func issue(what, parent *x509.Certificate, by *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	if parent == nil {
		parent, by = what, key
	}
	what.SerialNumber = big.NewInt(1)
	what.NotBefore, what.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, what, parent, &key.PublicKey, by)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return der, key, nil
}

// bundles is where systems have all their authorities, in the order in which Go
// looks for them.
var bundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"}

// keep writes a file of the authority beside those of this machine, as many as
// functions have to read on Lambda.
func keep(authority []byte) (string, error) {
	all := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority})
	for _, bundle := range bundles {
		if others, err := os.ReadFile(bundle); err == nil { // #nosec G304 -- one of the constants
			all = append(all, others...)
			break
		}
	}
	file, err := os.CreateTemp("", "authorities-*.pem")
	if err != nil {
		return "", fmt.Errorf("keep the authority: %w", err)
	}
	if _, err := file.Write(all); err != nil {
		return "", fmt.Errorf("keep the authority: %w", errors.Join(err, file.Close(), os.Remove(file.Name())))
	}
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("keep the authority: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return file.Name(), nil
}
