package signing_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

func newRequest(t *testing.T, method, address string) *signing.Request {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &signing.Request{Method: method, URL: u, Header: http.Header{}}
}

// OAuth Core 1.0a, appendix A.5.
func photos() signing.Credentials {
	return signing.Credentials{ConsumerKey: "dpf43f3p2l4k3l03", Token: "nnch734d00sl2jdk", Realm: "http://photos.example.net/",
		Signer: oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret("kd94hf93k423kf44"), TokenSecret: oauth.NewSecret("pfkkdhi9sl3r4s00")}}
}

const photosBase = "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"

func TestThePublishedExample(t *testing.T) {
	for _, place := range signing.Places() {
		r := newRequest(t, "GET", "http://photos.example.net/photos")
		pairs := oauth.Params{{Name: "file", Value: "vacation.jpg"}, {Name: "size", Value: "original"}}
		if place == signing.InBody {
			r.Form = pairs
		} else {
			r.URL.RawQuery = oauth1.EncodeForm(pairs)
		}
		c := photos()
		c.Place = place
		base, err := c.Sign(r, time.Unix(1191242096, 0), "kllo9940pd9333jh")
		if err != nil || base != photosBase {
			t.Errorf("%s: base string %q, %v", place, base, err)
		}
		sent := r.Header.Get("Authorization") + r.URL.RawQuery + string(r.Content())
		if !strings.Contains(sent, "tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D") {
			t.Errorf("%s: the signature is not in %s", place, sent)
		}
		if got := strings.Contains(sent, `realm="http://photos.example.net/"`); got != (place == signing.InHeader) {
			t.Errorf("%s: realm in %s", place, sent)
		}
	}
}

func TestPlaintextHasNoBaseString(t *testing.T) {
	c := photos()
	c.Method = oauth.Plaintext
	r := newRequest(t, "GET", "https://photos.example.net/")
	if base, err := c.Sign(r, time.Unix(1, 0), "n"); base != "" || err != nil {
		t.Errorf("got %q, %v", base, err)
	}
	if got := r.Header.Get("Authorization"); !strings.Contains(got, `oauth_signature="kd94hf93k423kf44%26pfkkdhi9sl3r4s00"`) {
		t.Errorf("header %s", got)
	}
}

// A form that is sent as it is is signed as one made of fields is.
func TestAFormIsSignedHoweverItIsGiven(t *testing.T) {
	for _, body := range []string{"file=vacation.jpg&size=original", "size=original&file=%76acation.jpg"} {
		r := newRequest(t, "GET", "http://photos.example.net/photos")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		r.Body = []byte(body)
		base, err := photos().Sign(r, time.Unix(1191242096, 0), "kllo9940pd9333jh")
		if err != nil || base != photosBase {
			t.Errorf("%s: base string %q, %v", body, base, err)
		}
		if got := r.Header.Get("Authorization"); !strings.Contains(got, "tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D") {
			t.Errorf("%s: header %s", body, got)
		}
		if string(r.Content()) != body {
			t.Errorf("%s became %s", body, r.Content())
		}
	}
}

func TestWhatCannotBeSigned(t *testing.T) {
	c := photos()
	c.Place = signing.InBody
	r := newRequest(t, "POST", "http://a.example/")
	r.Body = []byte("{}")
	if _, err := c.Sign(r, time.Unix(1, 0), "n"); !errors.Is(err, signing.ErrPlace) {
		t.Errorf("got %v, want ErrPlace", err)
	}
	if _, err := photos().Sign(newRequest(t, "GET", "http://a.example/?a=%zz"), time.Unix(1, 0), "n"); err == nil {
		t.Error("a broken query was signed")
	}
	r = newRequest(t, "POST", "http://a.example/")
	r.Header.Set("Content-Type", signing.FormType)
	r.Body = []byte("a=%zz")
	if _, err := photos().Sign(r, time.Unix(1, 0), "n"); err == nil || !strings.HasPrefix(err.Error(), "form body: ") {
		t.Errorf("a broken form: %v", err)
	}
	c = photos()
	c.Method = "HMAC-MD5"
	if _, err := c.Sign(newRequest(t, "GET", "http://a.example/"), time.Unix(1, 0), "n"); !errors.Is(err, oauth1.ErrMethod) {
		t.Errorf("got %v, want ErrMethod", err)
	}
	if _, err := photos().Sign(newRequest(t, "GET", "http://a.example/?oauth_nonce=x"), time.Unix(1, 0), "n"); err == nil {
		t.Error("parameters in two places were signed")
	}
}

func TestParseRSAPrivateKey(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range []*pem.Block{{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}, {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if got, err := signing.ParseRSAPrivateKey(pem.EncodeToMemory(block)); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", block.Type, err)
		}
	}
	for _, test := range []struct{ kind, want string }{
		{"PUBLIC KEY", `PEM of "PUBLIC KEY"`},
		{"EC PRIVATE KEY", `PEM of "EC PRIVATE KEY"`},
		{"ENCRYPTED PRIVATE KEY", "encrypted"},
		{"PRIVATE KEY", "cannot be read"},
		{"RSA PRIVATE KEY", "cannot be read"},
	} {
		text := pem.EncodeToMemory(&pem.Block{Type: test.kind, Bytes: []byte{0, 0, 0}})
		if _, err := signing.ParseRSAPrivateKey(text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.kind, err, test.want)
		}
	}
	if _, err := signing.ParseRSAPrivateKey(nil); err == nil {
		t.Error("nothing is a key")
	}
}

func TestKeysOfOtherAlgorithms(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	if _, err := signing.ParseRSAPrivateKey(text); err == nil || !strings.Contains(err.Error(), "another algorithm") {
		t.Errorf("got %v", err)
	}
}
