package dpop

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
)

// The head of all proofs of RFC 9449, and the thumbprint of its key (§6.1).
const (
	publishedHead = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
	publishedKey  = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
)

// published are the requests of RFC 9449 with their proofs, whole.
func published() []struct {
	clause, method, host, path, token, proof string
	want                                     Proof
} {
	return []struct {
		clause, method, host, path, token, proof string
		want                                     Proof
	}{
		{"§4.1 and §5, code", http.MethodPost, "server.example.com", "/token", "",
			publishedHead + "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
			Proof{publishedKey, "-BwC3ESc6acc2lTc", time.Unix(1562262616, 0).UTC(), ""}},
		{"§5, refresh", http.MethodPost, "server.example.com", "/token", "",
			publishedHead + "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA",
			Proof{publishedKey, "-BwC3ESc6acc2lTc", time.Unix(1562265296, 0).UTC(), ""}},
		{"§7.1, resource", http.MethodGet, "resource.example.org", "/protectedresource", "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
			publishedHead + "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA",
			Proof{publishedKey, "e1j3V_bKic8-LAEB", time.Unix(1562262618, 0).UTC(), ""}},
	}
}

func TestPublishedProofs(t *testing.T) {
	for _, vector := range published() {
		r := &oauth.Request{Method: vector.method, Scheme: "https", Host: vector.host, Path: vector.path, Header: http.Header{}}
		r.Header.Set(Header, vector.proof)
		w := Window{vector.want.IssuedAt, time.Second}
		proof, refusal := ForTokens(r, w)
		if vector.token != "" {
			proof, refusal = ForResource(r, vector.token, w)
		}
		if refusal != nil || proof != vector.want {
			t.Errorf("RFC 9449 %s: %+v, %+v", vector.clause, proof, refusal)
		}
		for i := range vector.proof {
			changed := []byte(vector.proof)
			changed[i] ^= 1
			r.Header.Set(Header, string(changed))
			// The last character of a signature of 64 bytes has four spare bits.
			if proof, refusal := ForTokens(r, w); refusal == nil && i != len(vector.proof)-1 {
				t.Errorf("RFC 9449 %s with character %d changed: %+v", vector.clause, i, proof)
			}
		}
	}
}

// RFC 7638 §3.1, whose key has members that do not count.
const publishedRSA = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`

func TestPublishedThumbprint(t *testing.T) {
	var jwk jose.JSONWebKey
	if err := json.Unmarshal([]byte(publishedRSA), &jwk); err != nil {
		t.Fatal(err)
	}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if got := base64.RawURLEncoding.EncodeToString(sum); err != nil || got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
		t.Errorf("thumbprint %s, %v", got, err)
	}
	if len(fitting(jwk.Key)) != 2 {
		t.Error("a key of RFC 7638 is not allowed")
	}
}
