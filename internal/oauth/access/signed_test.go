package access

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestSigned(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.begin(s)
	r := h.signed(s)
	h.wantAllowed("signed", r, s)
	h.wantAsked("a signed check", 1, 1, 1)
	h.wantRefused("a replay", r, oauth.NonceUsed)
	h.wantAllowed("another nonce", h.sign(s, signing{nonce: "m"}), s)
	h.wantRefused("a replay by another method", h.sign(s, signing{method: oauth.HMACSHA256}), oauth.NonceUsed)
}

// What was not signed here reads no session and spends no nonce; what names
// no token of ours asks for nothing at all.
func TestWrongSignatureCostsNothing(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.begin(s)
	good := h.Keys.Mint(seal.OAuth1Token, s.ID, s.Generation).Reveal()
	for name, token := range map[string]string{
		"cut":                good[:len(good)-1],
		"changed":            good[:30] + "x" + good[31:],
		"an access token":    h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal(),
		"a refresh token":    h.Keys.Mint(seal.RefreshToken, s.ID, s.Generation).Reveal(),
		"one in its clothes": "gth1_" + h.Keys.Mint(seal.AccessToken, s.ID, s.Generation).Reveal()[5:],
		"of an unknown key":  "gth1_" + strings.Repeat("A", 64),
		"none yet":           "gth0_" + strings.Repeat("A", 64),
	} {
		h.wantRefused(name, h.sign(s, signing{token: token}), oauth.TokenRejected)
	}
	h.wantAsked("a token that is not ours", 0, 0, 0)
	for _, token := range []string{"junk", " ", "gth1", "gth1-", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"} {
		h.wantRefused(token, h.sign(s, signing{token: token}), oauth.TokenRejected)
		h.wantRefused(token+", of nobody", h.sign(s, signing{client: "nobody", token: token}), oauth.TokenRejected)
		h.wantAsked("a token that may be of another provider", 2, 0, 0)
	}
	h.wantRefused("wrong token secret", h.sign(s, signing{secret: "wrong"}), oauth.SignatureInvalid)
	h.wantRefused("another's token secret", h.sign(s, signing{secret: reveal(t)(h.Keys.TokenSecret(seal.Token{Key: 1}))}), oauth.SignatureInvalid)
	moved := h.signed(s)
	moved.Path = "/y"
	h.wantRefused("another path", moved, oauth.SignatureInvalid)
	h.wantRefused("an unknown client", h.sign(s, signing{client: "nobody"}), oauth.ConsumerKeyUnknown)
	h.wantRefused("a disabled client", h.sign(s, signing{client: "disabled"}), oauth.ConsumerKeyUnknown)
	h.wantAsked("a wrong signature", 5, 0, 0)
	h.wantAllowed("after all that, the nonce", h.signed(s), s)
}

func TestSignedNeedsAToken(t *testing.T) {
	h := newHouse(t)
	r := h.signed(live(oauth.OAuth1))
	header := r.Header.Get("Authorization")
	at := strings.Index(header, `oauth_token="`)
	end := at + strings.Index(header[at:], ",")
	r.Header.Set("Authorization", header[:at]+header[end+2:])
	h.wantRefused("none", r, oauth.ParameterAbsent)
	r.Header.Set("Authorization", "OAuth oauth_token=")
	h.wantRefused("broken", r, oauth.ParameterRejected)
	h.wantAsked("no token", 0, 0, 0)
}

func TestSignedForWhatIsNotItsOwn(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*oauth.Session)
		how    signing
		code   string
	}{
		{"an OAuth 2 session", func(s *oauth.Session) { s.Protocol = oauth.OAuth2 }, signing{}, oauth.TokenRejected},
		{"no protocol", func(s *oauth.Session) { s.Protocol = "" }, signing{}, oauth.TokenRejected},
		{"another client's session", nil, signing{client: "other"}, oauth.TokenRejected},
		{"a session of nobody", func(s *oauth.Session) { s.Client = "" }, signing{}, oauth.TokenRejected},
		{"an ended session", func(s *oauth.Session) { s.Expires = instant }, signing{}, oauth.TokenExpired},
		{"another client's ended session", func(s *oauth.Session) { s.Expires = instant }, signing{client: "other"}, oauth.TokenExpired},
	} {
		h := newHouse(t)
		s := live(oauth.OAuth1)
		if test.change != nil {
			test.change(&s)
		}
		h.begin(s)
		h.wantRefused(test.name, h.sign(s, test.how), test.code)
	}
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.wantRefused("a revoked session", h.signed(s), oauth.TokenRevoked)
	h.begin(s)
	s.Generation = 1
	h.wantRefused("another generation", h.sign(s, signing{nonce: "m"}), oauth.TokenRejected)
}

func TestSunset(t *testing.T) {
	for client, problem := range map[string]string{"dusk": "", "night": oauth.ConsumerKeyRefused} {
		h := newHouse(t)
		s := live(oauth.OAuth1)
		s.Client = client
		h.begin(s)
		if problem == "" {
			h.wantAllowed(client, h.sign(s, signing{client: client}), s)
			continue
		}
		h.wantRefused(client, h.sign(s, signing{client: client}), problem)
		h.wantAsked("a client after its sunset", 1, 0, 0)
	}
}

// The sunset is that of OAuth 1.0: the app's OAuth 2 goes on.
func TestBearerAfterTheSunset(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth2)
	s.Client = "night"
	h.begin(s)
	h.wantAllowed("bearer", h.bearer(s), s)
}

// PLAINTEXT needs no nonce, and then there is none to spend.
func TestPlaintextWithoutNonce(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.begin(s)
	for range 2 {
		h.wantAllowed("PLAINTEXT", h.sign(s, signing{method: oauth.Plaintext}), s)
		h.wantAsked("PLAINTEXT", 1, 1, 0)
	}
	r := h.sign(s, signing{method: oauth.Plaintext})
	r.Scheme = "http"
	h.wantRefused("PLAINTEXT in the clear", r, oauth.SignatureMethodRejected)
}

func TestOneOfRacingReplaysPasses(t *testing.T) {
	h := newHouse(t)
	s := live(oauth.OAuth1)
	h.begin(s)
	r := h.signed(s)
	var allowed, used atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			verdict, err := h.Check(context.Background(), r)
			switch {
			case err != nil:
				t.Error(err)
			case verdict.Allowed:
				allowed.Add(1)
			case verdict.Refusal.Code == oauth.NonceUsed:
				used.Add(1)
			}
		})
	}
	group.Wait()
	if allowed.Load() != 1 || used.Load() != 49 {
		t.Errorf("%d of 50 replays passed and %d were told why not, want 1 and 49", allowed.Load(), used.Load())
	}
}
