package consent

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	p := h.alice()
	if seen := h.door.seen[0]; seen.Name != "alice" || seen.Password.Reveal() != right || seen.Source != home || seen.Client != "web" || !seen.Now.Equal(instant) {
		t.Errorf("tried as %+v", seen)
	}
	if body := p.get(askWeb).wantPage(http.StatusOK, webHeading, "").body; !strings.Contains(body, "<bdi>alice</bdi>") {
		t.Errorf("alice is not named: %s", body)
	}
}

// wantTryAgain fails the test unless the page lets the user try again, with
// the name that was typed and without the password.
func (r reply) wantTryAgain(status int, code, name, says string) reply {
	r.t.Helper()
	r.wantPage(status, signInHeading, code)
	alert := between(r.body, `<p class="alert" role="alert" id="notice">`, "</p>")
	if !strings.Contains(alert, says) {
		r.t.Errorf("the page says %q, want %q", alert, says)
	}
	fields := between(r.body, "<form", "</form>")
	if !strings.Contains(fields, `name="username" value="`+name+`"`) || strings.Count(fields, `aria-describedby="notice"`) != 2 {
		r.t.Errorf("the form: %s", fields)
	}
	if focused := between(fields, `id="password"`, ">"); strings.Contains(focused, "autofocus") != (name != "") || strings.Count(fields, "autofocus") != 1 {
		r.t.Errorf("the focus is not on the field to fill next: %s", fields)
	}
	if r.Header.Get("Set-Cookie") != "" || r.Act == oauth.ActSignedIn {
		r.t.Errorf("signed in: %+v", r.Response)
	}
	return r
}

func TestWrongPassword(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	page := p.get(askWeb)
	page = p.submit(page, "sign-in", "username", `al"ice`, "password", wrong).
		wantTryAgain(http.StatusForbidden, oauth.PermissionDenied, "al&#34;ice", "wrong")
	p.get(askWeb).wantPage(http.StatusOK, signInHeading, "")
	p.submit(page, "sign-in", "username", "alice", "password", right).want(http.StatusSeeOther)
}

// What cannot be right is not tried, and does not count as a try.
func TestImpossibleSignIns(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	page := p.get(askWeb)
	long := strings.Repeat("x", password.MaxLength+1)
	for _, test := range []struct{ name, password, kept, says string }{
		{"", right, "", "Type your username"},
		{"alice", "", "alice", "Type your username"},
		{"", "", "", "Type your username"},
		{long[:257], right, "", "wrong"},
		{"alice", long, "alice", "wrong"},
	} {
		p.submit(page, "sign-in", "username", test.name, "password", test.password).
			wantTryAgain(http.StatusForbidden, oauth.PermissionDenied, test.kept, test.says)
	}
	p.submit(page, "sign-in").wantTryAgain(http.StatusForbidden, oauth.PermissionDenied, "", "Type your username")
	if len(h.door.seen) != 0 {
		t.Errorf("%d were tried", len(h.door.seen))
	}
	p.submit(page, "sign-in", "username", long[:256], "password", long[1:]).
		wantTryAgain(http.StatusForbidden, oauth.PermissionDenied, long[:256], "wrong")
	if len(h.door.seen) != 1 {
		t.Error("as long as may be was not tried")
	}
}

func TestTooManyTries(t *testing.T) {
	h := newHouse(t)
	p := h.newPerson()
	page := p.get(askWeb)
	for _, test := range []struct {
		wait         time.Duration
		header, says string
	}{
		{time.Second, "1", "Wait a second, then"},
		{1500 * time.Millisecond, "2", "Wait 2 seconds, then"},
		{time.Minute, "60", "Wait 60 seconds, then"},
		{61 * time.Second, "61", "Wait 2 minutes, then"},
		{5 * time.Minute, "300", "Wait 5 minutes, then"},
	} {
		h.door.hook = func() (*oauth.Error, error) {
			return &oauth.Error{Status: http.StatusTooManyRequests, Code: oauth.SlowDown, RetryAfter: test.wait}, nil
		}
		r := p.submit(page, "sign-in", "username", "alice", "password", right).wantTryAgain(http.StatusTooManyRequests, oauth.SlowDown, "alice", test.says)
		if got := r.Header.Get("Retry-After"); got != test.header {
			t.Errorf("Retry-After %q, want %q", got, test.header)
		}
	}
}
