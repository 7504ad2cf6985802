package proxy

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/signing"
)

const both = `Bearer realm="r", OAuth realm="r", DPoP algs="ES256 Ed25519 EdDSA RS256 PS256"`

// Refusals are in the words of the protocol that was tried, and the backend
// hears of none.
func TestRefusals(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("* /api/admin* admin; * /api/open public; POST /api/open admin; DELETE /api/notes* admin")
	token := h.bearerToken()
	forged := token[:len(token)-1] + map[bool]string{true: "B", false: "A"}[strings.HasSuffix(token, "A")]
	tampered := h.signed(signing.InBody, "POST", "/api/x", "a=1")
	tampered.Body = append(tampered.Body, "&b=2"...)
	hashed := h.signed(signing.InQuery, "POST", "/api/x?oauth_body_hash=2jmj7l5rSw0yVb%2FvlWAYkK%2FYBwk%3D", "") // of an empty body
	hashed.Body = []byte("a body")
	for _, test := range []struct {
		name      string
		r         *oauth.Request
		status    int
		says      string
		challenge string
	}{
		{"nothing", newRequest("GET", "/api/x", ""), 401, `"invalid_request"`, both},
		{"another scheme", newRequest("GET", "/api/x", "", "Authorization", "Basic eDp5"), 401, `"invalid_request"`, both},
		{"another scheme on a public path", newRequest("GET", "/api/open", "", "Authorization", "Basic eDp5"), 401, `"invalid_request"`, both},
		{"empty", newRequest("GET", "/api/open", "", "Authorization", ""), 401, `"invalid_request"`, both},
		{"junk bearer", newRequest("GET", "/api/x", "", "Authorization", "Bearer junk"), 401, `"invalid_token"`, `Bearer realm="r", error="invalid_token"`},
		{"junk bearer on a public path", newRequest("GET", "/api/open", "", "Authorization", "Bearer junk"), 401, `"invalid_token"`, `Bearer realm="r", error="invalid_token"`},
		{"forged bearer", newRequest("GET", "/api/x", "", "Authorization", "Bearer "+forged), 401, `"invalid_token"`, `Bearer realm="r", error="invalid_token"`},
		{"junk in a form", newRequest("POST", "/api/x", "access_token=junk", "Content-Type", formType), 401, `"invalid_token"`, `Bearer realm="r", error="invalid_token"`},
		{"bearer in the query", newRequest("GET", "/api/open?access_token="+token, ""), 400, `"invalid_request"`, ""},
		{"bearer twice", h.bearer("POST", "/api/x", "access_token="+token, "Content-Type", formType), 400, "two places", ""},
		{"two headers", h.bearer("GET", "/api/x", "", "Authorization", "Bearer "+token), 400, "more than one", ""},
		{"bearer beside a signature", newRequest("GET", "/api/x?oauth_consumer_key=a", "", "Authorization", "Bearer "+token), 400, "oauth_problem=parameter_rejected", ""},
		{"changed form", tampered, 401, "oauth_problem=signature_invalid", `OAuth realm="r", oauth_problem="signature_invalid"`},
		{"changed body", hashed, 401, "oauth_body_hash%20does%20not%20match", `OAuth realm="r", oauth_problem="signature_invalid"`},
		{"incomplete signature", newRequest("GET", "/api/open?oauth_consumer_key=a", ""), 400, "oauth_problem=parameter_absent", ""},
		{"too little scope", h.bearer("GET", "/api/admin/x", ""), 403, "admin", `Bearer realm="r", error="insufficient_scope"`},
		{"too little scope, signed", h.signed(signing.InHeader, "GET", "/api/admin", ""), 403, "oauth_problem=permission_denied", ""},
		{"scope by method", h.bearer("DELETE", "/api/notes/1", ""), 403, "admin", `Bearer realm="r", error="insufficient_scope"`},
		{"scope by a method in a header", h.bearer("POST", "/api/notes/1", "", "X-HTTP-Method-Override", "delete"), 403, "admin", `Bearer realm="r", error="insufficient_scope"`},
		{"bearer in a signed form", h.signed(signing.InHeader, "POST", "/api/x", "access_token="+token), 400, "one%20way", ""},
		{"public for other methods", newRequest("POST", "/api/open", ""), 401, `"invalid_request"`, both},
		{"public by another spelling", newRequest("GET", "/api/%6Fpen/../x", ""), 400, `"invalid_request"`, ""},
	} {
		response := h.serve(test.r)
		if response.Status != test.status || !strings.Contains(string(response.Body), test.says) || !strings.HasPrefix(response.Header.Get("WWW-Authenticate"), test.challenge) ||
			test.challenge == "" && response.Header.Get("WWW-Authenticate") != "" || response.Refusal == nil {
			t.Errorf("%s: %d %q %s", test.name, response.Status, response.Header.Get("WWW-Authenticate"), response.Body)
		}
	}
	if got := w.requests(); len(got) > 0 {
		t.Errorf("the backend got %q", got)
	}
}

// A method said elsewhere than in the request line needs what it needs there,
// in all the ways in which backends read it.
func TestMethodSaidElsewhere(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("POST /api/notes public; DELETE /api/notes admin")
	multipart := "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n" +
		"Content-Disposition: form-data; name=\"_method\"\r\n\r\nDELETE\r\n--b--\r\n"
	for name, r := range map[string]*oauth.Request{
		"header":                        newRequest("POST", "/api/notes", "", "X-HTTP-Method-Override", "DELETE"),
		"another header":                newRequest("POST", "/api/notes", "", "X-HTTP-Method", "delete "),
		"a third":                       newRequest("POST", "/api/notes", "", "X-Method-Override", "DELETE"),
		"header as CGI has it":          newRequest("POST", "/api/notes", "", "X_HTTP_Method_Override", "DELETE"),
		"query":                         newRequest("POST", "/api/notes?_method=DELETE", ""),
		"form":                          newRequest("POST", "/api/notes", "a=1&_method=delete", "Content-Type", formType),
		"form that is broken":           newRequest("POST", "/api/notes", "a=%zz&%5Fmethod=DELETE", "Content-Type", formType),
		"multipart form":                newRequest("POST", "/api/notes", multipart, "Content-Type", "multipart/form-data; boundary=b"),
		"multipart, part header broken": newRequest("POST", "/api/notes", "--b\r\nbroken\r\n\r\n1\r\n"+multipart, "Content-Type", "multipart/form-data; boundary=b"),
		"multipart, boundary twice":     newRequest("POST", "/api/notes", multipart, "Content-Type", "multipart/form-data; boundary=x; boundary=b"),
		"multipart, name twice":         newRequest("POST", "/api/notes", strings.Replace(multipart, `name="_m`, `name=x; name="_m`, 1), "Content-Type", "multipart/form-data; boundary=b"),
		"multipart, broken off":         newRequest("POST", "/api/notes", "--", "Content-Type", "multipart/form-data; boundary=b"),
		"multipart, no boundary":        newRequest("POST", "/api/notes", "--", "Content-Type", "multipart/form-data"),
		"JSON":                          newRequest("POST", "/api/notes", `{"\u005fmethod":"delete"}`, "Content-Type", "application/json"),
		"form said twice":               newRequest("POST", "/api/notes", "_method=POST&_method=DELETE", "Content-Type", formType),
	} {
		if response := h.serve(r); response.Status != 401 {
			t.Errorf("%s: %d %s", name, response.Status, response.Body)
		}
	}
	if got := w.requests(); len(got) > 0 {
		t.Errorf("the backend got %q", got)
	}
	for name, r := range map[string]*oauth.Request{
		"the same method":  newRequest("POST", "/api/notes?_method=post", ""),
		"a multipart form": newRequest("POST", "/api/notes", strings.Replace(multipart, "DELETE", "POST", 1), "Content-Type", "multipart/form-data; boundary=b"),
		"broken JSON":      newRequest("POST", "/api/notes", `{"_method":"DELETE"`, "Content-Type", "application/json"),
	} {
		if response := h.serve(r); response.Status != 200 {
			t.Errorf("%s: %d %s", name, response.Status, response.Body)
		}
	}
}

// What readers take differently is no method.
func TestMethodSaidTwice(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	for _, value := range []string{"DELETE, GET", `"DELETE"`, "", "DELETE GET"} {
		if response := h.serve(h.bearer("POST", "/api/x", "", "X-HTTP-Method-Override", value)); response.Status != 400 {
			t.Errorf("%q: %d", value, response.Status)
		}
	}
	twice := h.bearer("POST", "/api/x", "", "X-HTTP-Method-Override", "GET", "X-HTTP-Method-Override", "DELETE")
	if response := h.serve(twice); response.Status != 400 || len(w.requests()) > 0 {
		t.Errorf("twice: %d", response.Status)
	}
}

// With a scope that is wide enough, or on a public path, requests pass; on a
// public path a caller who says who they are is known.
func TestRules(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("* /api/open* public; GET /api/notes* read; PUT /api/notes* read write")
	for name, test := range map[string]struct {
		r    *oauth.Request
		user string
	}{
		"anonymous":      {newRequest("GET", "/api/open", ""), ""},
		"anonymous form": {newRequest("POST", "/api/open/login", "user=a&password=b", "Content-Type", formType), ""},
		"known":          {h.bearer("GET", "/api/open", ""), "u%201"},
		"known, signed":  {h.signed(signing.InQuery, "GET", "/api/open", ""), "u%201"},
		"read":           {h.bearer("GET", "/api/notes/1", ""), "u%201"},
		"write":          {h.bearer("PUT", "/api/notes/1", ""), "u%201"},
		"no rule":        {h.bearer("GET", "/api/else", ""), "u%201"},
	} {
		response := h.serve(test.r)
		if got := w.last().value("X-OAuth-User-Id"); response.Status != 200 || got != test.user {
			t.Errorf("%s: %d for %q", name, response.Status, got)
		}
		if known := response.Session != nil; known != (test.user != "") {
			t.Errorf("%s: the log says %v", name, response.Session)
		}
	}
}

// A body that no signature covers by itself is covered by its hash.
func TestBodyHash(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	sum := sha1.Sum([]byte("\x00\xff"))
	r := h.signed(signing.InQuery, "POST", "/api/x?oauth_body_hash="+strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString(sum[:])), "")
	r.Body = []byte("\x00\xff")
	if response := h.serve(r); response.Status != 200 || w.last().line != "POST /api/x HTTP/1.1" || w.last().body != "\x00\xff" {
		t.Errorf("%d %s: %+v", response.Status, response.Body, w.last())
	}
}

// A replayed request reaches the backend once.
func TestReplay(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url)
	r := h.signed(signing.InBody, "POST", "/api/x", "a=1")
	first, second := h.serve(r), h.serve(r)
	if first.Status != 200 || second.Status != 401 || len(w.requests()) != 1 {
		t.Errorf("%d, then %d, and %d requests", first.Status, second.Status, len(w.requests()))
	}
}

// A token of a key that is not there may be good elsewhere: the deployment
// reads its keyring again, which it can before anything was sent on.
func TestUnknownKey(t *testing.T) {
	h := newHouse(t, "http://127.0.0.1:1")
	newer := parseKeys(t, newKeys).Mint(seal.AccessToken, oauth.SessionID{2}, 0).Reveal()
	response := h.serve(newRequest("GET", "/api/x", "", "Authorization", "Bearer "+newer))
	if response.Refusal == nil || !response.Refusal.UnknownKey {
		t.Errorf("%d, refusal %+v", response.Status, response.Refusal)
	}
}

var errBroken = errors.New("the store is broken")

type broken struct{ oauth.Sessions }

func (broken) Find(context.Context, oauth.SessionID, time.Time, oauth.Consistency) (oauth.Session, error) {
	return oauth.Session{}, errBroken
}

// A store that can't answer lets nothing through.
func TestStoreFault(t *testing.T) {
	w := newWire(t, fine)
	h := newHouse(t, w.url).rules("* /api/* public")
	h.Access.Sessions = broken{}
	if response, err := h.Serve(t.Context(), h.bearer("GET", "/api/x", "")); !errors.Is(err, errBroken) || response.Status != 0 {
		t.Errorf("%+v, %v", response, err)
	}
	if got := w.requests(); len(got) > 0 {
		t.Errorf("the backend got %q", got)
	}
}
