package grants

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// verifier is alice's for temporary credentials.
func (h *house) verifier(of pair) string {
	h.t.Helper()
	sealed, err := h.Keys.SealVerifier(of.token, seal.Verifier{User: alice.ID, UserName: alice.Name, Scope: []string{"write", "read", "gone"}}, h.clock().Add(seal.VerifierLifetime))
	if err != nil {
		h.t.Fatal(err)
	}
	return sealed.Reveal()
}

// exchanging asks for the token credentials of temporary ones; extra
// overrides and adds.
func (h *house) exchanging(temporary pair, verifier string, extra ...string) *oauth.Request {
	h.t.Helper()
	return h.sign("/oauth/access_token", temporary, append([]string{"oauth_verifier", verifier}, extra...)...)
}

func TestThreeLegged(t *testing.T) {
	began := oauth.Milli(instant)
	for _, test := range []struct {
		life    time.Duration
		expires string
		end     time.Time
	}{
		{0, "0", time.Time{}},
		{24 * time.Hour, fmt.Sprint(instant.Add(24 * time.Hour).Unix()), began.Add(24 * time.Hour)},
	} {
		h := newHouse(t)
		h.Terms.OAuth1 = test.life
		temporary := h.temporary(callback)
		values := h.credentials(h.exchanging(temporary, h.verifier(temporary)))
		if values.Get("user_id") != "u1" || values.Get("screen_name") != "alice" || values.Get("x_auth_expires") != test.expires || len(values) != 5 {
			t.Errorf("lifetime %v: answer %v", test.life, values)
		}
		h.wantSession(seal.OAuth1Token, values.Get("oauth_token"), oauth.Session{Protocol: oauth.OAuth1, Client: "mobile",
			User: "u1", UserName: "alice", Scope: []string{"read", "write"}, Created: began, Renewed: began, Expires: test.end})
		wantOwnSecret(t, h, values.Get("oauth_token"), values.Get("oauth_token_secret"))
		if len(h.door.seen) != 0 {
			t.Error("a password was looked at")
		}
	}
}

// The token is for what the user saw, and the client may have by now.
func TestScopeOfAVerifier(t *testing.T) {
	h := newHouse(t)
	temporary := h.temporary(callback)
	sealed, err := h.Keys.SealVerifier(temporary.token, seal.Verifier{User: alice.ID, UserName: alice.Name, Scope: []string{"read", "gone"}},
		h.clock().Add(seal.VerifierLifetime))
	if err != nil {
		t.Fatal(err)
	}
	values := h.credentials(h.exchanging(temporary, sealed.Reveal()))
	session, err := h.session(seal.OAuth1Token, values.Get("oauth_token"))
	if err != nil || !slices.Equal(session.Scope, []string{"read"}) {
		t.Errorf("scope %q, %v, want read", session.Scope, err)
	}
}

func TestTemporaryCredentialsWorkOnce(t *testing.T) {
	h := newHouse(t)
	temporary := h.temporary(callback)
	verifier := h.verifier(temporary)
	r, spends := h.exchanging(temporary, verifier), h.store.spends
	h.credentials(r)
	if spent := h.store.spends - spends; spent != 1 {
		t.Errorf("%d things were spent: of two copies of a request each could win one", spent)
	}
	h.wantRefused("the same request", r, http.StatusUnauthorized, oauth.TokenUsed)
	h.wantRefused("another request", h.exchanging(temporary, verifier), http.StatusUnauthorized, oauth.TokenUsed)
	h.wantRefused("another verifier", h.exchanging(temporary, h.verifier(temporary)), http.StatusUnauthorized, oauth.TokenUsed)
	h.wait(seal.TemporaryLifetime - time.Second)
	h.wantRefused("at their end", h.exchanging(temporary, h.verifier(temporary)), http.StatusUnauthorized, oauth.TokenUsed)
	if h.store.creates != 1 {
		t.Errorf("%d sessions, want 1", h.store.creates)
	}
}

// Copies of one request, and requests with a nonce of their own.
func TestOneOfRacingExchangesPasses(t *testing.T) {
	for round := range 50 {
		h := newHouse(t)
		temporary := h.temporary(callback)
		verifier := h.verifier(temporary)
		request := h.exchanging(temporary, verifier)
		var requests []*oauth.Request
		for range 50 {
			if round%2 == 0 {
				request = h.exchanging(temporary, verifier)
			}
			requests = append(requests, request)
		}
		if winners := h.race(requests); winners != 1 {
			t.Fatalf("round %d: %d of 50 got token credentials, want 1", round, winners)
		}
		if live := len(h.sessions()); live != 1 {
			t.Fatalf("round %d: %d sessions, want 1", round, live)
		}
	}
}

// What cannot be right spends nothing: whoever holds temporary credentials
// without the rest cannot use them up.
func TestVerifierRefuses(t *testing.T) {
	h := newHouse(t)
	temporary, others := h.temporary(callback), h.temporary(callback)
	verifier := h.verifier(temporary)
	wrongSecret, noSecret := temporary, temporary
	wrongSecret.secret, noSecret.secret = others.secret, ""
	spends := h.store.spends
	for _, test := range []struct {
		name     string
		token    pair
		verifier string
		extra    []string
		status   int
		code     string
	}{
		{"wrong token secret", wrongSecret, verifier, nil, 401, oauth.SignatureInvalid},
		{"no token secret", noSecret, verifier, nil, 401, oauth.SignatureInvalid},
		{"another client", temporary, verifier, []string{"oauth_consumer_key", "other"}, 401, oauth.TokenRejected},
		{"public client", temporary, verifier, []string{"oauth_consumer_key", "page"}, 401, oauth.ConsumerKeyRefused},
		{"late", temporary, verifier, []string{"oauth_timestamp", fmt.Sprint(instant.Unix() - 301)}, 401, oauth.TimestampRefused},
		{"no verifier", temporary, "", nil, 400, oauth.ParameterAbsent},
		{"guessed verifier", temporary, "123456", nil, 401, oauth.VerifierInvalid},
		{"the prefix", temporary, "gthv_", nil, 401, oauth.VerifierInvalid},
		{"verifier of another", temporary, h.verifier(others), nil, 401, oauth.VerifierInvalid},
		{"verifier for another", others, verifier, nil, 401, oauth.VerifierInvalid},
		{"token for verifier", temporary, temporary.token, nil, 401, oauth.VerifierInvalid},
		{"token for verifier, dressed", temporary, "gthv_" + temporary.token[5:], nil, 401, oauth.VerifierInvalid},
		{"code for verifier", temporary, h.code(nil), nil, 401, oauth.VerifierInvalid},
		{"code for verifier, dressed", temporary, "gthv_" + h.code(nil)[5:], nil, 401, oauth.VerifierInvalid},
		{"cut verifier", temporary, verifier[:len(verifier)-1], nil, 401, oauth.VerifierInvalid},
		{"longer verifier", temporary, verifier + "A", nil, 401, oauth.VerifierInvalid},
		{"xAuth with it", temporary, verifier, []string{"x_auth_mode", "client_auth"}, 400, oauth.ParameterRejected},
		{"a password with it", temporary, verifier, []string{"x_auth_password", "right"}, 400, oauth.ParameterRejected},
	} {
		h.wantRefused(test.name, h.exchanging(test.token, test.verifier, test.extra...), test.status, test.code)
	}
	for i := range verifier {
		changed := verifier[:i] + string(verifier[i]^1) + verifier[i+1:]
		h.wantRefused(changed, h.exchanging(temporary, changed), http.StatusUnauthorized, oauth.VerifierInvalid)
	}
	twice := h.exchanging(temporary, "x")
	twice.Body = append(twice.Body, "&oauth_verifier="+verifier...)
	h.wantRefused("two verifiers", twice, http.StatusBadRequest, oauth.ParameterRejected)
	if h.store.spends != spends || h.store.creates != 0 {
		t.Errorf("%d spendings and %d sessions, want none", h.store.spends-spends, h.store.creates)
	}
	h.credentials(h.exchanging(temporary, verifier))
}

// Whatever is no temporary credential is refused before its client is looked
// for.
func TestWhatIsNoTemporaryCredential(t *testing.T) {
	h := newHouse(t)
	temporary, code := h.temporary(callback), h.code(nil)
	verifier := h.verifier(temporary)
	lasting := h.credentials(h.signed("n"))
	h.store.client = broken
	for name, token := range map[string]string{
		"junk":                      "junk",
		"a code":                    code,
		"a code, dressed":           "gtht_" + code[5:],
		"a verifier, dressed":       "gtht_" + verifier[5:],
		"token credentials":         lasting.Get("oauth_token"),
		"token credentials dressed": "gtht_" + lasting.Get("oauth_token")[5:],
		"cut":                       temporary.token[:len(temporary.token)-1],
		"changed":                   temporary.token[:40] + string(temporary.token[40]^1) + temporary.token[41:],
		"huge":                      "gtht_" + strings.Repeat("A", 60000),
	} {
		h.wantRefused(name, h.exchanging(pair{token, lasting.Get("oauth_token_secret")}, verifier), http.StatusUnauthorized, oauth.TokenRejected)
	}
}

func TestThreeLeggedTakenAway(t *testing.T) {
	h := newHouse(t)
	temporary := h.temporary(callback)
	storetest.PutClient(t, h.store, oauth.Client{ID: "mobile", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantXAuth}})
	h.wantRefused("taken away", h.exchanging(temporary, h.verifier(temporary)), http.StatusUnauthorized, oauth.PermissionDenied)
}

func TestThreeLeggedExpires(t *testing.T) {
	h := newHouse(t)
	temporary, others := h.temporary(callback), h.temporary(callback)
	verifier := h.verifier(temporary)
	h.wait(seal.VerifierLifetime)
	response := h.wantRefused("verifier", h.exchanging(temporary, verifier), http.StatusUnauthorized, oauth.VerifierInvalid)
	if !strings.Contains(response.Refusal.Description, "expired") {
		t.Errorf("the description does not say why: %s", response.Refusal.Description)
	}
	h.wait(seal.TemporaryLifetime - seal.VerifierLifetime - time.Second)
	late := h.verifier(others)
	h.credentials(h.exchanging(temporary, h.verifier(temporary)))
	h.wait(time.Second)
	h.wantRefused("token", h.exchanging(others, late), http.StatusUnauthorized, oauth.TokenExpired)
}

func TestThreeLeggedAcrossARotation(t *testing.T) {
	h := newHouse(t)
	before, early := h.temporary(callback), h.temporary(callback)
	h.Keys.Replace(parseKeys(t, laterKeys))
	after := h.temporary(callback)
	h.credentials(h.exchanging(before, h.verifier(before)))
	verifier, late := h.verifier(after), h.verifier(early)
	h.Keys.Replace(parseKeys(t, firstKey))
	spends := h.store.spends
	for name, response := range map[string]oauth.Response{
		"token":    h.wantRefused("token", h.exchanging(after, verifier), http.StatusUnauthorized, oauth.TokenRejected),
		"verifier": h.wantRefused("verifier", h.exchanging(early, late), http.StatusUnauthorized, oauth.VerifierInvalid),
	} {
		if !response.Refusal.UnknownKey {
			t.Errorf("%s: an unknown key is not said to be one", name)
		}
	}
	if h.store.spends != spends {
		t.Error("something was spent, so that the request cannot be asked again with fresh keys")
	}
}

// A fault is never a token.
func TestVerifierFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"client":     func(h *house) { h.store.client = broken },
		"spending":   func(h *house) { h.store.spend = broken },
		"create":     func(h *house) { h.store.create = broken },
		"randomness": func(h *house) { h.Rand = iotest.ErrReader(errBroken) },
	} {
		h := newHouse(t)
		temporary := h.temporary(callback)
		breaks(h)
		h.wantFault(name, h.exchanging(temporary, h.verifier(temporary)))
	}
}

func TestWhatIsMissingAtTheAccessTokenAddress(t *testing.T) {
	h := newHouse(t)
	for name, test := range map[string]struct {
		extra  []string
		absent string
	}{
		"nothing":    {nil, "x_auth_mode"},
		"a password": {[]string{"x_auth_username", "alice", "x_auth_password", "right"}, "x_auth_mode"},
		"a verifier": {[]string{"oauth_verifier", "v"}, "oauth_token"},
	} {
		response := h.wantRefused(name, h.sign("/oauth/access_token", pair{}, test.extra...), http.StatusBadRequest, oauth.ParameterAbsent)
		if absent := response.Refusal.Details.Get("oauth_parameters_absent"); absent != test.absent {
			t.Errorf("%s: oauth_parameters_absent is %q, want %q", name, absent, test.absent)
		}
	}
}
