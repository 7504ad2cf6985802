package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// withTokens is a deployment with key 2 current, in which no client needs key 1,
// but as many imported tokens as are said.
func withTokens(t *testing.T, count int) (*dynamodb.Store, *vault) {
	t.Helper()
	store, v := inDeployment(t), newVault(t, rotated)
	client := oauth.Client{ID: "old", SecretKey: 2, Imported: true, Scopes: []string{"read"}}
	if err := store.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	for i := range count + 1 {
		keys, token := asKeyring(t, testKeys), importedToken(i)
		if i == count { // which key 2 sealed
			keys = v.keys()
		}
		session, err := token.Session(&client, keys, sentAt)
		if err == nil {
			err = store.Create(t.Context(), session)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return store, v
}

func importedToken(i int) *seed.Token {
	return &seed.Token{Token: fmt.Sprint("token-", i), Secret: fmt.Sprint("secret-of-", i), Client: "old", UserID: "7"}
}

// knows fails the test unless the deployment's keys open the secret of a token.
func knows(t *testing.T, store *dynamodb.Store, v *vault, i int, want bool) {
	t.Helper()
	token, _ := seal.Imported(importedToken(i).Token)
	session, err := store.Find(t.Context(), token.Session, sentAt, oauth.Strong)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := v.keys().ImportedSecret(&session)
	if known := err == nil && secret.Reveal() == importedToken(i).Secret; known != want {
		t.Errorf("token %d: its secret is known: %v, %v", i, known, err)
	}
}

func TestKeyRetireKeepsImportedTokens(t *testing.T) {
	const count = 40
	store, v := withTokens(t, count)
	mustFail(t, "key 1 seals the secrets of imported tokens (40); --keep-secrets seals them with key 2, --drop-secrets goes on without", "key", "retire", "1")
	knows(t, store, v, 0, true)
	code, out, stderr := retire(t, func(time.Duration) error { t.Error("it waits"); return nil }, "1", "--keep-secrets")
	if code != exitFine || !strings.HasPrefix(stderr, "imported tokens (40) keep their secrets, now by key 2\n") || !strings.HasPrefix(out, "key 1 is retired.") {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	if ids := v.keys().IDs(); !slices.Equal(ids, []seal.KeyID{2}) {
		t.Errorf("keys %v", ids)
	}
	for i := range count + 1 {
		knows(t, store, v, i, true)
	}
}

func TestKeyRetireDropsImportedTokens(t *testing.T) {
	store, v := withTokens(t, 2)
	mustRun(t, "key", "retire", "--yes", "1", "--drop-secrets")
	knows(t, store, v, 0, false)
	knows(t, store, v, 2, true)
}

// A token whose secret can't be opened stops it: nothing is lost in silence.
func TestKeyRetireStopsAtWhatItCannotKeep(t *testing.T) {
	store, v := withTokens(t, 1)
	token, _ := seal.Imported(importedToken(0).Token)
	session, err := store.Find(t.Context(), token.Session, sentAt, oauth.Strong)
	if err != nil {
		t.Fatal(err)
	}
	damaged := session.SealedSecret[:len(session.SealedSecret)-4] + "AAAA"
	if err := store.ResealToken(t.Context(), session.ID, session.SealedSecret, damaged); err != nil {
		t.Fatal(err)
	}
	mustFail(t, "session "+session.ID.String()+":", "key", "retire", "--yes", "1", "--keep-secrets")
	if v.text() != rotated {
		t.Error("the key is gone")
	}
}
