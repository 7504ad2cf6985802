package access

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// sliding is a session of w that ends when it is not used for idle, and at
// until, zero for never.
func sliding(t *testing.T, w tokenOf, idle time.Duration, until time.Time) (*house, oauth.Session) {
	t.Helper()
	h := newHouse(t)
	if err := h.store.CreateClient(t.Context(), oauth.Client{ID: "app", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantRefreshToken}}); err != nil {
		t.Fatal(err)
	}
	s := live(w.protocol)
	s.Client, s.User, s.Idle, s.Until = w.client, w.user, idle, until
	if w.protocol == oauth.OAuth2 {
		s.AccessExpires = instant.AddDate(1, 0, 0)
	}
	s.Expires = oauth.SlidingEnd(instant, until, idle)
	s = s.Kept()
	h.begin(s)
	return h, s
}

// at moves the clock.
func (h *house) at(now time.Time) {
	h.Clock = func() time.Time { return now }
}

// usedAt is a request at a time, whose nonce is its own.
func (h *house) usedAt(w tokenOf, s oauth.Session, now time.Time) (oauth.Verdict, error) {
	h.t.Helper()
	h.at(now)
	r := h.bearer(s)
	if w.protocol == oauth.OAuth1 {
		r = h.signAt(s, w.client, now)
	}
	return h.Check(h.t.Context(), r)
}

// A day of a request a minute: each is a read, and one in half of the idle time
// a write. Then nobody comes, and the session ends.
func TestADayOfUse(t *testing.T) {
	for _, w := range ways {
		for _, idle := range []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 12 * time.Hour, 48 * time.Hour} {
			h, s := sliding(t, w, idle, time.Time{})
			now := instant
			for range 24 * 60 * 2 {
				now = now.Add(30 * time.Second)
				verdict, err := h.usedAt(w, s, now)
				if err != nil || !verdict.Allowed || verdict.Fault != nil {
					t.Fatalf("%s, %v, at %v: %+v, %v", w.name, idle, now.Sub(instant), verdict.Refusal, err)
				}
				if left := verdict.Session.Expires.Sub(now); left < idle/2 || left > idle {
					t.Fatalf("%s, %v: %v are left after a use", w.name, idle, left)
				}
			}
			if most := int(24 * time.Hour / max(idle/2, 30*time.Second)); h.store.extends > most || h.store.extends < most/2-1 {
				t.Errorf("%s: %d extensions of %v in a day, want at most %d", w.name, h.store.extends, idle, most)
			}
			stored, err := h.store.Find(t.Context(), s.ID, now, oauth.Strong)
			if err != nil {
				t.Fatal(err)
			}
			verdict, err := h.usedAt(w, s, stored.Expires)
			if err != nil || verdict.Allowed || stored.Expires.Sub(now) > idle {
				t.Errorf("%s: unused until %v, and still there", w.name, stored.Expires.Sub(now))
			}
		}
	}
}

// However much a session is used, it never goes on after Until.
func TestUntilIsTheEnd(t *testing.T) {
	for _, w := range ways {
		until := instant.Add(100 * time.Minute)
		h, s := sliding(t, w, time.Hour, until)
		for now := instant; now.Before(until); now = now.Add(time.Minute) {
			verdict, err := h.usedAt(w, s, now)
			if err != nil || !verdict.Allowed || verdict.Session.Expires.After(until) {
				t.Fatalf("%s after %v: %+v, %v", w.name, now.Sub(instant), verdict, err)
			}
		}
		// Close to the end there is nothing to be gained, and nothing is written.
		if h.store.extends > 3 {
			t.Errorf("%s: %d extensions", w.name, h.store.extends)
		}
		if verdict, err := h.usedAt(w, s, until); err != nil || verdict.Allowed {
			t.Errorf("%s at its end: %+v, %v", w.name, verdict, err)
		}
	}
}

// The next use tries again; that the store can't write is for the log.
func TestExtensionThatFails(t *testing.T) {
	for _, w := range ways {
		h, s := sliding(t, w, time.Hour, time.Time{})
		h.store.extend = errBroken
		for minute := 31; minute < 34; minute++ {
			verdict, err := h.usedAt(w, s, instant.Add(time.Duration(minute)*time.Minute))
			if err != nil || !verdict.Allowed || !errors.Is(verdict.Fault, errBroken) || !verdict.Session.Equal(&s) {
				t.Errorf("%s: %+v, %v", w.name, verdict, err)
			}
		}
		if h.store.extends != 3 {
			t.Errorf("%s: %d tries, want 3", w.name, h.store.extends)
		}
		if verdict, err := h.usedAt(w, s, instant.Add(time.Hour)); err != nil || verdict.Allowed {
			t.Errorf("%s after its end: %+v, %v", w.name, verdict, err)
		}
	}
}

// Another caller's use is none.
func TestAThiefDoesNotExtend(t *testing.T) {
	h, s := sliding(t, ways[0], time.Hour, time.Time{})
	h.Binding.OnMismatch = oauth.RejectOnly
	s.ID, s.Binding = oauth.SessionID{8}, h.Keys.Bind(oauth.BindAgent, home.of(bearer("")))
	h.begin(s)
	h.at(instant.Add(50 * time.Minute))
	h.wantKept("a thief", h.shown(ways[0], s, thief, ""), oauth.ReasonAgent, oauth.RejectOnly)
	if h.store.extends != 0 {
		t.Error("a thief moved the end on")
	}
}

// Sessions without an idle time stand still, as before there was one.
func TestSessionsThatDoNotSlide(t *testing.T) {
	for _, w := range ways {
		h, s := sliding(t, w, 0, instant.Add(time.Hour))
		for _, wait := range []time.Duration{0, 30 * time.Minute, time.Hour - time.Second} {
			if verdict, err := h.usedAt(w, s, instant.Add(wait)); err != nil || !verdict.Allowed || !verdict.Session.Expires.Equal(s.Expires) {
				t.Errorf("%s: %+v, %v", w.name, verdict, err)
			}
		}
		if h.store.extends != 0 {
			t.Errorf("%s: %d extensions", w.name, h.store.extends)
		}
	}
}

func (h *house) signAt(s oauth.Session, client string, now time.Time) *oauth.Request {
	return h.sign(s, signing{client: client, nonce: fmt.Sprint(now.UnixNano()), at: now})
}
