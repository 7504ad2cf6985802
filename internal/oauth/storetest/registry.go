package storetest

import (
	"cmp"
	"fmt"
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
		Binding:          oauth.BindAgentNetwork, OnMismatch: oauth.KillSession,
		RSAPublicKey:  "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		SecretKey:     4294967295,
		SecretVersion: 2,
		SealedSecret:  "sealed",
	}
}

func fullUser(t *testing.T) oauth.User {
	return oauth.User{ID: "u1", Name: "alice ✓ " + t.Name(), Disabled: true,
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$AAAA$BBBB"} // #nosec G101 -- of no password
}

// keptClient stores c and returns what is found in its place.
func keptClient(t *testing.T, store Store, c oauth.Client) oauth.Client {
	t.Helper()
	wantError(t, "PutClient", store.PutClient(t.Context(), c), nil)
	got, err := store.Client(t.Context(), c.ID)
	wantError(t, "Client", err, nil)
	return got
}

func testClient(t *testing.T, store Store) {
	t.Run("every field, and none", func(t *testing.T) {
		wantFull(t, fullClient(t))
		for _, want := range []oauth.Client{fullClient(t), {ID: "c-" + t.Name()}} {
			if got := keptClient(t, store, want); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		}
	})
	t.Run("empty lists", func(t *testing.T) {
		c := oauth.Client{ID: "c-" + t.Name(), Grants: []oauth.Grant{}, Scopes: []string{}, RedirectURIs: []string{},
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
	for _, want := range []oauth.User{fullUser(t), {ID: "u2", Name: fullUser(t).Name}} {
		wantError(t, "PutUser", store.PutUser(t.Context(), want), nil)
		got, err := store.User(t.Context(), want.Name)
		if err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

// testRegistryMisses asks for what is not there.
func testRegistryMisses(t *testing.T, store Store) {
	wantError(t, "PutClient", store.PutClient(t.Context(), oauth.Client{ID: t.Name()}), nil)
	wantError(t, "PutUser", store.PutUser(t.Context(), oauth.User{ID: "u", Name: t.Name() + "2"}), nil)
	_, err := store.User(t.Context(), t.Name())
	wantError(t, "a client is no user", err, oauth.ErrNotFound)
	_, err = store.Client(t.Context(), t.Name()+"2")
	wantError(t, "a user is no client", err, oauth.ErrNotFound)
	_, err = store.Client(t.Context(), "")
	wantError(t, "no name", err, oauth.ErrNotFound)
}

func testAllClients(t *testing.T, store Store) {
	full := fullClient(t)
	small := oauth.Client{ID: "A-" + t.Name()}
	for _, c := range []oauth.Client{full, small} {
		wantError(t, "PutClient", store.PutClient(t.Context(), c), nil)
	}
	wantError(t, "PutUser", store.PutUser(t.Context(), fullUser(t)), nil)
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

func testReseal(t *testing.T, store Store) {
	full, derived := fullClient(t), oauth.Client{ID: "c-" + t.Name(), SecretKey: 1}
	for _, old := range []oauth.Client{full, derived, {ID: full.ID}} {
		wantError(t, "nobody", store.Reseal(t.Context(), old, "new"), oauth.ErrNotFound)
		_, err := store.Client(t.Context(), full.ID)
		wantError(t, "nobody is made", err, oauth.ErrNotFound)
	}
	for _, old := range []oauth.Client{full, derived, {ID: full.ID}} {
		keptClient(t, store, old)
		testResealRefused(t, store, old)
		changed := old
		changed.Scopes, changed.Disabled = []string{"read"}, !old.Disabled
		keptClient(t, store, changed)
		changed.SealedSecret = "new " + old.SealedSecret
		for _, what := range []string{"Reseal", "a retry"} {
			wantError(t, what, store.Reseal(t.Context(), old, changed.SealedSecret), nil)
			wantClient(t, store, what, changed)
		}
		wantError(t, "again", store.Reseal(t.Context(), old, "newer"), oauth.ErrNotFound)
		wantClient(t, store, "again", changed)
	}
}

// testResealRefused takes the client stored for another.
func testResealRefused(t *testing.T, store Store, client oauth.Client) {
	for what, change := range map[string]func(*oauth.Client){
		"another key":     func(c *oauth.Client) { c.SecretKey ^= 2 },
		"another version": func(c *oauth.Client) { c.SecretVersion ^= 2 },
		"another secret":  func(c *oauth.Client) { c.SealedSecret += "x" },
	} {
		other := client
		change(&other)
		wantError(t, what, store.Reseal(t.Context(), other, "new"), oauth.ErrNotFound)
		wantClient(t, store, what, client)
	}
}

func wantClient(t *testing.T, store Store, what string, want oauth.Client) {
	t.Helper()
	if got, err := store.Client(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %+v, %v\nwant %+v", what, got, err, want)
	}
}

func testRehash(t *testing.T, store Store) {
	user := fullUser(t)
	rehash := func(name, old, renewed string) error { return store.Rehash(t.Context(), name, old, renewed) }
	hashed := func(want string) {
		t.Helper()
		wanted := user
		wanted.PasswordHash = want
		if got, err := store.User(t.Context(), user.Name); err != nil || got != wanted {
			t.Errorf("got %+v, %v, want %+v", got, err, wanted)
		}
	}
	wantError(t, "nobody", rehash(user.Name, user.PasswordHash, "new"), oauth.ErrNotFound)
	_, err := store.User(t.Context(), user.Name)
	wantError(t, "nobody is made", err, oauth.ErrNotFound)
	wantError(t, "PutUser", store.PutUser(t.Context(), user), nil)
	wantError(t, "another hash", rehash(user.Name, "other", "new"), oauth.ErrNotFound)
	hashed(user.PasswordHash)
	wantError(t, "Rehash", rehash(user.Name, user.PasswordHash, "new"), nil)
	hashed("new")
	wantError(t, "a retry", rehash(user.Name, user.PasswordHash, "new"), nil)
	wantError(t, "another of the old hash", rehash(user.Name, user.PasswordHash, "newer"), oauth.ErrNotFound)
	hashed("new")
	raceRehash(t, store, user.Name)
	wantError(t, "PutClient", store.PutClient(t.Context(), oauth.Client{ID: "c-" + t.Name()}), nil)
	wantError(t, "a client", rehash("c-"+t.Name(), "old", "new"), oauth.ErrNotFound)
}

// raceRehash has exactly one of many hashes kept.
func raceRehash(t *testing.T, store Store, name string) {
	t.Helper()
	var errs [racers]error
	race(func(racer int) { errs[racer] = store.Rehash(t.Context(), name, "new", fmt.Sprint("racer ", racer)) })
	winners := 0
	for racer, err := range errs {
		if !isNilOr(err, oauth.ErrNotFound) {
			t.Errorf("racer %d: %v", racer, err)
		}
		if err != nil {
			continue
		}
		winners++
		if got, err := store.User(t.Context(), name); err != nil || got.PasswordHash != fmt.Sprint("racer ", racer) {
			t.Errorf("racer %d won, and the hash is %q, %v", racer, got.PasswordHash, err)
		}
	}
	if winners != 1 {
		t.Errorf("%d of %d won", winners, racers)
	}
}
