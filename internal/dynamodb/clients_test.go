package dynamodb

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// Clients are found on every page, between users and on pages without any.
func TestAllClientsOnManyPages(t *testing.T) {
	store := newStore(t, nil)
	var want []string
	for i := range 25 {
		id := fmt.Sprintf("c%02d", i)
		want = append(want, id)
		if err := store.PutClient(t.Context(), oauth.Client{ID: id, SecretKey: uint32(i)}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{id, "client#" + id} {
			if err := store.PutUser(t.Context(), oauth.User{ID: "u", Name: name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, page := range []int32{1, 3, 1000} {
		clients, err := store.scanClients(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, client := range clients {
			got = append(got, client.ID)
			if client.SecretKey != uint32(i) {
				t.Errorf("client %+v", client)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v", page, got)
		}
	}
}

// An item that cannot be read is not passed over: whoever asks wants all.
func TestAllClientsNamesTheOneThatIsBroken(t *testing.T) {
	store := newStore(t, nil)
	if err := store.PutClient(t.Context(), oauth.Client{ID: "good"}); err != nil {
		t.Fatal(err)
	}
	if err := store.register(t.Context(), item{attrKey: text(clientPrefix + "bad"), attrSecretKey: text("1")}); err != nil {
		t.Fatal(err)
	}
	if clients, err := store.AllClients(t.Context()); err == nil || clients != nil || !strings.Contains(err.Error(), `client "bad": `) {
		t.Errorf("got %v, %v", clients, err)
	}
}

// An item that people wrote may lack what is zero.
func TestResealOfAnItemWithoutZeros(t *testing.T) {
	store := newStore(t, nil)
	if err := store.register(t.Context(), item{attrKey: text(clientPrefix + "old"), attrSealedSecret: text("old one")}); err != nil {
		t.Fatal(err)
	}
	client, err := store.Client(t.Context(), "old")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reseal(t.Context(), client, "new one"); err != nil {
		t.Error(err)
	}
	if got, err := store.Client(t.Context(), "old"); err != nil || got.SealedSecret != "new one" {
		t.Errorf("got %+v, %v", got, err)
	}
}
