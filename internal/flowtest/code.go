package flowtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// asking is an authorization request of OAuth 2 and what redeems its code.
type asking struct {
	client   Client
	verifier string
	query    []string
}

func newAsking(client Client, extra ...string) asking {
	a := asking{client: client, verifier: rand.Text() + rand.Text()}
	sum := sha256.Sum256([]byte(a.verifier))
	a.query = append([]string{"response_type", "code", "client_id", client.ID, "redirect_uri", Callback, "state", "s&t=1 ü",
		"code_challenge_method", "S256", "code_challenge", base64.RawURLEncoding.EncodeToString(sum[:])}, extra...)
	return a
}

// redeem exchanges the code that a redirect brought.
func (a asking) redeem(t *testing.T, g Target, to *url.URL) reply {
	t.Helper()
	return redeem(t, g, a.client, to.Query().Get("code"), "redirect_uri", Callback, "code_verifier", a.verifier)
}

func redeem(t *testing.T, g Target, client Client, code string, pairs ...string) reply {
	t.Helper()
	pairs = append(pairs, "grant_type", "authorization_code", "client_id", client.ID, "code", code)
	if client.Secret != "" {
		pairs = append(pairs, "client_secret", client.Secret)
	}
	return g.post(t, "/oauth/token", pairs...)
}

func authorizationCode(t *testing.T, g Target) {
	for _, client := range []Client{g.Client, g.Public} {
		a := newAsking(client)
		to := newPerson(t, g).answer(t, "allow", a.query...)
		said := to.Query()
		if !strings.HasPrefix(to.String(), Callback+"&") || said.Get("from") != "gatehouse" || said.Get("state") != "s&t=1 ü" || said.Get("iss") != g.URL {
			t.Errorf("sent to %s", to)
		}
		tokens := a.redeem(t, g, to).want(t, http.StatusOK).json(t)
		who := g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusOK).json(t)
		if who["client"] != client.ID || who["user_name"] != g.User || who["scope"] != "read write" || who["protocol"] != "oauth2" {
			t.Errorf("session %v", who)
		}
		text(t, tokens, "refresh_token")
	}
}

func narrowConsent(t *testing.T, g Target) {
	a := newAsking(g.Public, "scope", "write")
	tokens := a.redeem(t, g, newPerson(t, g).answer(t, "allow", a.query...)).want(t, http.StatusOK).json(t)
	if tokens["scope"] != "write" {
		t.Errorf("scope %v, want write", tokens["scope"])
	}
	g.post(t, "/oauth/token", "grant_type", "refresh_token", "client_id", g.Public.ID, "scope", "read write",
		"refresh_token", text(t, tokens, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidScope)
}

// codeReplay uses a code twice, as its thief would: what it made is over.
func codeReplay(t *testing.T, g Target) {
	a := newAsking(g.Client)
	to := newPerson(t, g).answer(t, "allow", a.query...)
	tokens := a.redeem(t, g, to).want(t, http.StatusOK).json(t)
	newer := renew(t, g, text(t, tokens, "refresh_token")).want(t, http.StatusOK).json(t)
	a.redeem(t, g, to).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	g.bearer(t, "GET", "/oauth/session", text(t, newer, "access_token")).want(t, http.StatusUnauthorized)
	renew(t, g, text(t, newer, "refresh_token")).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	a.redeem(t, g, to).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
}

// stolenCode tries what a thief of a code has; none of it spends the code.
func stolenCode(t *testing.T, g Target) {
	a := newAsking(g.Client)
	to := newPerson(t, g).answer(t, "allow", a.query...)
	code := to.Query().Get("code")
	named := []string{"redirect_uri", Callback}
	verified := append(named[:2:2], "code_verifier", a.verifier)
	for name, answer := range map[string]reply{
		"another client":         redeem(t, g, g.Other, code, verified...),
		"the public client":      redeem(t, g, g.Public, code, verified...),
		"no verifier":            redeem(t, g, g.Client, code, named...),
		"wrong verifier":         redeem(t, g, g.Client, code, append(named[:2:2], "code_verifier", strings.Repeat("x", 43))...),
		"challenge for verifier": redeem(t, g, g.Client, code, append(named[:2:2], "code_verifier", a.query[len(a.query)-1])...),
		"no redirect_uri":        redeem(t, g, g.Client, code, verified[2:]...),
		"another redirect_uri":   redeem(t, g, g.Client, code, "redirect_uri", "https://evil.com", "code_verifier", a.verifier),
		"changed code":           redeem(t, g, g.Client, code[:30]+swap(code[30])+code[31:], verified...),
	} {
		if answer.wantError(t, http.StatusBadRequest, oauth.InvalidGrant); strings.Contains(answer.body, "gtha_") {
			t.Errorf("%s got tokens", name)
		}
	}
	a.redeem(t, g, to).want(t, http.StatusOK)

	plain := []string{"response_type", "code", "client_id", g.Client.ID}
	unbound := newPerson(t, g).answer(t, "allow", plain...).Query().Get("code")
	redeem(t, g, g.Client, unbound, "code_verifier", a.verifier).wantError(t, http.StatusBadRequest, oauth.InvalidGrant)
	redeem(t, g, g.Client, unbound).want(t, http.StatusOK)
}

// refusedAsking is told to the client only where client and redirect are
// proven.
func refusedAsking(t *testing.T, g Target) {
	denied := newPerson(t, g).answer(t, "deny", newAsking(g.Public).query...).Query()
	if denied.Get("error") != oauth.AccessDenied || denied.Get("iss") != g.URL || denied.Get("state") != "s&t=1 ü" || denied.Has("code") {
		t.Errorf("a denial says %v", denied)
	}
	for code, query := range map[string][]string{
		oauth.InvalidRequest:          {"response_type", "code"}, // a public client without PKCE
		oauth.InvalidScope:            {"response_type", "code", "scope", "admin"},
		oauth.UnsupportedResponseType: {"response_type", "token"},
	} {
		query = append(query, "client_id", g.Public.ID, "redirect_uri", Callback, "state", "x")
		said := location(t, newPerson(t, g).open(t, query...).want(t, http.StatusSeeOther)).Query()
		if said.Get("error") != code || said.Get("state") != "x" || said.Get("iss") != g.URL {
			t.Errorf("%s: told %v", code, said)
		}
	}
	for _, query := range [][]string{
		nil, {"client_id", "nobody"}, {"client_id", g.Client.ID, "redirect_uri", "https://evil.com#app.example.com/callback"},
		{"client_id", g.Client.ID, "redirect_uri", "https://app.example.com@evil.com/callback?from=gatehouse"},
		{"client_id", g.Client.ID, "redirect_uri", Callback + "/../evil"}, {"oauth_token", "gtht_junk"},
	} {
		page := newPerson(t, g).open(t, append(query, "response_type", "code")...).want(t, http.StatusBadRequest)
		if page.header.Get("Location") != "" || !strings.Contains(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("%v: headers %v", query, page.header)
		}
	}
}

// pages are only their user's.
func pages(t *testing.T, g Target) {
	mallory, alice := newPerson(t, g), newPerson(t, g)
	query := newAsking(g.Public).query
	page := mallory.open(t, query...).want(t, http.StatusOK)
	for _, header := range []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options"} {
		if page.header.Get(header) == "" {
			t.Errorf("%s is missing", header)
		}
	}
	if origin := page.header.Get("Access-Control-Allow-Origin"); origin != "" {
		t.Errorf("a page of %q may read this one", origin)
	}
	wrong := mallory.press(t, page, "sign-in", "username", g.User, "password", "not the password").want(t, http.StatusForbidden)
	if strings.Contains(wrong.body, "not the password") {
		t.Error("the page repeats the password")
	}
	consent := alice.signIn(t, alice.open(t, query...))
	if !strings.Contains(consent.body, "The app called web") || !strings.Contains(consent.body, g.User) {
		t.Errorf("the page names neither app nor user: %s", consent.body)
	}
	for name, forged := range map[string]reply{
		"a form of another browser": mallory.press(t, consent, "allow"),
		"without cookies":           newPerson(t, g).press(t, consent, "allow"),
		"without its state":         alice.press(t, reply{body: `<input name="state" value="junk">`}, "allow"),
		"before signing in":         mallory.press(t, page, "allow"),
	} {
		if to := forged.header.Get("Location"); strings.Contains(to, "code=") {
			t.Errorf("%s got %s", name, to)
		}
	}
}
