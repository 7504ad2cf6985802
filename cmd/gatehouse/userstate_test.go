package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// begun makes a session of a user.
func begun(t *testing.T, store *dynamodb.Store, n byte, user string) {
	t.Helper()
	now := time.Now()
	err := store.Create(t.Context(), oauth.Session{ID: oauth.SessionID{n}, Protocol: oauth.OAuth2, Client: "mobile", User: user,
		Created: now, Renewed: now, AccessExpires: now.Add(time.Hour), Expires: now.Add(time.Hour)}.Kept())
	if err != nil {
		t.Fatal(err)
	}
}

func live(t *testing.T, store *dynamodb.Store, n byte) bool {
	t.Helper()
	_, err := store.Find(t.Context(), oauth.SessionID{n}, time.Now(), oauth.Strong)
	if err != nil && !errors.Is(err, oauth.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// runSettling runs the program, and meanwhile where it waits.
func runSettling(t *testing.T, stdin string, meanwhile func(), args ...string) (code int, out, stderr string) {
	t.Helper()
	p, stdout, errs := inProcess(stdin)
	p.sleep = func(context.Context, time.Duration) error {
		meanwhile()
		return nil
	}
	code = p.run(args)
	return code, stdout.String(), errs.String()
}

// A user who is disabled or deleted, or whose password is another, does not go on
// by tokens of before, nor by those of a sign-in that was under way.
func TestUserChangesEndSessions(t *testing.T) {
	for name, test := range map[string]struct {
		args  []string
		stdin string
		want  string
	}{
		"passwd":  {[]string{"user", "passwd", "alice", "--password-stdin"}, "another\n", "user alice has another password\n2 sessions ended\n"},
		"disable": {[]string{"user", "disable", "alice", "--yes"}, "", "user alice is disabled\n2 sessions ended\n"},
		"delete":  {[]string{"user", "delete", "alice", "--yes"}, "", "user alice with id u1 is deleted\n2 sessions ended\n"},
	} {
		t.Run(name, func(t *testing.T) {
			store := inDeployment(t)
			if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice", PasswordHash: "old"}); err != nil {
				t.Fatal(err)
			}
			begun(t, store, 1, "u1")
			begun(t, store, 2, "u2")
			code, out, stderr := runSettling(t, test.stdin, func() { begun(t, store, 3, "u1") }, test.args...)
			if code != exitFine || out != test.want {
				t.Errorf("exit code %d: %s%s", code, out, stderr)
			}
			if live(t, store, 1) || !live(t, store, 2) || live(t, store, 3) {
				t.Error("other sessions have ended than those of alice")
			}
		})
	}
}

// A sign-in that is under way ends with its function, which has the longest time
// of those that sign users in.
func TestSettlingOutlastsSignIns(t *testing.T) {
	timeouts := regexp.MustCompile(`(?m)^ +Timeout: (\d+)$`).FindAllSubmatch(gatehouse.Template, -1)
	if len(timeouts) == 0 {
		t.Fatal("the template names no Timeout")
	}
	general, err := strconv.Atoi(string(timeouts[0][1]))
	if err != nil || settling < time.Duration(general)*time.Second+time.Second {
		t.Errorf("%s is not longer than the %d s that functions may take: %v", settling, general, err)
	}
}

func TestUserPasswd(t *testing.T) {
	store := inDeployment(t)
	mustRunWith(t, "old", "user", "create", "alice", "--id", "u1", "--password-stdin")
	begun(t, store, 1, "u1")
	if out := mustRunWith(t, "new\n", "user", "passwd", "alice", "--password-stdin", "--keep-sessions"); out != "user alice has another password\n" || !live(t, store, 1) {
		t.Errorf("it says %s", out)
	}
	user, err := store.User(t.Context(), "alice")
	if err != nil || user.ID != "u1" || user.Revision != 2 {
		t.Errorf("user %+v, %v", user, err)
	}
	if right, err := password.Matches(oauth.NewSecret("new"), user.PasswordHash); !right || err != nil {
		t.Errorf("the password is another: %v", err)
	}
	for _, test := range []struct {
		code       int
		stdin      string
		args, want string
	}{
		{exitMissing, "x", "nobody --password-stdin", `there is no user "nobody"`},
		{exitUsage, "", "alice --password-stdin", "password is missing"},
		{exitUsage, "x", "alice", "use --password-stdin"},
	} {
		if code, _, stderr := run(t, test.stdin, append([]string{"user", "passwd"}, strings.Fields(test.args)...)...); code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d: %s", test.args, code, stderr)
		}
	}
}

func mustRunWith(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, out, stderr := run(t, stdin, args...)
	if code != exitFine {
		t.Fatalf("%v: exit code %d: %s", args, code, stderr)
	}
	return out
}

func TestUserEnable(t *testing.T) {
	store := inDeployment(t)
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice", PasswordHash: "old", Disabled: true}); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, "user", "enable", "alice"); out != "user alice is enabled\n" {
		t.Errorf("it says %s", out)
	}
	if user, err := store.User(t.Context(), "alice"); err != nil || user.Disabled || user.PasswordHash != "old" {
		t.Errorf("user %+v, %v", user, err)
	}
	for _, command := range []string{"enable", "disable", "delete"} {
		if code, _, _ := run(t, "", "user", command, "nobody"); code != exitMissing {
			t.Errorf("%s: exit code %d", command, code)
		}
	}
	if code, _, stderr := run(t, "", "user", "delete", "alice"); code != exitUsage || !strings.Contains(stderr, "give --yes") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// A disabled user whose sessions were not all ended, since the command was, is
// signed out by the next.
func TestUserDisableAgain(t *testing.T) {
	store := inDeployment(t)
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice", Disabled: true}); err != nil {
		t.Fatal(err)
	}
	begun(t, store, 1, "u1")
	code, out, _ := runSettling(t, "", func() {}, "user", "disable", "alice", "--yes")
	if code != exitFine || out != "user alice is disabled already\n1 session ended\n" || live(t, store, 1) {
		t.Errorf("exit code %d: %s", code, out)
	}
}

func TestUserList(t *testing.T) {
	store := inDeployment(t)
	for i := range 12 {
		name := fmt.Sprintf("user %d", i)
		if i == 7 {
			name = "東京"
		}
		if err := store.CreateUser(t.Context(), oauth.User{ID: fmt.Sprint("u", i), Name: name, PasswordHash: "hash", Disabled: i == 7}); err != nil {
			t.Fatal(err)
		}
	}
	out := mustRun(t, "user", "list")
	if strings.Count(out, "\n") != 13 || !strings.HasPrefix(out, "user     id   state\n") || !strings.Contains(out, "東京     u7   disabled\n") {
		t.Errorf("it lists\n%s", out)
	}
	seen, after := map[string]bool{}, ""
	for range 12 {
		code, out, stderr := run(t, "", "user", "list", "--json", "--limit", "5", "--after", after)
		if code != exitFine || strings.Contains(out, "hash") {
			t.Fatalf("exit code %d: %s%s", code, out, stderr)
		}
		for line := range bytes.Lines([]byte(out)) {
			var u userLine
			if err := json.Unmarshal(line, &u); err != nil || seen[u.Name] || u.Disabled != (u.ID == "u7") || u.Revision != 1 {
				t.Errorf("%s: %v", line, err)
			}
			seen[u.Name] = true
		}
		_, cursor, more := strings.Cut(stderr, "--after ")
		if after = strings.TrimSpace(cursor); !more {
			break
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d users", len(seen))
	}
	for _, args := range [][]string{{"--limit", "-1"}, {"--after", "nonsense"}} {
		if code, _, stderr := run(t, "", append([]string{"user", "list"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit code %d: %s", args, code, stderr)
		}
	}
}
