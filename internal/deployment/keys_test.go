package deployment

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// bogus names a key that no keyring has.
const bogus = "gtha_AAAAY0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// A running function learns of a rotation by the first token of the new key.
func TestTokenOfALaterKey(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	token := s.token(seal.AccessToken)
	for range 3 {
		if _, err := h.Invoke(t.Context(), question(token)); err != nil {
			t.Errorf("got %v, want to be let through", err)
		}
		s.wantReads("a token of a later key", 1)
	}
	if s.Keys.Current() != 2 {
		t.Errorf("the current key is %d, want the new one", s.Keys.Current())
	}
}

func TestJunkReadsTheSecretSeldom(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	refused := func() {
		t.Helper()
		if _, err := h.Invoke(t.Context(), question(bogus)); !errors.Is(err, apigateway.ErrUnauthorized) {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	for range 10 {
		refused()
	}
	s.wantReads("at once", 1)
	s.wait(renewEvery - 1)
	refused()
	s.wantReads("within half a minute", 1)
	s.wait(1)
	refused()
	s.wantReads("after it", 2)
}

// What is wrong for another reason asks for no other keys.
func TestOtherRefusalsReadNothing(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	good := s.Keys.Mint(seal.AccessToken, oauth.SessionID{7}, 0).Reveal()
	for _, token := range []string{"junk", "", good, good[:len(good)-4] + "AAAA", strings.Replace(good, "gtha_", "gthr_", 1)} {
		if _, err := h.Invoke(t.Context(), question(token)); !errors.Is(err, apigateway.ErrUnauthorized) {
			t.Errorf("%s: %v, want a refusal", token, err)
		}
	}
	s.wantReads("no unknown key", 0)
}

// While nobody knows which keys there are, a token of a new one is not
// refused: that would sign its user out.
func TestFailingReadIsAFault(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	token := s.token(seal.AccessToken)
	s.setBroken(errBroken)
	for range 3 {
		if _, err := h.Invoke(t.Context(), question(token)); !errors.Is(err, apigateway.ErrInternal) {
			t.Errorf("got %v, want a fault", err)
		}
	}
	s.wantReads("broken", 1)
	if !strings.Contains(s.log.String(), errBroken.Error()) {
		t.Errorf("the log does not say why: %s", s.log)
	}
	old := s.Keys.Mint(seal.AccessToken, oauth.SessionID{1}, 0).Reveal()
	if _, err := h.Invoke(t.Context(), question(old)); err != nil {
		t.Errorf("a token of a known key: %v", err)
	}
	s.setBroken(nil)
	s.wait(renewEvery)
	if _, err := h.Invoke(t.Context(), question(token)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	s.wantReads("afterwards", 2)
}

func TestKeysThatNeverChange(t *testing.T) {
	s := newSite(t)
	s.ReadKeys = nil
	h := s.handler(s.Authorizer())
	if _, err := h.Invoke(t.Context(), question(s.token(seal.AccessToken))); !errors.Is(err, apigateway.ErrUnauthorized) {
		t.Errorf("got %v, want a refusal", err)
	}
}

// Many at once make one reading, and all of them wait for it.
func TestConcurrentRequestsReadOnce(t *testing.T) {
	s := newSite(t)
	h := s.handler(s.Authorizer())
	token := s.token(seal.AccessToken)
	s.held = make(chan struct{})
	var begun, done sync.WaitGroup
	for range 50 {
		begun.Add(1)
		done.Go(func() {
			begun.Done()
			if _, err := h.Invoke(t.Context(), question(token)); err != nil {
				t.Errorf("got %v, want to be let through", err)
			}
		})
	}
	begun.Wait()
	time.Sleep(10 * time.Millisecond) // so that some wait for the reading
	close(s.held)
	done.Wait()
	s.wantReads("50 at once", 1)
}

// The other functions learn of new keys too: by a client whose secret is
// derived from one, and by a token to be revoked.
func TestOtherFunctionsReadTheSecret(t *testing.T) {
	s := newSite(t)
	secret, err := parseKeys(t, newKeys).ClientSecret(&oauth.Client{ID: "new", SecretKey: 2})
	if err != nil {
		t.Fatal(err)
	}
	h := s.handler(s.Token())
	form := []string{"grant_type", "magic", "client_id", "new", "client_secret", secret.Reveal()}
	if status, body := s.status(h, post("/oauth/token", form...)); status != http.StatusBadRequest || !strings.Contains(body, oauth.UnsupportedGrantType) {
		t.Errorf("%d %s, want the client to be known", status, body)
	}
	s.wantReads("token", 1)
	wrong := append(form[:4:4], "client_secret", "wrong")
	if status, body := s.status(h, post("/oauth/token", wrong...)); status != http.StatusUnauthorized {
		t.Errorf("%d %s, want a refusal", status, body)
	}
	s.wantReads("token, wrong secret", 1)
}

func TestRevokeReadsTheSecret(t *testing.T) {
	s := newSite(t)
	secret, err := s.Keys.ClientSecret(&oauth.Client{ID: "old", SecretKey: 1})
	if err != nil {
		t.Fatal(err)
	}
	h := s.handler(s.Revoke())
	own := []string{"client_id", "old", "client_secret", secret.Reveal(), "token"}
	if status, body := s.status(h, post("/oauth/revoke", append(own, s.token(seal.RefreshToken))...)); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	s.wantReads("revoke", 1)
	if _, err := s.Store.Find(t.Context(), oauth.SessionID{1}, instant, oauth.Strong); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("the session goes on: %v", err)
	}
	s.setBroken(errBroken)
	s.wait(renewEvery)
	if status, body := s.status(h, post("/oauth/revoke", append(own, bogus)...)); status != http.StatusServiceUnavailable || strings.Contains(body, errBroken.Error()) {
		t.Errorf("while the secret cannot be read: %d %s, want 503 without the reason", status, body)
	}
}

// A session that another function bound with a key that this one has yet to
// learn of is not that of a thief.
func TestRefreshOfASessionBoundByALaterKey(t *testing.T) {
	s := newSite(t)
	client := oauth.Client{ID: "app", Public: true, Grants: []oauth.Grant{oauth.GrantRefreshToken}, Binding: oauth.BindAgent}
	if err := s.Store.(oauth.Registry).CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	renewed := oauth.Session{ID: oauth.SessionID{9}, Protocol: oauth.OAuth2, Client: "app", User: "u", Created: instant, Renewed: instant,
		Generation: 1, Expires: instant.AddDate(1, 0, 0), Binding: parseKeys(t, newKeys).Bind(oauth.BindAgent, &oauth.Request{})}
	if err := s.Store.Create(t.Context(), renewed); err != nil {
		t.Fatal(err)
	}
	lost := s.Keys.Mint(seal.RefreshToken, renewed.ID, 0).Reveal() // its answer was lost
	s.setBroken(errBroken)
	h := s.handler(s.Token())
	refresh := post("/oauth/token", "grant_type", "refresh_token", "client_id", "app", "refresh_token", lost)
	if status, body := s.status(h, refresh); status != http.StatusServiceUnavailable {
		t.Errorf("while nobody can tell: %d %s", status, body)
	}
	s.setBroken(nil)
	s.wait(renewEvery)
	if status, body := s.status(h, refresh); status != http.StatusOK {
		t.Errorf("%d %s, want the tokens again", status, body)
	}
	s.wantReads("both", 2)
}

func TestUnknownKeyIsSeenWhereverItIs(t *testing.T) {
	stale, other := &oauth.Error{UnknownKey: true}, &oauth.Error{}
	for refusal, want := range map[*oauth.Error]bool{stale: true, other: false, nil: false} {
		if got := unknownKeyAnswer(&oauth.Response{Refusal: refusal}); got != want {
			t.Errorf("answer with %+v: %v, want %v", refusal, got, want)
		}
		if got := unknownKeyVerdict(&oauth.Verdict{Refusal: refusal}); got != want {
			t.Errorf("verdict with %+v: %v, want %v", refusal, got, want)
		}
	}
}
