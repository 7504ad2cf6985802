package dynamodb

import (
	"errors"
	"maps"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// facts are what a store may find; a broken item is none of them.
var facts = []error{oauth.ErrNotFound, oauth.ErrExpired, oauth.ErrExists, oauth.ErrSpent,
	oauth.ErrReused, oauth.ErrNotOwner, oauth.ErrScope}

// wantBroken wants an error that names attribute and is no fact.
func wantBroken(t *testing.T, what, attribute string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "attribute "+attribute) {
		t.Errorf("%s: got error %v, want one that names %s", what, err, attribute)
	}
	for _, fact := range facts {
		if errors.Is(err, fact) {
			t.Errorf("%s: a broken item passes as %v", what, fact)
		}
	}
}

func put(t *testing.T, store *Store, table string, attributes item) {
	t.Helper()
	_, err := store.client.PutItem(t.Context(), &sdk.PutItemInput{TableName: &table, Item: attributes})
	if err != nil {
		t.Fatal(err)
	}
}

// wrong are values of a wrong type or out of range.
var wrong = map[string]types.AttributeValue{
	attrProtocol:      number(1),
	attrClient:        boolean(true),
	attrUserName:      number(1),
	attrScope:         &types.AttributeValueMemberL{},
	attrGeneration:    number(1 << 32),
	attrRenewed:       text("yesterday"),
	attrAccessScope:   text("read"),
	attrAccessExpires: &types.AttributeValueMemberN{Value: "1.5"},
	attrExpires:       text("never"),
	attrAgent:         text("agent"),
	attrAddress:       &types.AttributeValueMemberNULL{Value: true},
	attrConfirmation:  binary([]byte{1}),
}

func TestBrokenSession(t *testing.T) {
	store := newStore(t, nil)
	whole := testSession()
	id, renewal := whole.ID, oauth.Renewal{ID: whole.ID, Client: "other", Now: start}
	for attribute, value := range wrong {
		t.Run(attribute, func(t *testing.T) {
			stored := sessionItem(&whole)
			stored[attribute] = value
			put(t, store, store.tables.Sessions, stored)
			_, err := store.Find(t.Context(), id, start, oauth.Strong)
			wantBroken(t, "Find", attribute, err)
			_, err = store.Refresh(t.Context(), renewal)
			wantBroken(t, "Refresh", attribute, err)
			_, _, err = store.List(t.Context(), whole.User, "", 10, start)
			wantBroken(t, "List", attribute, err)
			wantBroken(t, "Create", attribute, store.Create(t.Context(), whole))
		})
	}
	for _, attribute := range []string{attrProtocol, attrClient, attrGeneration, attrCreated} {
		t.Run("no "+attribute, func(t *testing.T) {
			stored := maps.Clone(sessionItem(&whole))
			delete(stored, attribute)
			put(t, store, store.tables.Sessions, stored)
			_, err := store.Find(t.Context(), id, start, oauth.Strong)
			wantBroken(t, "Find", attribute, err)
		})
	}
}

// A session whose end can't be read must not be taken for one that never ends.
func TestBrokenEndIsNotRefreshed(t *testing.T) {
	store := newStore(t, nil)
	session := testSession()
	stored := sessionItem(&session)
	stored[attrExpires] = text("never")
	put(t, store, store.tables.Sessions, stored)
	_, err := store.Refresh(t.Context(), oauth.Renewal{ID: session.ID, Client: session.Client, Now: start})
	wantBroken(t, "Refresh", attrExpires, err)
}

func TestBrokenRegistry(t *testing.T) {
	store := newStore(t, nil)
	for attribute, value := range map[string]types.AttributeValue{
		attrName:             number(1),
		attrPublic:           text("true"),
		attrDisabled:         text("true"),
		attrGrants:           text("password"),
		attrScopes:           &types.AttributeValueMemberL{Value: []types.AttributeValue{number(1)}},
		attrRedirectURIs:     &types.AttributeValueMemberSS{Value: []string{"a"}},
		attrSignatureMethods: number(1),
		attrOrigins:          text("https://app.example.com"),
		attrLinkedClients:    &types.AttributeValueMemberSS{Value: []string{"a"}},
		attrSunset:           text("2027-01-31"),
		attrDiagnose:         text("true"),
		attrSecretKey:        number(-1),
		attrSecretVersion:    text("1"),
	} {
		t.Run("client "+attribute, func(t *testing.T) {
			put(t, store, store.tables.Registry, item{attrKey: text(clientPrefix + "c"), attribute: value})
			_, err := store.Client(t.Context(), "c")
			wantBroken(t, "Client", attribute, err)
		})
	}
	for attribute, value := range map[string]types.AttributeValue{
		attrUserID:       number(1),
		attrPasswordHash: binary([]byte{1}),
		attrDisabled:     number(0),
	} {
		t.Run("user "+attribute, func(t *testing.T) {
			put(t, store, store.tables.Registry, item{attrKey: text(userPrefix + "u"), attrUserID: text("1"), attribute: value})
			_, err := store.User(t.Context(), "u")
			wantBroken(t, "User", attribute, err)
		})
	}
	t.Run("user without id", func(t *testing.T) {
		put(t, store, store.tables.Registry, item{attrKey: text(userPrefix + "u")})
		_, err := store.User(t.Context(), "u")
		wantBroken(t, "User", attrUserID, err)
	})
}
