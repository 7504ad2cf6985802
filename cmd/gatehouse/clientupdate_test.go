package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
)

// created runs client create and returns the secret.
func created(t *testing.T, args ...string) string {
	t.Helper()
	out := mustRun(t, append([]string{"client", "create"}, args...)...)
	_, secret, _ := strings.Cut(out, "secret ")
	return strings.TrimSpace(secret)
}

func clientOf(t *testing.T, store *dynamodb.Store, id string) oauth.Client {
	t.Helper()
	client, err := store.Client(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientUpdate(t *testing.T) {
	store := inDeployment(t)
	secret := created(t, "mobile", "--grants", "password,refresh_token", "--scopes", "read,write", "--origin", "https://a.example", "--name", "Mobile")
	code, out, stderr := run(t, "", "client", "update", "mobile", "--scopes", "read", "--origin", "", "--binding", "agent", "--grants", "password")
	if code != exitFine || out != "client mobile\n"+
		"  grants: password, refresh_token -> password\n"+
		"  scopes: read, write -> read\n"+
		"  origins: https://a.example -> any\n"+
		"  binding: as the deployment says -> agent\n" {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	for _, want := range []string{"within a minute", "keep the scopes", "until their next refresh", "cannot be refreshed any more"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it does not say %q: %s", want, stderr)
		}
	}
	client := clientOf(t, store, "mobile")
	if !slices.Equal(client.Scopes, []string{"read"}) || client.Origins != nil || client.Name != "Mobile" || client.Revision != 2 {
		t.Errorf("client %+v", client)
	}
	if again := created(t, "mobile", "--grants", "password", "--replace"); again != secret {
		t.Error("the secret changed")
	}
	if code, out, _ := run(t, "", "client", "update", "mobile", "--grants", "password"); code != exitFine || out != "client mobile is so already\n" {
		t.Errorf("the same again: exit code %d: %s", code, out)
	}
	if got := clientOf(t, store, "mobile").Revision; got != 3 {
		t.Errorf("revision %d after no change", got)
	}
}

func TestClientUpdateErrors(t *testing.T) {
	store := inDeployment(t)
	created(t, "mobile", "--grants", "password")
	before := clientOf(t, store, "mobile")
	for _, test := range []struct {
		code       int
		args, want string
	}{
		{exitMissing, "nobody --name x", `there is no client "nobody": see client list`},
		{exitUsage, "mobile", "what is to change?"},
		{exitUsage, "mobile --grants pasword", `--grants "pasword" is none of`},
		{exitUsage, "mobile --grants=", "--grants is missing"},
		{exitUsage, "mobile --signature-methods RSA-SHA1", "--signature-methods RSA-SHA1 needs an RSA public key"},
		{exitUsage, "mobile --name x --file y", "give it or the other flags"},
		{exitFailure, "mobile --file /none", "--file: open /none"},
		{exitFailure, "mobile --rsa-public-key /none", "--rsa-public-key: open /none"},
	} {
		code, _, stderr := run(t, "", append([]string{"client", "update"}, strings.Fields(test.args)...)...)
		if code != test.code || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s, want %s", test.args, code, stderr, test.want)
		}
	}
	if after := clientOf(t, store, "mobile"); !after.Equal(&before) {
		t.Errorf("it changed: %+v", after)
	}
}

// What client show prints can be edited and put back, unless another was faster.
func TestClientFile(t *testing.T) {
	store := inDeployment(t)
	secret := created(t, "mobile", "--grants", "password", "--scopes", "read", "--oauth1-sunset", "2027-01-31")
	shown := mustRun(t, "client", "show", "mobile", "--json")
	if strings.Contains(shown, secret) || strings.Contains(shown, "null") || !strings.Contains(shown, `"revision": 1`) {
		t.Errorf("shown: %s", shown)
	}
	edited := strings.Replace(shown, `"read"`, `"read", "write"`, 1)
	path := filepath.Join(t.TempDir(), "mobile.json")
	if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, "client", "update", "mobile", "--file", path); out != "client mobile\n  scopes: read -> read, write\n" {
		t.Errorf("it says %s", out)
	}
	for change, want := range map[string]string{
		edited: "the file is of revision 1 of the client, which has revision 2 by now",
		strings.Replace(edited, `"mobile"`, `"other"`, 1):                                                   `--file is of client "other", not "mobile"`,
		strings.Replace(edited, `"revision": 1`, `"revision": 0`, 1):                                        "revision: is missing",
		strings.Replace(edited, `"id"`, `"secret": "x", "id"`, 1):                                           "see client rotate-secret",
		strings.Replace(edited, `"password"`, `"pass"`, 1):                                                  `grants[0]: "pass" is none of`,
		strings.Replace(edited, `"scopes"`, `"scops"`, 1):                                                   `unknown field "scops"`,
		strings.Replace(shownAgain(t), `"public": false`, `"public": true, "oauth1_sunset": "", "x": 0`, 1): "twice",
		"": "it is empty",
	} {
		if code, _, stderr := run(t, change, "client", "update", "mobile", "--file", "-"); !failed(code) || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d: %s, want %s", code, stderr, want)
		}
	}
	public := strings.Replace(shownAgain(t), `"public": false`, `"public": true`, 1)
	public = strings.Replace(public, `"2027-01-31T00:00:00Z"`, `""`, 1)
	if code, _, stderr := run(t, public, "client", "update", "mobile", "--file", "-"); code != exitUsage || !strings.Contains(stderr, "stays public or confidential") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if client := clientOf(t, store, "mobile"); client.Revision != 2 || client.Public {
		t.Errorf("client %+v", client)
	}
}

func shownAgain(t *testing.T) string {
	t.Helper()
	return mustRun(t, "client", "show", "mobile", "--json")
}

// Nothing that one of many operators changes is lost, whoever is first.
func TestRacingUpdates(t *testing.T) {
	store := inDeployment(t)
	created(t, "mobile", "--grants", "password")
	changes := [][]string{{"--name", "Raced"}, {"--scopes", "read,write"}, {"--origin", "https://a.example"}, {"--diagnose"}}
	var all sync.WaitGroup
	for _, change := range changes {
		all.Go(func() {
			if code, _, stderr := run(t, "", append([]string{"client", "update", "mobile"}, change...)...); code != exitFine {
				t.Errorf("%v: exit code %d: %s", change, code, stderr)
			}
		})
	}
	all.Wait()
	client := clientOf(t, store, "mobile")
	if client.Name != "Raced" || len(client.Scopes) != 2 || len(client.Origins) != 1 || !client.Diagnose || client.Revision != 5 {
		t.Errorf("client %+v", client)
	}
}

func TestClientListAndShow(t *testing.T) {
	inDeployment(t)
	if out := mustRun(t, "client", "list", "--json"); out != "[]\n" {
		t.Errorf("none: %s", out)
	}
	created(t, "b", "--grants", "password", "--name", "東京 app")
	created(t, "a", "--grants", "password", "--public")
	if out := mustRun(t, "client", "list"); out != "client  state    secret   grants    scopes  name\n"+
		"a       enabled  none     password\n"+
		"b       enabled  derived  password          東京 app\n" {
		t.Errorf("it lists\n%s", out)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(mustRun(t, "client", "list", "--json")), &all); err != nil || len(all) != 2 || all[1]["name"] != "東京 app" || all[0]["secret_kind"] != "none" {
		t.Errorf("%v, %v", all, err)
	}
	if out := mustRun(t, "client", "show", "b"); !strings.Contains(out, "secret             derived, key 1\n") || !strings.Contains(out, "origins            any\n") {
		t.Errorf("it shows\n%s", out)
	}
	if code, _, _ := run(t, "", "client", "show", "c"); code != exitMissing {
		t.Errorf("exit code %d", code)
	}
}
