package consent

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// Who was disabled, has another password or another account since signing in
// allows nothing any more, and signs in anew.
func TestSignInThatHoldsNoMore(t *testing.T) {
	alice := oauth.User{ID: "id of alice", Name: "alice"}
	for name, change := range map[string]func(*oauth.User){
		"nothing":          func(*oauth.User) {},
		"disabled":         func(u *oauth.User) { u.Disabled = true },
		"another password": func(u *oauth.User) { u.PasswordHash = "$argon2id$another" },
		"another account":  func(u *oauth.User) { u.ID = "a namesake" },
	} {
		for query, answers := range map[string]string{askWeb: "https://good.com/cb?code=", "three legs": "https://m.example.com/cb?a=1&oauth_token="} {
			h := newHouse(t)
			h.Accounts = Here{h.store}
			h.register(alice)
			if query == "three legs" {
				_, query = h.temporary("mobile", "https://m.example.com/cb?a=1")
			}
			p := h.alice()
			page := p.get(query)
			changed := alice
			change(&changed)
			h.register(changed)
			answer := p.submit(page, "allow")
			if name == "nothing" {
				if to := answer.want(http.StatusSeeOther).Header.Get("Location"); !strings.HasPrefix(to, answers) {
					t.Errorf("sent to %s", to)
				}
				continue
			}
			if answer.want(http.StatusForbidden); !strings.Contains(answer.body, `value="sign-in"`) || answer.Header.Get("Location") != "" {
				t.Errorf("%s: %s", name, answer.body)
			}
			if again := p.get(query); !strings.Contains(again.body, `value="sign-in"`) {
				t.Errorf("%s: the browser is signed in still", name)
			}
		}
	}
}

func (h *house) register(user oauth.User) {
	h.t.Helper()
	storetest.PutUser(h.t, h.store, user)
}

// A user who is not there any more allows nothing, and may deny.
func TestUserWhoIsGone(t *testing.T) {
	h := newHouse(t)
	h.Accounts = Here{h.store}
	p := h.alice()
	p.submit(p.get(askWeb), "deny").want(http.StatusSeeOther)
	p.submit(p.get(askWeb), "allow").want(http.StatusForbidden)
}

type noAccounts struct{}

func (noAccounts) User(context.Context, string) (oauth.User, error) { return oauth.User{}, errBroken }

// Where nobody knows whether a sign-in holds, nothing is allowed; nor where
// nobody said who would know.
func TestAccountsFault(t *testing.T) {
	for _, accounts := range []Accounts{Here{noAccounts{}}, nil} {
		testAccountsFault(t, accounts)
	}
}

func testAccountsFault(t *testing.T, accounts Accounts) {
	t.Helper()
	h := newHouse(t)
	h.Accounts = accounts
	p := h.alice()
	page := p.get(askWeb)
	r := &oauth.Request{Method: http.MethodPost, Scheme: "https", Host: "api.example.com", Route: "/oauth/authorize", Path: "/prod/oauth/authorize",
		BodySeen: true, Body: []byte("action=allow&state=" + page.state()),
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {p.cookie}}}
	if response, err := h.Serve(t.Context(), r); err == nil || response.Status != 0 {
		t.Errorf("%+v, %v", response, err)
	}
}
