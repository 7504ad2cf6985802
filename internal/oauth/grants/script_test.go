package grants

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func (h *house) fetchScript(query oauth.Params, ifNoneMatch ...string) oauth.Response {
	h.t.Helper()
	response, err := h.Serve(h.t.Context(), &oauth.Request{Method: http.MethodGet, Route: "/oauth/client.js", Query: query,
		Header: http.Header{"If-None-Match": ifNoneMatch}})
	if err != nil {
		h.t.Fatal(err)
	}
	return response
}

var module = oauth.Params{{Name: "module"}}

func TestScript(t *testing.T) {
	h := newHouse(t)
	plain, asModule := h.fetchScript(nil), h.fetchScript(module)
	for _, response := range []oauth.Response{plain, asModule} {
		if response.Status != http.StatusOK {
			t.Errorf("status %d", response.Status)
		}
		for name, want := range map[string]string{"Content-Type": "text/javascript; charset=utf-8",
			"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "cross-origin"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
	if rest, ok := strings.CutPrefix(string(asModule.Body), string(plain.Body)); !ok || rest != moduleLine {
		t.Errorf("the module is not the script and a line, but ends with %q", rest)
	}
	if strings.Contains(string(plain.Body), "import.meta") {
		t.Error("import.meta is an error in a plain script")
	}
}

func TestScriptIsNotSentAgain(t *testing.T) {
	h := newHouse(t)
	first := h.fetchScript(nil)
	tag := first.Header.Get("Etag")
	if tag == "" || tag == h.fetchScript(module).Header.Get("Etag") {
		t.Fatalf("the tags are %q for both", tag)
	}
	for _, asked := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		again := h.fetchScript(nil, asked)
		if again.Status != http.StatusNotModified || len(again.Body) > 0 || again.Header.Get("Etag") != tag ||
			again.Header.Get("Cache-Control") != first.Header.Get("Cache-Control") {
			t.Errorf("If-None-Match: %s: %d %v", asked, again.Status, again.Header)
		}
	}
	for _, asked := range []string{"", `"other"`, strings.Trim(tag, `"`)} {
		if again := h.fetchScript(nil, asked); again.Status != http.StatusOK || len(again.Body) == 0 {
			t.Errorf("If-None-Match: %s: %d", asked, again.Status)
		}
	}
}

func TestScriptIsOnlyRead(t *testing.T) {
	h := newHouse(t)
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodDelete} {
		response := h.wantRefused(method, &oauth.Request{Method: method, Route: "/oauth/client.js"},
			http.StatusMethodNotAllowed, oauth.InvalidRequest)
		if allow := response.Header.Get("Allow"); allow != http.MethodGet {
			t.Errorf("%s: Allow is %q", method, allow)
		}
	}
}
