package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// The verifier here is written from RFC 7515, 7517 and 7518 and shares no code
// with the signer, as a backend's would not.

type publishedKey struct{ Kty, Crv, Kid, Alg, Use, X, Y, D string }

// published are the keys at KeysRoute.
func (h *house) published() map[string]publishedKey {
	h.t.Helper()
	response := h.serve(newRequest("GET", KeysRoute, ""))
	var set struct{ Keys []publishedKey }
	if err := json.Unmarshal(response.Body, &set); err != nil || response.Status != 200 {
		h.t.Fatalf("%d %s: %v", response.Status, response.Body, err)
	}
	keys := map[string]publishedKey{}
	for _, key := range set.Keys {
		if key.Kty != "EC" || key.Crv != "P-256" || key.Alg != "ES256" || key.Use != "sig" || key.D != "" {
			h.t.Errorf("a published key is %+v", key)
		}
		keys[key.Kid] = key
	}
	return keys
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// verify checks a JWT by the key that its header names, and returns header and
// claims.
func verify(t testing.TB, token string, keys map[string]publishedKey) (header, claims map[string]any, ok bool) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 || json.Unmarshal(decode(t, parts[0]), &header) != nil || json.Unmarshal(decode(t, parts[1]), &claims) != nil {
		t.Fatalf("%q is no JWT", token)
	}
	key, known := keys[fmt.Sprint(header["kid"])]
	if !known {
		return header, claims, false
	}
	number := func(data []byte) *big.Int { return new(big.Int).SetBytes(data) }
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append([]byte{4}, append(decode(t, key.X), decode(t, key.Y)...)...))
	signature := decode(t, parts[2])
	if err != nil || len(signature) != 64 {
		t.Fatalf("%v, a signature of %d bytes", err, len(signature))
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return header, claims, ecdsa.Verify(public, sum[:], number(signature[:32]), number(signature[32:]))
}

func (h *house) asserted(w *wire, r *oauth.Request) string {
	h.t.Helper()
	if response := h.serve(r); response.Status != 200 {
		h.t.Fatalf("%d %s", response.Status, response.Body)
	}
	return w.last().value("X-OAuth-Assertion")
}

func TestAssertion(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url+"/v1")
	token := h.asserted(w, h.bearer("PUT", "/api/notes/a%2Fb?x=1", "body"))
	header, claims, ok := verify(t, token, h.published())
	if !ok || header["alg"] != "ES256" || header["typ"] != "gatehouse-assertion+jwt" || len(header) != 3 {
		t.Errorf("verified %v, header %v", ok, header)
	}
	id, _ := claims["jti"].(string)
	want := map[string]any{"iss": "https://api.example.com/prod", "aud": w.url, "sub": "u 1", "client_id": "mobile", "scope": "read write",
		"session": "AgAAAAAAAAAAAAAAAAAAAA", "protocol": "oauth2", "username": "Zoë 100%", "htm": "PUT", "path": "/v1/notes/a%2Fb",
		"iat": float64(instant.Unix()), "exp": float64(instant.Unix() + 60), "jti": id}
	if !reflect.DeepEqual(claims, want) || len(decode(t, id)) != 16 {
		t.Errorf("claims %v, want %v", claims, want)
	}
	again := h.asserted(w, h.bearer("PUT", "/api/notes/a%2Fb?x=1", "body"))
	if _, claims, _ := verify(t, again, h.published()); claims["jti"] == id {
		t.Error("two assertions have the same id")
	}
	other := "A"
	if token[10] == 'A' {
		other = "B"
	}
	parts := strings.Split(token, ".")
	if _, _, ok := verify(t, parts[0]+"."+parts[1]+"."+other+parts[2][1:], h.published()); ok && other != parts[2][:1] {
		t.Error("a changed signature verifies")
	}
}

// Keys are published before and after they sign: an assertion under way when
// the keyring is rotated verifies, and one of a retired key no more.
func TestAssertionAfterRotation(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	old := h.asserted(w, h.bearer("GET", "/api/x", ""))
	before := h.published()
	h.Keys.Replace(parseKeys(t, newKeys))
	newer := h.asserted(w, h.bearer("GET", "/api/x", ""))
	after := h.published()
	if len(before) != 1 || len(after) != 2 {
		t.Fatalf("%d keys, then %d", len(before), len(after))
	}
	for name, test := range map[string]struct {
		token string
		keys  map[string]publishedKey
		want  bool
	}{
		"old by old": {old, before, true}, "old by both": {old, after, true}, "new by both": {newer, after, true}, "new by old": {newer, before, false},
	} {
		if _, _, ok := verify(t, test.token, test.keys); ok != test.want {
			t.Errorf("%s: verified %v", name, ok)
		}
	}
	h.Keys.Replace(parseKeys(t, `{"current":"2",`+newKey+`}`))
	if _, _, ok := verify(t, old, h.published()); ok {
		t.Error("an assertion of a retired key verifies")
	}
}

func TestPublicKeys(t *testing.T) {
	h := newHouse(t, "http://127.0.0.1:1")
	response := h.serve(newRequest("GET", KeysRoute, ""))
	if response.Header.Get("Cache-Control") != "public, max-age=300" || response.Header.Get("Content-Type") != "application/jwk-set+json" || response.Header.Get("Pragma") != "" {
		t.Errorf("headers %v", response.Header)
	}
	if response := h.serve(newRequest("POST", KeysRoute, "")); response.Status != 405 || response.Header.Get("Allow") != "GET" {
		t.Errorf("POST: %d %v", response.Status, response.Header)
	}
}
