package oauth1

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func rsaMethods() []oauth.SignatureMethod {
	return []oauth.SignatureMethod{oauth.RSASHA1, oauth.RSASHA256, oauth.RSASHA512}
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pkix(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PUBLIC KEY", der)
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestVerifyRSA(t *testing.T) {
	private := rsaKey(t, 2048)
	key := Key{RSAPublicKey: pkix(t, &private.PublicKey)}
	other := Key{RSAPublicKey: pkix(t, &rsaKey(t, 1024).PublicKey)}
	for _, method := range rsaMethods() {
		s := mustParse(t, signedOrder(t, Signer{Method: method, RSAPrivateKey: private}))
		if refusal := s.Check(anyMethod(), key, now(), window); refusal != nil {
			t.Errorf("%s: %s", method, refusal.Description)
		}
		if s.Verify(other) || s.Verify(Key{}) || s.Verify(Key{RSAPublicKey: "junk"}) {
			t.Errorf("%s: verified with another key or none", method)
		}
		for _, as := range rsaMethods() {
			if s.Method = as; s.Verify(key) != (as == method) {
				t.Errorf("signed by %s, verified as %s: %v", method, as, as != method)
			}
		}
	}
}

// The public key is no secret, so it must never be taken for one.
func TestVerifyHMACWithPublicKey(t *testing.T) {
	public := pkix(t, &rsaKey(t, 1024).PublicKey)
	s := mustParse(t, signedOrder(t, Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(public)}))
	if s.Verify(Key{RSAPublicKey: public}) {
		t.Error("verified by HMAC with the public key as secret")
	}
}

func TestParseRSAPublicKey(t *testing.T) {
	private := rsaKey(t, 1024)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)} // expired: the operator vouches for it
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"PKIX":             pkix(t, &private.PublicKey),
		"PKCS #1":          pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&private.PublicKey)),
		"certificate":      pemOf("CERTIFICATE", certificate),
		"text around it":   "key of the app:\n" + pkix(t, &private.PublicKey) + "\nend\n",
		"CR LF":            strings.ReplaceAll(pkix(t, &private.PublicKey), "\n", "\r\n"),
		"no final newline": strings.TrimSpace(pkix(t, &private.PublicKey)),
	} {
		key, err := ParseRSAPublicKey(text)
		if err != nil || !key.Equal(&private.PublicKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRSAPublicKeyRefuses(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	curveCertificate, err := x509.CreateCertificate(rand.Reader, template, template, &curve.PublicKey, curve)
	if err != nil {
		t.Fatal(err)
	}
	private := rsaKey(t, 1024)
	whole := x509.MarshalPKCS1PublicKey(&private.PublicKey)
	for name, text := range map[string]string{
		"empty":                  "",
		"not PEM":                "junk",
		"garbage in PEM":         pemOf("PUBLIC KEY", []byte("junk")),
		"garbage in PKCS #1":     pemOf("RSA PUBLIC KEY", []byte("junk")),
		"garbage in certificate": pemOf("CERTIFICATE", []byte("junk")),
		"cut off":                pemOf("RSA PUBLIC KEY", whole[:len(whole)-1]),
		"512 bits, PKIX":         pkix(t, publicKeyOf(512)),
		"512 bits, PKCS #1":      pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(publicKeyOf(512))),
		"1023 bits":              pkix(t, publicKeyOf(1023)),
		"elliptic curve":         pkix(t, &curve.PublicKey),
		"curve in a certificate": pemOf("CERTIFICATE", curveCertificate),
		"private key":            pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(private)),
	} {
		if key, err := ParseRSAPublicKey(text); err == nil || key != nil {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
}

// publicKeyOf returns a key of so few bits that none can be generated.
func publicKeyOf(bits uint) *rsa.PublicKey {
	modulus := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: modulus.Add(modulus, big.NewInt(1)), E: 65537}
}

func TestSignRefuses(t *testing.T) {
	if _, err := signer("HMAC-MD5").Sign("GET", "https://api.example.com/", nil); !errors.Is(err, ErrMethod) {
		t.Errorf("unknown method: %v", err)
	}
	if _, err := signer(oauth.RSASHA1).Sign("GET", "https://api.example.com/", nil); err == nil {
		t.Error("RSA without a key signs")
	}
	small := &rsa.PrivateKey{PublicKey: *publicKeyOf(512), D: big.NewInt(3)}
	if _, err := (Signer{Method: oauth.RSASHA1, RSAPrivateKey: small}).Sign("GET", "https://api.example.com/", nil); err == nil {
		t.Error("512 bits sign")
	}
}

// A signature has one spelling: none of those below verifies, though some
// decode to the same bytes.
func TestVerifyRefusesOtherSpellings(t *testing.T) {
	private := rsaKey(t, 1024) // 128 bytes: four spare bits, as in HMAC-SHA512
	key := secretKey()
	key.RSAPublicKey = pkix(t, &private.PublicKey)
	for _, method := range oauth.SignatureMethods() {
		maker := signer(method)
		maker.RSAPrivateKey = private
		s := mustParse(t, signedOrder(t, maker))
		right := s.Signature
		if !s.Verify(key) {
			t.Fatalf("%s: the right one is refused", method)
		}
		for _, wrong := range misspelled(right) {
			if s.Signature = wrong; s.Verify(key) {
				t.Errorf("%s: %q verified as %q", method, right, wrong)
			}
		}
	}
}

// misspelled returns right with one character changed, taken out or put in at
// each place, and a few more.
func misspelled(right string) []string {
	wrong := []string{"", right + right, right + "=", right + "\n", " " + right, strings.TrimRight(right, "=&"),
		strings.ToLower(right), strings.NewReplacer("+", " ", "/", "_").Replace(right) + "=", Escape(right) + "%3D"}
	for i := range right {
		for _, letter := range []string{"", next(right[i]), "\n", "\r\n", "=", "-", "\x00", "é", flip(right[i])} {
			wrong = append(wrong, right[:i]+letter+right[i+1:], right[:i]+letter+right[i:])
		}
	}
	return slices.DeleteFunc(wrong, func(s string) bool { return s == right })
}

// next is the base64 letter after c. In the last one before the padding it
// changes only spare bits.
func next(c byte) string {
	at := strings.IndexByte(base64Letters, c) + 1
	return base64Letters[at%64 : at%64+1]
}

func flip(c byte) string { return string(rune(c ^ 1)) }

func TestVerifyUnknownMethod(t *testing.T) {
	s := mustParse(t, signedOrder(t, signer(oauth.HMACSHA1)))
	if s.Method = "HMAC-MD5"; s.Verify(secretKey()) {
		t.Error("verified")
	}
}

func TestVerifyNeedsBothSecrets(t *testing.T) {
	client, token := secretKey().ClientSecret, secretKey().TokenSecret
	for _, method := range []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512, oauth.Plaintext} {
		s := mustParse(t, signedOrder(t, signer(method)))
		for name, key := range map[string]Key{
			"none":             {},
			"client's only":    {ClientSecret: client},
			"token's only":     {TokenSecret: token},
			"exchanged":        {ClientSecret: token, TokenSecret: client},
			"joined":           {ClientSecret: oauth.NewSecret(client.Reveal() + "&" + token.Reveal())},
			"escaped already":  {ClientSecret: client, TokenSecret: oauth.NewSecret(token.Reveal() + "%20")},
			"with white space": {ClientSecret: client, TokenSecret: oauth.NewSecret(token.Reveal() + "\n")},
		} {
			if s.Verify(key) || s.Verify(key.Prepared(method)) {
				t.Errorf("%s: verified with secrets %s", method, name)
			}
		}
	}
}
