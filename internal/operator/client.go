package operator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
)

// Client is the Store and the Keys of a server on this machine. It keeps the
// contracts of that store. A server that has ended gives ErrNoServer.
type Client struct{ http *http.Client }

// patience is how long a server may take to say what it is. What it is asked
// after that may be about a whole table.
const patience = 10 * time.Second

// Dial returns the client of the server that listens at port, with what it says
// of itself. ErrNoServer when there is none in folders, ErrSilent when it does
// not answer in ten seconds.
func Dial(ctx context.Context, folders []string, port int) (*Client, About, error) {
	return dialWithin(ctx, folders, port, patience)
}

func dialWithin(ctx context.Context, folders []string, port int, limit time.Duration) (*Client, About, error) {
	connect := func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, folders, port) }
	c := &Client{&http.Client{Transport: &http.Transport{DialContext: connect}}}
	limited, cancel := context.WithTimeoutCause(ctx, limit, ErrSilent)
	defer cancel()
	self, err := about.ask(limited, c, false)
	if err != nil && errors.Is(context.Cause(limited), ErrSilent) {
		err = ErrSilent
	}
	return c, self, err
}

// ReadKeys is of Keys.
func (c *Client) ReadKeys(ctx context.Context) ([]byte, error) { return readKeys.ask(ctx, c, false) }

// ReplaceKeys is of Keys.
func (c *Client) ReplaceKeys(ctx context.Context, older, newer []byte) error {
	return only(replaceKeys.ask(ctx, c, keysChange{older, newer}))
}

// Create is of oauth.Sessions.
func (c *Client) Create(ctx context.Context, s oauth.Session) error {
	return only(createSession.ask(ctx, c, s))
}

// Find is of oauth.Sessions.
func (c *Client) Find(ctx context.Context, id oauth.SessionID, now time.Time, consistency oauth.Consistency) (oauth.Session, error) {
	return findSession.ask(ctx, c, finding{id, now, consistency})
}

// Refresh is of oauth.Sessions.
func (c *Client) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	return refresh.ask(ctx, c, r)
}

// Extend is of oauth.Sessions.
func (c *Client) Extend(ctx context.Context, id oauth.SessionID, end, now time.Time) error {
	return only(extend.ask(ctx, c, extension{id, end, now}))
}

// Kill is of oauth.Sessions.
func (c *Client) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	return only(kill.ask(ctx, c, killing{id, k}))
}

// Revoke is of oauth.Sessions.
func (c *Client) Revoke(ctx context.Context, r oauth.Revocation) error {
	return only(revoke.ask(ctx, c, r))
}

// List is of oauth.UserSessions.
func (c *Client) List(ctx context.Context, user, cursor string, limit int, now time.Time) ([]oauth.Session, string, error) {
	found, err := list.ask(ctx, c, listing{user, cursor, limit, now})
	return found.Sessions, found.Next, err
}

// SealedSessions is of oauth.TokenSecrets.
func (c *Client) SealedSessions(ctx context.Context, cursor string) ([]oauth.Session, string, error) {
	found, err := listSealed.ask(ctx, c, cursor)
	return found.Sessions, found.Next, err
}

// ResealToken is of oauth.TokenSecrets.
func (c *Client) ResealToken(ctx context.Context, id oauth.SessionID, old, renewed string) error {
	return only(resealToken.ask(ctx, c, tokenResealing{id, old, renewed}))
}

// Spent is of oauth.Spendings.
func (c *Client) Spent(ctx context.Context, key oauth.SpendKey, now time.Time) (bool, error) {
	return spent.ask(ctx, c, question{key, now})
}

// Client is of oauth.Clients.
func (c *Client) Client(ctx context.Context, id string) (oauth.Client, error) {
	return client.ask(ctx, c, id)
}

// AllClients is of oauth.ClientList.
func (c *Client) AllClients(ctx context.Context) ([]oauth.Client, error) {
	return allClients.ask(ctx, c, false)
}

// CreateClient is of oauth.ClientRegistry.
func (c *Client) CreateClient(ctx context.Context, one oauth.Client) error {
	return only(createClient.ask(ctx, c, one))
}

// UpdateClient is of oauth.ClientRegistry.
func (c *Client) UpdateClient(ctx context.Context, one oauth.Client) error {
	return only(updateClient.ask(ctx, c, one))
}

// DeleteClient is of oauth.ClientRegistry.
func (c *Client) DeleteClient(ctx context.Context, id string) error {
	return only(deleteClient.ask(ctx, c, id))
}

// Reseal is of oauth.ClientSecrets.
func (c *Client) Reseal(ctx context.Context, old oauth.Client, sealed string) error {
	return only(reseal.ask(ctx, c, resealing{old, sealed}))
}

// User is of oauth.Users.
func (c *Client) User(ctx context.Context, name string) (oauth.User, error) {
	return user.ask(ctx, c, name)
}

// ListUsers is of oauth.UserList.
func (c *Client) ListUsers(ctx context.Context, after string, limit int) ([]oauth.User, string, error) {
	found, err := listUsers.ask(ctx, c, userListing{after, limit})
	return found.Users, found.Next, err
}

// CreateUser is of oauth.UserRegistry.
func (c *Client) CreateUser(ctx context.Context, u oauth.User) error {
	return only(createUser.ask(ctx, c, u))
}

// UpdateUser is of oauth.UserRegistry.
func (c *Client) UpdateUser(ctx context.Context, u oauth.User) error {
	return only(updateUser.ask(ctx, c, u))
}

// DeleteUser is of oauth.UserRegistry.
func (c *Client) DeleteUser(ctx context.Context, name string) error {
	return only(deleteUser.ask(ctx, c, name))
}

// only is the error of an operation that has nothing else to tell.
func only(_ none, err error) error { return err }
