package sessions

import (
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// Without an authorizer in front nobody is anybody.
func TestNoCaller(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	for _, route := range []string{"/oauth/session", "/oauth/sessions", "/oauth/sessions/" + s.ID.String(), "/oauth/sessions/"} {
		for _, method := range []string{"GET", "DELETE", "POST"} {
			r := by(s, method, route)
			r.Caller = nil
			h.wantRefused(method+" "+route, r, http.StatusUnauthorized, oauth.InvalidToken)
		}
	}
	h.wantLive("afterwards", s, true)
}

func TestWhoAmI(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth1)
	got := decoded[map[string]any](t, h.want("who am I", by(s, "GET", "/oauth/session"), http.StatusOK))
	want := map[string]any{"session": s.ID.String(), "client": "mobile", "user": "alice", "user_name": "alice",
		"scope": "read write", "protocol": "oauth1", "expiry": float64(s.Expires.Unix())}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A client that acts for itself has a session and no user to list those of.
func TestCallerWithoutUser(t *testing.T) {
	h := newHouse(t)
	s, users := h.begin("mobile", "", oauth.OAuth2), h.begin("mobile", "alice", oauth.OAuth2)
	got := decoded[map[string]any](t, h.want("who am I", by(s, "GET", "/oauth/session"), http.StatusOK))
	if _, there := got["user"]; there || got["client"] != "mobile" {
		t.Errorf("got %v", got)
	}
	for _, r := range []*oauth.Request{by(s, "GET", "/oauth/sessions"), by(s, "DELETE", "/oauth/sessions"),
		by(s, "DELETE", "/oauth/sessions/"+s.ID.String()), by(s, "DELETE", "/oauth/sessions/"+users.ID.String())} {
		h.wantRefused(r.Method+" "+r.Route, r, http.StatusForbidden, oauth.PermissionDenied)
	}
	h.wantLive("its own", s, true)
	h.wantLive("a user's", users, true)
}

func TestMethodsAndRoutes(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	for route, allow := range map[string]string{"/oauth/session": "GET", "/oauth/sessions": "GET, DELETE", "/oauth/sessions/x": "DELETE"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "get", ""} {
			if method != "" && strings.Contains(allow, method) {
				continue
			}
			response := h.wantRefused(method+" "+route, by(s, method, route), http.StatusMethodNotAllowed, oauth.InvalidRequest)
			if got := response.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, route, got, allow)
			}
		}
	}
	for _, route := range []string{"", "/oauth", "/oauth/session/", "/oauth/sessionsx", "/oauth/Sessions", "/oauth/revoke/"} {
		h.wantRefused(route, by(s, "GET", route), http.StatusNotFound, oauth.InvalidRequest)
	}
	h.wantRefused("introspection", by(s, "POST", "/oauth/introspect"), http.StatusBadRequest, oauth.InvalidRequest)
	h.wantLive("afterwards", s, true)
}

func TestListPages(t *testing.T) {
	h := newHouse(t)
	for range 45 {
		h.begin("mobile", "alice", oauth.OAuth2)
		h.begin("mobile", "bob", oauth.OAuth2)
	}
	own := h.begin("other", "alice", oauth.OAuth1)
	ended := oauth.Session{ID: oauth.SessionID{9, 9, 9}, User: "alice", Created: instant.Add(-time.Hour), Expires: instant}
	if err := h.store.Create(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	seen, current, before := map[string]bool{}, 0, int64(1<<62)
	for cursor := ""; ; {
		page := decoded[listAnswer](t, h.want("a page", by(own, "GET", "/oauth/sessions", "cursor", cursor), http.StatusOK))
		sizes = append(sizes, len(page.Sessions))
		for _, s := range page.Sessions {
			if s.Created > before || seen[s.ID] {
				t.Errorf("session %s is out of order or there twice", s.ID)
			}
			seen[s.ID], before = true, s.Created
			if s.Current {
				current++
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !reflect.DeepEqual(sizes, []int{20, 20, 6}) || len(seen) != 46 || current != 1 {
		t.Errorf("pages of %v, %d sessions, %d of them this one", sizes, len(seen), current)
	}
}

func TestListedSession(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth1)
	got := decoded[listAnswer](t, h.want("list", by(s, "GET", "/oauth/sessions", "limit", "100"), http.StatusOK))
	want := listed{s.ID.String(), "mobile", "read write", oauth.OAuth1, s.Created.Unix(), s.Renewed.Unix(), s.Expires.Unix(), true, nil}
	if len(got.Sessions) != 1 || got.Sessions[0] != want || got.Next != "" {
		t.Errorf("got %+v, want %+v", got, want)
	}
	h.store.list = func() ([]oauth.Session, string, error) { return nil, "", nil }
	if body := string(h.want("none", by(s, "GET", "/oauth/sessions"), http.StatusOK).Body); body != "{\"sessions\":[]}\n" {
		t.Errorf("an empty list is %s", body)
	}
}

// Another user's cursor is only a place: it shows nobody else's sessions.
func TestCursorOfAnotherUser(t *testing.T) {
	h := newHouse(t)
	var alices, bobs []oauth.Session
	for range 5 {
		alices = append(alices, h.begin("mobile", "alice", oauth.OAuth2))
		bobs = append(bobs, h.begin("mobile", "bob", oauth.OAuth2))
	}
	theirs := decoded[listAnswer](t, h.want("bob's page", by(bobs[0], "GET", "/oauth/sessions", "limit", "2"), http.StatusOK)).Next
	page := decoded[listAnswer](t, h.want("with bob's cursor", by(alices[0], "GET", "/oauth/sessions", "cursor", theirs), http.StatusOK))
	own := map[string]bool{}
	for _, s := range alices {
		own[s.ID.String()] = true
	}
	for _, s := range page.Sessions {
		if !own[s.ID] {
			t.Errorf("session %s is not alice's", s.ID)
		}
	}
	if len(page.Sessions) != 4 { // those that are older than the fourth of bob's
		t.Errorf("%d sessions, want 4", len(page.Sessions))
	}
}

func TestListRefuses(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	for _, query := range [][]string{
		{"limit", ""}, {"limit", "0"}, {"limit", "-1"}, {"limit", "101"}, {"limit", "ten"}, {"limit", "1.5"}, {"limit", "99999999999999999999"},
		{"limit", "1", "limit", "2"}, {"cursor", "junk"}, {"cursor", s.ID.String()}, {"cursor", "", "cursor", ""},
		{"cursor", strings.Repeat("A", 60000)}, {"cursor", oauth.Cursor{}.String() + "\n"},
	} {
		response := h.wantRefused(query[0]+" "+query[1], by(s, "GET", "/oauth/sessions", query...), http.StatusBadRequest, oauth.InvalidRequest)
		if response.Refusal != nil && !strings.Contains(response.Refusal.Description, query[0]) {
			t.Errorf("%v: %q does not name %s", query, response.Refusal.Description, query[0])
		}
	}
	h.store.list = func() ([]oauth.Session, string, error) { return nil, "", errBroken }
	h.wantFault("a broken store", by(s, "GET", "/oauth/sessions"))
}

func TestEndAll(t *testing.T) {
	h := newHouse(t)
	bobs, client := h.begin("mobile", "bob", oauth.OAuth2), h.begin("mobile", "", oauth.OAuth2)
	var alices []oauth.Session
	for range 250 {
		alices = append(alices, h.begin("mobile", "alice", oauth.OAuth2))
	}
	var now, most atomic.Int32
	h.store.revoke = func() error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer now.Add(-1)
		time.Sleep(100 * time.Microsecond)
		return nil
	}
	response := h.want("end all", by(alices[7], "DELETE", "/oauth/sessions"), http.StatusNoContent)
	if len(response.Body) != 0 {
		t.Errorf("204 with a body: %s", response.Body)
	}
	for _, s := range alices {
		h.wantLive("alice's", s, false)
	}
	h.wantLive("bob's", bobs, true)
	h.wantLive("the client's own", client, true)
	if most.Load() > 10 {
		t.Errorf("%d at a time, want at most 10", most.Load())
	}
}

// The session that asks is ended even where the index does not show it yet.
func TestEndAllWithALaggingIndex(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	h.store.list = func() ([]oauth.Session, string, error) { return nil, "", nil }
	h.want("end all", by(s, "DELETE", "/oauth/sessions"), http.StatusNoContent)
	h.wantLive("its own", s, false)
	h.want("once more", by(s, "DELETE", "/oauth/sessions"), http.StatusNoContent)
}

// A session that was listed may end before it is its turn, and something else
// be in its place: that of a code that was used again has no user.
func TestEndAllWithSomethingElseInAPlace(t *testing.T) {
	h := newHouse(t)
	caller, listed, gone := h.begin("mobile", "u1", oauth.OAuth2), h.begin("mobile", "u1", oauth.OAuth2), h.begin("mobile", "", oauth.OAuth2)
	elsewhere := gone
	elsewhere.User = "u1"
	h.store.list = func() ([]oauth.Session, string, error) { return []oauth.Session{elsewhere, listed, caller}, "", nil }
	h.want("end all", by(caller, "DELETE", "/oauth/sessions"), http.StatusNoContent)
	h.wantLive("listed", listed, false)
	h.wantLive("the caller's", caller, false)
	h.wantLive("in the place of one that ended", gone, true)
}

func TestEndingFaults(t *testing.T) {
	h := newHouse(t)
	s := h.begin("mobile", "alice", oauth.OAuth2)
	for range 20 {
		h.begin("mobile", "alice", oauth.OAuth2)
	}
	var calls atomic.Int32
	h.store.revoke = func() error {
		if calls.Add(1) == 5 { // one of many
			return errBroken
		}
		return nil
	}
	h.wantFault("end all", by(s, "DELETE", "/oauth/sessions"))
	h.store.revoke = func() error { return errBroken }
	h.wantFault("end one", by(s, "DELETE", "/oauth/sessions/"+s.ID.String()))
	h.store.list = func() ([]oauth.Session, string, error) { return nil, "", nil }
	h.wantFault("end its own", by(s, "DELETE", "/oauth/sessions"))
	h.store.list = func() ([]oauth.Session, string, error) { return nil, "", errBroken }
	h.wantFault("end all, unlisted", by(s, "DELETE", "/oauth/sessions"))
}

func TestEndOne(t *testing.T) {
	h := newHouse(t)
	s, second := h.begin("mobile", "alice", oauth.OAuth2), h.begin("other", "alice", oauth.OAuth1)
	bobs, clients := h.begin("mobile", "bob", oauth.OAuth2), h.begin("mobile", "", oauth.OAuth2)
	for name, id := range map[string]string{"nothing": "", "junk": "junk", "with a slash": second.ID.String() + "/", "with a line break": second.ID.String() + "\n", "two": second.ID.String() + "/" + s.ID.String(),
		"long": strings.Repeat("A", 60000)} {
		h.wantRefused(name, by(s, "DELETE", "/oauth/sessions/"+id), http.StatusNotFound, oauth.InvalidRequest)
	}
	// Others' sessions are not told apart from those that have ended.
	for name, id := range map[string]string{"bob's": bobs.ID.String(), "a client's": clients.ID.String(), "none": oauth.SessionID{9}.String()} {
		h.want(name, by(s, "DELETE", "/oauth/sessions/"+id), http.StatusNoContent)
	}
	for _, session := range []oauth.Session{s, second, bobs, clients} {
		h.wantLive("afterwards", session, true)
	}
	for range 2 { // ended already is as good
		h.want("another of alice's", by(s, "DELETE", "/oauth/sessions/"+second.ID.String()), http.StatusNoContent)
	}
	h.wantLive("ended", second, false)
	h.want("its own", by(s, "DELETE", "/oauth/sessions/"+s.ID.String()), http.StatusNoContent)
	h.wantLive("its own", s, false)
}
