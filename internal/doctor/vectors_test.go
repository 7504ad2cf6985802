package doctor_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/doctor"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// vector is a request that testdata/vectors.py signed, right or wrong.
type vector struct {
	Name         string   `json:"name"`
	Want         []string `json:"want"` // codes
	HTTP         string   `json:"http"`
	Server       string   `json:"server"` // its base URL; empty: what was called
	ClientSecret string   `json:"client_secret"`
	TokenSecret  string   `json:"token_secret"`
	Now          int64    `json:"now"` // 0: when it was signed
	NonceSeen    bool     `json:"nonce_seen"`
	Unknown      bool     `json:"unknown"`
	BaseString   string   `json:"base_string"`
}

const signedAt = 1500000000

func vectors(t testing.TB) (all []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// of makes the case of a vector.
func (v *vector) of(t testing.TB) doctor.Case {
	t.Helper()
	message, err := doctor.Read(v.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	var server *url.URL
	if v.Server != "" {
		if server, err = url.Parse(v.Server); err != nil {
			t.Fatal(err)
		}
	}
	sent, err := message.At(server)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(signedAt, 0)
	if v.Now != 0 {
		now = time.Unix(v.Now, 0)
	}
	return doctor.Case{Request: sent.Request, Addresses: sent.Addresses, Known: !v.Unknown,
		Client: oauth.Client{ID: "mobile", SignatureMethods: oauth.SignatureMethods()},
		Key:    oauth1.Key{ClientSecret: oauth.NewSecret(v.ClientSecret), TokenSecret: oauth.NewSecret(v.TokenSecret)},
		Now:    now, Window: 5 * time.Minute, NonceSeen: v.NonceSeen, BaseString: v.BaseString}
}

func codes(findings []doctor.Finding) []string {
	list := []string{}
	for _, finding := range findings {
		list = append(list, finding.Code)
	}
	return list
}

// Each request is diagnosed with exactly the mistakes that were made.
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			d := doctor.Diagnose(v.of(t))
			if got := codes(d.Findings); !slices.Equal(got, v.Want) {
				t.Errorf("got %v, want %v; others %v\n%s", got, v.Want, codes(d.Others), d.Text())
			}
			if d.Right() != (len(v.Want) == 0) {
				t.Errorf("right is %t", d.Right())
			}
		})
	}
}

// What is right is what the server lets through.
func TestRightIsWhatIsAccepted(t *testing.T) {
	for _, v := range vectors(t) {
		c := v.of(t)
		refused := true
		if signed, refusal := oauth1.Parse(c.Request); refusal == nil {
			key := c.Key
			if signed.Token == "" {
				key.TokenSecret = oauth.Secret{}
			}
			refused = signed.Check(&c.Client, key, c.Now, c.Window) != nil
		}
		c.BaseString = ""
		if d := doctor.Diagnose(c); !c.NonceSeen && d.Right() == refused {
			t.Errorf("%s: right is %t, and refused is %t", v.Name, d.Right(), refused)
		}
	}
}

// No secret is in anything that comes out, in whatever way it is printed.
func TestNothingSecretComesOut(t *testing.T) {
	for _, v := range vectors(t) {
		d := doctor.Diagnose(v.of(t))
		out := fmt.Sprintf("%+v %#v %s %s", d, d, d.Text(), d.Line())
		for _, secret := range []string{v.ClientSecret, v.TokenSecret, "pass w", "pass+w", "pass%20w", "pass%2520w", "hunter22"} {
			for range 3 {
				if secret != "" && strings.Contains(out, secret) {
					t.Errorf("%s: %q is in\n%s", v.Name, secret, out)
				}
				secret = url.PathEscape(secret)
			}
		}
	}
}

// The line for a log tells nothing of values, whoever sends them.
func TestLineIsForALog(t *testing.T) {
	for _, v := range vectors(t) {
		d := doctor.Diagnose(v.of(t))
		line := d.Line()
		if strings.Contains(line, "n0nce") || strings.Contains(line, "hello") || strings.ContainsAny(line, "\"\n") || len(line) > 1000 {
			t.Errorf("%s: %s", v.Name, line)
		}
	}
}

// Junk costs no more than the limit says.
func TestWorkIsBounded(t *testing.T) {
	v := vectors(t)[0]
	for _, limit := range []int{1, 50, 0} {
		c := v.of(t)
		c.Limit, c.Key.ClientSecret = limit, oauth.NewSecret("another")
		if got := codes(doctor.Diagnose(c).Findings); !slices.Equal(got, []string{"unexplained"}) {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
}

func BenchmarkJunk(b *testing.B) {
	v := vectors(b)[0]
	c := v.of(b)
	c.Key.ClientSecret = oauth.NewSecret("another")
	b.ReportAllocs()
	for b.Loop() {
		if got := codes(doctor.Diagnose(c).Findings); !slices.Equal(got, []string{"unexplained"}) {
			b.Fatal(got)
		}
	}
}

// signed are the parameters of a GET of uri that says a method, by signer.
func signed(t *testing.T, signer oauth1.Signer, says oauth.SignatureMethod, uri string, more ...oauth.Param) oauth.Params {
	t.Helper()
	params := append(oauth.Params{{Name: "oauth_consumer_key", Value: "mobile"}, {Name: "oauth_signature_method", Value: string(says)},
		{Name: "oauth_timestamp", Value: fmt.Sprint(signedAt)}, {Name: "oauth_nonce", Value: "n"}}, more...)
	signature, err := signer.Sign("GET", uri, params)
	if err != nil {
		t.Fatal(err)
	}
	return append(params, oauth.Param{Name: "oauth_signature", Value: signature})
}

// rsaKey makes a key of a client, and its public half as it is registered.
func rsaKey(t *testing.T) (key *rsa.PrivateKey, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
