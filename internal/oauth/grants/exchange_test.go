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
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// signedIn is what alice's app, mobile, signs with after xAuth.
func (h *house) signedIn() pair {
	h.t.Helper()
	values := h.credentials(h.sign("/oauth/access_token", pair{}, "x_auth_mode", "client_auth", "x_auth_username", "alice", "x_auth_password", "right"))
	return pair{values.Get("oauth_token"), values.Get("oauth_token_secret")}
}

// trading asks for OAuth 2 tokens for the one it is signed with; extra
// overrides and adds.
func (h *house) trading(token pair, extra ...string) *oauth.Request {
	h.t.Helper()
	return h.sign("/oauth/token", token, append([]string{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"}, extra...)...)
}

// as names another client to get the tokens, with its secret.
func (h *house) as(client string) []string {
	h.t.Helper()
	return []string{"client_id", client, "client_secret", h.clientSecret(client)}
}

func TestExchange(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	h.wait(time.Hour)
	began := oauth.Milli(h.clock())
	for _, test := range []struct {
		name   string
		extra  []string
		client string
		scope  []string
	}{
		{"plain", nil, "mobile", []string{"read", "write"}},
		{"by name", []string{"client_id", "mobile"}, "mobile", []string{"read", "write"}},
		{"narrower", []string{"scope", "write"}, "mobile", []string{"write"}},
		{"everything said", []string{"subject_token", old.token, "subject_token_type", "urn:gatehouse:token-type:oauth1",
			"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"}, "mobile", []string{"read", "write"}},
		{"access token type", []string{"subject_token", old.token, "subject_token_type", "urn:ietf:params:oauth:token-type:access_token"},
			"mobile", []string{"read", "write"}},
		{"what is empty is left out", []string{"subject_token", "", "actor_token", "", "resource", "", "audience", "", "client_secret", ""},
			"mobile", []string{"read", "write"}},
		{"linked, public", []string{"client_id", "page"}, "page", []string{"read", "write"}},
		{"linked, with fewer scopes", h.as("partner"), "partner", []string{"read"}},
	} {
		answer := h.tokens(h.trading(old, test.extra...))
		if answer.TokenType != "Bearer" || answer.IssuedTokenType != "urn:ietf:params:oauth:token-type:access_token" ||
			answer.ExpiresIn != 3600 || len(strings.Fields(answer.Scope)) != len(test.scope) {
			t.Errorf("%s: answer %+v", test.name, answer)
		}
		want := oauth.Session{Protocol: oauth.OAuth2, Client: test.client, User: "u1", UserName: "alice", Scope: test.scope,
			Created: began, Renewed: began, AccessExpires: began.Add(accessLife), Expires: began.Add(sessionLife)}
		h.wantSession(seal.AccessToken, answer.AccessToken, want)
		h.wantSession(seal.RefreshToken, answer.RefreshToken, want)
	}
	if _, err := h.session(seal.OAuth1Token, old.token); err != nil {
		t.Errorf("the old token's session: %v", err)
	}
}

// Credentials may be in the header too, beside a form.
func TestExchangeSignedInTheHeader(t *testing.T) {
	h := newHouse(t)
	r := h.trading(h.signedIn())
	form, err := oauth.ParseForm(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	isOurs := func(p oauth.Param) bool { return strings.HasPrefix(p.Name, "oauth_") }
	r.Header.Set("Authorization", oauth1.FormatHeader("", slices.DeleteFunc(slices.Clone(form), func(p oauth.Param) bool { return !isOurs(p) })))
	r.Body = []byte(oauth1.EncodeForm(slices.DeleteFunc(form, isOurs)))
	h.tokens(r)
}

// What is wrong without a look at the session is refused before the nonce is
// spent.
func TestExchangeRefuses(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	spends, creates := h.store.spends, h.store.creates
	for _, test := range []struct {
		name   string
		token  pair
		extra  []string
		status int
		code   string
	}{
		{"no grant_type", old, []string{"grant_type", ""}, 400, oauth.InvalidRequest},
		{"another grant_type", old, []string{"grant_type", "password"}, 400, oauth.InvalidRequest},
		{"a code, signed", old, []string{"grant_type", "authorization_code", "code", "x"}, 400, oauth.InvalidRequest},
		{"short grant_type", old, []string{"grant_type", "token_exchange"}, 400, oauth.InvalidRequest},
		{"another subject", old, []string{"subject_token", "gth1_x"}, 400, oauth.InvalidRequest},
		{"unknown subject type", old, []string{"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"}, 400, oauth.InvalidRequest},
		{"refresh token wanted", old, []string{"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}, 400, oauth.InvalidRequest},
		{"actor", old, []string{"actor_token", "x", "actor_token_type", "y"}, 400, oauth.InvalidRequest},
		{"actor type", old, []string{"actor_token_type", "y"}, 400, oauth.InvalidRequest},
		{"resource", old, []string{"resource", "https://api.example.com"}, 400, oauth.InvalidTarget},
		{"audience", old, []string{"audience", "api"}, 400, oauth.InvalidTarget},
		{"own secret too", old, h.as("mobile"), 400, oauth.InvalidRequest},
		{"a secret of nobody", old, []string{"client_secret", "x"}, 400, oauth.InvalidRequest},

		{"linked, wrong secret", old, []string{"client_id", "partner", "client_secret", "x"}, 401, oauth.InvalidClient},
		{"linked, no secret", old, []string{"client_id", "partner"}, 401, oauth.InvalidClient},
		{"linked, public with a secret", old, []string{"client_id", "page", "client_secret", "x"}, 401, oauth.InvalidClient},
		{"linked, disabled", old, h.as("off"), 401, oauth.InvalidClient},
		{"linked, deleted", old, h.as("gone"), 401, oauth.InvalidClient},

		{"no token", pair{}, nil, 400, oauth.InvalidRequest},
		{"junk token", pair{"gth1_junk", old.secret}, nil, 400, oauth.InvalidRequest},
		{"wrong token secret", pair{old.token, "x"}, nil, 401, oauth.InvalidClient},
		{"unknown client", old, []string{"oauth_consumer_key", "nobody"}, 401, oauth.InvalidClient},
		{"public client", old, []string{"oauth_consumer_key", "page"}, 401, oauth.InvalidClient},
		{"disabled client", old, []string{"oauth_consumer_key", "off"}, 401, oauth.InvalidClient},
		{"late", old, []string{"oauth_timestamp", fmt.Sprint(instant.Unix() - 301)}, 401, oauth.InvalidClient},
		{"unknown version", old, []string{"oauth_version", "2.0"}, 400, oauth.InvalidRequest},
	} {
		response := h.wantRefused(test.name, h.trading(test.token, test.extra...), test.status, test.code)
		if challenge := response.Header.Get("WWW-Authenticate"); (challenge == `OAuth realm="test"`) != (test.status == 401) {
			t.Errorf("%s: challenge %q", test.name, challenge)
		}
	}
	if h.store.spends != spends || h.store.creates != creates {
		t.Errorf("%d spendings and %d sessions, want none", h.store.spends-spends, h.store.creates-creates)
	}
	h.tokens(h.trading(old))
}

// A request is read as every other to the token endpoint.
func TestExchangeMalformed(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	for name, change := range map[string]func(*oauth.Request){
		"repeated":            func(r *oauth.Request) { r.Body = append(r.Body, "&scope=read&scope=write"...) },
		"signed twice":        func(r *oauth.Request) { r.Body = append(r.Body, "&oauth_token=x"...) },
		"large":               func(r *oauth.Request) { r.Body = append(r.Body, "&a="+strings.Repeat("x", oauth.MaxBody)...) },
		"no form":             func(r *oauth.Request) { r.Header.Set("Content-Type", "application/json") },
		"secret in the query": func(r *oauth.Request) { r.Query = oauth.Params{{Name: "client_secret", Value: "x"}} },
		"another scheme beside": func(r *oauth.Request) {
			r.Header.Set("Authorization", "Basic bW9iaWxlOng=")
		},
	} {
		r := h.trading(old)
		change(r)
		h.wantRefused(name, r, http.StatusBadRequest, oauth.InvalidRequest)
	}
	r := h.trading(old)
	r.Method = http.MethodGet
	h.wantRefused("GET", r, http.StatusMethodNotAllowed, oauth.InvalidRequest)
}

func TestExchangeWithoutASignature(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	for _, client := range []string{"mobile", "bare", "page"} {
		r := h.form(client, "grant_type", string(tokenExchange), "subject_token", old.token)
		response := h.wantRefused(client, r, http.StatusBadRequest, oauth.InvalidRequest)
		if !strings.Contains(response.Refusal.Description, "sign the request") {
			t.Errorf("the description does not say what to do: %s", response.Refusal.Description)
		}
	}
	r := h.form("mobile", "grant_type", string(tokenExchange), "client_secret", "x")
	h.wantRefused("wrong secret", r, http.StatusUnauthorized, oauth.InvalidClient)
	h.wantRefused("short", h.form("mobile", "grant_type", "token_exchange"), http.StatusBadRequest, oauth.UnsupportedGrantType)
}

// A key that this process has not read yet is told as one, before anything is
// spent: the request is asked again with fresh keys.
func TestExchangeWithAnUnknownKey(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	storetest.PutClient(t, h.store, oauth.Client{ID: "partner", SecretKey: 9, Grants: oauth.Grants()})
	h.Keys.Replace(parseKeys(t, laterKeys))
	newer := h.oauth1Pair(oauth.SessionID{1})
	h.Keys.Replace(parseKeys(t, firstKey))
	spends := h.store.spends
	for name, response := range map[string]oauth.Response{
		"token":  h.wantRefused("token", h.trading(newer), http.StatusBadRequest, oauth.InvalidRequest),
		"client": h.wantRefused("client", h.trading(old, "client_id", "partner", "client_secret", "x"), http.StatusUnauthorized, oauth.InvalidClient),
	} {
		if !response.Refusal.UnknownKey {
			t.Errorf("%s: an unknown key is not said to be one", name)
		}
	}
	if h.store.spends != spends {
		t.Error("something was spent")
	}
}

// No token leaves before its session is stored.
func TestExchangeFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"find":       func(h *house) { h.store.find = broken },
		"nonce":      func(h *house) { h.store.spend = broken },
		"create":     func(h *house) { h.store.create = broken },
		"client":     func(h *house) { h.store.client = broken },
		"randomness": func(h *house) { h.Rand = iotest.ErrReader(errBroken) },
		"client, the second time": func(h *house) {
			asked := 0
			h.store.client = func() error {
				if asked++; asked > 1 {
					return errBroken
				}
				return nil
			}
		},
	} {
		h := newHouse(t)
		old := h.signedIn()
		breaks(h)
		h.wantFault(name, h.trading(old))
	}
	h := newHouse(t)
	old := h.signedIn()
	h.store.client = broken
	h.wantFault("linked client", h.trading(old, "client_id", "page"))
}
