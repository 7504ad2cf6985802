package flowtest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// temporary gets temporary credentials.
func temporary(t *testing.T, g Target, callback string) credentials {
	t.Helper()
	answer := send(t, g.sign(t, credentials{client: g.Client}, "POST", "/oauth/request_token", "oauth_callback", callback)).
		want(t, http.StatusOK).form(t)
	if answer.Get("oauth_callback_confirmed") != "true" {
		t.Errorf("answer %v", answer)
	}
	return credentials{client: g.Client, token: answer.Get("oauth_token"), secret: answer.Get("oauth_token_secret")}
}

// exchange gets token credentials for temporary ones.
func exchange(t *testing.T, g Target, c credentials, verifier string) reply {
	t.Helper()
	return send(t, g.sign(t, c, "POST", "/oauth/access_token", "oauth_verifier", verifier))
}

func threeLegged(t *testing.T, g Target) {
	c := temporary(t, g, Callback)
	to := newPerson(t, g).answer(t, "allow", "oauth_token", c.token)
	said := to.Query()
	if !strings.HasPrefix(to.String(), Callback+"&") || said.Get("oauth_token") != c.token {
		t.Errorf("sent to %s", to)
	}
	callable(t, g, exchange(t, g, c, said.Get("oauth_verifier")).want(t, http.StatusOK).form(t))
	exchange(t, g, c, said.Get("oauth_verifier")).wantProblem(t, http.StatusUnauthorized, oauth.TokenUsed)
}

func callable(t *testing.T, g Target, answer url.Values) {
	t.Helper()
	c := credentials{client: g.Client, token: answer.Get("oauth_token"), secret: answer.Get("oauth_token_secret")}
	who := send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK).json(t)
	if who["protocol"] != "oauth1" || who["client"] != g.Client.ID || who["user_name"] != g.User || answer.Get("screen_name") != g.User {
		t.Errorf("session %v of %v", who, answer)
	}
}

func outOfBand(t *testing.T, g Target) {
	c := temporary(t, g, oauth.OutOfBand)
	p := newPerson(t, g)
	page := p.press(t, p.signIn(t, p.open(t, "oauth_token", c.token)), "allow").want(t, http.StatusOK)
	tag := inPage(t, page, `(<[a-z]+[^>]* id="verifier"[^>]*>[^<]*)`)
	verifier := tag[strings.Index(tag, "gthv_"):]
	verifier = verifier[:strings.IndexFunc(verifier+" ", func(r rune) bool { return strings.ContainsRune("\"'<> \n", r) })]
	callable(t, g, exchange(t, g, c, verifier).want(t, http.StatusOK).form(t))
}

// stolenTemporary tries what others than the client and user can.
func stolenTemporary(t *testing.T, g Target) {
	c, others := temporary(t, g, Callback), temporary(t, g, Callback)
	verifier := newPerson(t, g).answer(t, "allow", "oauth_token", c.token).Query().Get("oauth_verifier")
	thief, guess := c, c
	thief.client, guess.secret = g.Other, c.secret+"x"
	for name, answer := range map[string]reply{
		"another client":               exchange(t, g, thief, verifier),
		"a guessed secret":             exchange(t, g, guess, verifier),
		"a guessed verifier":           exchange(t, g, c, verifier[:30]+swap(verifier[30])+verifier[31:]),
		"verifier of another":          exchange(t, g, others, verifier),
		"no verifier":                  exchange(t, g, c, ""),
		"an access token for verifier": exchange(t, g, c, xauthTokens(t, g).token),
	} {
		if answer.status == http.StatusOK || answer.form(t).Get("oauth_problem") == "" {
			t.Errorf("%s: status %d, %s", name, answer.status, answer.body)
		}
	}
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
	exchange(t, g, c, verifier).want(t, http.StatusOK)

	denied := newPerson(t, g).answer(t, "deny", "oauth_token", others.token).Query()
	if denied.Get("oauth_problem") != oauth.UserRefused || denied.Has("oauth_verifier") {
		t.Errorf("a denial says %v", denied)
	}
	own := credentials{client: g.Client}
	for _, callback := range []string{"https://evil.com/", Callback + "/x", "oob#", "https://app.example.com@evil.com/callback?from=gatehouse"} {
		send(t, g.sign(t, own, "POST", "/oauth/request_token", "oauth_callback", callback)).
			wantProblem(t, http.StatusBadRequest, oauth.ParameterRejected)
	}
	send(t, g.sign(t, own, "POST", "/oauth/request_token")).wantProblem(t, http.StatusBadRequest, oauth.ParameterAbsent)
}

const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"

// tokenExchange moves a session to OAuth 2 (RFC 8693).
func tokenExchange(t *testing.T, g Target) {
	c := xauthTokens(t, g)
	for _, target := range []Client{g.Client, g.Public} {
		request := g.sign(t, c, "POST", "/oauth/token", "grant_type", exchangeGrant, "client_id", target.ID, "scope", "read")
		tokens := send(t, request).want(t, http.StatusOK).json(t)
		who := g.bearer(t, "GET", "/oauth/session", text(t, tokens, "access_token")).want(t, http.StatusOK).json(t)
		if who["client"] != target.ID || who["user_name"] != g.User || who["scope"] != "read" || who["protocol"] != "oauth2" {
			t.Errorf("session %v", who)
		}
		if tokens["issued_token_type"] != "urn:ietf:params:oauth:token-type:access_token" || text(t, tokens, "refresh_token") == "" {
			t.Errorf("answer %v", tokens)
		}
		send(t, repeat(t, request)).want(t, http.StatusUnauthorized)
	}
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
	for name, pairs := range map[string][]string{
		"not linked":    {"client_id", g.Other.ID, "client_secret", g.Other.Secret},
		"wider scope":   {"scope", "read admin"},
		"another token": {"subject_token", "gth1_junk"},
	} {
		answer := send(t, g.sign(t, c, "POST", "/oauth/token", append(pairs, "grant_type", exchangeGrant)...))
		if answer.want(t, http.StatusBadRequest).json(t)["error"] == "" {
			t.Errorf("%s: %s", name, answer.body)
		}
	}
	stolen := c
	stolen.client = g.Other
	send(t, g.sign(t, stolen, "POST", "/oauth/token", "grant_type", exchangeGrant)).wantError(t, http.StatusBadRequest, oauth.InvalidRequest)
}
