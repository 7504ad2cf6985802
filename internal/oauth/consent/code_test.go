package consent

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Until client and redirect URI are proven nobody is sent anywhere.
func TestNoRedirectBeforeItIsProven(t *testing.T) {
	h := newHouse(t)
	for _, p := range []*person{h.newPerson(), h.alice()} {
		for _, query := range []string{"", "client_id=", "client_id=nobody", "client_id=disabled", "client_id=WEB", "client_id=web%00", "client_id=" + strings.Repeat("x", 300), "oauth_consumer_key=web"} {
			p.get(query+"&response_type=code&redirect_uri=https%3A%2F%2Fgood.com%2Fcb&state=xyz"+pkce).
				wantPage(http.StatusBadRequest, unknownHeading, oauth.InvalidClient)
		}
		for _, twice := range []string{"&client_id=web", "&client_id=mobile", "&client_id="} {
			p.get(askWeb+twice).wantPage(http.StatusBadRequest, unknownHeading, oauth.InvalidRequest)
		}
	}
}

// wantNoAddress fails the test unless a request with uri gets a page.
func wantNoAddress(p *person, client, uri string) {
	p.t.Helper()
	r := p.get("response_type=code&client_id=" + client + "&state=xyz" + pkce + "&redirect_uri=" + url.QueryEscape(uri))
	r.wantPage(http.StatusBadRequest, addressHeading, oauth.InvalidRequest)
	if strings.Contains(r.body, "evil") {
		p.t.Errorf("%s: the page repeats the address: %s", uri, r.body)
	}
}

func TestNoOpenRedirect(t *testing.T) {
	p := newHouse(t).alice()
	for _, uri := range []string{
		"https://evil.com", "https://evil.com#good.com", "https://evil.com#https://good.com/cb", "https://evil.com/?https://good.com/cb",
		"https://good.com@evil.com/cb", "https://good.com:443@evil.com/cb", "https://good.com\\@evil.com/cb", "https://evil.com\\.good.com/cb",
		"https://good.com.evil.com/cb", "https://evilgood.com/cb", "https://good.com/cb/", "https://good.com/cb/../evil", "https://good.com//cb",
		"https://good.com/CB", "https://GOOD.com/cb", "https://good.com:443/cb", "https://good.com/cb?", "https://good.com/cb?evil=1", "https://good.com/cb#",
		"https://good.com/c%62", " https://good.com/cb", "https://good.com/cb\r\nSet-Cookie: evil=1", "https://good.com/cb\x00", "http://good.com/cb",
		"//good.com/cb", "//evil.com", "/cb", "javascript:alert(1)", "data:text/html,evil", "com.evil.app:/cb", "https:good.com/cb", "https:///good.com/cb",
		"https://m.example.com/cb", "http://127.0.0.1/cb", "oob",
	} {
		wantNoAddress(p, "web", uri)
	}
	for _, uri := range []string{
		"http://127.0.0.1:80@evil.com/cb", "http://127.0.0.1@evil.com/cb", "http://127.0.0.1.evil.com/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:123456/cb",
		"http://127.0.0.1:8a/cb", "http://127.0.0.1:80/cb/x", "http://127.0.0.1:80/cb#evil", "http://127.0.0.1:80/cb?evil", "http://127.0.0.1:80\\@evil.com/cb",
		"http://127.0.0.2/cb", "http://127.1/cb", "http://2130706433/cb", "http://[::1]:9/evil", "http://[::1]@evil.com/cb", "https://127.0.0.1/cb",
		"http://localhost:8000/cb", "com.example.app://cb", "com.example.app:/cb/evil", "",
	} {
		wantNoAddress(p, "native", uri)
	}
	p.get("client_id=web&response_type=code"+pkce+"&redirect_uri=https%3A%2F%2Fgood.com%2Fcb&redirect_uri=https%3A%2F%2Fgood.com%2Fcb").
		wantPage(http.StatusBadRequest, addressHeading, oauth.InvalidRequest)
	p.get("client_id=mobile&response_type=code").wantPage(http.StatusBadRequest, addressHeading, oauth.InvalidRequest)
}

// Errors that the client is told of, with its state and who says so.
func TestErrorsGoToTheClient(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct{ query, code string }{
		{"client_id=web" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=token" + pkce, oauth.UnsupportedResponseType},
		{"client_id=web&response_type=code+token" + pkce, oauth.UnsupportedResponseType},
		{"client_id=web&response_type=Code" + pkce, oauth.UnsupportedResponseType},
		{"client_id=web&response_type=code&response_type=code" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=code&other=1&other=1" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=code" + pkce + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=code&request=eyJ" + pkce, oauth.RequestNotSupported},
		{"client_id=web&response_type=code&request_uri=https%3A%2F%2Fevil.com" + pkce, oauth.RequestURINotSupported},
		{"client_id=web&response_type=code&response_mode=fragment" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=code&response_mode=form_post" + pkce, oauth.InvalidRequest},
		{"client_id=web&response_type=code&scope=admin" + pkce, oauth.InvalidScope},
		{"client_id=web&response_type=code&scope=read+admin" + pkce, oauth.InvalidScope},
		{"client_id=web&response_type=code&scope=read++write" + pkce, oauth.InvalidScope},
		{"client_id=web&response_type=code&scope=%22" + pkce, oauth.InvalidScope},
		{"client_id=bare&response_type=code&scope=read", oauth.InvalidScope},
		{"client_id=idle&response_type=code", oauth.UnauthorizedClient},
	} {
		uri := "https://" + map[string]string{"web": "good.com", "bare": "bare.example.com", "idle": "idle.example.com"}[between(test.query, "client_id=", "&")] + "/cb"
		for _, p := range []*person{h.newPerson(), h.alice()} {
			r := p.get(test.query + "&state=x%26y")
			r.wantBack(uri+"?", url.Values{"error": {test.code}, "error_description": {"*"}, "state": {"x&y"}, "iss": {issuer}})
			if r.Refusal == nil || r.Refusal.Code != test.code || r.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: logged %+v, cookie %q", test.query, r.Refusal, r.Header.Get("Set-Cookie"))
			}
		}
	}
}

// RFC 7636 §4.4.1, and no downgrade of it.
func TestChallenge(t *testing.T) {
	p := newHouse(t).alice()
	const s256 = "&code_challenge_method=S256"
	for _, client := range []string{"web", "bare"} {
		for query, wrong := range map[string]bool{
			"":                             client == "web", // required of public clients
			"&code_challenge=" + challenge: true,            // means plain
			"&code_challenge=" + s256:      true,
			s256:                           true,
			"&code_challenge=" + challenge + "&code_challenge_method=plain":        true,
			"&code_challenge=" + challenge + "&code_challenge_method=s256":         true,
			"&code_challenge=" + challenge[1:] + s256:                              true,
			"&code_challenge=" + challenge + "A" + s256:                            true,
			"&code_challenge=" + challenge[:42] + "%3D" + s256:                     true,
			"&code_challenge=" + challenge[:42] + "N" + s256:                       true, // spare bits
			"&code_challenge=" + challenge[:42] + "%2B" + s256:                     true,
			"&code_challenge=" + challenge[:42] + "%0A" + s256:                     true,
			"&code_challenge=" + challenge + "%0A" + s256:                          true,
			"&code_challenge=" + strings.Repeat("A", 128) + s256:                   true,
			"&code_challenge=" + challenge + s256:                                  false,
			"&code_challenge=" + challenge + s256 + "&response_mode=query&nonce=n": false,
		} {
			r := p.get("response_type=code&client_id=" + client + query)
			if wrong {
				uri := map[string]string{"web": "https://good.com/cb?", "bare": "https://bare.example.com/cb?"}[client]
				r.wantBack(uri, url.Values{"error": {"invalid_request"}, "error_description": {"*"}, "iss": {issuer}})
			} else if r.Status != http.StatusOK {
				t.Errorf("%s %s: %d, %+v", client, query, r.Status, r.Refusal)
			}
		}
	}
}

func TestState(t *testing.T) {
	p := newHouse(t).alice()
	wantError := url.Values{"error": {"invalid_request"}, "error_description": {"*"}, "iss": {issuer}}
	ask := "response_type=code&client_id=web" + pkce
	p.get(ask+"&state="+strings.Repeat("x", 2049)).wantBack("https://good.com/cb?", wantError)
	p.get(ask+"&state="+strings.Repeat("%00", 683)).wantBack("https://good.com/cb?", wantError)
	p.get(ask+"&state=a&state=a").wantBack("https://good.com/cb?", wantError)
	want := url.Values{"code": {"*"}, "iss": {issuer}}
	p.submit(p.get(ask), "allow").wantBack("https://good.com/cb?", want)
	p.submit(p.get(ask+"&state="), "allow").wantBack("https://good.com/cb?", want)
	for _, state := range []string{strings.Repeat("x", 2048), strings.Repeat("\x00", 682), "\r\nLocation: https://evil.com", "&code=evil&iss=evil", "#", "a+b %41", "ü名"} {
		want["state"] = []string{state}
		p.submit(p.get(ask+"&state="+url.QueryEscape(state)), "allow").wantBack("https://good.com/cb?", want)
	}
}

func TestScope(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	for asked, want := range map[string]string{"": "read write", "write": "write", "write+read+write": "write read", "read": "read"} {
		back := p.submit(p.get(askWeb+"&scope="+asked), "allow").wantBack("https://good.com/cb?", url.Values{"code": {"*"}, "state": {"xyz"}, "iss": {issuer}})
		if code, _, err := h.Keys.OpenCode(back.Get("code"), h.now); err != nil || oauth.FormatScope(code.Scope) != want {
			t.Errorf("asked for %q: %q, %v, want %q", asked, code.Scope, err, want)
		}
	}
}

// On a device the port is the app's to choose (RFC 8252 §7.3), and comes back
// with the code.
func TestAddressesOnADevice(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	for _, uri := range []string{"http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://[::1]:51004/cb", "http://localhost:7000/cb", "com.example.app:/cb"} {
		page := p.get("response_type=code&client_id=native" + pkce + "&redirect_uri=" + url.QueryEscape(uri)).want(http.StatusOK)
		back := p.submit(page, "allow").wantBack(uri+"?", url.Values{"code": {"*"}, "iss": {issuer}})
		if code, _, err := h.Keys.OpenCode(back.Get("code"), h.now); err != nil || code.Redirect != uri || !code.Named {
			t.Errorf("%s: the code says %+v, %v", uri, code, err)
		}
	}
}

// A code is sealed: no other of our sealed values passes for one.
func TestCodeIsNoneOfTheOthers(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	_, cookie, _ := strings.Cut(p.cookie, "=")
	for _, sealed := range []string{p.get(askWeb).state(), cookie} {
		if _, _, err := h.Keys.OpenCode("gthc_"+sealed, h.now); err == nil {
			t.Errorf("%s passes for a code", sealed)
		}
		if _, _, err := h.Keys.OpenTemporary("gtht_"+sealed, h.now); err == nil {
			t.Errorf("%s passes for temporary credentials", sealed)
		}
		if _, err := h.Keys.Open(seal.AccessToken, "gtha_"+sealed); err == nil {
			t.Errorf("%s passes for a token", sealed)
		}
	}
}
