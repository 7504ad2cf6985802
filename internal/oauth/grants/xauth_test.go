package grants

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func TestXAuth(t *testing.T) {
	began := oauth.Milli(instant)
	for _, test := range []struct {
		life    time.Duration
		expires string
		end     time.Time
	}{
		{0, "0", time.Time{}},
		{24 * time.Hour, fmt.Sprint(instant.Add(24 * time.Hour).Unix()), began.Add(24 * time.Hour)},
		{time.Second, fmt.Sprint(instant.Unix() + 1), began.Add(time.Second)},
	} {
		h := newHouse(t)
		h.Terms.OAuth1 = test.life
		values := h.credentials(h.signed("n"))
		if values.Get("user_id") != "u1" || values.Get("screen_name") != "alice" || values.Get("x_auth_expires") != test.expires || len(values) != 5 {
			t.Errorf("lifetime %v: answer %v, want x_auth_expires %s", test.life, values, test.expires)
		}
		h.wantSession(seal.OAuth1Token, values.Get("oauth_token"), oauth.Session{Protocol: oauth.OAuth1, Client: "mobile",
			User: "u1", UserName: "alice", Scope: []string{"read", "write"}, Created: began, Renewed: began, Expires: test.end})
		wantOwnSecret(t, h, values.Get("oauth_token"), values.Get("oauth_token_secret"))
		if seen := h.door.seen[0]; seen.Name != "alice" || seen.Password.Reveal() != "right" || seen.Source != home || seen.Client != "mobile" {
			t.Errorf("signed in as %+v", seen)
		}
	}
}

// wantOwnSecret fails the test unless secret is what a check will derive from
// token.
func wantOwnSecret(t *testing.T, h *house, token, secret string) {
	t.Helper()
	opened, err := h.Keys.Open(seal.OAuth1Token, token)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := h.Keys.TokenSecret(opened); err != nil || want.Reveal() != secret {
		t.Errorf("the secret is not that of the token: %v", err)
	}
}

// While the keyring is replaced, each token still goes with its own secret.
func TestXAuthDuringARotation(t *testing.T) {
	h := newHouse(t)
	older, newer := parseKeys(t, keyring), parseKeys(t, laterKeys)
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				h.Keys.Replace(newer)
				h.Keys.Replace(older)
			}
		}
	})
	var answers []map[string][]string
	for i := range 300 {
		answers = append(answers, h.credentials(h.signed(fmt.Sprint(i))))
	}
	close(done)
	group.Wait()
	h.Keys.Replace(newer)
	for _, answer := range answers {
		wantOwnSecret(t, h, answer["oauth_token"][0], answer["oauth_token_secret"][0])
	}
}

func TestXAuthReplay(t *testing.T) {
	h := newHouse(t)
	r := h.signed("n")
	h.credentials(r)
	h.wantRefused("right", r, http.StatusUnauthorized, oauth.NonceUsed)
	h.wantRefused("its nonce with a wrong password", h.signed("n", "x_auth_password", "wrong"), http.StatusUnauthorized, oauth.NonceUsed)
	h.wantRefused("wrong password", h.signed("m", "x_auth_password", "wrong"), http.StatusUnauthorized, oauth.PermissionDenied)
	h.wantRefused("a spent nonce, though refused", h.signed("m"), http.StatusUnauthorized, oauth.NonceUsed)
	if h.store.creates != 1 {
		t.Errorf("%d sessions, want 1", h.store.creates)
	}
}

// What cannot be right spends no nonce and looks at no password.
func TestXAuthRefuses(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("x", 1025)
	for _, test := range []struct {
		name   string
		extra  []string
		status int
		code   string
	}{
		{"not allowed", []string{"oauth_consumer_key", "bare"}, 401, oauth.PermissionDenied},
		{"unknown client", []string{"oauth_consumer_key", "nobody"}, 401, oauth.ConsumerKeyUnknown},
		{"public client", []string{"oauth_consumer_key", "web"}, 401, oauth.ConsumerKeyRefused},
		{"late", []string{"oauth_timestamp", fmt.Sprint(instant.Unix() - 301)}, 401, oauth.TimestampRefused},
		{"no mode", []string{"x_auth_mode", ""}, 400, oauth.ParameterAbsent},
		{"with a token", []string{"oauth_token", "gtht_x"}, 400, oauth.ParameterRejected},
		{"another mode", []string{"x_auth_mode", "reverse_auth"}, 400, oauth.ParameterRejected},
		{"no name", []string{"x_auth_username", ""}, 400, oauth.ParameterAbsent},
		{"no password", []string{"x_auth_password", ""}, 400, oauth.ParameterAbsent},
		{"long name", []string{"x_auth_username", long[:257]}, 400, oauth.ParameterRejected},
		{"long password", []string{"x_auth_password", long}, 400, oauth.ParameterRejected},
	} {
		h.wantRefused(test.name, h.signed("n", test.extra...), test.status, test.code)
	}
	changed := h.signed("n")
	changed.Body = []byte(strings.Replace(string(changed.Body), "alice", "bob", 1))
	h.wantRefused("another name than was signed", changed, http.StatusUnauthorized, oauth.SignatureInvalid)
	large := h.signed("n")
	large.Body = append(large.Body, "&a="+strings.Repeat("x", oauth.MaxBody)...)
	h.wantRefused("large", large, http.StatusBadRequest, oauth.ParameterRejected)
	if len(h.door.seen) != 0 || h.store.spends != 0 || h.store.creates != 0 {
		t.Errorf("%d sign-ins, %d nonces, %d sessions, want none", len(h.door.seen), h.store.spends, h.store.creates)
	}
	h.credentials(h.signed("n"))
}

func TestXAuthFaults(t *testing.T) {
	refuse := func() (*oauth.Error, error) { return oauth.BadRequest(oauth.PermissionDenied, "wrong"), nil }
	for name, breaks := range map[string]func(*house){
		"sign-in":               func(h *house) { h.door.hook = func() (*oauth.Error, error) { return nil, errBroken } },
		"nonce":                 func(h *house) { h.store.spend = broken },
		"nonce, wrong password": func(h *house) { h.store.spend, h.door.hook = broken, refuse },
		"create":                func(h *house) { h.store.create = broken },
		"randomness":            func(h *house) { h.Rand = iotest.ErrReader(errBroken) },
		"sign-in during a used nonce": func(h *house) {
			h.store.spend = spent
			h.door.hook = func() (*oauth.Error, error) { return nil, errBroken }
		},
	} {
		h := newHouse(t)
		breaks(h)
		h.wantFault(name, h.signed("n"))
	}
}

func spent() error { return oauth.ErrSpent }

// Each waits for the other to begin: one after the other would never end.
func TestNonceAndSignInSideBySide(t *testing.T) {
	h := newHouse(t)
	signingIn, spending := make(chan struct{}), make(chan struct{})
	h.door.hook = func() (*oauth.Error, error) { close(signingIn); <-spending; return nil, nil }
	h.store.spend = func() error { close(spending); <-signingIn; return nil }
	h.credentials(h.signed("n"))
}

func TestOneOfRacingXAuthReplaysPasses(t *testing.T) {
	h := newHouse(t)
	r := h.signed("n")
	var mu sync.Mutex
	passed := 0
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			response, err := h.Serve(t.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if response.Status == http.StatusOK {
				passed++
			}
		})
	}
	group.Wait()
	if passed != 1 {
		t.Errorf("%d of 30 replays passed, want 1", passed)
	}
}
