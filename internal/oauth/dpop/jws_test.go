package dpop

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// forge makes a JWS of a head and claims that no library would make.
func forge(t testing.TB, head any, signature func(input string) []byte) string {
	t.Helper()
	text, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := json.Marshal(said())
	if err != nil {
		t.Fatal(err)
	}
	input := base64url(text) + "." + base64url(claims)
	return input + "." + base64url(signature(input))
}

func es256(t *testing.T, private *ecdsa.PrivateKey) func(string) []byte {
	return func(input string) []byte {
		sum := sha256.Sum256([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		size := (private.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
}

// members are a key as a JWK, to change.
func members(t testing.TB, key any) object {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKey{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	var jwk object
	if err := json.Unmarshal(text, &jwk); err != nil {
		t.Fatal(err)
	}
	return jwk
}

func TestForgedHeads(t *testing.T) {
	private := key(t, jose.ES256).(*ecdsa.PrivateKey)
	public := func() object { return members(t, &private.PublicKey) }
	none := func(string) []byte { return nil }
	hs256 := func(secret []byte) func(string) []byte {
		return func(input string) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(input))
			return mac.Sum(nil)
		}
	}
	x, _ := base64.RawURLEncoding.DecodeString(public()["x"].(string))
	head := func(alg, jwk any) object { return object{"typ": proofType, "alg": alg, "jwk": jwk} }
	signed := es256(t, private)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, refusal := open(forge(t, head("ES256", public()), signed)); refusal != nil {
		t.Fatalf("an honest head: %+v", refusal)
	}
	for name, test := range map[string]struct{ proof, says string }{
		"alg none":                         {forge(t, head("none", public()), none), "alg"},
		"alg None":                         {forge(t, head("None", public()), none), "alg"},
		"no alg":                           {forge(t, head(nil, public()), signed), "alg"},
		"no signature":                     {forge(t, head("ES256", public()), none), "signature"},
		"a signature of zeros":             {forge(t, head("ES256", public()), func(string) []byte { return make([]byte, 64) }), "signature"},
		"HS256, the public key as secret":  {forge(t, head("HS256", public()), hs256(x)), "alg"},
		"HS256 with a symmetric key":       {forge(t, head("HS256", object{"kty": "oct", "k": "AAAA"}), hs256([]byte{0, 0, 0})), "alg"},
		"a symmetric key":                  {forge(t, head("ES256", object{"kty": "oct", "k": "AAAA"}), signed), "public key"},
		"a private key":                    {forge(t, head("ES256", members(t, private)), signed), "public key"},
		"an empty private member":          {forge(t, head("ES256", public().with("d", "")), signed), "public key"},
		"a symmetric member":               {forge(t, head("ES256", public().with("k", "AAAA")), signed), "public key"},
		"members of a private RSA key":     {forge(t, head("ES256", public().with("p", "AAAA")), signed), "public key"},
		"no jwk":                           {forge(t, head("ES256", nil), signed), "jwk"},
		"jwk is a string":                  {forge(t, head("ES256", "x"), signed), "public key"},
		"jwk is a set":                     {forge(t, head("ES256", object{"keys": []object{public()}}), signed), "public key"},
		"only a kid":                       {forge(t, object{"typ": proofType, "alg": "ES256", "kid": "x"}, signed), "jwk"},
		"only a jku":                       {forge(t, object{"typ": proofType, "alg": "ES256", "jku": "https://evil.example/"}, signed), "jwk"},
		"another key":                      {forge(t, head("ES256", members(t, &p384.PublicKey)), signed), "does not fit"},
		"ES256 by P-384":                   {forge(t, head("ES256", members(t, &p384.PublicKey)), es256(t, p384)), "does not fit"},
		"ES384":                            {forge(t, head("ES384", members(t, &p384.PublicKey)), es256(t, p384)), "alg"},
		"RS256 by an elliptic curve":       {forge(t, head("RS256", public()), signed), "does not fit"},
		"Ed25519 by P-256":                 {forge(t, head("Ed25519", public()), signed), "does not fit"},
		"Ed25519 without a signature":      {forge(t, head("Ed25519", members(t, key(t, jose.EdDSA).(ed25519.PrivateKey).Public())), none), "signature"},
		"EdDSA by P-256":                   {forge(t, head("EdDSA", public()), signed), "does not fit"},
		"a point off the curve":            {forge(t, head("ES256", public().with("y", public()["x"])), signed), "public key"},
		"a coordinate that is too short":   {forge(t, head("ES256", public().with("x", "AAAA")), signed), "public key"},
		"another curve's name":             {forge(t, head("ES256", public().with("crv", "P-384")), signed), "public key"},
		"a curve nobody knows":             {forge(t, head("ES256", public().with("crv", "secp256k1")), signed), "public key"},
		"an Ed25519 key of low order":      {forge(t, head("EdDSA", object{"kty": "OKP", "crv": "Ed25519", "x": base64url(make([]byte, 32))}), none), "public key"},
		"an Ed25519 key that is too short": {forge(t, head("EdDSA", object{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), none), "public key"},
		"X25519":                           {forge(t, head("EdDSA", object{"kty": "OKP", "crv": "X25519", "x": base64url(make([]byte, 32))}), none), "public key"},
		"crit":                             {forge(t, head("ES256", public()).with("crit", []string{"exp"}).with("exp", 0), signed), "crit"},
		"crit of b64":                      {forge(t, head("ES256", public()).with("crit", []string{"b64"}).with("b64", true), signed), "crit"},
		"an empty crit":                    {forge(t, head("ES256", public()).with("crit", []string{}), signed), "crit"},
		"b64":                              {forge(t, head("ES256", public()).with("b64", false), signed), "b64"},
		"an algorithm in the key's place":  {forge(t, head("ES256", public().with("kty", "RSA")), signed), "public key"},
	} {
		wantRefused(t, name, request(test.proof), test.says)
	}
}

// ed25519Proof is a proof by the name of RFC 9864 for its signature.
func ed25519Proof(t testing.TB) string {
	t.Helper()
	private := key(t, jose.EdDSA).(ed25519.PrivateKey)
	head := object{"typ": proofType, "alg": "Ed25519", "jwk": members(t, private.Public())}
	return forge(t, head, func(input string) []byte { return ed25519.Sign(private, []byte(input)) })
}

func TestEd25519ByItsOwnName(t *testing.T) {
	proof := ed25519Proof(t)
	older := wantAccepted(t, "EdDSA", request(sign(t, jose.EdDSA, said(), nil)))
	if newer := wantAccepted(t, "Ed25519", request(proof)); newer.Thumbprint != older.Thumbprint {
		t.Errorf("thumbprint %s, want %s", newer.Thumbprint, older.Thumbprint)
	}
	for i := range proof {
		changed := []byte(proof)
		changed[i] ^= 1
		if proof, refusal := ForTokens(request(string(changed)), window); refusal == nil && i != len(changed)-1 {
			t.Errorf("with character %d changed: %+v", i, proof)
		}
	}
}

// A head whose members are there twice is read as one or the other.
func TestDuplicateHead(t *testing.T) {
	private := key(t, jose.ES256).(*ecdsa.PrivateKey)
	jwk, err := json.Marshal(members(t, &private.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	good := `"typ":"dpop+jwt","alg":"ES256","jwk":` + string(jwk)
	proof := func(head string) string { return forge(t, json.RawMessage(`{`+head+`}`), es256(t, private)) }
	wantAccepted(t, "each once", request(proof(good)))
	for _, more := range []string{`"alg":"ES256"`, `"typ":"JWT"`, `"jwk":{}`, `"alg":"none"`, `"x":1,"x":2`} {
		wantRefused(t, more, request(proof(good+","+more)), "compact JWS")
		wantRefused(t, more+" first", request(proof(more+","+good)), "")
	}
	twice := strings.Replace(good, `"kty":`, `"kty":"EC","kty":`, 1)
	wantRefused(t, "a member of the key", request(proof(twice)), "compact JWS")
}

func TestFurtherMembersOfTheKey(t *testing.T) {
	private := key(t, jose.ES256).(*ecdsa.PrivateKey)
	head := func(jwk object) object { return object{"typ": proofType, "alg": "ES256", "jwk": jwk} }
	plain := wantAccepted(t, "plain", request(forge(t, head(members(t, &private.PublicKey)), es256(t, private))))
	more := members(t, &private.PublicKey).with("kid", "x").with("use", "sig").with("alg", "ES256").with("key_ops", []string{"verify"}).with("x-own", object{"a": 1})
	if proof := wantAccepted(t, "more", request(forge(t, head(more), es256(t, private)))); proof.Thumbprint != plain.Thumbprint {
		t.Errorf("thumbprint %s, want %s", proof.Thumbprint, plain.Thumbprint)
	}
}

// RSA keys decide what verifying costs, so those that cost much are refused
// before anything is computed, and those that anybody can sign with as well.
func TestRSAKeys(t *testing.T) {
	private := key(t, jose.RS256).(*rsa.PrivateKey)
	pkcs1 := func(input string) []byte {
		sum := sha256.Sum256([]byte(input))
		signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	proof := func(jwk object) string {
		return forge(t, object{"typ": proofType, "alg": "RS256", "jwk": jwk}, pkcs1)
	}
	modulus := func(bits uint) string {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return base64url(n.SetBit(n, 0, 1).Bytes())
	}
	own := func() object { return members(t, &private.PublicKey) }
	wantAccepted(t, "2048 bits", request(proof(own())))
	for name, test := range map[string]struct {
		jwk  object
		says string
	}{
		"1024 bits":               {own().with("n", modulus(1024)), "does not fit"},
		"2047 bits":               {own().with("n", modulus(2047)), "does not fit"},
		"4097 bits":               {own().with("n", modulus(4097)), ""}, // the library has a bound of its own
		"8192 bits":               {own().with("n", modulus(8192)), ""},
		"all that a header takes": {own().with("n", base64url(bytes.Repeat([]byte{0xff}, 4200))), ""},
		"4096 bits of another":    {own().with("n", modulus(4096)), "signature"},
		"exponent 1":              {own().with("e", "AQ"), "public key"},
		"exponent 3":              {own().with("e", "Aw"), "does not fit"},
		"an even exponent":        {own().with("e", base64url([]byte{1, 0, 2})), "signature"},
		"a large exponent":        {own().with("e", base64url([]byte{1, 0, 0, 0, 1})), "does not fit"},
		"a huge exponent":         {own().with("e", own()["n"]), "public key"},
		"no modulus":              {own().with("n", nil), "public key"},
		"a modulus of zero":       {own().with("n", "AA"), "does not fit"},
	} {
		wantRefused(t, name, request(proof(test.jwk)), test.says)
	}
}

func TestAlgorithms(t *testing.T) {
	if got := strings.Join(Algorithms(), " "); got != "ES256 Ed25519 EdDSA RS256 PS256" {
		t.Errorf("algorithms %s", got)
	}
}
