package oauth2

import (
	"net/http"
	"testing"

	"gatehouse/internal/oauth"
)

const formType = "application/x-www-form-urlencoded"

// post is a form request to an OAuth 2 endpoint.
func post(body string) *oauth.Request {
	return &oauth.Request{Method: http.MethodPost, BodySeen: true, Body: []byte(body),
		Header: http.Header{"Content-Type": {formType}}}
}

// get is a request to a resource with these Authorization headers.
func get(authorization ...string) *oauth.Request {
	return &oauth.Request{Method: http.MethodGet, Header: http.Header{"Authorization": authorization}}
}

func wantRefusal(t *testing.T, name string, refusal *oauth.Error, status int, code string) {
	t.Helper()
	if refusal == nil || refusal.Status != status || refusal.Code != code {
		t.Errorf("%s: refusal %+v, want %d %s", name, refusal, status, code)
	}
}
