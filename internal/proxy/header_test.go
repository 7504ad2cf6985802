package proxy

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func TestHeadersThatGoOn(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	h.serve(h.bearer("GET", "/api/x", "", "X-Tag", "two", "X-Tag", "one", "X-Tag", "two, three", "Accept-Encoding", "br", "User-Agent", "App/1",
		"X-Under_score", "kept", "Range", "bytes=0-1", "If-None-Match", `"a"`, "Origin", "https://app.example.com", "X-Empty", "",
		"X-Amzn-Trace-Id", "Root=1", "X-User-Agent", "grpc-web", "Via", "2.0 edge.example", "Idempotency-Key", "k", "X-Utf8", "Zoë", "D-Popular", "1"))
	got := w.last()
	for name, want := range map[string][]string{
		"X-Tag": {"two", "one", "two, three"}, "Accept-Encoding": {"br"}, "User-Agent": {"App/1"}, "X-Under_score": {"kept"}, "Range": {"bytes=0-1"},
		"If-None-Match": {`"a"`}, "Origin": {"https://app.example.com"}, "X-Empty": {""}, "X-Amzn-Trace-Id": {"Root=1"}, "X-User-Agent": {"grpc-web"},
		"Via": {"2.0 edge.example", "1.1 gatehouse"}, "Idempotency-Key": {"k"}, "X-Utf8": {"Zoë"}, "D-Popular": {"1"},
	} {
		if values := got.values(name); !reflect.DeepEqual(values, want) {
			t.Errorf("%s is %q, want %q", name, values, want)
		}
	}
}

// A transport would add its own where a client sent none.
func TestHeadersThatNobodySent(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	h.serve(h.bearer("GET", "/api/x", ""))
	got := w.last()
	for _, name := range []string{"User-Agent", "Accept-Encoding", "Accept", "Connection", "Content-Length", "Transfer-Encoding"} {
		if values := got.values(name); values != nil {
			t.Errorf("%s is %q", name, values)
		}
	}
}

// RFC 9110 §7.6.1
func TestHopByHopHeadersEnd(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	h.serve(h.bearer("POST", "/api/x", "a", "Connection", "close, X-Named", "Connection", "x-other,Keep-Alive", "X-Named", "1", "X-Other", "2",
		"Keep-Alive", "timeout=5", "Proxy-Authorization", "Basic x", "Proxy-Connection", "keep-alive", "Proxy", "evil", "Te", "trailers", "Trailer", "X-T",
		"Transfer-Encoding", "chunked", "Upgrade", "h2c", "Http2-Settings", "AAM", "Expect", "100-continue", "Host", "evil.example", "X-Kept", "3"))
	got := w.last()
	for _, name := range []string{"Connection", "X-Named", "X-Other", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Proxy", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Expect"} {
		if values := got.values(name); values != nil {
			t.Errorf("%s is %q", name, values)
		}
	}
	if got.value("X-Kept") != "3" || got.value("Host") != strings.TrimPrefix(w.url, "http://") {
		t.Errorf("headers %q", got.header)
	}
}

// A client can't have its own headers taken for the gateway's, nor name the
// gateway's in Connection to have them dropped.
func TestIdentityIsNotTheClientsToSay(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("* /api/open public")
	forged := []string{"Connection", "X-OAuth-User-Id, X-OAuth-Assertion, Forwarded"}
	for _, name := range []string{
		"X-Oauth-User-Id", "X_OAuth_User_Id", "x-oauth_user_id", "X.OAuth.User.Id", "X-Oauth-Admin", "X-OAUTH-ASSERTION", "X-Oauth-", "X~OAuth|User`Id",
		"X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Client-Cert", "X-Forwarded-Prefix", "Forwarded",
		"X-Auth-Request-User", "X-Auth-User", "Sm-User", "SM_USER", "Impersonate-User", "X-Hasura-Role", "X-Role", "X-Client-Dn", "DPoP", "DPOP", "D_PoP", "D.PoP", "D-P-o-P", "DPoP-Nonce", "DPoP_Nonce", "dpopnonce", "Eppn", "Shib-Session-ID", "X-Remote-User", "Remote-User", "REMOTE_USER", "Remote_Addr", "X-Authenticated-Userid", "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Data",
		"X-Ms-Client-Principal", "X-Ms-Client-Principal-Name", "X-Goog-Authenticated-User-Email", "X-Goog-Iap-Jwt-Assertion", "X-Appengine-User-Email",
		"X-Webauth-User", "Tailscale-User-Login", "Cf-Access-Authenticated-User-Email", "Cf-Access-Jwt-Assertion", "X-Pomerium-Claim-Email", "X-Authentik-Username",
		"X-Consumer-Username", "X-Userinfo", "X-User", "X-User-Id", "X_User_Id", "Oidc_claim_sub", "OIDC-Claim-Email", "X-Endpoint-Api-Userinfo", "X-Jwt-Assertion",
		"Ssl-Client-S-Dn", "Ssl_Client_Verify", "X-Ssl-Client-Cert", "Client-Cert", "X-Client-Cert",
		"X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip", "Cloudfront-Viewer-Address", "X-Envoy-External-Address",
		"X-Original-Url", "X-Rewrite-Url", "X-Original-Host", "X-Host", "Proxy_Authorization",
	} {
		forged = append(forged, name, "root")
	}
	h.serve(newRequest("GET", "/api/open", "", forged...))
	for _, line := range w.last().header {
		if strings.Contains(line, "root") || strings.HasPrefix(strings.ToLower(line), "x-oauth-") {
			t.Errorf("anonymous: the backend saw %s", line)
		}
	}
	h.serve(h.bearer("GET", "/api/x", "", forged...))
	got := w.last()
	for _, line := range got.header {
		if strings.Contains(line, "root") {
			t.Errorf("the backend saw %s", line)
		}
	}
	for name, want := range map[string]string{"X-OAuth-Client-Id": "mobile", "X-OAuth-User-Id": "u%201", "X-OAuth-User-Name": "Zo%C3%AB%20100%25",
		"X-OAuth-Scope": "read write", "X-OAuth-Session": "AgAAAAAAAAAAAAAAAAAAAA", "X-OAuth-Protocol": "oauth2"} {
		if value := got.value(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	if len(got.values("X-OAuth-Assertion")) != 1 || len(got.values("Forwarded")) != 1 {
		t.Errorf("headers %q", got.header)
	}
}

// FuzzHeaders: whatever a header is called, no reader of its name takes it for
// one of the gateway's.
func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{"X-OAuth-User-Id", "x_oauth_scope", "Forwarded", "X-Custom", "Transfer-Encoding", "authorization", "Cookie"} {
		f.Add(seed, "value")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		r := newRequest("GET", "/api/x", "")
		r.Header[name] = []string{value}
		if admit(r) != nil {
			return
		}
		for kept := range passedOn(r, false) {
			// As CGI and WSGI make variables of names.
			variable := strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(kept))
			if strings.HasPrefix(variable, "X_OAUTH_") || variable == "AUTHORIZATION" || strings.HasPrefix(variable, "X_FORWARDED_") || variable == "FORWARDED" ||
				variable == "CONTENT_LENGTH" || variable == "DPOP" || variable == "DPOP_NONCE" || variable == "TRANSFER_ENCODING" || variable == "REMOTE_USER" {
				t.Errorf("%q is passed on", kept)
			}
		}
	})
}

// RFC 7239 §4, §6, and the older headers.
func TestWhereARequestCameFrom(t *testing.T) {
	for _, test := range []struct {
		source, scheme, host              string
		forwarded, address, public, proto string
	}{
		{"192.0.2.1", "https", "api.example.com", `for=192.0.2.1;host="api.example.com";proto=https`, "192.0.2.1", "443", "https"},
		{"2001:db8::1", "http", "127.0.0.1:8080", `for="[2001:db8::1]";host="127.0.0.1:8080";proto=http`, "2001:db8::1", "8080", "http"},
		{"", "http", "[::1]", `for=unknown;host="[::1]";proto=http`, "", "80", "http"},
		{"192.0.2.1", "https", "a\";b\r\n", `for=192.0.2.1;host="a;b";proto=https`, "192.0.2.1", "443", "https"},
	} {
		w := newWire(t, fine)
		h := newHouse(t, w.url)
		r := h.bearer("GET", "/api/x", "", "X-Forwarded-For", "203.0.113.9", "Forwarded", "for=203.0.113.9")
		r.Scheme, r.Host = test.scheme, test.host
		r.Source, _ = netip.ParseAddr(test.source)
		h.serve(r)
		got := w.last()
		for name, want := range map[string]string{"Forwarded": test.forwarded, "X-Forwarded-For": test.address, "X-Forwarded-Port": test.public, "X-Forwarded-Proto": test.proto} {
			if value := got.value(name); value != want {
				t.Errorf("%s: %s is %q, want %q", test.host, name, value, want)
			}
		}
	}
}

// The sign-in pages' cookie signs its user in, and is none of the backend's.
func TestCookies(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for sent, want := range map[string]string{
		"a=1; b=2":                        "a=1; b=2",
		"__Host-gatehouse=x":              "",
		"__Host-gatehouse=x; a=1":         "a=1",
		"a=1; __Host-gatehouse=x; b=2;c":  "a=1; b=2;c",
		"gatehouse=x;gatehouse2=y":        "gatehouse2=y",
		"a=1;  gatehouse =x; a=\"g=1;h\"": "a=1; a=\"g=1;h\"",
	} {
		h.serve(h.bearer("GET", "/api/x", "", "Cookie", sent))
		if got := w.last().value("Cookie"); got != want {
			t.Errorf("%s became %q, want %q", sent, got, want)
		}
	}
}

// A client that acts for itself has no user.
func TestNoUser(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	s := sessionBy(oauth.OAuth2)
	s.User, s.UserName, s.Scope, s.AccessScope = "", "", nil, nil
	out, err := h.request(newRequest("GET", "/api/x", ""), &s)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"X-OAuth-User-Id", "X-OAuth-User-Name", "X-OAuth-Scope"} {
		if values := out.Header.Values(name); values != nil {
			t.Errorf("%s is %q", name, values)
		}
	}
	if out.Header.Get("X-OAuth-Client-Id") != "mobile" {
		t.Errorf("headers %v", out.Header)
	}
}
