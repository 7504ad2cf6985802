package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
)

// withSessions is a deployment in which alice, u1, has n sessions, of which the
// last one began last.
func withSessions(t *testing.T, n int, change func(*oauth.Session)) *dynamodb.Store {
	t.Helper()
	store := inDeployment(t)
	if err := store.CreateUser(t.Context(), oauth.User{ID: "u1", Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i := range n {
		s := began(now)
		s.ID, s.Created = oauth.SessionID{byte(i), byte(i >> 8)}, s.Created.Add(time.Duration(i)*time.Millisecond)
		change(&s)
		if err := store.Create(t.Context(), s.Kept()); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// timestamp is a moment.
var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)

func asItIs(*oauth.Session) {}

func TestSessionList(t *testing.T) {
	withSessions(t, 2, func(s *oauth.Session) {
		if s.ID[0] == 1 {
			s.Protocol, s.Expires, s.Binding.Agent, s.Confirmation = oauth.OAuth1, time.Time{}, []byte("a hash"), "a thumbprint"
			s.Killed = oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: s.Renewed}
		}
	})
	want := `session                 client  protocol  created                  expires                  binding     killed           scope
AQAAAAAAAAAAAAAAAAAAAA  mobile  oauth1    T  never                    agent, key  all: user_agent  read write
AAAAAAAAAAAAAAAAAAAAAA  mobile  oauth2    T  T  none        no               read write
`
	for _, who := range [][]string{{"--user", "alice"}, {"--user-id", "u1"}} {
		out := mustRun(t, append([]string{"session", "list"}, who...)...)
		if out = timestamp.ReplaceAllString(out, "T"); out != want {
			t.Errorf("%v: got\n%swant\n%s", who, out, want)
		}
	}
}

// Long lists are read page by page, and go on where they stopped.
func TestSessionListByPages(t *testing.T) {
	withSessions(t, 230, asItIs)
	var all []string
	for text := range strings.Lines(mustRun(t, "session", "list", "--user", "alice", "--json")) {
		var view sessionView
		if err := json.Unmarshal([]byte(text), &view); err != nil {
			t.Fatal(text, err)
		}
		all = append(all, view.ID)
	}
	first, err := oauth.ParseSessionID(all[0])
	if len(all) != 230 || err != nil || first != (oauth.SessionID{229}) {
		t.Fatalf("%d sessions, the first is %v, %v", len(all), first, err)
	}
	var parts []string
	after := ""
	for pages := 1; ; pages++ {
		code, out, stderr := run(t, "", "session", "list", "--user", "alice", "--json", "--limit", "110", "--after", after)
		if code != exitFine {
			t.Fatal(stderr)
		}
		for text := range strings.Lines(out) {
			id, _, _ := strings.Cut(strings.TrimPrefix(text, `{"id":"`), `"`)
			parts = append(parts, id)
		}
		_, next, more := strings.Cut(strings.TrimSpace(stderr), "There are more: --after ")
		if after = next; !more {
			if pages != 3 || !slices.Equal(parts, all) {
				t.Errorf("%d pages of %d sessions", pages, len(parts))
			}
			return
		}
	}
}

func TestSessionShow(t *testing.T) {
	withSessions(t, 1, func(s *oauth.Session) {
		s.Idle, s.Until = time.Hour, s.Expires.Add(time.Hour)
		s.Killed = oauth.Killing{Reason: oauth.ReasonAddress, Generation: 4, At: s.Renewed}
	})
	id := oauth.SessionID{}.String()
	out := timestamp.ReplaceAllString(mustRun(t, "session", "show", id), "T")
	want := `session        AAAAAAAAAAAAAAAAAAAAAA
client         mobile
user           alice, id u1
protocol       oauth2
scope          read write
created        T
refreshed      T
expires        T
idle           each use moves the end to 3600 seconds later, until T
generation     5
token scope    read
token expires  T
bound to       none
killed         tokens up to generation 4, at T: shown from another address or network (address)
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	var view sessionView
	text := mustRun(t, "session", "show", id, "--json")
	if err := json.Unmarshal([]byte(text), &view); err != nil || view.ID != id || view.Idle != 3600 || view.Killed == nil || view.Killed.Whole || *view.Killed.Generation != 4 {
		t.Errorf("got %s, %v", text, err)
	}
}

// Ids are of an alphabet that has the hyphen.
func TestSessionRevoke(t *testing.T) {
	store := withSessions(t, 3, func(s *oauth.Session) { s.ID = oauth.SessionID{0xfb, s.ID[0]} })
	id := func(n byte) string { return oauth.SessionID{0xfb, n}.String() }
	if !strings.HasPrefix(id(0), "-") {
		t.Fatal(id(0))
	}
	wantLive := func(what string, n byte, live bool) {
		t.Helper()
		_, err := store.Find(t.Context(), oauth.SessionID{0xfb, n}, time.Now(), oauth.Strong)
		if (err == nil) != live || err != nil && !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("%s: session %d: %v", what, n, err)
		}
	}
	events := filepath.Join(t.TempDir(), "audit")
	t.Setenv(auditVariable, events)
	code, out, stderr := run(t, id(0)+"\n", "session", "revoke", id(0))
	if code != exitUsage || out != "" || !strings.Contains(stderr, "give --yes") {
		t.Errorf("without a terminal: exit code %d: %s%s", code, out, stderr)
	}
	wantLive("not confirmed", 0, true)
	if out := mustRun(t, "session", "revoke", id(0), "--yes"); out != "1 session ended\n" {
		t.Errorf("got %s", out)
	}
	wantLive("one", 0, false)
	wantLive("one", 1, true)
	code, out, stderr = run(t, "", "session", "revoke", "--yes", id(0), id(1), id(2))
	if code != exitMissing || out != "2 sessions ended\n" || stderr != "gatehouse: not there: "+id(0)+"\n" {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	wantLive("others", 1, false)
	wantLive("others", 2, false)
	text := readFile(t, events)
	for n := range byte(3) {
		if strings.Count(text, fmt.Sprintf(`"client":"mobile","user":"u1","session":"%s","protocol":"oauth2"`, id(n))) != 1 || strings.Count(text, `"session_revoked"`) != 3 {
			t.Errorf("session %d: the audit log says %s", n, text)
		}
	}
}

// One that was killed stays in the list to say why, and goes with revoke.
func TestSessionRevokeOfAKilledOne(t *testing.T) {
	store := withSessions(t, 1, killedBy(oauth.ReasonAgent, oauth.AllGenerations))
	mustRun(t, "session", "revoke", oauth.SessionID{}.String(), "--yes")
	if sessions, _, err := store.List(t.Context(), "u1", "", 10, time.Now()); err != nil || len(sessions) != 0 {
		t.Errorf("left: %v, %v", sessions, err)
	}
}

func TestSessionErrors(t *testing.T) {
	withSessions(t, 0, asItIs)
	none := oauth.SessionID{7}.String()
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"list", exitUsage, "which user? give --user NAME or --user-id ID"},
		{"list --user a --user-id b", exitUsage, "which user?"},
		{"list --user nobody", exitMissing, `there is no user "nobody"`},
		{"list --user alice --limit -1", exitUsage, "--limit takes"},
		{"list --user alice --after x", exitUsage, "--after takes"},
		{"list alice", exitUsage, "usage: gatehouse session list {--user NAME | --user-id ID}"},
		{"show", exitUsage, "usage: gatehouse session show ID"},
		{"show x", exitUsage, `"x" is no session id`},
		{"show " + none, exitMissing, "there is no session " + none},
		{"revoke", exitUsage, "usage: gatehouse session revoke ID..."},
		{"revoke x --yes", exitUsage, `"x" is no session id`},
		{"revoke --yes " + none, exitMissing, "not there: " + none},
	} {
		code, _, stderr := run(t, "", append([]string{"session"}, strings.Fields(test.args)...)...)
		if code != test.code || !strings.HasPrefix(stderr, "gatehouse: "+test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s, want %d: %s", test.args, code, stderr, test.code, test.want)
		}
	}
}

func TestSessionsOfAServer(t *testing.T) {
	a := administer(t)
	paste(t, a.banner)
	out := a.must("", "session", "list", "--user", demoUser)
	if strings.Count(out, "\n") < 2 || !strings.Contains(out, demoClient) {
		t.Fatalf("got %s", out)
	}
	id := strings.Fields(strings.Split(out, "\n")[1])[0]
	if shows := a.must("", "session", "show", id); !strings.Contains(shows, fmt.Sprintf("user           %s, id ", demoUser)) {
		t.Errorf("got %s", shows)
	}
	a.must("", "session", "revoke", id, "--yes")
	if code, _, stderr := a.try("", "session", "show", id); code != exitMissing {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
