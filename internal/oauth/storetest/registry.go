package storetest

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

func fullClient(t *testing.T) oauth.Client {
	return oauth.Client{
		ID:               "c-" + t.Name(),
		Name:             "Mobile app ✓",
		Public:           true,
		Disabled:         true,
		Grants:           []oauth.Grant{oauth.GrantXAuth, oauth.GrantPassword},
		Scopes:           []string{"write", "read"},
		RedirectURIs:     []string{"https://b.example/cb?x=1", "app://a"},
		SignatureMethods: []oauth.SignatureMethod{oauth.RSASHA256, oauth.HMACSHA1},
		Origins:          []string{"https://b.example", "http://localhost:5173"},
		LinkedClients:    []string{"new", "another"},
		Sunset:           start.Truncate(time.Second),
		Diagnose:         true,
		Imported:         true,
		Binding:          oauth.BindAgentNetwork, OnMismatch: oauth.KillSession,
		RSAPublicKey:  "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		SecretKey:     4294967295,
		SecretVersion: 2,
		SealedSecret:  "sealed",
		Revision:      1,
	}
}

func fullUser(t *testing.T) oauth.User {
	return oauth.User{ID: "u1", Name: "alice ✓ " + t.Name(), Disabled: true,
		Revision:     1,
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$AAAA$BBBB"} // #nosec G101 -- of no password
}

// keptClient creates c and returns what is found in its place.
func keptClient(t *testing.T, store Store, c oauth.Client) oauth.Client {
	t.Helper()
	wantError(t, "CreateClient", store.CreateClient(t.Context(), c), nil)
	got, err := store.Client(t.Context(), c.ID)
	wantError(t, "Client", err, nil)
	return got
}

func testClient(t *testing.T, store Store) {
	t.Run("every field, and none", func(t *testing.T) {
		wantFull(t, fullClient(t))
		for _, want := range []oauth.Client{fullClient(t), {ID: "small " + t.Name(), Revision: 1}} {
			if got := keptClient(t, store, want); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		}
	})
	t.Run("empty lists", func(t *testing.T) {
		c := oauth.Client{ID: "c-" + t.Name(), Revision: 1, Grants: []oauth.Grant{}, Scopes: []string{}, RedirectURIs: []string{},
			SignatureMethods: []oauth.SignatureMethod{}, Origins: []string{}, LinkedClients: []string{}}
		if got := keptClient(t, store, c); !reflect.DeepEqual(got, c.Kept()) {
			t.Errorf("got  %+v\nwant %+v", got, c.Kept())
		}
	})
	t.Run("sunset in whole seconds", func(t *testing.T) {
		c := oauth.Client{ID: "c-" + t.Name(), Sunset: start.In(time.FixedZone("", 3600))}
		want := start.Truncate(time.Second).Add(time.Second)
		if got := keptClient(t, store, c); got.Sunset != want {
			t.Errorf("got %v, want %v", got.Sunset, want)
		}
	})
	t.Run("shares nothing", func(t *testing.T) {
		c := fullClient(t)
		found := keptClient(t, store, c)
		c.Scopes[0], found.Scopes[0], c.Grants[0] = "x", "x", "x"
		c.Origins[0], found.Origins[0], found.LinkedClients[0] = "x", "x", "x"
		got, err := store.Client(t.Context(), c.ID)
		if err != nil || !reflect.DeepEqual(got, fullClient(t)) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, fullClient(t))
		}
	})
}

func testUser(t *testing.T, store Store) {
	wantFull(t, fullUser(t))
	for _, want := range []oauth.User{fullUser(t), {ID: "u2", Name: "small " + t.Name(), Revision: 1}} {
		wantError(t, "CreateUser", store.CreateUser(t.Context(), want), nil)
		wantUser(t, store, want)
	}
}

func wantUser(t *testing.T, store Store, want oauth.User) {
	t.Helper()
	if got, err := store.User(t.Context(), want.Name); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// testRegistryMisses asks for what is not there.
func testRegistryMisses(t *testing.T, store Store) {
	wantError(t, "CreateClient", store.CreateClient(t.Context(), oauth.Client{ID: t.Name()}), nil)
	wantError(t, "CreateUser", store.CreateUser(t.Context(), oauth.User{ID: "u", Name: t.Name() + "2"}), nil)
	_, err := store.User(t.Context(), t.Name())
	wantError(t, "a client is no user", err, oauth.ErrNotFound)
	_, err = store.Client(t.Context(), t.Name()+"2")
	wantError(t, "a user is no client", err, oauth.ErrNotFound)
	_, err = store.Client(t.Context(), "")
	wantError(t, "no name", err, oauth.ErrNotFound)
}

func testAllClients(t *testing.T, store Store) {
	full := fullClient(t)
	small := oauth.Client{ID: "A-" + t.Name(), Revision: 1}
	for _, c := range []oauth.Client{full, small} {
		wantError(t, "CreateClient", store.CreateClient(t.Context(), c), nil)
	}
	wantError(t, "CreateUser", store.CreateUser(t.Context(), fullUser(t)), nil)
	all, err := store.AllClients(t.Context())
	wantError(t, "AllClients", err, nil)
	if !slices.IsSortedFunc(all, func(a, b oauth.Client) int { return cmp.Compare(a.ID, b.ID) }) {
		t.Errorf("not in the order of ids: %+v", all)
	}
	for _, want := range []oauth.Client{full, small} {
		found := slices.IndexFunc(all, func(c oauth.Client) bool { return c.ID == want.ID })
		if found < 0 || !reflect.DeepEqual(all[found], want) {
			t.Errorf("want %+v in %+v", want, all)
		}
	}
	if slices.ContainsFunc(all, func(c oauth.Client) bool { return strings.Contains(c.ID, "alice") }) {
		t.Errorf("a user is no client: %+v", all)
	}
}
