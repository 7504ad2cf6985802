package clientauth

import (
	"testing"

	"gatehouse/internal/oauth"
)

// The header is about another client, and neither helps nor harms.
func TestFormAlone(t *testing.T) {
	a, _ := newAuthenticator(t)
	mobile, other := secretOf(t, a, "mobile"), secretOf(t, a, "other")
	for _, test := range []struct {
		name  string
		form  oauth.Params
		right bool
	}{
		{"its secret", params("client_id", "mobile", "client_secret", mobile), true},
		{"public", params("client_id", "web"), true},
		{"no secret", params("client_id", "mobile"), false},
		{"another's secret", params("client_id", "mobile", "client_secret", other), false},
		{"public with a secret", params("client_id", "web", "client_secret", "x"), false},
		{"disabled", params("client_id", "disabled", "client_secret", secretOf(t, a, "disabled")), false},
		{"unknown", params("client_id", "nobody", "client_secret", secretOf(t, a, "nobody")), false},
		{"no id", params("client_secret", mobile), false},
		{"nothing", nil, false},
	} {
		for _, r := range []*oauth.Request{
			request(), request(`OAuth oauth_consumer_key="other"`), request(basicHeader("mobile", mobile)), request("", ""),
		} {
			client, refusal, err := a.FormAlone(t.Context(), r, test.form, instant)
			switch {
			case err != nil:
				t.Errorf("%s: %v", test.name, err)
			case test.right && (refusal != nil || client.ID != test.form.Get("client_id")):
				t.Errorf("%s: %q, %+v, want to be let in", test.name, client.ID, refusal)
			case !test.right && (refusal == nil || refusal.Code != oauth.InvalidClient || client.ID != ""):
				t.Errorf("%s: %q, %+v, want %s", test.name, client.ID, refusal, oauth.InvalidClient)
			}
		}
	}
}
