package dpop

import (
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestURIs(t *testing.T) {
	for _, test := range []struct {
		htu, scheme, host, path string
		same                    bool
	}{
		{"https://api.example.com/prod/x", "https", "api.example.com", "/prod/x", true},
		{"HTTPS://API.Example.com:443/prod/x", "https", "api.example.com", "/prod/x", true},
		{"https://api.example.com:/prod/x", "https", "api.example.com", "/prod/x", true},
		{"https://api.example.com/prod/x?a=b", "https", "api.example.com", "/prod/x", true},
		{"https://api.example.com/prod/x#f?g", "https", "api.example.com", "/prod/x", true},
		{"https://api.example.com/prod/%78", "https", "api.example.com", "/prod/x", true},
		{"https://api.example.com/%c3%bc/%7e", "https", "api.example.com", "/%C3%BC/~", true},
		{"https://api.example.com/ü", "https", "api.example.com", "/%C3%BC", true},
		{"https://api.example.com/a/./b/../x", "https", "api.example.com", "/a/x", true},
		{"https://api.example.com/a/%2e%2E/x", "https", "api.example.com", "/x", true},
		{"https://api.example.com/a/..", "https", "api.example.com", "/", true},
		{"https://api.example.com", "https", "api.example.com", "/", true},
		{"https://api.example.com?x", "https", "api.example.com", "/", true},
		{"http://127.0.0.1:8080/x", "http", "127.0.0.1:8080", "/x", true},
		{"http://localhost:80/x", "http", "localhost", "/x", true},
		{"http://[::1]:8080/x", "http", "[::1]:8080", "/x", true},
		{"https://api.example.com/x%", "https", "api.example.com", "/x%25", true},
		{"https://api.example.com/x%zz", "https", "api.example.com", "/x%25zz", true},

		{"https://api.example.com/x", "https", "api.example.com", "/prod/x", false}, // without the stage
		{"https://api.example.com/prod/X", "https", "api.example.com", "/prod/x", false},
		{"https://api.example.com/prod/x/", "https", "api.example.com", "/prod/x", false},
		{"https://api.example.com/prod//x", "https", "api.example.com", "/prod/x", false},
		{"https://api.example.com/prod%2Fx", "https", "api.example.com", "/prod/x", false},
		{"https://api.example.com/a%2F..%2Fx", "https", "api.example.com", "/x", false},
		{"https://api.example.com/%2578", "https", "api.example.com", "/x", false},
		{"https://api.example.com/%3F", "https", "api.example.com", "/", false},
		{"https://api.example.com/a;b", "https", "api.example.com", "/a%3Bb", false},
		{"http://api.example.com/x", "https", "api.example.com", "/x", false},
		{"https://api.example.com:80/x", "https", "api.example.com", "/x", false},
		{"https://api.example.com:8443/x", "https", "api.example.com", "/x", false},
		{"https://evil.example/x", "https", "api.example.com", "/x", false},
		{"https://api.example.com@evil.example/x", "https", "api.example.com", "/x", false},
		{"https://evil@api.example.com/x", "https", "api.example.com", "/x", false},
		{"https://api.example.com./x", "https", "api.example.com", "/x", false},
		{"https://api.example.com\\x", "https", "api.example.com", "/x", false},
		{"https:/api.example.com/x", "https", "api.example.com", "/x", false},
		{"//api.example.com/x", "https", "api.example.com", "/x", false},
		{"/x", "https", "api.example.com", "/x", false},
		{" https://api.example.com/x", "https", "api.example.com", "/x", false},
		{"https://api.example.com/x ", "https", "api.example.com", "/x", false},
		{"", "https", "api.example.com", "/", false},
		{"", "", "", "", false},
	} {
		r := request(sign(t, jose.ES256, said().with("htu", test.htu), nil))
		r.Scheme, r.Host, r.Path = test.scheme, test.host, test.path
		if test.same {
			wantAccepted(t, test.htu, r)
		} else {
			wantRefused(t, test.htu, r, "htu is not the URL")
		}
	}
}

func TestNormalIsNormal(t *testing.T) {
	for _, uri := range []string{"https://a/%2e%2e/%41%zz%", "x", "://", "a://b/../..//./", "https://h/é?x#y", "HTTP://H:80"} {
		if once := normal(uri); normal(once) != once {
			t.Errorf("%q is %q and then %q", uri, once, normal(once))
		}
	}
}
