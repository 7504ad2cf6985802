package seal

import (
	"crypto"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/mac"
)

func TestTokenRoundTrip(t *testing.T) {
	keys := newKeyring(t, 1, math.MaxUint32)
	largest := oauth.SessionID(slices.Repeat([]byte{255}, 16))
	seen := map[string]bool{}
	for _, kind := range kinds() {
		for _, id := range []oauth.SessionID{{}, session, largest} {
			for _, generation := range []uint32{0, 1, math.MaxUint32 - 1, math.MaxUint32} {
				text := keys.Mint(kind, id, generation).Reveal()
				want := Token{kind, math.MaxUint32, id, generation}
				if got, err := keys.Open(kind, text); err != nil || got != want {
					t.Errorf("Open(%s) = %+v, %v, want %+v", text, got, err, want)
				}
				if again := keys.Mint(kind, id, generation).Reveal(); again != text {
					t.Errorf("the same arguments gave %s and %s", text, again)
				}
				if seen[text] || len(text) != len(kind)+64 {
					t.Errorf("%s is another token's or of another length", text)
				}
				seen[text] = true
			}
		}
	}
}

func TestEveryChangeOfATokenIsRefused(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, kind := range kinds() {
		token := keys.Mint(kind, session, 3).Reveal()
		for i := len(kind); i < len(token); i++ {
			for _, forged := range swapped(token, i) {
				wantRefused(t, keys, kind, forged)
			}
		}
		for _, text := range misspelt(token) {
			wantRefused(t, keys, kind, text)
		}
		for _, text := range misspelt(token[len(kind):]) {
			wantRefused(t, keys, kind, string(kind)+text)
		}
		wantRefused(t, keys, kind, strings.ToUpper(string(kind))+token[len(kind):])
		wantRefused(t, keys, kind, token[len(kind):])
	}
}

func TestEveryBitOfATokenCounts(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, kind := range kinds() {
		raw, err := base64.RawURLEncoding.DecodeString(keys.Mint(kind, session, 3).Reveal()[len(kind):])
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(raw) {
			changed := slices.Clone(raw)
			changed[bit/8] ^= 1 << (bit % 8)
			wantRefused(t, keys, kind, string(kind)+base64.RawURLEncoding.EncodeToString(changed))
		}
	}
}

func wantRefused(t *testing.T, keys *Keyring, kind Kind, text string) {
	t.Helper()
	token, err := keys.Open(kind, text)
	if token != (Token{}) || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) && !errors.Is(err, ErrUnknownKey) {
		t.Errorf("Open(%s, %q) = %+v, %v, want a refusal", kind, text, token, err)
	}
}

func TestKindsAreNotInterchangeable(t *testing.T) {
	keys := newKeyring(t, 1)
	for _, made := range kinds() {
		token := keys.Mint(made, session, 0).Reveal()
		for _, wanted := range append(kinds(), "", "gth", "other_") {
			if wanted == made {
				continue
			}
			wantRefused(t, keys, wanted, token)
			wantRefused(t, keys, wanted, string(wanted)+token[len(made):])
		}
	}
}

// A kind that nobody knows has no key, and no key is one that everybody has.
func TestUnknownKindIsRefused(t *testing.T) {
	keys := newKeyring(t, 1)
	body := append(append([]byte{0, 0, 0, 1}, session[:]...), 0, 0, 0, 0)
	none := mac.NewKey(crypto.SHA256, nil)
	made := base64.RawURLEncoding.EncodeToString(none.Append(body, body)[:tokenSize])
	for _, kind := range []Kind{"", "gthx_", "GTHA_"} {
		token := string(kind) + made
		for _, wanted := range append(kinds(), kind) {
			wantRefused(t, keys, wanted, token)
			wantRefused(t, keys, wanted, string(wanted)+token[len(kind):])
		}
	}
}

func TestWhyATokenIsRefused(t *testing.T) {
	keys, other := newKeyring(t, 1), newKeyring(t, 2)
	token := keys.Mint(AccessToken, session, 0).Reveal()
	raw := binary.BigEndian.AppendUint32(nil, 0)
	noKey := string(AccessToken) + base64.RawURLEncoding.EncodeToString(append(raw, make([]byte, tokenSize-4)...))
	for _, test := range []struct {
		name, token string
		want        error
	}{
		{"junk", "junk", ErrMalformed},
		{"the prefix alone", string(AccessToken), ErrMalformed},
		{"huge", string(AccessToken) + strings.Repeat("A", 1<<20), ErrMalformed},
		{"another keyring's", other.Mint(AccessToken, session, 0).Reveal(), ErrUnknownKey},
		{"of key 0", noKey, ErrUnknownKey},
		{"of another MAC", token[:len(token)-4] + "AAAA", ErrForged},
	} {
		if _, err := keys.Open(AccessToken, test.token); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		} else if text := err.Error(); len(text) > 100 || len(test.token) > 10 && strings.Contains(text, test.token[5:]) {
			t.Errorf("%s: the error shows the token: %s", test.name, text)
		}
	}
}

func TestKindOf(t *testing.T) {
	for _, kind := range kinds() {
		if got, ok := KindOf(string(kind) + "x"); !ok || got != kind {
			t.Errorf("KindOf(%sx) = %q, %v", kind, got, ok)
		}
	}
	for _, text := range []string{"", "gth", "gthx_A", "GTHA_A", " gtha_A"} {
		if got, ok := KindOf(text); ok || got != "" {
			t.Errorf("KindOf(%q) = %q, %v", text, got, ok)
		}
	}
}

// Whatever opens is spelt as it was minted.
func FuzzOpen(f *testing.F) {
	keys := newKeyring(f, 1)
	for _, kind := range kinds() {
		f.Add(keys.Mint(kind, session, 9).Reveal())
	}
	f.Add("gtha_")
	f.Add("gtha_" + strings.Repeat("A", 64))
	f.Fuzz(func(t *testing.T, text string) {
		kind, _ := KindOf(text)
		token, err := keys.Open(kind, text)
		if err == nil && keys.Mint(token.Kind, token.Session, token.Generation).Reveal() != text {
			t.Fatalf("Open(%q) = %+v, which is minted otherwise", text, token)
		}
	})
}

func BenchmarkMint(b *testing.B) {
	keys := newKeyring(b, 1)
	want := keys.Mint(AccessToken, session, 3).Reveal()
	b.ReportAllocs()
	for b.Loop() {
		if got := keys.Mint(AccessToken, session, 3).Reveal(); got != want {
			b.Fatal(got)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	keys := newKeyring(b, 1)
	token, want := keys.Mint(AccessToken, session, 3).Reveal(), Token{AccessToken, 1, session, 3}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := keys.Open(AccessToken, token); err != nil || got != want {
			b.Fatalf("%+v, %v", got, err)
		}
	}
}

// What a token says can be read without the key that made it, and proves
// nothing.
func TestClaim(t *testing.T) {
	keys := newKeyring(t, 7)
	for _, kind := range kinds() {
		token := keys.Mint(kind, session, 3).Reveal()
		want := Token{kind, 7, session, 3}
		for _, text := range []string{token, token[:len(token)-4] + "AAAA"} {
			if got, err := Claim(text); err != nil || got != want {
				t.Errorf("Claim(%s) = %+v, %v, want %+v", text, got, err, want)
			}
		}
		for _, text := range append(misspelt(token), "", token[5:], token+"A", string(kind)) {
			if got, err := Claim(text); !errors.Is(err, ErrMalformed) || got != (Token{}) {
				t.Errorf("Claim(%q) = %+v, %v", text, got, err)
			}
		}
	}
}

// What is in use must stay good: the same keyring makes the same of it for ever.
func TestWhatIsMadeStaysTheSame(t *testing.T) {
	keys, err := ParseKeyring([]byte(`{"current":"7","7":"a key of a test that nobody must ever use"}`))
	if err != nil {
		t.Fatal(err)
	}
	tokenSecret, err := keys.TokenSecret(Token{Key: 7, Session: session, Generation: 4})
	if err != nil {
		t.Fatal(err)
	}
	clientSecret, err := keys.ClientSecret(&oauth.Client{ID: "mobile", SecretKey: 7, SecretVersion: 3})
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"gtha_AAAABwECAwQFBgcICQoLDA0OD_8AAAAFpi0wYBh4B8JQ7AsI0N6gB0DRxPmeEEkh": keys.Mint(AccessToken, session, 5).Reveal(),
		"gthr_AAAABwECAwQFBgcICQoLDA0OD_8AAAAFbKZryQArMi37KWrrJsY6q2p3q29yHd1o": keys.Mint(RefreshToken, session, 5).Reveal(),
		"gth1_AAAABwECAwQFBgcICQoLDA0OD_8AAAAFWz8gf6Xbh2x5qZoOqODYcD6Jk3wXKb69": keys.Mint(OAuth1Token, session, 5).Reveal(),
		"_kolUUBlqrLBloCVSZ_FW4I47LZEMHiZ5PCxQbJCylQ":                           tokenSecret.Reveal(),
		"Xq9cgZ0xlX8g3miqFp-Dy29568wQj9PWHb9Cb7swBm4":                           clientSecret.Reveal(),
		"HqKMOV8Bv-ij1opnLlTBC6SIEV9X1CjPzzqoMqy4iYA":                           keys.ThrottleKey("203.0.113.7"),
		"AAAABwAAAAB6RKgl_KftxdPL_nHQF24F9uiWY0Qc":                              keys.Nonce(instant),
		"5nFbmqdJ_q5d56w6XNlH_i7UMgYE0HhgeWK4Mj1_e3s":                           keys.AssertionKey().ID,
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
