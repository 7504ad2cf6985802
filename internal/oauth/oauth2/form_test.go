package oauth2

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
)

func TestParseForm(t *testing.T) {
	for _, contentType := range []string{formType, formType + "; charset=UTF-8", strings.ToUpper(formType)} {
		r := post("grant_type=password&username=a+b&empty=")
		r.Header.Set("Content-Type", contentType)
		want := oauth.Params{{Name: "grant_type", Value: "password"}, {Name: "username", Value: "a b"}, {Name: "empty"}}
		if form, refusal := ParseForm(r); refusal != nil || !slices.Equal(form, want) {
			t.Errorf("%s: %q, %+v, want %q", contentType, form, refusal, want)
		}
	}
	for _, r := range []*oauth.Request{post(""), post("a=" + strings.Repeat("x", oauth.MaxBody-2))} {
		if _, refusal := ParseForm(r); refusal != nil {
			t.Errorf("a body of %d bytes: %+v", len(r.Body), refusal)
		}
	}
	withQuery := post("")
	withQuery.Query = oauth.Params{{Name: "tenant", Value: "1"}, {Name: "tenant", Value: "2"}}
	if _, refusal := ParseForm(withQuery); refusal != nil {
		t.Errorf("a query without credentials: %+v", refusal)
	}
}

// What a caller calls a parameter is repeated in the answer and in the log.
func TestParseFormShortensNames(t *testing.T) {
	long := strings.Repeat("n", 30000)
	for _, body := range []string{long + "=1&" + long + "=2", long + "=%", long + "%=1"} {
		_, refusal := ParseForm(post(body))
		wantRefusal(t, "a long name", refusal, http.StatusBadRequest, oauth.InvalidRequest)
		if refusal != nil && (len(refusal.Description) > 150 || !strings.Contains(refusal.Description, "nnn")) {
			t.Errorf("%d bytes that begin with %.60q", len(refusal.Description), refusal.Description)
		}
	}
}

func TestParseFormRefuses(t *testing.T) {
	for _, test := range []struct{ name, body, says string }{
		{"twice", "username=a&password=x&username=b", "username"},
		{"twice the same", "scope=a&scope=a", "scope"},
		{"twice, once empty", "scope=&scope=a", "scope"},
		{"twice by escapes", "scope=a&sc%6Fpe=a", "scope"},
		{"unknown twice", "x=1&x=2", "x"},
		{"broken escape", "username=%zz", "username"},
		{"not UTF-8", "username=%ff", "username"},
		{"too long", "a=" + strings.Repeat("x", oauth.MaxBody), "65536"},
		{"too many", strings.Repeat("a&", oauth.MaxParams+1), "1000"},
	} {
		form, refusal := ParseForm(post(test.body))
		wantRefusal(t, test.name, refusal, http.StatusBadRequest, oauth.InvalidRequest)
		if refusal != nil && (form != nil || !strings.Contains(refusal.Description, test.says)) {
			t.Errorf("%s: %q does not name %s", test.name, refusal.Description, test.says)
		}
	}
	for _, contentType := range []string{"", "application/json", "multipart/form-data", "text/plain", formType + "x"} {
		r := post("a=1")
		r.Header.Set("Content-Type", contentType)
		_, refusal := ParseForm(r)
		wantRefusal(t, contentType, refusal, http.StatusBadRequest, oauth.InvalidRequest)
	}
	for _, method := range []string{"GET", "PUT", "HEAD", "OPTIONS", "post", ""} {
		r := post("a=1")
		r.Method = method
		_, refusal := ParseForm(r)
		wantRefusal(t, method, refusal, http.StatusMethodNotAllowed, oauth.InvalidRequest)
	}
}

// RFC 6749 §2.3.1: a credential in a URL ends up in every log.
func TestParseFormRefusesCredentialsInTheQuery(t *testing.T) {
	for _, name := range []string{"client_secret", "client_assertion", "password", "code", "refresh_token", "access_token", "token"} {
		for _, value := range []string{"secret-value", ""} {
			r := post("grant_type=password")
			r.Query = oauth.Params{{Name: "a"}, {Name: name, Value: value}}
			_, refusal := ParseForm(r)
			wantRefusal(t, name, refusal, http.StatusBadRequest, oauth.InvalidRequest)
			if refusal != nil && (!strings.Contains(refusal.Description, name) || strings.Contains(refusal.Description, "secret-value")) {
				t.Errorf("%s: description %q", name, refusal.Description)
			}
		}
	}
}

func TestAccessToken(t *testing.T) {
	form := func(body string, authorization ...string) *oauth.Request {
		r := post(body)
		r.Header["Authorization"] = authorization
		return r
	}
	unseen, json, getForm := form("access_token=x"), form("access_token=x"), form("access_token=x")
	unseen.BodySeen = false
	json.Header.Set("Content-Type", "application/json")
	getForm.Method = http.MethodGet
	for _, test := range []struct {
		name         string
		r            *oauth.Request
		scheme, want string
	}{
		{"header", get("Bearer x"), Bearer, "x"},
		{"scheme in another case", get("bEARER x"), Bearer, "x"},
		{"spaces", get("  Bearer    x  "), Bearer, "x"},
		{"as long as it may be", get("Bearer " + strings.Repeat("x", oauth.MaxHeader-7)), Bearer, strings.Repeat("x", oauth.MaxHeader-7)},
		{"form", form("a=1&access_token=x"), Bearer, "x"},
		{"of a key", get("DPoP x"), dpop.Scheme, "x"},
		{"of a key, in another case", get("dpop x"), dpop.Scheme, "x"},
		{"of a key, in words alike", get("DPoPs x"), "", ""},
		{"of a key, without a token", get("DPoP"), dpop.Scheme, ""},
		{"header beside another form", form("a=1", "Bearer x"), Bearer, "x"},
		{"header beside a form without value", form("access_token=", "Bearer x"), Bearer, "x"},
		{"nothing", get(), "", ""},
		{"no token", get("Bearer"), Bearer, ""},
		{"no scheme", get("x"), "", ""},
		{"another scheme", get("Basic x"), "", ""},
		{"two schemes in one header", get("Basic y, Bearer x"), "", ""},
		{"another scheme beside a form", form("access_token=x", "Basic y"), "", ""},
		{"form not seen", unseen, "", ""},
		{"not a form", json, "", ""},
		{"form of a GET", getForm, "", ""},
		{"broken form", form("access_token=x&a=%"), "", ""},
	} {
		if scheme, token, refusal := AccessToken(test.r); refusal != nil || scheme != test.scheme || token != test.want {
			t.Errorf("%s: %s %.20q, %+v, want %s %.20q", test.name, scheme, token, refusal, test.scheme, test.want)
		}
	}
}

func TestAccessTokenRefuses(t *testing.T) {
	inQuery, both, twice := get("Bearer x"), post("access_token=x"), post("access_token=x&access_token=x")
	inQuery.Query = oauth.Params{{Name: "access_token", Value: "x"}}
	both.Header.Set("Authorization", "Bearer x")
	bound := post("access_token=x")
	bound.Header.Set("Authorization", "DPoP x")
	empty := get()
	empty.Query = oauth.Params{{Name: "access_token"}}
	for name, r := range map[string]*oauth.Request{
		"in the query":              inQuery,
		"in the query, empty":       empty,
		"in header and form":        both,
		"of a key, and in a form":   bound,
		"two headers, one of a key": get("DPoP x", "Bearer x"),
		"twice in the form":         twice,
		"two headers":               get("Bearer x", "Bearer x"),
		"two headers, one of Basic": get("Basic y", "Bearer x"),
		"too long":                  get("Bearer " + strings.Repeat("x", oauth.MaxHeader-6)),
	} {
		_, token, refusal := AccessToken(r)
		wantRefusal(t, name, refusal, http.StatusBadRequest, oauth.InvalidRequest)
		if token != "" {
			t.Errorf("%s: token %q beside the refusal", name, token)
		}
	}
}

// Whatever the bytes, a form is read or refused in words that may be sent.
func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"", "a=1&a=2", "a=%zz", "\"=%", "grant_type=password&scope=a+b", "%22%5C=1&%22%5C=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, refusal := ParseForm(post(body))
		if refusal == nil {
			if name := form.Repeated(); name != "" {
				t.Fatalf("%q: parameter %q is there twice", body, name)
			}
			return
		}
		if refusal.Status != http.StatusBadRequest || refusal.Description != oauth.Describable(refusal.Description) {
			t.Fatalf("%q: refusal %+v", body, refusal)
		}
	})
}
