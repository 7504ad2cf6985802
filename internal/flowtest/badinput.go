package flowtest

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// badForm is a body that the token endpoint refuses.
type badForm struct {
	name        string
	contentType string
	body        string
	status      int
	code        string
	names       string // what the description must name
}

// badInput is refused at the token endpoint, by its body or by what is beside it.
func badInput(t *testing.T, g Target) {
	for _, bad := range badForms(g) {
		t.Run(bad.name, func(t *testing.T) {
			request := newRequest(t, "POST", g.URL+"/oauth/token", bad.body, "Content-Type", bad.contentType)
			answer := send(t, request).wantError(t, bad.status, bad.code)
			if description := fmt.Sprint(answer.json(t)["error_description"]); !strings.Contains(description, bad.names) {
				t.Errorf("the description does not name %q: %q", bad.names, description)
			}
		})
	}
	good := encode(passwordForm(g))
	query := newRequest(t, "POST", g.URL+"/oauth/token?password=x", good, "Content-Type", form)
	send(t, query).wantError(t, 400, oauth.InvalidRequest)
	long := newRequest(t, "POST", g.URL+"/oauth/token", good, "Content-Type", form, "Authorization", "Basic "+strings.Repeat("A", 9000))
	send(t, long).wantError(t, 400, oauth.InvalidRequest)
	two := newRequest(t, "POST", g.URL+"/oauth/token", good, "Content-Type", form)
	two.SetBasicAuth(g.Client.ID, g.Client.Secret)
	send(t, two).wantError(t, 400, oauth.InvalidRequest)
}

func badForms(g Target) []badForm {
	own := []string{"client_id", g.Client.ID, "client_secret", g.Client.Secret}
	good := passwordForm(g)
	return []badForm{
		{"empty", form, "", 401, oauth.InvalidClient, "client_id"},
		{"no grant", form, encode(own), 400, oauth.InvalidRequest, "grant_type"},
		{"unknown grant", form, encode(append(own, "grant_type", "magic")), 400, oauth.UnsupportedGrantType, "grant_type"},
		{"no code", form, encode(append(own, "grant_type", "authorization_code")), 400, oauth.InvalidRequest, "code"},
		{"exchange without a signature", form, encode(append(own, "grant_type", exchangeGrant)), 400, oauth.InvalidRequest, "sign"},
		{"no username", form, encode(append(own, "grant_type", "password", "password", "x")), 400, oauth.InvalidRequest, "username"},
		{"empty password", form, encode(append(own, "grant_type", "password", "username", "x", "password", "")), 400, oauth.InvalidRequest, "password"},
		{"repeated", form, encode(append(good, "username", "bob")), 400, oauth.InvalidRequest, "username"},
		{"broken escape", form, encode(own) + "&grant_type=password&username=%zz", 400, oauth.InvalidRequest, "username"},
		{"not UTF-8", form, encode(own) + "&grant_type=password&username=%ff%fe", 400, oauth.InvalidRequest, "username"},
		{"bad scope", form, encode(append(good, "scope", "admin")), 400, oauth.InvalidScope, "scope"},
		{"malformed scope", form, encode(append(good, "scope", "read  write")), 400, oauth.InvalidScope, "scope"},
		{"oversized", form, encode(append(good, "a", strings.Repeat("a", 65<<10))), 400, oauth.InvalidRequest, "65536"},
		{"long password", form, encode(append(own, "grant_type", "password", "username", "x", "password", strings.Repeat("p", 1025))), 400, oauth.InvalidRequest, "password"},
		{"many parameters", form, strings.Repeat("a=1&", 2000), 400, oauth.InvalidRequest, "1000"},
		{"JSON", "application/json", `{"grant_type":"password"}`, 400, oauth.InvalidRequest, "Content-Type"},
		{"no type", "", encode(good), 400, oauth.InvalidRequest, "Content-Type"},
		{"wrong secret", form, encode([]string{"grant_type", "password", "client_id", g.Client.ID, "client_secret", "x"}), 401, oauth.InvalidClient, "client"},
		{"unknown client", form, encode([]string{"grant_type", "password", "client_id", "nobody", "client_secret", "x"}), 401, oauth.InvalidClient, "client"},
		{"no refresh token", form, encode(append(own, "grant_type", "refresh_token")), 400, oauth.InvalidRequest, "refresh_token"},
		{"junk refresh token", form, encode(append(own, "grant_type", "refresh_token", "refresh_token", "junk")), 400, oauth.InvalidGrant, "refresh token"},
	}
}
