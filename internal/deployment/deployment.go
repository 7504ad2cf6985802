// Package deployment puts the functions together: settings, keyring and store
// into endpoints, and endpoints into handlers of API Gateway events. It is the
// same on Lambda and on a laptop; only the store differs.
package deployment

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/consent"
	"gatehouse/internal/oauth/grants"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/oauth/sessions"
)

// Store is all that the functions keep.
type Store interface {
	oauth.Sessions
	oauth.UserSessions
	oauth.Replay
	oauth.Throttle
	oauth.Clients
	oauth.Users
	oauth.Passwords
}

// Deployment is what the functions share. Every field must be set but
// Name, Audit, ReadKeys, Function, AWS and Pages. The handlers keep Keys up to date with ReadKeys.
type Deployment struct {
	Name     string // of the Lambda function; empty: it is none, and nothing is counted
	Settings Settings
	Keys     *seal.Keyring
	ReadKeys func(context.Context) (*seal.Keyring, error) // nil: the keys never change
	Store    Store
	Clock    func() time.Time
	Rand     io.Reader
	Log      *slog.Logger
	Audit    *audit.Log    // nil: no audit events are written
	Function NewFunction   // nil: no Lambda function is asked who signs in
	AWS      aws.Config    // to reach it
	Pages    consent.Pages // nil: this program shows no pages
}

// Token is the handler of functions/token.
func (d *Deployment) Token() (apigateway.Handler, error) {
	users, _, err := d.users()
	if err != nil {
		return nil, err
	}
	auth := d.auth()
	endpoint := &grants.Endpoint{
		Auth:     auth,
		Access:   d.accessWithNonces(auth),
		Keys:     d.Keys,
		Users:    users,
		Sessions: d.Store,
		Replay:   d.Store,
		Clock:    d.Clock,
		Rand:     d.Rand,
		Terms:    d.Settings.Terms,
	}
	return d.gateway().Proxy(withFreshKeys(d.renewal(), endpoint.Serve, unknownKeyAnswer)), nil
}

var errNoPages = errors.New("this program is built without the pages")

// Showing is handler in a program that shows pages. They are pages.Write, named
// by the programs that have them, so that the others are built without.
func Showing(write consent.Pages, handler func(*Deployment) (apigateway.Handler, error)) func(*Deployment) (apigateway.Handler, error) {
	return func(d *Deployment) (apigateway.Handler, error) {
		d.Pages = write
		return handler(d)
	}
}

// Authorize is the handler of functions/authorize.
func (d *Deployment) Authorize() (apigateway.Handler, error) {
	if d.Pages == nil {
		return nil, errNoPages
	}
	users, accounts, err := d.users()
	if err != nil {
		return nil, err
	}
	endpoint := &consent.Endpoint{
		Clients:  oauth.NewCachedClients(d.Store),
		Keys:     d.Keys,
		Users:    users,
		Accounts: accounts,
		Clock:    d.Clock,
		Rand:     d.Rand,
		Look:     d.Settings.Look,
		SignIn:   d.Settings.SignIn,
		Pages:    d.Pages,
	}
	fault, err := endpoint.Fault()
	if err != nil {
		return nil, err
	}
	pages := d.gateway()
	pages.Fault = &fault
	pages.AllowedOrigin = "" // no other page has to read these
	return pages.Proxy(withFreshKeys(d.renewal(), endpoint.Serve, unknownKeyAnswer)), nil
}

// Authorizer is the handler of functions/authorizer.
func (d *Deployment) Authorizer() (apigateway.Handler, error) {
	gateway := d.gateway()
	gateway.Rules = d.Settings.Rules
	return gateway.Authorizer(withFreshKeys(d.renewal(), d.access(d.auth()).Check, unknownKeyVerdict)), nil
}

// Revoke is the handler of functions/revoke.
func (d *Deployment) Revoke() (apigateway.Handler, error) {
	auth := d.auth()
	endpoint := &sessions.Endpoint{
		Auth:     auth,
		Access:   d.access(auth),
		Keys:     d.Keys,
		Sessions: d.Store,
		ByUser:   d.Store,
		Clock:    d.Clock,
		Realm:    d.Settings.Terms.Realm,
	}
	return d.gateway().Proxy(withFreshKeys(d.renewal(), endpoint.Serve, unknownKeyAnswer)), nil
}

func (d *Deployment) auth() *clientauth.Authenticator {
	return &clientauth.Authenticator{
		Clients:  oauth.NewCachedClients(d.Store),
		Keys:     d.Keys,
		Window:   d.Settings.Window,
		Diagnose: (&diagnoses{window: d.Settings.Window}).of,
	}
}

func (d *Deployment) access(auth *clientauth.Authenticator) *access.Checker {
	return &access.Checker{
		Auth:        auth,
		Keys:        d.Keys,
		Sessions:    d.Store,
		Replay:      d.Store,
		Clock:       d.Clock,
		Consistency: d.Settings.Consistency,
		Grace:       d.Settings.Terms.Grace,
		Binding:     d.Settings.Terms.Binding,
	}
}

// accessWithNonces is access for a function that answers clients itself. What an
// authorizer says with its refusal reaches none (RFC 9449 §9 needs a header).
func (d *Deployment) accessWithNonces(auth *clientauth.Authenticator) *access.Checker {
	checker := d.access(auth)
	checker.Nonces = d.Settings.Nonces
	return checker
}

func (d *Deployment) gateway() *apigateway.Gateway {
	return &apigateway.Gateway{BaseURL: d.Settings.BaseURL, AllowedOrigin: d.Settings.Origin, PlainHTTP: d.Settings.PlainHTTP,
		Trusted: d.Settings.Trusted, Function: d.Name, Metrics: d.Settings.Metrics, Audit: d.Audit, Log: d.Log, Clock: d.Clock}
}
