package doctor_test

import (
	"testing"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Each method that the server verifies is one whose mistakes are found: a method
// that only the server knew would be looked at as PLAINTEXT.
func TestEachSignatureMethod(t *testing.T) {
	private, public := rsaKey(t)
	secret := oauth.NewSecret("secret")
	for _, method := range oauth.SignatureMethods() {
		signer := oauth1.Signer{Method: method, ClientSecret: secret, RSAPrivateKey: private}
		v := vector{HTTP: "GET /notes HTTP/1.1\nHost: api.example.com\nAuthorization: " +
			oauth1.FormatHeader("", signed(t, signer, method, "https://api.example.com/notes"))}
		c := v.of(t)
		c.Key = oauth1.Key{ClientSecret: secret, RSAPublicKey: public}
		if d := doctor.Diagnose(c); !d.Right() {
			t.Errorf("%s: a right signature is said to have %v", method, codes(d.Findings))
		}
	}
}
