package oauth1

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestAnswer(t *testing.T) {
	params := oauth.Params{{Name: "oauth_token", Value: "a&b=c"}, {Name: "oauth_token_secret", Value: "é +"}, {Name: "x_auth_expires", Value: "0"}}
	got := Answer(params)
	if body := "oauth_token=a%26b%3Dc&oauth_token_secret=%C3%A9%20%2B&x_auth_expires=0"; got.Status != http.StatusOK || string(got.Body) != body {
		t.Errorf("%d %s, want 200 %s", got.Status, got.Body, body)
	}
	wantHeader(t, got, "Content-Type", "application/x-www-form-urlencoded")
	wantHeader(t, got, "Cache-Control", "no-store")
	wantHeader(t, got, "Pragma", "no-cache")
	wantHeader(t, got, "X-Content-Type-Options", "nosniff")
	wantHeader(t, got, "WWW-Authenticate", "")
}

func wantHeader(t *testing.T, r oauth.Response, name, want string) {
	t.Helper()
	if got := r.Header.Get(name); got != want {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
}

func TestRefuse(t *testing.T) {
	tests := []struct {
		name      string
		refusal   *oauth.Error
		body      string
		challenge string
		retry     string
	}{
		{"malformed", Absent("oauth_nonce", "oauth_token"),
			"oauth_problem=parameter_absent&oauth_problem_advice=oauth_nonce%2C%20oauth_token%20missing%20or%20empty&oauth_parameters_absent=oauth_nonce%26oauth_token", "", ""},
		{"refused", oauth.Unauthorized(oauth.NonceUsed, "used before"),
			"oauth_problem=nonce_used&oauth_problem_advice=used%20before",
			`OAuth realm="Example", oauth_problem="nonce_used", oauth_problem_advice="used%20before"`, ""},
		{"no description", oauth.Unauthorized(oauth.TokenExpired, ""),
			"oauth_problem=token_expired", `OAuth realm="Example", oauth_problem="token_expired"`, ""},
		{"forbidden", oauth.Forbidden(oauth.PermissionDenied, ""), "oauth_problem=permission_denied", "", ""},
		{"part of a second", &oauth.Error{Status: 429, Code: "x", RetryAfter: time.Millisecond}, "oauth_problem=x", "", "1"},
		{"whole seconds", &oauth.Error{Status: 503, Code: "x", RetryAfter: time.Minute}, "oauth_problem=x", "", "60"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Refuse("Example", test.refusal)
			if got.Status != test.refusal.Status || string(got.Body) != test.body || got.Refusal != test.refusal {
				t.Errorf("%d %s, want %s", got.Status, got.Body, test.body)
			}
			wantHeader(t, got, "Content-Type", "application/x-www-form-urlencoded")
			wantHeader(t, got, "Cache-Control", "no-store")
			wantHeader(t, got, "WWW-Authenticate", test.challenge)
			wantHeader(t, got, "Retry-After", test.retry)
		})
	}
}

// Whatever a caller or a setting puts into a refusal, the challenge stays one
// header with one parameter for each.
func TestRefuseCannotBeInjected(t *testing.T) {
	for _, evil := range []string{"\r\nSet-Cookie: a=b", `", oauth_problem="x`, `\`, `\"`, "\x00", "\x7f", "\u2028", "\xff", `%0d%0a`, "a, Basic realm=x"} {
		refusal := oauth.Unauthorized(evil, evil)
		refusal.Details = oauth.Params{{Name: evil, Value: evil}}
		got := Refuse(evil, refusal)
		for name, values := range got.Header {
			if len(values) != 1 || strings.ContainsFunc(values[0], func(c rune) bool { return c < ' ' || c > '~' }) {
				t.Errorf("%q: header %s: %q", evil, name, values)
			}
		}
		challenge := strings.TrimPrefix(got.Header.Get("WWW-Authenticate"), "OAuth ")
		if count := strings.Count(challenge, `"`); count != 8 {
			t.Errorf("%q: %d quotes in %s", evil, count, challenge)
		}
		if strings.ContainsAny(string(got.Body), "\r\n\"\\ ") || strings.Count(string(got.Body), "&") != 2 {
			t.Errorf("%q: body %q", evil, got.Body)
		}
	}
}

func TestEncodeFormRoundTrip(t *testing.T) {
	for _, want := range []oauth.Params{nil, {{}}, {{}, {}}, {{Name: "a"}, {Value: "b"}, {Name: "a"}},
		{{Name: "a&b=c", Value: "1+1 %41;\x00\r\nß"}}} {
		got, err := oauth.ParseForm(EncodeForm(want))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
}
