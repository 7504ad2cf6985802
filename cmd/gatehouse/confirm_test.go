package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func TestAskFor(t *testing.T) {
	for typed, want := range map[string]error{"mobile\n": nil, "mobile": nil, "mobil\n": errUnconfirmed, "": errUnconfirmed, "yes\nmobile\n": errUnconfirmed} {
		p, _, stderr := inProcess(typed)
		if err := p.askFor(t.Context(), "Deleting client mobile", "mobile"); !errors.Is(err, want) || !strings.Contains(stderr.String(), "Type mobile to go on: ") {
			t.Errorf("%q: %v, %s", typed, err, stderr)
		}
	}
}

func TestAskWhether(t *testing.T) {
	for typed, want := range map[string]error{"y\n": nil, "Yes \n": nil, "y": nil, "\n": errUnconfirmed, "": errUnconfirmed, "n\n": errUnconfirmed, "yellow\n": errUnconfirmed, "n\ny\n": errUnconfirmed} {
		p, _, stderr := inProcess(typed)
		if err := p.askWhether(t.Context(), "ends 2 sessions"); !errors.Is(err, want) || stderr.String() != "This ends 2 sessions. Go on? [y/N] " {
			t.Errorf("%q: %v, %s", typed, err, stderr)
		}
	}
}

// What ends something asks. Where nobody can be asked it is not done, and what is
// missing is a flag.
func TestWhatEndsSomethingAsks(t *testing.T) {
	store := inDeployment(t)
	created(t, "mobile", "--grants", "password")
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	begun(t, store, 1, "u1")
	session := oauth.SessionID{1}.String()
	newVault(t, rotated)
	for _, args := range []string{"user sign-out alice", "user sign-out --id u1", "user disable alice", "user delete alice",
		"client rotate-secret mobile", "client disable mobile", "client delete mobile", "session revoke " + session, "key retire 1 --drop-secrets"} {
		if code, out, stderr := run(t, "y\nalice\n", strings.Fields(args)...); code != exitUsage || out != "" ||
			!strings.HasSuffix(stderr, ", and there is no terminal to ask: give --yes\n") {
			t.Errorf("%s: exit code %d: %s%s", args, code, out, stderr)
		}
	}
	user, err := store.User(t.Context(), "alice")
	if client := clientOf(t, store, "mobile"); err != nil || user.Revision != 1 || client.Revision != 1 || !live(t, store, 1) {
		t.Errorf("something was done: %+v, %+v, %v", client, user, err)
	}
	for _, args := range []string{"session revoke " + session, "user sign-out alice", "user disable alice", "user delete alice",
		"client rotate-secret mobile", "client disable mobile", "client delete mobile", "key retire 1"} {
		p, _, stderr := inProcess("")
		p.sleep = func(context.Context, time.Duration) error { return nil }
		if code := p.run(append(strings.Fields(args), "--yes")); code != exitFine {
			t.Errorf("%s --yes: exit code %d: %s", args, code, stderr)
		}
	}
}

// Whoever sets another password is told first what ends by it.
func TestPasswdSaysWhatEnds(t *testing.T) {
	inDeployment(t)
	mustRunWith(t, "old", "user", "create", "alice", "--password-stdin")
	for flag, want := range map[string]bool{"--password-stdin": true, "--password-stdin --keep-sessions": false} {
		code, _, stderr := runSettling(t, "new", func() {}, append([]string{"user", "passwd", "alice"}, strings.Fields(flag)...)...)
		if code != exitFine || strings.Contains(stderr, "ends all sessions of user alice") != want {
			t.Errorf("%s: exit code %d: %s", flag, code, stderr)
		}
	}
}
