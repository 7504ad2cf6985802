package apigateway_test

import (
	"net/netip"
	"reflect"
	"testing"

	"gatehouse/internal/oauth"
)

const apiHost = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"

var caller = &oauth.Caller{Session: sessionID, Client: "mobile", User: "u-alice", UserName: "alice",
	Scope: []string{"read", "write"}, Protocol: oauth.OAuth2}

func callerUntil(expiry int64) *oauth.Caller {
	c := *caller
	c.Expiry = expiry
	return &c
}

// requestTests say what each event becomes. Fields that most have in common
// are filled in by complete; headers have tests of their own.
var requestTests = map[string]oauth.Request{
	"rest-proxy-form": {Method: "POST", Path: "/prod/oauth/access_token", Route: "/oauth/access_token", Template: "/oauth/access_token",
		Body: []byte("x_auth_mode=client_auth&x_auth_username=alice+b%40c"), BodySeen: true},
	"rest-proxy-authorized": {Path: "/prod/oauth/session", Route: "/oauth/session", Template: "/oauth/session",
		Caller: callerUntil(1728999482), BodySeen: true},
	"rest-proxy-encoded-path": {Path: "/prod/api/users/a%2Bb+c@d%2Fe", Route: "/api/users/a%2Bb+c@d%2Fe", Template: "/api/{proxy+}",
		Query: oauth.Params{{Name: "email", Value: "a+b"}, {Name: "empty"}, {Name: "plus", Value: "a b"},
			{Name: "z", Value: "1"}, {Name: "z", Value: "2"}},
		RawQuery: "email=a%2Bb&empty=&plus=a%20b&z=1&z=2", BodySeen: true},
	"rest-proxy-doubled-slash": {Path: "/prod//x", Route: "/x", Template: "/x", BodySeen: true},
	"rest-proxy-custom-domain": {Method: "DELETE", Host: "api.example.com",
		Path:  "/v1/oauth/sessions/AAECAwQFBgcICQoLDA0ODw/",
		Route: "/oauth/sessions/AAECAwQFBgcICQoLDA0ODw/", Template: "/oauth/sessions/{id}", BodySeen: true},
	"rest-proxy-custom-domain-stage": {Host: "api.example.com", Path: "/shop/orders/prod/api/api/7",
		Route: "/api/api/7", Template: "/api/{proxy+}", BodySeen: true},
	"rest-proxy-base64": {Method: "POST", Path: "/prod/api/upload", Route: "/api/upload", Template: "/api/{proxy+}",
		Body: []byte{0, 0xff, 0xfe, 0x80}, BodySeen: true},
	"rest-proxy-single-values": {Path: "/prod/a", Route: "/a", Template: "/{proxy+}", Query: oauth.Params{{Name: "q", Value: "2"}},
		RawQuery: "q=2", BodySeen: true},
	"rest-proxy-sam-local": {Host: "127.0.0.1:3000", Path: "/users/7", Route: "/users/7", Template: "/{proxy+}", BodySeen: true},
	"http-proxy-payload1":  {Path: "/dev/test", Route: "/test", Template: "/test", BodySeen: true},

	"rest-authorizer": {Path: "/prod/api/me", Route: "/api/me", Template: "/api/{proxy+}",
		Query: oauth.Params{{Name: "a", Value: "1"}, {Name: "a", Value: "0"}, {Name: "b", Value: "x y"}}, RawQuery: "a=1&a=0&b=x%20y"},
	"rest-authorizer-empty":              {Path: "/prod", Route: "/", Template: "/"},
	"rest-authorizer-two-authorizations": {Path: "/prod/api/me", Route: "/api/me", Template: "/api/{proxy+}"},
	"rest-authorizer-custom-domain":      {Host: "api.example.com", Path: "/v1/me", Route: "/me", Template: "/me"},

	"http-proxy": {Method: "POST", Path: "/oauth/token", Route: "/oauth/token", Template: "/oauth/token",
		Body: []byte("grant_type=password&a=%FF"), BodySeen: true},
	"http-proxy-stage": {Path: "/prod/api/a%20b/c+d@e", Route: "/api/a%20b/c+d@e", Template: "/api/{proxy+}",
		Query:    oauth.Params{{Name: "a", Value: "1"}, {Name: "a", Value: "0"}, {Name: "b", Value: "x y&z"}, {Name: "c"}},
		RawQuery: "a=1&a=0&b=x+y%26z&c", BodySeen: true},
	"http-proxy-default-route": {Path: "/prod/oauth/session", Route: "/oauth/session", BodySeen: true},
	"http-proxy-mapping": {Host: "api.example.com", Path: "/v1/oauth/session", Route: "/oauth/session", Template: "/oauth/session",
		Caller: callerUntil(0), BodySeen: true},
	"http-authorizer":       {Path: "/api/7", Route: "/api/7", Template: "/api/{id}", Query: oauth.Params{{Name: "x", Value: "+ "}}, RawQuery: "x=%2B+"},
	"http-authorizer-stage": {Path: "/prod/me", Route: "/me"},

	"function-url": {Method: "POST", Host: "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws",
		Path: "/oauth/revoke/a%2Fb", Route: "/oauth/revoke/a%2Fb", Source: netip.MustParseAddr("2001:db8::7"),
		Query:    oauth.Params{{Name: "t", Value: "+"}, {Name: "t", Value: "1"}},
		RawQuery: "t=%2B&t=1", Body: []byte("token=gh_AAAA"), BodySeen: true},
	"function-url-iam": {Host: "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws",
		Path: "/oauth/session", Route: "/oauth/session", BodySeen: true},
}

func complete(want, got oauth.Request) oauth.Request {
	if want.Method == "" {
		want.Method = "GET"
	}
	if want.Host == "" {
		want.Host = apiHost
	}
	if !want.Source.IsValid() {
		want.Source = netip.MustParseAddr("203.0.113.7")
	}
	if want.Body == nil && want.BodySeen {
		want.Body = []byte{}
	}
	want.Scheme, want.ID, want.Header = "https", got.ID, got.Header
	return want
}

func TestRequests(t *testing.T) {
	for name, want := range requestTests {
		t.Run(name, func(t *testing.T) {
			g, _ := newGateway(t, "")
			got := *requestOf(t, g, readEvent(t, name))
			if want := complete(want, got); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if got.ID == "" {
				t.Error("the request has no id")
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	tests := []struct {
		event, name string
		want        []string
	}{
		{"rest-proxy-form", "Content-Type", []string{"application/x-www-form-urlencoded"}},
		{"rest-proxy-single-values", "User-Agent", []string{"ExampleApp/3.2 (iPhone; iOS 18.1)"}},
		{"rest-authorizer-two-authorizations", "Authorization", []string{"Bearer one", "Bearer two"}},
		{"http-authorizer-stage", "Authorization", []string{"Bearer one,Bearer two"}},
		{"http-proxy-stage", "X-Tag", []string{"one,two"}},
		{"http-proxy", "Cookie", []string{"theme=dark; lang=de"}},
		{"http-proxy-stage", "Cookie", nil},
	}
	for _, test := range tests {
		g, _ := newGateway(t, "")
		r := requestOf(t, g, readEvent(t, test.event))
		if got := r.Header.Values(test.name); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %s is %q, want %q", test.event, test.name, got, test.want)
		}
	}
}

// Names that differ in case arrive as two entries of the map; neither may hide.
func TestHeadersThatDifferInCase(t *testing.T) {
	g, _ := newGateway(t, "")
	r := requestOf(t, g, readEvent(t, "rest-authorizer-two-authorizations"))
	got := r.Header.Values("X-Tag")
	if len(got) != 3 || len(r.Header) != 15 {
		t.Errorf("X-Tag is %q of %d headers", got, len(r.Header))
	}
}

func TestBaseURLs(t *testing.T) {
	tests := []struct{ event, base, want string }{
		{"rest-proxy-form", "https://Auth.Example.com:443/", "https auth.example.com /oauth/access_token"},
		{"rest-proxy-form", "https://example.com/v1", "https example.com /v1/oauth/access_token"},
		{"rest-proxy-form", "http://127.0.0.1:8080/prod", "http 127.0.0.1:8080 /prod/oauth/access_token"},
		{"rest-proxy-form", "http://localhost:443", "http localhost:443 /oauth/access_token"},
		{"rest-proxy-doubled-slash", "https://example.com/v1", "https example.com /v1//x"},
		{"rest-proxy-encoded-path", "https://example.com/api", "https example.com /api/api/users/a%2Bb+c@d%2Fe"},
		{"rest-proxy-custom-domain", "https://api.example.com/v1",
			"https api.example.com /v1/oauth/sessions/AAECAwQFBgcICQoLDA0ODw/"},
		{"rest-proxy-custom-domain-stage", "https://example.com/a%20b", "https example.com /a%20b/api/api/7"},
		{"rest-authorizer-empty", "https://example.com/v1", "https example.com /v1/"},
		{"http-proxy-stage", "https://example.com", "https example.com /api/a%20b/c+d@e"},
		{"http-proxy-default-route", "https://example.com/v2", "https example.com /v2/oauth/session"},
		{"http-proxy-mapping", "https://api.example.com/v1", "https api.example.com /v1/oauth/session"},
		{"function-url", "https://example.com/oauth", "https example.com /oauth/revoke/a%2Fb"},
		{"function-url", "https://example.com/oaut", "https example.com /oaut/oauth/revoke/a%2Fb"},
	}
	for _, test := range tests {
		g, _ := newGateway(t, test.base)
		r := requestOf(t, g, readEvent(t, test.event))
		if got := r.Scheme + " " + r.Host + " " + r.Path; got != test.want {
			t.Errorf("%s at %s: got %s, want %s", test.event, test.base, got, test.want)
		}
	}
}

func TestRouteDoesNotDependOnTheBaseURL(t *testing.T) {
	for name, want := range requestTests {
		g, _ := newGateway(t, "https://example.com/base")
		if got := requestOf(t, g, readEvent(t, name)); got.Route != want.Route {
			t.Errorf("%s: route %s, want %s", name, got.Route, want.Route)
		}
	}
}

// What a REST API decoded is written so that every decoder reads it the same.
func TestRawQueryOfHardCharacters(t *testing.T) {
	g, _ := newGateway(t, "")
	event := editEvent(t, "rest-proxy-encoded-path", func(event map[string]any) {
		event["multiValueQueryStringParameters"] = map[string][]string{"a&b=": {"ü~", "%2B", "x\r\n"}, "": {"+ "}}
	})
	r := requestOf(t, g, event)
	if want := "=%2B%20&a%26b%3D=%C3%BC~&a%26b%3D=%252B&a%26b%3D=x%0D%0A"; r.RawQuery != want {
		t.Errorf("got %s, want %s", r.RawQuery, want)
	}
	again, err := oauth.ParseForm(r.RawQuery)
	if err != nil || !reflect.DeepEqual(again, r.Query) {
		t.Errorf("read again it is %v, %v, not %v", again, err, r.Query)
	}
}
