package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

func TestClientRotateSecret(t *testing.T) {
	store := inDeployment(t)
	first := created(t, "mobile", "--grants", "password")
	code, out, stderr := run(t, "", "client", "rotate-secret", "mobile", "--yes")
	second := strings.TrimSpace(strings.TrimPrefix(out, "client mobile\nsecret "))
	if code != exitFine || len(second) != 43 || second == first || !strings.Contains(stderr, "The old secret ends within a minute") {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	if got := created(t, "mobile", "--grants", "password", "--replace"); got != second {
		t.Errorf("the secret is %s, and %s was printed", got, second)
	}
	code, out, stderr = run(t, "from elsewhere\n", "client", "rotate-secret", "mobile", "--secret-stdin", "--yes")
	if code != exitFine || out != "client mobile, with the secret given\n" || clientOf(t, store, "mobile").SealedSecret == "" {
		t.Errorf("given: exit code %d: %s%s", code, out, stderr)
	}
	var told clientOutcome
	if err := json.Unmarshal([]byte(mustRun(t, "client", "rotate-secret", "mobile", "--json", "--yes")), &told); err != nil ||
		told.Client.ID != "mobile" || told.Client.Revision != clientOf(t, store, "mobile").Revision || !told.Changed || len(told.Secret) != 43 || told.Secret == first || told.Secret == second {
		t.Errorf("%+v, %v", told, err)
	}
	if client := clientOf(t, store, "mobile"); client.SealedSecret != "" {
		t.Errorf("it is sealed still: %+v", client)
	}
}

func TestClientRotateSecretErrors(t *testing.T) {
	inDeployment(t)
	created(t, "web", "--grants", "password", "--public")
	created(t, "mobile", "--grants", "password")
	for _, test := range []struct {
		code       int
		stdin, arg string
		want       string
	}{
		{exitMissing, "", "nobody", "there is no client"},
		{exitUsage, "", "web", "is public"},
		{exitUsage, "", "mobile --secret-stdin", "standard input is empty"},
		{exitUsage, "\x01", "mobile --secret-stdin", "--secret-stdin takes"},
	} {
		if code, _, stderr := run(t, test.stdin, append([]string{"client", "rotate-secret", "--yes"}, strings.Fields(test.arg)...)...); code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d: %s", test.arg, code, stderr)
		}
	}
}

func TestClientDisableAndEnable(t *testing.T) {
	store := inDeployment(t)
	created(t, "mobile", "--grants", "password")
	for _, step := range []struct {
		command  string
		flags    []string
		want     string
		disabled bool
	}{
		{"disable", []string{"--yes"}, "client mobile is disabled\n", true},
		{"disable", nil, "client mobile is disabled already\n", true},
		{"enable", nil, "client mobile is enabled\n", false},
		{"enable", nil, "client mobile is enabled already\n", false},
	} {
		if out := mustRun(t, append([]string{"client", step.command, "mobile"}, step.flags...)...); out != step.want || clientOf(t, store, "mobile").Disabled != step.disabled {
			t.Errorf("%s: %s", step.command, out)
		}
	}
	mustRun(t, "client", "disable", "mobile", "--yes")
	mustRun(t, "client", "update", "mobile", "--name", "x")
	created(t, "mobile", "--grants", "password", "--replace")
	if !clientOf(t, store, "mobile").Disabled {
		t.Error("another change has enabled it")
	}
	if code, _, _ := run(t, "", "client", "disable", "nobody"); code != exitMissing {
		t.Errorf("nobody: exit code %d", code)
	}
}

// Whoever knew the secret of a client that was deleted does not know that of the
// next one with its id.
func TestClientDelete(t *testing.T) {
	store := inDeployment(t)
	secret := created(t, "mobile", "--grants", "password")
	code, _, stderr := run(t, "mobile\n", "client", "delete", "mobile")
	if code != exitUsage || !strings.Contains(stderr, "there is no terminal to ask: give --yes") {
		t.Errorf("without --yes: exit code %d: %s", code, stderr)
	}
	if out := mustRun(t, "client", "delete", "mobile", "--yes"); out != "client mobile is deleted\n" {
		t.Errorf("it says %s", out)
	}
	if _, err := store.Client(t.Context(), "mobile"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	if code, _, _ := run(t, "", "client", "delete", "mobile", "--yes"); code != exitMissing {
		t.Errorf("again: exit code %d", code)
	}
	if created(t, "mobile", "--grants", "password") == secret {
		t.Error("the next client has the same secret")
	}
}
