package oauth

import (
	"net/http"
	"testing"
)

func TestMediaType(t *testing.T) {
	for value, want := range map[string]bool{
		"application/x-www-form-urlencoded":                 true,
		"application/x-www-form-urlencoded; charset=UTF-8":  true,
		" Application/X-WWW-Form-URLEncoded ;charset=utf-8": true,
		"":                                   false,
		"application/json":                   false,
		"application/x-www-form-urlencoded2": false,
		"text/plain; a=application/x-www-form-urlencoded":         false,
		"application/x-www-form-urlencoded, application/json":     false,
		"multipart/form-data; boundary=application/x-www-form-ur": false,
	} {
		r := &Request{Header: http.Header{"Content-Type": {value}}}
		if got := r.IsForm(); got != want {
			t.Errorf("%q is a form: %v, want %v", value, got, want)
		}
	}
}

func TestBodyHidden(t *testing.T) {
	for _, test := range []struct {
		method, length string
		seen, want     bool
	}{
		{"POST", "", false, true},
		{"POST", "5", false, true},
		{"POST", "00", false, true},
		{"POST", "0", false, false},
		{"DELETE", "", false, true},
		{"get", "", false, true},
		{"GET", "5", false, true},
		{"HEAD", "5", false, true},
		{"GET", "", false, false},
		{"HEAD", "", false, false},
		{"POST", "5", true, false},
	} {
		r := &Request{Method: test.method, BodySeen: test.seen, Header: http.Header{}}
		if test.length != "" {
			r.Header.Set("Content-Length", test.length)
		}
		if got := r.BodyHidden(); got != test.want {
			t.Errorf("%+v: hidden %v", test, got)
		}
	}
}

func TestAuthorization(t *testing.T) {
	for value, want := range map[string][2]string{
		"":                {"", ""},
		"Bearer":          {"Bearer", ""},
		"Bearer x":        {"Bearer", "x"},
		"  Bearer   x  ":  {"Bearer", "x"},
		"Bearer x y":      {"Bearer", "x y"},
		"Bearer\tx":       {"Bearer\tx", ""},
		"OAuth a=\"b c\"": {"OAuth", "a=\"b c\""},
	} {
		r := &Request{Header: http.Header{"Authorization": {value}}}
		if scheme, rest := r.Authorization(); scheme != want[0] || rest != want[1] {
			t.Errorf("%q splits into %q and %q, want %q", value, scheme, rest, want)
		}
	}
	if scheme, rest := (&Request{}).Authorization(); scheme != "" || rest != "" {
		t.Errorf("no header splits into %q and %q", scheme, rest)
	}
}

// RFC 8414 §2: an issuer has no slash at the end, however a path was sent.
func TestIssuer(t *testing.T) {
	for path, want := range map[string]string{
		"/api/x":       "https://api.example.com",
		"//api/x":      "https://api.example.com",
		"/prod/api/x":  "https://api.example.com/prod",
		"/prod//api/x": "https://api.example.com/prod",
	} {
		r := &Request{Scheme: "https", Host: "api.example.com", Path: path, Route: "/api/x"}
		if got := r.Issuer(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
