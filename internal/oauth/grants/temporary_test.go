package grants

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

func (h *house) asking(extra ...string) *oauth.Request {
	h.t.Helper()
	return h.sign("/oauth/request_token", pair{}, append([]string{"oauth_callback", callback}, extra...)...)
}

// temporary are temporary credentials of mobile.
func (h *house) temporary(callback string) pair {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), h.asking("oauth_callback", callback))
	if err != nil || response.Status != http.StatusOK || response.Refusal != nil || response.Session != nil {
		h.t.Fatalf("%+v, %s, %v, want temporary credentials", response, response.Body, err)
	}
	values, err := url.ParseQuery(string(response.Body))
	if err != nil || len(values) != 3 || values.Get("oauth_callback_confirmed") != "true" {
		h.t.Fatalf("answer %s, %v", response.Body, err)
	}
	return pair{values.Get("oauth_token"), values.Get("oauth_token_secret")}
}

func TestTemporaryCredentials(t *testing.T) {
	h := newHouse(t)
	seen := map[string]bool{}
	for _, callback := range []string{callback, "oob", "http://127.0.0.1:52347/cb", "http://127.0.0.1/cb"} {
		given := h.temporary(callback)
		temporary, secret, err := h.Keys.OpenTemporary(given.token, instant.Add(seal.TemporaryLifetime-1e9))
		if err != nil || temporary != (seal.Temporary{Client: "mobile", Callback: callback}) || secret.Reveal() != given.secret {
			t.Errorf("%s: %+v, %v", callback, temporary, err)
		}
		if _, _, err := h.Keys.OpenTemporary(given.token, instant.Add(seal.TemporaryLifetime)); err == nil {
			t.Errorf("%s: lasts longer than %v", callback, seal.TemporaryLifetime)
		}
		seen[given.token], seen[given.secret] = true, true
	}
	if len(seen) != 8 || h.store.spends != 4 || h.store.creates != 0 {
		t.Errorf("%d tokens and secrets, %d spendings, %d sessions", len(seen), h.store.spends, h.store.creates)
	}
}

// What cannot be right spends no nonce. A callback leads nowhere but where the
// client is registered: it takes the verifier there.
func TestTemporaryCredentialsRefuses(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		name   string
		extra  []string
		status int
		code   string
	}{
		{"not allowed", []string{"oauth_consumer_key", "bare"}, 401, oauth.PermissionDenied},
		{"unknown client", []string{"oauth_consumer_key", "nobody"}, 401, oauth.ConsumerKeyUnknown},
		{"public client", []string{"oauth_consumer_key", "page"}, 401, oauth.ConsumerKeyRefused},
		{"disabled client", []string{"oauth_consumer_key", "off"}, 401, oauth.ConsumerKeyUnknown},
		{"late", []string{"oauth_timestamp", fmt.Sprint(instant.Unix() - 301)}, 401, oauth.TimestampRefused},
		{"no callback", []string{"oauth_callback", ""}, 400, oauth.ParameterAbsent},
		{"with a token", []string{"oauth_token", "x"}, 400, oauth.ParameterRejected},
		{"client without redirect URIs", []string{"oauth_consumer_key", "partner"}, 400, oauth.ParameterRejected},
		{"not registered", []string{"oauth_callback", "https://evil.com/cb"}, 400, oauth.ParameterRejected},
		{"fragment", []string{"oauth_callback", callback + "#x"}, 400, oauth.ParameterRejected},
		{"userinfo", []string{"oauth_callback", "https://app.example.com@evil.com/cb?from=test"}, 400, oauth.ParameterRejected},
		{"suffix", []string{"oauth_callback", callback + "&a=b"}, 400, oauth.ParameterRejected},
		{"another host on the loopback port", []string{"oauth_callback", "http://127.0.0.1:1@evil.com/cb"}, 400, oauth.ParameterRejected},
		{"oob and more", []string{"oauth_callback", "oob "}, 400, oauth.ParameterRejected},
		{"oob of another case", []string{"oauth_callback", "OOB"}, 400, oauth.ParameterRejected},
		{"oob with a path", []string{"oauth_callback", "oob/https://evil.com"}, 400, oauth.ParameterRejected},
	} {
		h.wantRefused(test.name, h.asking(test.extra...), test.status, test.code)
	}
	twice := h.asking()
	twice.Body = append(twice.Body, "&oauth_callback=oob"...)
	h.wantRefused("two callbacks", twice, http.StatusBadRequest, oauth.ParameterRejected)
	twice = h.asking()
	twice.Query = oauth.Params{{Name: "oauth_callback", Value: "https://evil.com"}}
	h.wantRefused("a second callback in the query", twice, http.StatusBadRequest, oauth.ParameterRejected)
	changed := h.asking()
	changed.Body = []byte(strings.Replace(string(changed.Body), "from%3Dtest", "from%3Devil", 1))
	h.wantRefused("another callback than was signed", changed, http.StatusUnauthorized, oauth.SignatureInvalid)
	large := h.asking()
	large.Body = append(large.Body, "&a="+strings.Repeat("x", oauth.MaxBody)...)
	h.wantRefused("large", large, http.StatusBadRequest, oauth.ParameterRejected)
	if h.store.spends != 0 {
		t.Errorf("%d nonces were spent, want none", h.store.spends)
	}
}

func TestTemporaryCredentialsReplay(t *testing.T) {
	h := newHouse(t)
	r := h.asking()
	if winners := h.race(slices.Repeat([]*oauth.Request{r}, 30)); winners != 1 {
		t.Errorf("%d of 30 replays passed, want 1", winners)
	}
	h.wantRefused("replay", r, http.StatusUnauthorized, oauth.NonceUsed)
}

func TestTemporaryCredentialsFaults(t *testing.T) {
	for name, breaks := range map[string]func(*house){
		"client": func(h *house) { h.store.client = broken },
		"nonce":  func(h *house) { h.store.spend = broken },
	} {
		h := newHouse(t)
		breaks(h)
		h.wantFault(name, h.asking())
	}
}
