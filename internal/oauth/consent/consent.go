// Package consent is the authorization endpoint of both protocols: the pages
// on which a user signs in and allows a client what it asks for (RFC 5849
// §2.2, RFC 6749 §3.1). Nothing is stored: form state, sign-in, codes and
// verifiers are sealed values.
package consent

import (
	"context"
	"io"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Endpoint answers GET and POST /oauth/authorize. Every field must be set.
type Endpoint struct {
	Clients oauth.Clients
	Keys    *seal.Keyring
	Users   oauth.Authenticator
	Clock   func() time.Time
	Rand    io.Reader
	Look    Look
	SignIn  time.Duration // how long a browser stays signed in
}

// Look is what the operator decides of the pages.
type Look struct {
	Name       string            // of the service whose account the user has
	LogoURL    string            // https; empty: none
	Accent     string            // colour of buttons, #rrggbb
	AccentDark string            // the same on a dark background
	Scopes     map[string]string // what each scope means, for people
}

// Serve answers one request. An error means that something broke.
func (e *Endpoint) Serve(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	return oauth.Response{Status: http.StatusNotFound}, nil
}
