package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

const rotated = `{"current":"2",` + key1 + `,` + key2 + `}`

// withClients is a deployment with key 2 current, in which three clients need
// key 1 and one key 2, and the secrets of all.
func withClients(t *testing.T) (*dynamodb.Store, *vault, map[string]string) {
	t.Helper()
	store := inDeployment(t)
	v := newVault(t, rotated)
	brought := oauth.Client{ID: "brought", Grants: []oauth.Grant{oauth.GrantXAuth}, Scopes: []string{"read"}}
	if err := asKeyring(t, testKeys).GiveSecret(&brought, oauth.NewSecret("from elsewhere")); err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{}
	for _, client := range []oauth.Client{{ID: "app", SecretKey: 1}, {ID: "mobile", SecretKey: 1, SecretVersion: 3}, brought,
		{ID: "newer", SecretKey: 2}, {ID: "web", Public: true}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		secrets[client.ID] = secretOf(t, store, v, client.ID)
	}
	return store, v, secrets
}

// secretOf is a client's secret for whoever has the deployment's keys.
func secretOf(t *testing.T, store *dynamodb.Store, v *vault, id string) string {
	t.Helper()
	client, err := store.Client(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := v.keys().ClientSecret(&client)
	if err != nil {
		return ""
	}
	return secret.Reveal()
}

// retire runs `key retire --yes` with a waiting that only tells how long it was to be.
func retire(t *testing.T, waiting func(time.Duration) error, args ...string) (code int, out, stderr string) {
	t.Helper()
	p, stdout, said := inProcess("")
	p.sleep = func(_ context.Context, d time.Duration) error { return waiting(d) }
	code = p.run(append([]string{"key", "retire", "--yes"}, args...))
	return code, stdout.String(), said.String()
}

func TestKeyRetireRefuses(t *testing.T) {
	store, v, secrets := withClients(t)
	for args, want := range map[string]string{
		"":                                "usage: gatehouse key retire ID",
		"x":                               `"x" is no key id`,
		"0":                               `"0" is no key id`,
		"01":                              `"01" is no key id`,
		"9":                               "there is no key 9",
		"2":                               "key 2 is the current one: first key rotate",
		"1":                               "key 1 gives these clients (3) their secrets: app, brought, mobile; --keep-secrets moves them to key 2, --drop-secrets goes on without",
		"1 --keep-secrets --drop-secrets": "give one of them",
		"2 --keep-secrets":                "key 2 is the current one",
		"9 --drop-secrets":                "there is no key 9",
	} {
		mustFail(t, want, append([]string{"key", "retire"}, strings.Fields(args)...)...)
	}
	for id, secret := range secrets {
		if secretOf(t, store, v, id) != secret {
			t.Errorf("client %s lost its secret", id)
		}
	}
	newVault(t, someKeys)
	mustFail(t, "key 3 is the next one", "key", "retire", "3")
	t.Setenv("REGISTRY_TABLE", "")
	mustFail(t, "which deployment?", "key", "retire", "1", "--keys", keysFileOf(t, rotated))
}

func TestKeyRetireKeepsSecrets(t *testing.T) {
	store, v, secrets := withClients(t)
	waited := time.Duration(0)
	code, out, stderr := retire(t, func(d time.Duration) error {
		waited += d
		if !slices.Contains(v.keys().IDs(), 1) {
			t.Error("the key was gone while functions remember the clients")
		}
		return nil
	}, "1", "--keep-secrets")
	if code != exitFine || waited <= oauth.ClientAge {
		t.Fatalf("exit code %d after %s: %s%s", code, waited, out, stderr)
	}
	if said := out + stderr; !strings.Contains(stderr, "client app keeps its secret, now by key 2\n") || !strings.HasPrefix(out, "key 1 is retired. Within 5 minutes") ||
		strings.Contains(said, "newer") || strings.Contains(said, secrets["app"]) || strings.Contains(said, "elsewhere") {
		t.Errorf("it says %s%s", out, stderr)
	}
	if ids := v.keys().IDs(); !slices.Equal(ids, []seal.KeyID{2}) {
		t.Errorf("keys %v", ids)
	}
	for id, secret := range secrets {
		if got := secretOf(t, store, v, id); got != secret || got == "" && id != "web" {
			t.Errorf("the secret of %s changed", id)
		}
	}
	if client, err := store.Client(t.Context(), "brought"); err != nil || !client.Allows(oauth.GrantXAuth) || len(client.Scopes) != 1 {
		t.Errorf("client %+v, %v", client, err)
	}
	out = mustRun(t, "client", "create", "app", "--grants", "password", "--replace")
	if !strings.Contains(out, secrets["app"]) || secretOf(t, store, v, "app") != secrets["app"] {
		t.Errorf("replaced, the client has another secret: %s", out)
	}
}

func TestKeyRetireDropsSecrets(t *testing.T) {
	store, v, secrets := withClients(t)
	code, out, stderr := retire(t, func(time.Duration) error { t.Error("it waits"); return nil }, "1", "--drop-secrets")
	if code != exitFine || !slices.Equal(v.keys().IDs(), []seal.KeyID{2}) {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	for _, id := range []string{"app", "mobile", "brought"} {
		if secretOf(t, store, v, id) != "" {
			t.Errorf("client %s has a secret", id)
		}
	}
	if secretOf(t, store, v, "newer") != secrets["newer"] {
		t.Error("another client lost its secret")
	}
	if out := mustRun(t, "key", "list"); !strings.Contains(out, "client app has no secret: its key 1 is not there\n") {
		t.Errorf("the list is %s", out)
	}
	for _, id := range []string{"app", "brought"} {
		mustRun(t, "client", "create", id, "--grants", "password", "--replace")
		if secret := secretOf(t, store, v, id); secret == "" || secret == secrets[id] {
			t.Errorf("the new secret of %s is the old one, or none", id)
		}
	}
}

func TestKeyRetireThatNobodyNeeds(t *testing.T) {
	inDeployment(t)
	for _, flags := range [][]string{nil, {"--keep-secrets"}} {
		v := newVault(t, rotated)
		code, out, stderr := retire(t, func(time.Duration) error { t.Error("it waits"); return nil }, append([]string{"1"}, flags...)...)
		if code != exitFine || !slices.Equal(v.keys().IDs(), []seal.KeyID{2}) {
			t.Errorf("%v: exit code %d: %s%s", flags, code, out, stderr)
		}
	}
}

// Whoever interrupts the waiting can begin again.
func TestKeyRetireInterrupted(t *testing.T) {
	store, v, secrets := withClients(t)
	code, _, stderr := retire(t, func(time.Duration) error { return errInterrupted }, "1", "--keep-secrets")
	if !failed(code) || !strings.Contains(stderr, "interrupted") || v.text() != rotated {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	mustRun(t, "key", "retire", "--yes", "1")
	if secretOf(t, store, v, "app") != secrets["app"] {
		t.Error("the secret changed")
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	if err := sleep(ctx, time.Nanosecond); err != nil {
		t.Error(err)
	}
	stop()
	if err := sleep(ctx, time.Hour); !errors.Is(err, errInterrupted) {
		t.Errorf("got %v", err)
	}
}

// A client that was made while the command waited, by somebody with the old
// keyring, does not lose its secret.
func TestKeyRetireLooksAgain(t *testing.T) {
	store, v, _ := withClients(t)
	code, _, stderr := retire(t, func(time.Duration) error {
		return store.CreateClient(t.Context(), oauth.Client{ID: "late", SecretKey: 1})
	}, "1", "--keep-secrets")
	if !failed(code) || !strings.Contains(stderr, "clients (1) their secrets: late;") || v.text() != rotated {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// meddled is a registry in which somebody changes clients right after they were
// read.
type meddled struct {
	*dynamodb.Store
	change func()
}

func (m meddled) AllClients(ctx context.Context) ([]oauth.Client, error) {
	all, err := m.Store.AllClients(ctx)
	m.change()
	return all, err
}

// What was done to clients meanwhile is not undone: one that was deleted stays
// so, another secret and other scopes too.
func TestKeyRetireUndoesNothing(t *testing.T) {
	store, v, secrets := withClients(t)
	mobile, err := store.Client(t.Context(), "mobile")
	if err != nil {
		t.Fatal(err)
	}
	p, _, said := inProcess("")
	p.sleep = func(context.Context, time.Duration) error { return nil }
	err = p.moveSecrets(t.Context(), 1, target{}, meddled{store, func() {
		deleteClient(t, "brought")
		mustRun(t, "client", "create", "app", "--grants", "password", "--scopes", "other", "--replace")
		mobile.SecretVersion++
		if err := store.UpdateClient(t.Context(), mobile); err != nil {
			t.Error(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "client app keeps its secret, now by key 2\n" +
		"client brought was changed or deleted meanwhile, and is left as it is\n" +
		"client mobile was changed or deleted meanwhile, and is left as it is\n"; !strings.HasPrefix(said.String(), want+"waiting ") {
		t.Errorf("it says %s", said)
	}
	if _, err := store.Client(t.Context(), "brought"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a deleted client is there again: %v", err)
	}
	if got, err := store.Client(t.Context(), "mobile"); err != nil || got.SealedSecret != "" || got.SecretVersion != mobile.SecretVersion {
		t.Errorf("another secret was overwritten: %+v, %v", got, err)
	}
	app, err := store.Client(t.Context(), "app")
	if err != nil || !slices.Equal(app.Scopes, []string{"other"}) || seal.ClientKey(&app) != 2 || secretOf(t, store, v, "app") != secrets["app"] {
		t.Errorf("the client is %+v, %v", app, err)
	}
	mustFail(t, "key 1 gives these clients (1) their secrets: mobile;", "key", "retire", "1")
}

// deleteClient does what people do in the console.
func deleteClient(t *testing.T, id string) {
	t.Helper()
	p, _, _ := inProcess("")
	cfg, err := p.awsConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := p.tables().Registry
	_, err = sdk.NewFromConfig(cfg).DeleteItem(t.Context(), &sdk.DeleteItemInput{TableName: &table,
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "client#" + id}}})
	if err != nil {
		t.Fatal(err)
	}
}

// Somebody who rotates meanwhile keeps the new key.
func TestKeyRetireOfAKeyringThatChanged(t *testing.T) {
	inDeployment(t)
	v := newVault(t, rotated)
	v.before["UpdateSecretVersionStage"] = func() { mustRun(t, "key", "rotate", "--now") }
	mustFail(t, "the keyring was changed meanwhile", "key", "retire", "--yes", "1")
	if ids := v.keys().IDs(); !slices.Equal(ids, []seal.KeyID{1, 2, 3}) {
		t.Errorf("keys %v", ids)
	}
}

func TestKeyRetireInAFile(t *testing.T) {
	inDeployment(t)
	t.Setenv("KEYS_SECRET_ARN", "")
	path := keysFileOf(t, strings.Replace(rotated, `"2"`, `"1","next":"2","next_from":"1"`, 1))
	if out := mustRun(t, "key", "retire", "--yes", "1", "--keys", path); !strings.HasPrefix(out, "key 1 is retired.") {
		t.Error(out)
	}
	text := readFile(t, path)
	if keys := asKeyring(t, text); keys.Current() != 2 || len(keys.IDs()) != 1 || strings.Contains(text, "next") {
		t.Errorf("left is %s", text)
	}
}

func TestKeyCommandsOfAStack(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	p, _, _ := inProcess("")
	tables := p.tables()
	stack(t, map[string]string{"RegistryTableName": tables.Registry, "KeysSecretArn": os.Getenv("KEYS_SECRET_ARN")})
	t.Setenv("REGISTRY_TABLE", "")
	t.Setenv("KEYS_SECRET_ARN", "")
	mustRun(t, "key", "rotate", "--now", "--stack", "gatehouse")
	mustRun(t, "key", "list", "--stack", "gatehouse")
	mustRun(t, "key", "retire", "--yes", "1", "--stack", "gatehouse")
	if ids := v.keys().IDs(); !slices.Equal(ids, []seal.KeyID{2}) {
		t.Errorf("keys %v", ids)
	}
	mustFail(t, "stack other: ", "key", "rotate", "--stack", "other")
}
