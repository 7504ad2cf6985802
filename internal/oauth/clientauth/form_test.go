package clientauth

import (
	"encoding/base64"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func TestFormAccepts(t *testing.T) {
	a, _ := newAuthenticator(t)
	mobile := secretOf(t, a, "mobile")
	lower := strings.Replace(basicHeader("mobile", mobile), "Basic", "bAsIc", 1)
	for _, test := range []struct {
		name   string
		r      *oauth.Request
		form   oauth.Params
		client string
	}{
		{"Basic", request(basicHeader("mobile", mobile)), nil, "mobile"},
		{"Basic in another case", request(lower), nil, "mobile"},
		{"Basic with the id in the form too", request(basicHeader("mobile", mobile)), params("client_id", "mobile"), "mobile"},
		{"Basic with an empty secret in the form", request(basicHeader("mobile", mobile)), params("client_secret", ""), "mobile"},
		{"Basic with encoded characters", request(basicHeader(hardID, hardSecret)), nil, hardID},
		{"form", request(), params("client_id", "mobile", "client_secret", mobile), "mobile"},
		{"form with hard characters", request(), params("client_id", hardID, "client_secret", hardSecret), hardID},
		{"public by form", request(), params("client_id", "web"), "web"},
		{"public by Basic", request(basicHeader("web", "")), nil, "web"},
	} {
		client, refusal, err := a.Form(t.Context(), test.r, test.form, instant)
		if err != nil || refusal != nil || client.ID != test.client {
			t.Errorf("%s: %q, %+v, %v, want %q", test.name, client.ID, refusal, err, test.client)
		}
	}
}

// What an attacker learns is the same for every client that is not let in.
func TestFormRefusesAlike(t *testing.T) {
	a, _ := newAuthenticator(t)
	mobile := secretOf(t, a, "mobile")
	var words *oauth.Error
	for _, test := range []struct{ name, id, secret string }{
		{"wrong secret", "mobile", "wrong"},
		{"secret cut", "mobile", mobile[:len(mobile)-1]},
		{"secret longer", "mobile", mobile + "A"},
		{"no secret", "mobile", ""},
		{"another's secret", "mobile", secretOf(t, a, "other")},
		{"unknown", "nobody", "wrong"},
		{"unknown, no secret", "nobody", ""},
		{"unknown, with what would be derived for it", "nobody", secretOf(t, a, "nobody")},
		{"disabled", "disabled", secretOf(t, a, "disabled")},
		{"public with a secret", "web", secretOf(t, a, "web")},
		{"id in another case", "Mobile", mobile},
		{"id with a NUL", "mobile\x00", mobile},
		{"huge id", strings.Repeat("m", 60000), mobile},
	} {
		client, refusal, err := a.Form(t.Context(), request(), params("client_id", test.id, "client_secret", test.secret), instant)
		if err != nil || refusal == nil || !reflect.DeepEqual(client, oauth.Client{}) {
			t.Errorf("%s: %+v, %+v, %v, want a refusal", test.name, client, refusal, err)
			continue
		}
		if words == nil {
			words = refusal
		}
		if refusal.Status != http.StatusUnauthorized || refusal.Code != oauth.InvalidClient || !reflect.DeepEqual(refusal, words) {
			t.Errorf("%s: %+v, want %+v", test.name, refusal, words)
		}
	}
}

func TestFormMalformed(t *testing.T) {
	a, clients := newAuthenticator(t)
	good := basicHeader("mobile", secretOf(t, a, "mobile"))
	encoded := func(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }
	for _, test := range []struct {
		name   string
		r      *oauth.Request
		form   oauth.Params
		status int
		code   string
	}{
		{"nothing", request(), nil, 401, oauth.InvalidClient},
		{"empty id", request(), params("client_id", "", "client_secret", "x"), 401, oauth.InvalidClient},
		{"empty header", request(""), params("client_id", "web"), 401, oauth.InvalidClient},
		{"another scheme", request("Bearer x"), params("client_id", "web"), 401, oauth.InvalidClient},
		{"both places", request(good), params("client_secret", "x"), 400, oauth.InvalidRequest},
		{"both places, the same", request(good), params("client_id", "mobile", "client_secret", secretOf(t, a, "mobile")), 400, oauth.InvalidRequest},
		{"another id in the form", request(good), params("client_id", "web"), 400, oauth.InvalidRequest},
		{"two headers", request(good, good), nil, 400, oauth.InvalidRequest},
		{"long header", request("Basic " + strings.Repeat("A", oauth.MaxHeader+1)), nil, 400, oauth.InvalidRequest},
		{"no base64", request("Basic !!!"), nil, 401, oauth.InvalidClient},
		{"base64url", request("Basic " + base64.URLEncoding.EncodeToString([]byte("mobile:\xff\xfe\xfd"))), nil, 401, oauth.InvalidClient},
		{"nothing in Basic", request("Basic "), nil, 401, oauth.InvalidClient},
		{"no colon", request(encoded("mobile")), nil, 401, oauth.InvalidClient},
		{"broken escape", request(encoded("mobile:%zz")), nil, 401, oauth.InvalidClient},
		{"broken escape in the id", request(encoded("%:x")), nil, 401, oauth.InvalidClient},
		{"not UTF-8", request(encoded("mobile:\xff")), nil, 401, oauth.InvalidClient},
		{"empty id in Basic", request(encoded(":x")), nil, 401, oauth.InvalidClient},
		{"huge id in the form", request(), params("client_id", strings.Repeat("m", maxID+1)), 401, oauth.InvalidClient},
	} {
		_, refusal, err := a.Form(t.Context(), test.r, test.form, instant)
		if err != nil || refusal == nil || refusal.Status != test.status || refusal.Code != test.code {
			t.Errorf("%s: %+v, %v, want %d %s", test.name, refusal, err, test.status, test.code)
		}
	}
	if clients.asked != 0 {
		t.Errorf("clients were asked for %d times; none of these names one", clients.asked)
	}
}

// A retired key may be one that this process has not read yet.
func TestRetiredKeyIsSaid(t *testing.T) {
	a, _ := newAuthenticator(t)
	_, refusal, err := a.Form(t.Context(), request(), params("client_id", "retired", "client_secret", "x"), instant)
	if err != nil || refusal == nil || refusal.Code != oauth.InvalidClient || !refusal.UnknownKey {
		t.Errorf("Form: %+v, %v, want a refusal for an unknown key", refusal, err)
	}
	_, refusal, err = a.Signed(t.Context(), sign(t, "retired", "", oauth.HMACSHA1), oauth.Secret{}, instant)
	if err != nil || refusal == nil || refusal.Code != oauth.ConsumerKeyUnknown || !refusal.UnknownKey {
		t.Errorf("Signed: %+v, %v, want a refusal for an unknown key", refusal, err)
	}
	// Its secret is empty then, and nobody is let in with that.
	_, refusal, err = a.Form(t.Context(), request(), params("client_id", "retired"), instant)
	if err != nil || refusal == nil {
		t.Errorf("no secret: %+v, %v, want a refusal", refusal, err)
	}
}

func TestFaultsAreNoRefusals(t *testing.T) {
	a, clients := newAuthenticator(t)
	ask := func(id string) {
		t.Helper()
		client, refusal, err := a.Form(t.Context(), request(), params("client_id", id, "client_secret", hardSecret), instant)
		if err == nil || refusal != nil || client.ID != "" {
			t.Errorf("Form of %s: %+v, %+v, %v, want only an error", id, client, refusal, err)
		}
		client, refusal, err = a.Signed(t.Context(), sign(t, id, hardSecret, oauth.HMACSHA1), oauth.Secret{}, instant)
		if err == nil || refusal != nil || client.ID != "" {
			t.Errorf("Signed by %s: %+v, %+v, %v, want only an error", id, client, refusal, err)
		}
		if strings.Contains(err.Error(), hardSecret) {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
	ask("broken")
	clients.err = errBroken
	ask("mobile")
	_, _, err := a.Form(t.Context(), request(), params("client_id", "mobile"), instant)
	if !errors.Is(err, errBroken) {
		t.Errorf("%v does not wrap the store's fault", err)
	}
}
