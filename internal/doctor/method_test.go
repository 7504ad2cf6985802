package doctor_test

import (
	"fmt"
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
		params := oauth.Params{{Name: "oauth_consumer_key", Value: "mobile"}, {Name: "oauth_signature_method", Value: string(method)},
			{Name: "oauth_timestamp", Value: fmt.Sprint(signedAt)}, {Name: "oauth_nonce", Value: "n"}}
		signer := oauth1.Signer{Method: method, ClientSecret: secret, RSAPrivateKey: private}
		signature, err := signer.Sign("GET", "https://api.example.com/notes", params)
		if err != nil {
			t.Fatal(err)
		}
		v := vector{HTTP: "GET /notes HTTP/1.1\nHost: api.example.com\nAuthorization: " +
			oauth1.FormatHeader("", append(params, oauth.Param{Name: "oauth_signature", Value: signature}))}
		c := v.of(t)
		c.Key = oauth1.Key{ClientSecret: secret, RSAPublicKey: public}
		if d := doctor.Diagnose(c); !d.Right() {
			t.Errorf("%s: a right signature is said to have %v", method, codes(d.Findings))
		}
	}
}
