package operator

import (
	"context"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
)

// Store is what people read and write of a deployment.
type Store interface {
	oauth.Sessions
	oauth.UserSessions
	oauth.Spendings
	oauth.Clients
	oauth.ClientList
	oauth.ClientSecrets
	oauth.TokenSecrets
	oauth.Users
	oauth.UserList
	oauth.Registry
}

// Keys is the keyring of a server.
type Keys interface {
	// ReadKeys returns the text of the keyring, as package seal reads it.
	ReadKeys(ctx context.Context) ([]byte, error)

	// ReplaceKeys puts newer in the place of older, or returns oauth.ErrChanged
	// when the keyring is another by now.
	ReplaceKeys(ctx context.Context, older, newer []byte) error
}

// About is what a server says of itself.
type About struct {
	URL   string        // that its clients use
	Grace time.Duration // how long the access token before the last refresh still works
}

const (
	about         operation[none, About]                  = "about"
	createSession operation[oauth.Session, none]          = "create-session"
	findSession   operation[finding, oauth.Session]       = "find-session"
	refresh       operation[oauth.Renewal, oauth.Session] = "refresh-session"
	extend        operation[extension, none]              = "extend-session"
	kill          operation[killing, none]                = "kill-session"
	revoke        operation[oauth.Revocation, none]       = "revoke-session"
	list          operation[listing, page]                = "list-sessions"
	listSealed    operation[string, page]                 = "list-sealed-sessions"
	resealToken   operation[tokenResealing, none]         = "reseal-token"
	spent         operation[question, bool]               = "spent"
	client        operation[string, oauth.Client]         = "client"
	allClients    operation[none, []oauth.Client]         = "all-clients"
	createClient  operation[oauth.Client, none]           = "create-client"
	updateClient  operation[oauth.Client, none]           = "update-client"
	deleteClient  operation[string, none]                 = "delete-client"
	reseal        operation[resealing, none]              = "reseal-client"
	user          operation[string, oauth.User]           = "user"
	listUsers     operation[userListing, userPage]        = "list-users"
	createUser    operation[oauth.User, none]             = "create-user"
	updateUser    operation[oauth.User, none]             = "update-user"
	deleteUser    operation[string, none]                 = "delete-user"
	readKeys      operation[none, []byte]                 = "read-keys"
	replaceKeys   operation[keysChange, none]             = "replace-keys"
)

type finding struct {
	ID          oauth.SessionID
	Now         time.Time
	Consistency oauth.Consistency
}

type extension struct {
	ID       oauth.SessionID
	End, Now time.Time
}

type killing struct {
	ID      oauth.SessionID
	Killing oauth.Killing
}

type listing struct {
	User, Cursor string
	Limit        int
	Now          time.Time
}

type page struct {
	Sessions []oauth.Session
	Next     string
}

type question struct {
	Key oauth.SpendKey
	Now time.Time
}

type resealing struct {
	Old    oauth.Client
	Sealed string
}

type tokenResealing struct {
	ID           oauth.SessionID
	Old, Renewed string
}

type userListing struct {
	After string
	Limit int
}

type userPage struct {
	Users []oauth.User
	Next  string
}

type keysChange struct{ Older, Newer []byte }

// Handler does for Clients what they ask of store and keys. It is to be served
// by a Listen of this package alone: it asks nobody who they are.
func Handler(store Store, keys Keys, self About) http.Handler {
	mux := http.NewServeMux()
	about.serve(mux, func(context.Context, none) (About, error) { return self, nil })
	readKeys.serve(mux, func(ctx context.Context, _ none) ([]byte, error) { return keys.ReadKeys(ctx) })
	replaceKeys.serve(mux, func(ctx context.Context, c keysChange) (none, error) {
		return false, keys.ReplaceKeys(ctx, c.Older, c.Newer)
	})
	serveSessions(mux, store)
	serveClients(mux, store)
	serveUsers(mux, store)
	return mux
}

func serveSessions(mux *http.ServeMux, store Store) {
	createSession.serve(mux, alone(store.Create))
	refresh.serve(mux, store.Refresh)
	revoke.serve(mux, alone(store.Revoke))
	findSession.serve(mux, func(ctx context.Context, f finding) (oauth.Session, error) {
		return store.Find(ctx, f.ID, f.Now, f.Consistency)
	})
	extend.serve(mux, func(ctx context.Context, e extension) (none, error) {
		return false, store.Extend(ctx, e.ID, e.End, e.Now)
	})
	kill.serve(mux, func(ctx context.Context, k killing) (none, error) { return false, store.Kill(ctx, k.ID, k.Killing) })
	list.serve(mux, func(ctx context.Context, l listing) (page, error) {
		sessions, next, err := store.List(ctx, l.User, l.Cursor, l.Limit, l.Now)
		return page{sessions, next}, err
	})
	listSealed.serve(mux, func(ctx context.Context, cursor string) (page, error) {
		sessions, next, err := store.SealedSessions(ctx, cursor)
		return page{sessions, next}, err
	})
	resealToken.serve(mux, func(ctx context.Context, r tokenResealing) (none, error) {
		return false, store.ResealToken(ctx, r.ID, r.Old, r.Renewed)
	})
	spent.serve(mux, func(ctx context.Context, q question) (bool, error) { return store.Spent(ctx, q.Key, q.Now) })
}

func serveClients(mux *http.ServeMux, store Store) {
	client.serve(mux, store.Client)
	allClients.serve(mux, func(ctx context.Context, _ none) ([]oauth.Client, error) { return store.AllClients(ctx) })
	createClient.serve(mux, alone(store.CreateClient))
	updateClient.serve(mux, alone(store.UpdateClient))
	deleteClient.serve(mux, alone(store.DeleteClient))
	reseal.serve(mux, func(ctx context.Context, r resealing) (none, error) { return false, store.Reseal(ctx, r.Old, r.Sealed) })
}

func serveUsers(mux *http.ServeMux, store Store) {
	user.serve(mux, store.User)
	createUser.serve(mux, alone(store.CreateUser))
	updateUser.serve(mux, alone(store.UpdateUser))
	deleteUser.serve(mux, alone(store.DeleteUser))
	listUsers.serve(mux, func(ctx context.Context, l userListing) (userPage, error) {
		users, next, err := store.ListUsers(ctx, l.After, l.Limit)
		return userPage{users, next}, err
	})
}

// alone is an operation that has only an error to tell.
func alone[A any](do func(context.Context, A) error) func(context.Context, A) (none, error) {
	return func(ctx context.Context, a A) (none, error) { return false, do(ctx, a) }
}
