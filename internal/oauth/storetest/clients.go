package storetest

import (
	"context"
	"time"

	"gatehouse/internal/oauth"
)

// Uncached is an oauth.ClientsAt that asks its Clients each time.
type Uncached struct{ oauth.Clients }

// Client is of oauth.ClientsAt.
func (u Uncached) Client(ctx context.Context, id string, _ time.Time) (*oauth.Client, error) {
	client, err := u.Clients.Client(ctx, id)
	return &client, err
}
