package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// began is a live session of the tests, which ends in an hour.
func began(now time.Time) oauth.Session {
	return oauth.Session{ID: oauth.SessionID{1, 2, 3}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1", UserName: "alice",
		Scope: []string{"read", "write"}, Created: now.Add(-2 * time.Hour), Renewed: now.Add(-time.Hour), Generation: 5,
		AccessScope: []string{"read"}, AccessExpires: now.Add(time.Minute), PreviousExpires: now.Add(-time.Minute), Expires: now.Add(time.Hour)}
}

func signedSession(s *oauth.Session) {
	s.Protocol, s.Generation, s.AccessScope, s.AccessExpires = oauth.OAuth1, 0, nil, time.Time{}
}

func killedBy(reason oauth.Reason, generation uint32) func(*oauth.Session) {
	return func(s *oauth.Session) {
		s.Killed = oauth.Killing{Reason: reason, Generation: generation, At: s.Renewed}
	}
}

func inGrace(s *oauth.Session) {
	s.Renewed, s.PreviousExpires = s.Renewed.Add(time.Hour-10*time.Second), s.AccessExpires
}

// looked is a token that is looked at, and what is to be found.
type looked struct {
	name       string
	kind       seal.Kind
	generation uint32
	session    func(*oauth.Session) // nil: as it began
	client     oauth.Client
	reason     string // empty: live
	shows      string
}

func inspections() []looked {
	enabled := oauth.Client{}
	return []looked{
		{"access token", seal.AccessToken, 5, nil, enabled, "", "scope       read\n"},
		{"refresh token", seal.RefreshToken, 5, nil, enabled, "", "scope       read write\n"},
		{"OAuth 1.0", seal.OAuth1Token, 0, signedSession, enabled, "", "token       OAuth 1.0 token\n"},
		{"in its grace", seal.AccessToken, 4, inGrace, enabled, "", "live        yes\n"},
		{"token killed where a refresh goes on", seal.RefreshToken, 5, killedBy(oauth.ReasonAddress, 5), enabled, "", "killed      tokens up to generation 5"},
		{"expired", seal.AccessToken, 5, func(s *oauth.Session) { s.AccessExpires = s.Renewed }, enabled, whyExpired, "it expired at "},
		{"replaced", seal.AccessToken, 4, nil, enabled, whyReplaced, "a refresh replaced it; the last one was at "},
		{"replaced long ago", seal.AccessToken, 1, inGrace, enabled, whyReplaced, "a refresh replaced it"},
		{"used for a refresh", seal.RefreshToken, 4, nil, enabled, whyReplaced, "it was used for a refresh"},
		{"killed", seal.AccessToken, 5, killedBy(oauth.ReasonAgent, 5), enabled, whyKilled, "shown by another User-Agent (user_agent)"},
		{"killed for the address", seal.AccessToken, 5, killedBy(oauth.ReasonAddress, oauth.AllGenerations), enabled, whyKilled, "(address)"},
		{"killed for the key", seal.AccessToken, 5, killedBy(oauth.ReasonKey, oauth.AllGenerations), enabled, whyKilled, "(dpop_key)"},
		{"killed for a refresh", seal.RefreshToken, 5, killedBy(oauth.ReasonRefreshReuse, oauth.AllGenerations), enabled, whyKilled, "(refresh_reuse)"},
		{"killed for a code", seal.AccessToken, 5, killedBy(oauth.ReasonCodeReuse, oauth.AllGenerations), enabled, whyKilled, "(code_reuse)"},
		{"from a table that was restored", seal.AccessToken, 6, nil, enabled, whyFuture, "restored from a backup"},
		{"of another protocol", seal.OAuth1Token, 5, nil, enabled, whyProtocol, "one of oauth2"},
		{"session over", seal.AccessToken, 5, func(s *oauth.Session) { s.Expires = s.Renewed }, enabled, whySessionExpired, "its session has expired"},
		{"no session", seal.AccessToken, 5, func(s *oauth.Session) { s.ID[0]++ }, enabled, whyGone, "it was revoked"},
		{"no client", seal.AccessToken, 5, func(s *oauth.Session) { s.Client = "nobody" }, enabled, whyNoClient, "its client is not there"},
		{"client disabled", seal.RefreshToken, 5, nil, oauth.Client{Disabled: true}, whyDisabled, "its client is disabled"},
		{"disabled in its grace", seal.AccessToken, 4, inGrace, oauth.Client{Disabled: true}, whyDisabled, "its client is disabled"},
		{"OAuth 1.0 ended", seal.OAuth1Token, 0, signedSession, oauth.Client{Sunset: time.Unix(1e9, 0)}, whySunset, "OAuth 1.0 ended at 2001-09-09 01:46:40 UTC"},
	}
}

func TestTokenInspect(t *testing.T) {
	keys := asKeyring(t, testKeys)
	for _, test := range inspections() {
		t.Run(test.name, func(t *testing.T) {
			store := inDeployment(t)
			session := began(time.Now())
			token := keys.Mint(test.kind, session.ID, test.generation).Reveal()
			if test.session != nil {
				test.session(&session)
			}
			test.client.ID = "mobile"
			if err := errors.Join(store.Create(t.Context(), session.Kept()), store.CreateClient(t.Context(), test.client)); err != nil {
				t.Fatal(err)
			}
			code, out, stderr := run(t, token+"\n", "token", "inspect")
			wantInspected(t, code, stderr, test.reason)
			if !strings.Contains(out, test.shows) || !strings.Contains(out, "session     "+oauth.SessionID{1, 2, 3}.String()+"\n") ||
				!strings.Contains(out, "key         1, current, which made it\n") {
				t.Errorf("%q is not in\n%s", test.shows, out)
			}
			if strings.Contains(out+stderr, token[len(token)-16:]) {
				t.Errorf("the token is shown: %s", out)
			}
			wantInspectedJSON(t, token, test)
		})
	}
}

func wantInspected(t *testing.T, code int, stderr, reason string) {
	t.Helper()
	want, line := exitFine, ""
	if reason != "" {
		want, line = exitRefused, "gatehouse: the token is not live: "+reason+"\n"
	}
	if code != want || stderr != line {
		t.Errorf("exit code %d: %s, want %d: %s", code, stderr, want, line)
	}
}

func wantInspectedJSON(t *testing.T, token string, test looked) {
	t.Helper()
	code, out, stderr := run(t, token, "token", "inspect", "--json")
	wantInspected(t, code, stderr, test.reason)
	var found inspection
	if err := json.Unmarshal([]byte(out), &found); err != nil || found.Reason != test.reason || *found.Live != (test.reason == "") || !found.Made ||
		found.Kind != kindName(test.kind) || *found.Generation != test.generation || (found.Detail == "") != *found.Live {
		t.Errorf("got %s, %v", out, err)
	}
	if gone := test.reason == whyGone || test.reason == whySessionExpired; (found.Found == nil) != gone {
		t.Errorf("the session is %+v", found.Found)
	}
}

// What no key of the keyring made is looked up nowhere, and nothing of it is
// shown.
func TestTokenInspectOfJunk(t *testing.T) {
	keys := asKeyring(t, testKeys)
	good := keys.Mint(seal.AccessToken, oauth.SessionID{1}, 0).Reveal()
	other := asKeyring(t, strings.ReplaceAll(testKeys, `"1"`, `"7"`)).Mint(seal.RefreshToken, oauth.SessionID{1}, 0).Reveal()
	i := &inspector{keys: &keptKeys{keys: keys}, store: nobody{}, now: time.Now()}
	for _, test := range []struct{ token, reason, detail string }{
		{"gthz_", whyMalformed, "those begin with gtha_"},
		{"", whyMalformed, "those begin with gtha_"},
		{good[:40], whyMalformed, "it begins like a token"},
		{good + "A", whyMalformed, "it begins like a token"},
		{other, whyUnknownKey, "the keyring does not have its key"},
		{good[:len(good)-8] + "AAAAAAAA", whyForged, "did not make it"},
		{"gthr_" + good[5:], whyForged, "did not make it"},
	} {
		found, err := i.inspect(t.Context(), test.token)
		if err != nil || found.Reason != test.reason || !strings.Contains(found.Detail, test.detail) || found.Made || *found.Live {
			t.Errorf("%s: %+v, %v", test.token, found, err)
		}
		if len(test.token) > 20 && strings.Contains(found.Detail, test.token[5:]) {
			t.Errorf("the detail shows the token: %s", found.Detail)
		}
	}
}

// A token of an older provider is known to the store alone.
func TestTokenInspectOfAnImportedOne(t *testing.T) {
	const foreign, secret = "Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV", "b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX"
	store := inDeployment(t)
	claim, _ := seal.Imported(foreign)
	session := began(time.Now())
	signedSession(&session)
	session.ID = claim.Session
	sealed, err := asKeyring(t, testKeys).SealTokenSecret(claim.Session, oauth.NewSecret(secret))
	session.SealedSecret = sealed
	err = errors.Join(err, store.Create(t.Context(), session.Kept()), store.CreateClient(t.Context(), oauth.Client{ID: "mobile", Imported: true}))
	if err != nil {
		t.Fatal(err)
	}
	code, out, stderr := run(t, foreign, "token", "inspect")
	if code != exitFine || !strings.Contains(out, "token       imported OAuth 1.0 token\nkey         1, current, which sealed its secret\n") || strings.Contains(out, sealed) {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	code, out, stderr = run(t, foreign+"x", "token", "inspect")
	if code != exitRefused || stderr != "gatehouse: the token is not live: unknown\n" || !strings.Contains(out, "if it was imported from an older provider, it was revoked, or it expired") {
		t.Errorf("another: exit code %d: %s%s", code, out, stderr)
	}
	newVault(t, `{"current":"2",`+key2+`}`)
	code, out, stderr = run(t, foreign, "token", "inspect")
	if code != exitRefused || !strings.Contains(out, "the key that sealed its secret was retired") || !strings.Contains(out, "key         1, missing") {
		t.Errorf("its key is gone: exit code %d: %s%s", code, out, stderr)
	}
}

// nobody is a store that must not be asked.
type nobody struct{ inspected }

// broken is a store that cannot answer.
type broken struct{ inspected }

func (broken) Find(context.Context, oauth.SessionID, time.Time, oauth.Consistency) (oauth.Session, error) {
	return oauth.Session{}, errors.New("on fire")
}

// What cannot be looked up is a fault, and no token that is not live.
func TestTokenInspectWithABrokenStore(t *testing.T) {
	keys := asKeyring(t, testKeys)
	i := &inspector{keys: &keptKeys{keys: keys}, store: broken{}, now: time.Now()}
	for _, kind := range []seal.Kind{seal.AccessToken, seal.RefreshToken, seal.OAuth1Token} {
		if found, err := i.inspect(t.Context(), keys.Mint(kind, oauth.SessionID{1}, 0).Reveal()); err == nil || exitCode(err) != exitFailure {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
	}
}

// With the keyring alone nobody can say whether a token is live.
func TestTokenInspectOffline(t *testing.T) {
	path := keysFileOf(t, someKeys)
	keys := asKeyring(t, someKeys)
	id := oauth.SessionID{9}
	token := keys.Mint(seal.RefreshToken, id, 3).Reveal()
	code, out, stderr := run(t, token, "token", "inspect", "--offline", "--keys", path)
	want := "token       refresh token\nkey         2, current, which made it\nsession     " + id.String() + "\ngeneration  3\n"
	if code != exitFine || out != want || stderr != "" {
		t.Errorf("exit code %d: %s%s, want %s", code, out, stderr, want)
	}
	forged := asKeyring(t, strings.ReplaceAll(testKeys, `"1"`, `"9"`)).Mint(seal.RefreshToken, id, 3).Reveal()
	code, out, stderr = run(t, forged, "token", "inspect", "--offline", "--keys", path)
	if code != exitRefused || !strings.Contains(out, "key         9, which the keyring does not have\n") || !strings.Contains(out, "live        no\n") {
		t.Errorf("of another keyring: exit code %d: %s%s", code, out, stderr)
	}
}

func TestWhereATokenComesFrom(t *testing.T) {
	path := keysFileOf(t, testKeys)
	token := asKeyring(t, testKeys).Mint(seal.AccessToken, oauth.SessionID{9}, 3).Reveal()
	t.Setenv("SOME_TOKEN", " "+token+"\n")
	for _, test := range []struct {
		name, stdin, args string
		code              int
		stderr            string
	}{
		{"standard input", token + "\n", "", exitFine, ""},
		{"a variable", "", "--env SOME_TOKEN", exitFine, ""},
		{"a header", "Authorization: Bearer " + token + "\n", "", exitFine, ""},
		{"an argument", "", token, exitFine, "warning: other users of this machine can read arguments: give the token on standard input, or by --env\n"},
		{"nothing", " \n", "", exitUsage, "gatehouse: which token? give it on standard input, or name its variable with --env\n"},
		{"no variable", "", "--env NO_TOKEN", exitUsage, "gatehouse: --env: variable NO_TOKEN is not set\n"},
		{"both", "", "--env SOME_TOKEN " + token, exitUsage, "gatehouse: there is more than one token: an argument, and --env\n"},
		{"more", "", "a b", exitUsage, "gatehouse: usage: gatehouse token inspect [flags]; see --help\n"},
	} {
		args := append([]string{"token", "inspect", "--offline", "--keys", path}, strings.Fields(test.args)...)
		if code, out, stderr := run(t, test.stdin, args...); code != test.code || stderr != test.stderr || strings.Contains(out, "made it") != (code == exitFine) {
			t.Errorf("%s: exit code %d: %s%s", test.name, code, out, stderr)
		}
	}
}

// The grace is the stack's.
func TestGraceOfADeployment(t *testing.T) {
	p, _, _ := inProcess("")
	p.env = func(string) string { return "7" }
	for want, d := range map[time.Duration]*deployed{7 * time.Second: {program: p}, 90 * time.Second: {program: p, stack: &described{map[string]string{"RefreshGrace": "90"}}},
		30 * time.Second: {program: p, stack: &described{}}} {
		if grace, err := d.grace(); err != nil || grace != want {
			t.Errorf("got %s, %v, want %s", grace, err, want)
		}
	}
	p.env = func(string) string { return "soon" }
	if _, err := (&deployed{program: p}).grace(); err == nil || !strings.Contains(err.Error(), "REFRESH_GRACE") {
		t.Errorf("got %v", err)
	}
}

// A token of a server on this machine, from its issue to its end.
func TestTokenInspectAtAServer(t *testing.T) {
	a := administer(t)
	secret, _, _ := strings.Cut(strings.TrimPrefix(line(a.banner, "client demo"), "client demo, secret "), "\n")
	_, text := a.post("/oauth/token", demoClient, secret, url.Values{"grant_type": {"password"}, "username": {demoUser}, "password": {demoPassword}})
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(text), &tokens); err != nil || tokens.Refresh == "" {
		t.Fatal(text, err)
	}
	a.vars = append(a.vars, "GATEHOUSE_BEARER="+tokens.Access)
	if out := a.must("", "token", "inspect", "--env", "GATEHOUSE_BEARER"); !strings.Contains(out, "live        yes\n") || !strings.Contains(out, "user        alice, id ") {
		t.Errorf("got %s", out)
	}
	refresh := func() {
		t.Helper()
		status, text := a.post("/oauth/token", demoClient, secret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Refresh}})
		if err := json.Unmarshal([]byte(text), &tokens); err != nil || status != http.StatusOK {
			t.Fatal(text, err)
		}
	}
	first := tokens.Access
	refresh()
	a.must(first, "token", "inspect") // which has some seconds yet
	refresh()
	if code, _, stderr := a.try(first, "token", "inspect"); code != exitRefused || !strings.Contains(stderr, whyReplaced) {
		t.Errorf("replaced: exit code %d: %s", code, stderr)
	}
	if status, text := a.post("/oauth/revoke", demoClient, secret, url.Values{"token": {tokens.Refresh}}); status != http.StatusOK {
		t.Errorf("revoked: %d %s", status, text)
	}
	if code, _, stderr := a.try(tokens.Refresh, "token", "inspect"); code != exitRefused || !strings.Contains(stderr, whyGone) {
		t.Errorf("revoked: exit code %d: %s", code, stderr)
	}
}
