package flowtest

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// xauthRequest asks for token credentials by xAuth.
func xauthRequest(t *testing.T, g Target) *http.Request {
	t.Helper()
	return g.sign(t, credentials{client: g.Client}, "POST", "/oauth/access_token",
		"x_auth_mode", "client_auth", "x_auth_username", g.User, "x_auth_password", g.Password)
}

// xauthTokens gets token credentials by xAuth.
func xauthTokens(t *testing.T, g Target) credentials {
	t.Helper()
	answer := send(t, xauthRequest(t, g)).want(t, http.StatusOK).form(t)
	return credentials{client: g.Client, token: answer.Get("oauth_token"), secret: answer.Get("oauth_token_secret")}
}

func xauth(t *testing.T, g Target) {
	request := xauthRequest(t, g)
	answer := send(t, request).want(t, http.StatusOK)
	if got := answer.header.Get("Content-Type"); got != form {
		t.Errorf("Content-Type %q", got)
	}
	values := answer.form(t)
	if values.Get("screen_name") != g.User || values.Get("user_id") == "" || values.Get("x_auth_expires") != "0" ||
		values.Get("oauth_token") == "" || values.Get("oauth_token_secret") == "" {
		t.Errorf("answer %q", answer.body)
	}
	send(t, repeat(t, request)).wantProblem(t, http.StatusUnauthorized, oauth.NonceUsed)
}

func signedRequests(t *testing.T, g Target) {
	c := xauthTokens(t, g)
	paths := []string{"/oauth/session", "/oauth/sessions?limit=3&note=a%20b%2Bc%26d", "/oauth/sessions?note=2&note=1&note=&x%5B%5D=%C3%BC~*!'()",
		"/oauth/sessions?note=a+b&limit=2"}
	for _, path := range paths {
		request := g.sign(t, c, "GET", path)
		send(t, request).want(t, http.StatusOK)
		send(t, repeat(t, request)).want(t, http.StatusUnauthorized)
	}
	who := send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK).json(t)
	if who["protocol"] != "oauth1" || who["client"] != g.Client.ID || who["user_name"] != g.User || who["expiry"] != 0.0 {
		t.Errorf("session %v", who)
	}
	tampered(t, g, c)
}

// tampered changes one thing of a signed request at a time.
func tampered(t *testing.T, g Target, c credentials) {
	for name, change := range map[string]func(*http.Request){
		"query": func(r *http.Request) { r.URL.RawQuery = "limit=4" },
		"added": func(r *http.Request) { r.URL.RawQuery += "&a=b" },
		"signature": func(r *http.Request) {
			value := r.Header.Get("Authorization")
			at := strings.Index(value, `oauth_signature="`) + len(`oauth_signature="`)
			r.Header.Set("Authorization", value[:at]+swap(value[at])+value[at+1:])
		},
		"two headers": func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") },
		"another key": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), g.Client.ID, g.Other.ID, 1))
		},
	} {
		request := g.sign(t, c, "GET", "/oauth/sessions?limit=3")
		change(request)
		if answer := send(t, request); answer.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401: %s", name, answer.status, answer.body)
		}
	}
	thief := c
	thief.client = g.Other
	send(t, g.sign(t, thief, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
	send(t, g.sign(t, guessed(c), "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
}

// guessed are credentials with a wrong secret.
func guessed(c credentials) credentials {
	c.secret += "x"
	return c
}

func signatureMethods(t *testing.T, g Target) {
	c := xauthTokens(t, g)
	for _, method := range []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512} {
		c.method = method
		send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusOK)
	}
	c.method = oauth.Plaintext // not allowed to this client
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
}

// formBodies cannot be verified where no body is seen.
func formBodies(t *testing.T, g Target) {
	c := xauthTokens(t, g)
	answer := send(t, g.sign(t, c, "DELETE", "/oauth/sessions/junk", "a", "b")).want(t, http.StatusForbidden)
	if !strings.Contains(answer.body, "form-encoded body") {
		t.Errorf("the answer does not say why: %s", answer.body)
	}
}

func revokeSigned(t *testing.T, g Target) {
	c := xauthTokens(t, g)
	request := g.sign(t, c, "POST", "/oauth/revoke")
	send(t, request).want(t, http.StatusOK)
	send(t, repeat(t, request)).wantProblem(t, http.StatusUnauthorized, oauth.TokenRevoked)
	send(t, g.sign(t, c, "GET", "/oauth/session")).want(t, http.StatusUnauthorized)
	send(t, g.sign(t, credentials{client: g.Client, token: "gth1_junk"}, "POST", "/oauth/revoke")).
		wantProblem(t, http.StatusUnauthorized, oauth.TokenRejected)
}

func badXAuth(t *testing.T, g Target) {
	own := credentials{client: g.Client}
	good := []string{"x_auth_mode", "client_auth", "x_auth_username", g.User, "x_auth_password", g.Password}
	for _, bad := range []struct {
		name    string
		c       credentials
		pairs   []string
		status  int
		problem string
	}{
		{"no mode", own, good[2:], 400, oauth.ParameterAbsent},
		{"wrong mode", own, append([]string{"x_auth_mode", "reverse"}, good[2:]...), 400, oauth.ParameterRejected},
		{"no user", own, append(good[:2:2], good[4:]...), 400, oauth.ParameterAbsent},
		{"no password", own, good[:4], 400, oauth.ParameterAbsent},
		{"twice", own, append(good, "x_auth_username", "bob"), 400, oauth.ParameterRejected},
		{"wrong password", own, append(good[:4:4], "x_auth_password", "wrong"), 401, oauth.PermissionDenied},
		{"wrong secret", credentials{client: Client{g.Client.ID, "wrong"}}, good, 401, oauth.SignatureInvalid},
		{"unknown key", credentials{client: Client{"nobody", "x"}}, good, 401, oauth.ConsumerKeyUnknown},
		{"oversized", own, append(good, "a", strings.Repeat("a", 65<<10)), 400, oauth.ParameterRejected},
		{"long name", own, append(append(good[:2:2], "x_auth_username", strings.Repeat("a", 300)), good[4:]...), 400, oauth.ParameterRejected},
		{"verifier without token", own, []string{"oauth_verifier", "v"}, 400, oauth.ParameterAbsent},
	} {
		t.Run(bad.name, func(t *testing.T) {
			send(t, g.sign(t, bad.c, "POST", "/oauth/access_token", bad.pairs...)).wantProblem(t, bad.status, bad.problem)
		})
	}
	inQuery := "/oauth/access_token?" + encode(good)
	send(t, g.sign(t, own, "POST", inQuery)).wantProblem(t, 400, oauth.ParameterRejected)
	unsigned := g.post(t, "/oauth/access_token", good...).wantProblem(t, 400, oauth.ParameterAbsent)
	const all = "oauth_consumer_key&oauth_signature_method&oauth_signature&oauth_timestamp&oauth_nonce"
	if absent := unsigned.form(t).Get("oauth_parameters_absent"); absent != all {
		t.Errorf("oauth_parameters_absent is %q", absent)
	}
}

func badCredentials(t *testing.T, g Target) {
	token := text(t, signIn(t, g), "access_token")
	for name, authorization := range map[string]string{
		"none":          "",
		"empty bearer":  "Bearer ",
		"junk":          "Bearer junk",
		"no scheme":     token,
		"basic":         "Basic " + token,
		"cut":           "Bearer " + token[:len(token)-1],
		"longer":        "Bearer " + token + "A",
		"changed":       "Bearer " + token[:20] + swap(token[20]) + token[21:],
		"last changed":  "Bearer " + token[:len(token)-1] + swap(token[len(token)-1]),
		"other kind":    "Bearer " + strings.Replace(token, "gtha_", "gth1_", 1),
		"long":          "Bearer " + strings.Repeat("A", 8200),
		"broken OAuth":  "OAuth oauth_consumer_key=",
		"OAuth nothing": "OAuth",
	} {
		request := newRequest(t, "GET", g.URL+"/oauth/session", "")
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		answer := send(t, request)
		if answer.status != http.StatusUnauthorized {
			t.Errorf("%s: status %d, want 401: %s", name, answer.status, answer.body)
		}
		if challenge := answer.header.Get("WWW-Authenticate"); !strings.Contains(challenge, "Bearer") || !strings.Contains(challenge, "OAuth") {
			t.Errorf("%s: challenge %q, want both schemes", name, challenge)
		}
	}
	send(t, newRequest(t, "GET", g.URL+"/oauth/session?access_token="+token, "")).want(t, http.StatusUnauthorized)
}

func swap(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}
