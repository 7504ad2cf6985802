package grants

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/storetest"
)

// The token of a session that is not the client's, or no longer lives, gives
// nothing.
func TestExchangeOfAnothersToken(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	h.wantRefused("stolen by another client", h.trading(old, "oauth_consumer_key", "other"), http.StatusBadRequest, oauth.InvalidRequest)
	h.wantRefused("stolen by a linked client", h.trading(old, "oauth_consumer_key", "partner"), http.StatusBadRequest, oauth.InvalidRequest)
	h.wantRefused("not linked", h.trading(old, h.as("other")...), http.StatusBadRequest, oauth.UnauthorizedClient)
	h.wantRefused("linked, but may not", h.trading(old, h.as("bare")...), http.StatusBadRequest, oauth.UnauthorizedClient)
	bearer := h.tokens(h.trading(old))
	session, err := h.session(seal.AccessToken, bearer.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	h.wantRefused("an OAuth 2 session", h.trading(h.oauth1Pair(session.ID)), http.StatusBadRequest, oauth.InvalidRequest)
	h.wantRefused("temporary credentials", h.trading(h.temporary(callback)), http.StatusBadRequest, oauth.InvalidRequest)
	r := h.trading(old)
	h.tokens(r)
	h.wantRefused("replayed", r, http.StatusUnauthorized, oauth.InvalidClient)

	opened, err := h.Keys.Open(seal.OAuth1Token, old.token)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.Revoke(t.Context(), oauth.Revocation{ID: opened.Session}); err != nil {
		t.Fatal(err)
	}
	h.wantRefused("revoked", h.trading(old), http.StatusBadRequest, oauth.InvalidRequest)
	h.Terms.OAuth1 = time.Minute
	brief := h.signedIn()
	h.wait(2 * time.Minute)
	h.wantRefused("expired", h.trading(brief), http.StatusBadRequest, oauth.InvalidRequest)
	h.tokens(h.refreshing("mobile", bearer.RefreshToken)) // what was exchanged lives on its own
}

// oauth1Pair are token credentials for any session, such as only the keyring
// can make.
func (h *house) oauth1Pair(id oauth.SessionID) pair {
	h.t.Helper()
	token, secret, err := h.mintOAuth1(&oauth.Session{ID: id})
	if err != nil {
		h.t.Fatal(err)
	}
	return pair{token.Reveal(), secret.Reveal()}
}

func TestExchangeTakenAway(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	for name, client := range map[string]oauth.Client{
		"grant":   {Grants: []oauth.Grant{oauth.GrantXAuth, oauth.GrantPassword}, LinkedClients: []string{"page"}},
		"sunset":  {Grants: oauth.Grants(), Sunset: instant.Add(-time.Second)},
		"disable": {Grants: oauth.Grants(), Disabled: true},
	} {
		client.ID, client.SecretKey, client.Scopes = "mobile", 1, []string{"read", "write"}
		storetest.PutClient(t, h.store, client)
		if name == "grant" {
			h.wantRefused(name, h.trading(old), http.StatusBadRequest, oauth.UnauthorizedClient)
			h.tokens(h.trading(old, "client_id", "page")) // that has it
			continue
		}
		h.wantRefused(name, h.trading(old), http.StatusUnauthorized, oauth.InvalidClient)
	}
}

// Nothing gets more scope than the old token and the new client have in
// common, now or by a refresh.
func TestScopeOfAnExchange(t *testing.T) {
	h := newHouse(t)
	old := h.signedIn()
	for _, test := range []struct {
		name, scope string
		extra       []string
	}{
		{"unknown", "read admin", nil},
		{"malformed", "read  write", nil},
		{"the client's, not the token's", "read admin", h.as("partner")},
		{"the token's, not the client's", "read write", h.as("partner")},
		{"nothing in common", "", []string{"client_id", "web"}},
		{"nothing of the client's", "read", []string{"client_id", "web"}},
	} {
		h.wantRefused(test.name, h.trading(old, append(test.extra, "scope", test.scope)...), http.StatusBadRequest, oauth.InvalidScope)
	}
	narrow := h.tokens(h.trading(old, "scope", "read"))
	h.wantRefused("refresh", h.refreshing("mobile", narrow.RefreshToken, "scope", "read write"), http.StatusBadRequest, oauth.InvalidScope)
	partner := h.tokens(h.trading(old, h.as("partner")...))
	for _, scope := range []string{"admin", "write", "read admin"} {
		h.wantRefused("refresh for "+scope, h.refreshing("partner", partner.RefreshToken, "scope", scope), http.StatusBadRequest, oauth.InvalidScope)
	}
	h.wantRefused("refresh by the old client", h.refreshing("mobile", partner.RefreshToken), http.StatusBadRequest, oauth.InvalidGrant)
	if again := h.tokens(h.refreshing("partner", partner.RefreshToken)); again.Scope != "read" {
		t.Errorf("scope %q after a refresh, want read", again.Scope)
	}
}

func TestExchangeOfATokenWithoutScope(t *testing.T) {
	for _, test := range []struct {
		granted, allowed []string
		asked            string
		want             []string
		refused          bool
	}{
		{nil, nil, "", nil, false},
		{nil, []string{"read"}, "", nil, false},
		{nil, []string{"read"}, "read", nil, true},
		{[]string{"read"}, nil, "", nil, true},
		{[]string{"read", "write"}, []string{"write", "admin"}, "", []string{"write"}, false},
		{[]string{"read", "write"}, []string{"write", "read"}, "write write", []string{"write"}, false},
	} {
		got, refusal := exchangedScope(test.granted, test.allowed, test.asked)
		if !slices.Equal(got, test.want) || (refusal != nil) != test.refused {
			t.Errorf("%+v: %v, %+v", test, got, refusal)
		}
	}
}
