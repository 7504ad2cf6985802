package dpop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

func TestEachAlgorithm(t *testing.T) {
	thumbprints := map[string]bool{}
	for _, algorithm := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA, jose.RS256, jose.PS256} {
		proof := wantAccepted(t, string(algorithm), request(sign(t, algorithm, said(), nil)))
		if len(proof.Thumbprint) != 43 || proof.ID != "an id" || !proof.IssuedAt.Equal(instant.Truncate(time.Second)) || proof.Nonce != "" {
			t.Errorf("%s: %+v", algorithm, proof)
		}
		thumbprints[proof.Thumbprint] = true
	}
	if len(thumbprints) != 3 { // RS256 and PS256 share a key
		t.Errorf("thumbprints %v", thumbprints)
	}
}

// What each step of RFC 9449 §4.3 refuses.
func TestRefusedProofs(t *testing.T) {
	es256 := func(claims any) string { return sign(t, jose.ES256, claims, nil) }
	good := es256(said())
	for _, test := range []struct {
		name   string
		proofs []string
		says   string
	}{
		{"1. no header", nil, "missing"},
		{"1. an empty header", []string{""}, "missing"},
		{"1. two headers", []string{good, es256(said().with("jti", "another"))}, "more than one"},
		{"1. the same twice", []string{good, good}, "more than one"},
		{"2. two joined by a comma", []string{good + ", " + good}, "compact JWS"},
		{"2. too long", []string{es256(said().with("jti", strings.Repeat("x", oauth.MaxHeader)))}, "longer than"},
		{"2. junk", []string{"junk"}, "compact JWS"},
		{"2. in JSON", []string{`{"payload":"e30","protected":"e30","signature":""}`}, "compact JWS"},
		{"2. two parts", []string{good[:strings.LastIndexByte(good, '.')]}, "compact JWS"},
		{"2. a line break", []string{good[:10] + "\n" + good[10:]}, "compact JWS"},
		{"2. a space", []string{" " + good}, "compact JWS"},
		{"2. padding", []string{good + "="}, "compact JWS"},
		{"2. claims that are no JSON", []string{es256("x")}, "JSON"},
		{"2. claims that are no object", []string{es256(`[]`)}, "JSON"},
		{"2. two objects", []string{es256(`{}{}`)}, "JSON"},
		{"3. no claims", []string{es256(`{}`)}, "missing"},
		{"3. null", []string{es256(`null`)}, "missing"},
		{"3. no jti", []string{es256(said().with("jti", nil))}, "missing"},
		{"3. no htm", []string{es256(said().with("htm", nil))}, "missing"},
		{"3. no htu", []string{es256(said().with("htu", nil))}, "missing"},
		{"3. no iat", []string{es256(said().with("iat", nil))}, "missing"},
		{"3. capitals", []string{es256(said().with("jti", nil).with("JTI", "x"))}, "missing"},
		{"3. an empty jti", []string{es256(said().with("jti", ""))}, "1 to 256"},
		{"3. a long jti", []string{es256(said().with("jti", strings.Repeat("x", 257)))}, "1 to 256"},
		{"3. a number for jti", []string{es256(said().with("jti", 1))}, "JSON"},
		{"4. another typ", []string{sign(t, jose.ES256, said(), object{"typ": "JWT"})}, "typ"},
		{"4. typ in capitals", []string{sign(t, jose.ES256, said(), object{"typ": "DPOP+JWT"})}, "typ"},
		{"4. a number for typ", []string{sign(t, jose.ES256, said(), object{"typ": 1})}, "typ"},
		{"8. another method", []string{es256(said().with("htm", "POST"))}, "htm"},
		{"8. the method in small letters", []string{es256(said().with("htm", "get"))}, "htm"},
		{"11. nothing of a time", []string{es256(said().with("iat", "now"))}, "JSON"},
		{"11. a string", []string{es256(said().with("iat", fmt.Sprint(instant.Unix())))}, "JSON"},
		{"11. NaN", []string{es256(strings.Replace(`{"jti":"x","htm":"GET","htu":"x","iat":NaN}`, "x", "y", 1))}, "JSON"},
		{"11. no number there is", []string{es256(`{"jti":"x","htm":"GET","htu":"https://api.example.com/prod/x","iat":1e999}`)}, "JSON"},
		{"11. far ahead", []string{es256(`{"jti":"x","htm":"GET","htu":"https://api.example.com/prod/x","iat":1e308}`)}, "iat"},
		{"11. far behind", []string{es256(`{"jti":"x","htm":"GET","htu":"https://api.example.com/prod/x","iat":-1e308}`)}, "iat"},
		{"11. zero", []string{es256(said().with("iat", 0))}, "iat"},
		{"11. milliseconds", []string{es256(said().with("iat", instant.UnixMilli()))}, "iat"},
		{"11. too old", []string{es256(said().with("iat", instant.Unix()-300))}, "iat"},
		{"11. too new", []string{es256(said().with("iat", instant.Unix()+301))}, "iat"},
		{"12. no ath", []string{es256(said().with("ath", nil))}, "ath"},
		{"12. an empty ath", []string{es256(said().with("ath", ""))}, "ath"},
		{"12. another token", []string{es256(said().with("ath", digest("another")))}, "ath"},
		{"12. the token itself", []string{es256(said().with("ath", accessToken))}, "ath"},
	} {
		wantRefused(t, test.name, request(test.proofs...), test.says)
	}
}

func TestTimesOfProofs(t *testing.T) {
	for name, iat := range map[string]any{
		"now": instant.Unix(), "a fraction": 2051319845.5, "an exponent": 2.051319845e9,
		"five minutes ago": instant.Unix() - 299, "in five minutes": instant.Unix() + 300,
	} {
		wantAccepted(t, name, request(sign(t, jose.ES256, said().with("iat", iat), nil)))
	}
	r := request(sign(t, jose.ES256, said().with("iat", instant.Unix()-1), nil))
	if _, refusal := ForTokens(r, Window{}); refusal == nil {
		t.Error("without a time and a window a proof is let through")
	}
}

// Two members of one name are read as one or the other by whoever reads them.
func TestDuplicateMembers(t *testing.T) {
	claims := fmt.Sprintf(`"jti":"x","htm":"GET","htu":"https://api.example.com/prod/x","iat":%d,"ath":%q`, instant.Unix(), digest(accessToken))
	wantAccepted(t, "each once", request(sign(t, jose.ES256, `{`+claims+`,"more":{"a":1}}`, nil)))
	for _, more := range []string{`"jti":"x"`, `"htm":"POST"`, `"htu":"https://api.example.com/"`, `"iat":0`, `"more":1,"more":2`, `"j\u0074i":"x"`} {
		wantRefused(t, more, request(sign(t, jose.ES256, `{`+claims+`,`+more+`}`, nil)), "JSON")
		wantRefused(t, more+" first", request(sign(t, jose.ES256, `{`+more+`,`+claims+`}`, nil)), "JSON")
	}
}

// A proof may say more than is asked for (RFC 9449 §4.2).
func TestFurtherMembers(t *testing.T) {
	r := request(sign(t, jose.ES256, said().with("nonce", "a nonce").with("aud", []string{"x"}).with("exp", 0), object{"kid": "mine", "x": 1}))
	if proof := wantAccepted(t, "further members", r); proof.Nonce != "a nonce" {
		t.Errorf("nonce %q", proof.Nonce)
	}
	if proof, refusal := ForTokens(r, window); refusal != nil || proof.ID != "an id" {
		t.Errorf("ath in a request for tokens: %+v, %+v", proof, refusal)
	}
	r.Header.Del(Header)
	if _, refusal := ForTokens(r, window); refusal == nil || refusal.Status != http.StatusBadRequest {
		t.Errorf("refused at the token endpoint: %+v", refusal)
	}
}

func TestSpending(t *testing.T) {
	a := wantAccepted(t, "a", request(sign(t, jose.ES256, said(), nil)))
	other := wantAccepted(t, "another jti", request(sign(t, jose.ES256, said().with("jti", "another"), nil)))
	key := wantAccepted(t, "another key", request(sign(t, jose.EdDSA, said(), nil)))
	attempt := oauth.Attempt{1, 2, 3}
	spent := a.Spending(window, attempt)
	if spent.Attempt != attempt || !spent.Now.Equal(window.Now) || !spent.Expires.After(a.IssuedAt.Add(window.Leeway+time.Second)) || spent.Key.Kind != oauth.SpentProof {
		t.Errorf("%+v", spent)
	}
	for _, proof := range []Proof{other, key} {
		if proof.Spending(window, attempt).Key == spent.Key {
			t.Errorf("%+v is spent with %+v", proof, a)
		}
	}
	if again := wantAccepted(t, "signed again", request(sign(t, jose.ES256, said(), nil))); again.Spending(window, oauth.Attempt{4}).Key != spent.Key {
		t.Error("a jti that is signed again is another")
	}
}
