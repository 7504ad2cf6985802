package dynamodb

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/oauth"
)

// Clients are found on every page, between users and on pages without any.
func TestAllClientsOnManyPages(t *testing.T) {
	store := newStore(t, nil)
	var want []string
	for i := range 25 {
		id := fmt.Sprintf("c%02d", i)
		want = append(want, id)
		if err := store.CreateClient(t.Context(), oauth.Client{ID: id, SecretKey: uint32(i)}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{id, "client#" + id} {
			if err := store.CreateUser(t.Context(), oauth.User{ID: "u", Name: name}); err != nil {
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
	if err := store.CreateClient(t.Context(), oauth.Client{ID: "good"}); err != nil {
		t.Fatal(err)
	}
	putItem(t, store, item{attrKey: text(clientPrefix + "bad"), attrSecretKey: text("1")})
	if clients, err := store.AllClients(t.Context()); err == nil || clients != nil || !strings.Contains(err.Error(), `client "bad": `) {
		t.Errorf("got %v, %v", clients, err)
	}
}

// An item that people wrote may lack what is zero.
func TestResealOfAnItemWithoutZeros(t *testing.T) {
	store := newStore(t, nil)
	putItem(t, store, item{attrKey: text(clientPrefix + "old"), attrSealedSecret: text("old one")})
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

// putItem writes an item of the registry that no store would write.
func putItem(t *testing.T, store *Store, attributes item) {
	t.Helper()
	if _, err := store.client.PutItem(t.Context(), &sdk.PutItemInput{TableName: &store.tables.Registry, Item: attributes}); err != nil {
		t.Fatal(err)
	}
}

// Items from before revisions were counted have revision 0, until they are
// written.
func TestRevisionOfItemsFromBefore(t *testing.T) {
	store := newStore(t, nil)
	putItem(t, store, item{attrKey: text(clientPrefix + "c"), attrName: text("old")})
	putItem(t, store, item{attrKey: text(userPrefix + "u"), attrUserID: text("u1"), attrPasswordHash: text("old")})
	client, err := store.Client(t.Context(), "c")
	if err != nil || client.Revision != 0 {
		t.Fatalf("client %+v, %v", client, err)
	}
	if err := store.CreateClient(t.Context(), client); !errors.Is(err, oauth.ErrExists) {
		t.Errorf("CreateClient: %v", err)
	}
	other := client
	other.Name = "new"
	first, second := store.UpdateClient(t.Context(), other), store.UpdateClient(t.Context(), client)
	if first != nil || !errors.Is(second, oauth.ErrChanged) {
		t.Errorf("two updates of one revision: %v, %v", first, second)
	}
	user, err := store.User(t.Context(), "u")
	if err != nil || user.Revision != 0 {
		t.Fatalf("user %+v, %v", user, err)
	}
	if err := store.Rehash(t.Context(), "u", "old", "new"); err != nil {
		t.Error(err)
	}
	if err := store.UpdateUser(t.Context(), user); !errors.Is(err, oauth.ErrChanged) {
		t.Errorf("an update of what was rehashed meanwhile: %v", err)
	}
	if user, err = store.User(t.Context(), "u"); err != nil || user.Revision != 1 || store.UpdateUser(t.Context(), user) != nil {
		t.Errorf("user %+v, %v", user, err)
	}
}
