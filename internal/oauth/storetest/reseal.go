package storetest

import (
	"testing"

	"gatehouse/internal/oauth"
)

func testReseal(t *testing.T, store Store) {
	full, derived := fullClient(t), oauth.Client{ID: "derived " + t.Name(), SecretKey: 1, Revision: 1}
	bare := oauth.Client{ID: "bare " + t.Name(), Revision: 1}
	for _, old := range []oauth.Client{full, derived, bare} {
		wantError(t, "nobody", store.Reseal(t.Context(), old, "new"), oauth.ErrNotFound)
		_, err := store.Client(t.Context(), old.ID)
		wantError(t, "nobody is made", err, oauth.ErrNotFound)
	}
	for _, old := range []oauth.Client{full, derived, bare} {
		keptClient(t, store, old)
		testResealRefused(t, store, old)
		changed := old
		changed.Scopes, changed.Disabled = []string{"read"}, !old.Disabled
		wantError(t, "UpdateClient", store.UpdateClient(t.Context(), changed), nil)
		changed.Revision = 2
		changed.SealedSecret = "new " + old.SealedSecret
		for _, what := range []string{"Reseal", "a retry"} {
			changed.Revision++
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
