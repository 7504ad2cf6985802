package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestUserSignOut(t *testing.T) {
	store := inDeployment(t)
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	begin := func(n byte, user string) oauth.SessionID {
		t.Helper()
		s := oauth.Session{ID: oauth.SessionID{n}, Protocol: oauth.OAuth2, Client: "mobile", User: user,
			Created: now, Renewed: now, AccessExpires: now.Add(time.Hour), Expires: now.Add(time.Hour)}.Kept()
		if err := store.Create(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		return s.ID
	}
	find := func(id oauth.SessionID) error {
		_, err := store.Find(t.Context(), id, now, oauth.Strong)
		return err
	}
	first, second, others, unknown := begin(1, "u1"), begin(2, "u1"), begin(3, "u2"), begin(4, "from elsewhere")
	late := func() { begun(t, store, 5, "u1") } // of a sign-in that was under way
	if code, out, stderr := runSettling(t, "", late, "user", "sign-out", "alice", "--yes"); code != exitFine || out != "3 sessions ended\n" || live(t, store, 5) {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	for _, id := range []oauth.SessionID{first, second} {
		if err := find(id); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("a session of alice: %v", err)
		}
	}
	if find(others) != nil || find(unknown) != nil {
		t.Error("a session of another user has ended")
	}
	if code, out, stderr := runSettling(t, "", func() {}, "user", "sign-out", "--id", "from elsewhere", "--yes"); code != exitFine || out != "1 session ended\n" {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	if err := find(unknown); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a session of a user from elsewhere: %v", err)
	}
}

// Who does not wait is told what may be left, and what was done is written down.
func TestUserSignOutInterrupted(t *testing.T) {
	store := inDeployment(t)
	begun(t, store, 1, "u1")
	p, out, stderr := inProcess("")
	p.sleep = func(context.Context, time.Duration) error { return errInterrupted }
	if code := p.run([]string{"user", "sign-out", "--id", "u1", "--yes"}); code != exitFailure || out.String() != "1 session ended\n" ||
		!strings.Contains(stderr.String(), "may have a session yet: run it again, or user sign-out: interrupted") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

func TestUserSignOutErrors(t *testing.T) {
	inDeployment(t)
	for want, args := range map[string][]string{
		`there is no user "nobody"`: {"nobody"},
		"which user?":               {},
		"give the name or --id":     {"alice", "--id", "u1"},
	} {
		if code, _, stderr := run(t, "", append([]string{"user", "sign-out"}, args...)...); !failed(code) || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d: %s, want %s", args, code, stderr, want)
		}
	}
}
