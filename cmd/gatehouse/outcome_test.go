package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// outcome runs a command that prints one document of JSON, and returns that
// without what is random.
func outcome(t *testing.T, stdin string, args string) (got map[string]any) {
	t.Helper()
	p, out, stderr := inProcess(stdin)
	p.sleep = func(context.Context, time.Duration) error { return nil }
	if code := p.run(append(strings.Fields(args), "--json")); code != exitFine {
		t.Fatalf("%s: exit code %d: %s", args, code, stderr)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%s: %v: %s", args, err, out)
	}
	return got
}

// Scripts read what each command did in one form for all commands about clients.
func TestOutcomesOfClients(t *testing.T) {
	inDeployment(t)
	for _, test := range []struct {
		args              string
		secret            bool
		changed, disabled bool
		revision          float64
	}{
		{"client create mobile --grants password --scopes read", true, true, false, 1},
		{"client create mobile --grants password --scopes read --replace", true, true, false, 2},
		{"client update mobile --scopes read,write", false, true, false, 3},
		{"client update mobile --scopes read,write", false, false, false, 3},
		{"client rotate-secret mobile --yes", true, true, false, 4},
		{"client disable mobile --yes", false, true, true, 5},
		{"client disable mobile --yes", false, false, true, 5},
		{"client enable mobile", false, true, false, 6},
		{"client delete mobile --yes", false, true, false, 6},
		{"client create web --public --grants password", false, true, false, 1},
	} {
		got := outcome(t, "", test.args)
		client, _ := got["client"].(map[string]any)
		secret, _ := got["secret"].(string)
		id := strings.Fields(test.args)[2]
		if client["id"] != id || client["revision"] != test.revision || client["disabled"] != test.disabled ||
			got["changed"] != test.changed || (len(secret) == 43) != test.secret || len(got) != 2 && !test.secret {
			t.Errorf("%s: %v", test.args, got)
		}
		if _, leaks := client["secret"]; leaks {
			t.Errorf("%s: %v", test.args, client)
		}
	}
	if got := outcome(t, "from elsewhere", "client create old --grants xauth --secret-stdin"); got["secret"] != nil {
		t.Errorf("it prints the secret that was given: %v", got)
	}
}

// So they do for those about users.
func TestOutcomesOfUsers(t *testing.T) {
	store := inDeployment(t)
	for _, test := range []struct {
		args     string
		changed  bool
		ended    float64
		disabled bool
		revision float64
	}{
		{"user create alice --id u1 --password-stdin", true, 0, false, 1},
		{"user passwd alice --password-stdin --keep-sessions", true, 0, false, 2},
		{"user passwd alice --password-stdin", true, 1, false, 3},
		{"user sign-out alice --yes", true, 1, false, 3},
		{"user sign-out --id u1 --yes", true, 1, false, 0},
		{"user disable alice --yes", true, 1, true, 4},
		{"user disable alice --yes", false, 1, true, 4},
		{"user enable alice", true, 0, false, 5},
		{"user enable alice", false, 0, false, 5},
		{"user delete alice --yes", true, 1, false, 5},
	} {
		if !live(t, store, 1) {
			begun(t, store, 1, "u1")
		}
		got := outcome(t, "a password", test.args)
		user, _ := got["user"].(map[string]any)
		if user["id"] != "u1" || user["revision"] != test.revision || user["disabled"] != test.disabled ||
			got["changed"] != test.changed || got["sessions_ended"] != test.ended || len(got) != 3 {
			t.Errorf("%s: %v", test.args, got)
		}
	}
}

func TestOutcomeOfRevoking(t *testing.T) {
	store := inDeployment(t)
	begun(t, store, 1, "u1")
	one, none := oauth.SessionID{1}.String(), oauth.SessionID{2}.String()
	code, out, stderr := run(t, "", "session", "revoke", one, none, "--yes", "--json")
	var got sessionsOutcome
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitMissing || got.Ended != 1 || strings.Join(got.Sessions, " ") != one || strings.Join(got.Absent, " ") != none {
		t.Errorf("exit code %d: %s%s, %v", code, out, stderr, err)
	}
}

// A secret that is lost to a full disk is not lost without a word.
func TestSecretThatIsNotPrinted(t *testing.T) {
	inDeployment(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	for _, test := range []struct{ args, became string }{
		{"client create a --grants password", "client a was created"},
		{"client create b --grants password --json", "client b was created"},
		{"client create web --grants password --public", "client web was created"},
		{"client create a --grants password --replace", "client a was replaced"},
		{"client rotate-secret a --yes", "client a has another secret"},
		{"client rotate-secret a --yes --json", "client a has another secret"},
	} {
		p, _, stderr := inProcess("")
		p.out = full
		want := "gatehouse: " + test.became + ", but its secret could not be printed: no space left on device; client rotate-secret gives it another\n"
		if strings.Contains(test.args, "--public") {
			want = "gatehouse: " + test.became + ", but that could not be printed: no space left on device\n"
		}
		if code := p.run(strings.Fields(test.args)); code != exitFailure || !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("%s: exit code %d: %s", test.args, code, stderr)
		}
	}
}
