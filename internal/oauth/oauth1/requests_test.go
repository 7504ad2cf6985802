package oauth1

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// secrets are what a published request was signed with.
type secrets struct {
	Client    string `json:"client_secret"`
	Token     string `json:"token_secret"`
	PublicKey string `json:"rsa_public_key"`
}

func (s secrets) key() Key {
	return Key{ClientSecret: oauth.NewSecret(s.Client), TokenSecret: oauth.NewSecret(s.Token), RSAPublicKey: s.PublicKey}
}

// requestCase is a published request. What its source does not give is nil.
type requestCase struct {
	described
	secrets
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"`
	ContentType   string `json:"content_type"`
	Body          string `json:"body"`
	Want          struct {
		BaseURI    *string `json:"base_uri"`
		Parameters *string `json:"parameters"`
		BaseString *string `json:"base_string"`
		Key        *string `json:"key"`
		Signature  *string `json:"signature"`
		Problem    *string `json:"problem"`
	} `json:"want"`
}

func (c requestCase) request(t testing.TB) *oauth.Request {
	t.Helper()
	r := request(t, c.Method, c.URL)
	if c.Authorization != "" {
		r.Header.Set("Authorization", c.Authorization)
	}
	if c.ContentType != "" {
		setBody(r, c.ContentType, c.Body)
	}
	return r
}

// check compares each step with what was published of it. Some examples are of
// requests not yet signed, so parameters may be missing.
func (c requestCase) check(t *testing.T) {
	r := c.request(t)
	s := &Signed{Protocol: &Protocol{request: r}}
	var refusal *oauth.Error
	s.params, refusal = s.gather(normalized{})
	if refusal != nil {
		t.Fatalf("refused: %s", refusal.Description)
	}
	if c.Want.Parameters == nil || c.Want.Problem != nil {
		t.Error("want.parameters is missing, or want.problem there")
	}
	published(t, "base string URI", c.Want.BaseURI, BaseURI(r.Scheme, r.Host, r.Path))
	published(t, "parameters", c.Want.Parameters, normal(t, s.Params()))
	published(t, "base string", c.Want.BaseString, s.BaseString())
	published(t, "key", c.Want.Key, string(secretPair(c.key().ClientSecret, c.key().TokenSecret)))
	if c.Want.Signature != nil {
		c.checkSignature(t, s)
	}
	if refusal := s.checkBodyHash(); refusal != nil {
		t.Errorf("body hash: %s", refusal.Description)
	}
}

func published(t *testing.T, what string, want *string, got string) {
	t.Helper()
	if want != nil && got != *want {
		t.Errorf("%s\ngot  %s\nwant %s", what, got, *want)
	}
}

func (c requestCase) checkSignature(t *testing.T, s *Signed) {
	if s.Signature == "" { // printed apart from the request
		s.Signature = *c.Want.Signature
	}
	if s.Signature != *c.Want.Signature {
		t.Errorf("the request is sent with signature %s, want %s", s.Signature, *c.Want.Signature)
	}
	if !s.Verify(c.key()) {
		t.Error("the published signature is refused")
	}
	if _, isRSA, _ := hashOf(s.Method); isRSA {
		return // its private key is seldom published
	}
	signer := Signer{Method: s.Method, ClientSecret: c.key().ClientSecret, TokenSecret: c.key().TokenSecret}
	got, err := signer.Sign(c.Method, *c.Want.BaseURI, s.Params())
	if err != nil || got != *c.Want.Signature {
		t.Errorf("Sign: %s, %v, want %s", got, err, *c.Want.Signature)
	}
}

// checkRefused checks the request whole, at the time it was signed, for a
// client that may use any method.
func (c requestCase) checkRefused(t *testing.T) {
	if c.Want.Problem == nil {
		t.Fatal("want.problem is missing")
	}
	s := mustParse(t, c.request(t))
	client := &oauth.Client{ID: s.ConsumerKey, SignatureMethods: oauth.SignatureMethods()}
	refusal := s.Check(client, c.key(), signedAt(t, s), window)
	if code(refusal) != *c.Want.Problem {
		t.Errorf("oauth_problem %q, want %q", code(refusal), *c.Want.Problem)
	}
	if s.Verify(c.key()) {
		t.Error("verified")
	}
}

func signedAt(t *testing.T, s *Signed) time.Time {
	t.Helper()
	if s.Timestamp == "" {
		return now()
	}
	seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(seconds, 0)
}

// publishedRequests returns the requests of all files that hold some.
func publishedRequests(t testing.TB) []requestCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []requestCase
	for _, path := range paths {
		switch filepath.Base(path) {
		case "encoding.json", "normalize.json", "base_uri.json", "signature.json", "body_hash.json":
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, decodeCases[requestCase](t, data)...)
	}
	if len(all) == 0 {
		t.Fatal("no published requests")
	}
	return all
}
