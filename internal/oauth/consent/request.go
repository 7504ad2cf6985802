package consent

import (
	"context"
	"net/url"
	"slices"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// authorization is a request of a client for a user's consent. It is not put
// to the user before all of it was judged.
type authorization struct {
	client   oauth.Client
	redirect string // the redirect URI or callback, or oauth.OutOfBand
	scope    []string
	query    string // the request as a query, without what has no meaning here

	token string // identifier of the temporary credentials; empty in OAuth 2

	state     string
	named     bool   // the client named redirect, and did not leave it out
	challenge string // code_challenge of S256; empty: none
	key       string // dpop_jkt; empty: none
}

// refusal is why a request is not put to the user. problem is the page that
// says so; without one it is the client that is told, at its redirect URI.
type refusal struct {
	*oauth.Error
	problem problem
}

// ask judges an authorization request, the same way when it comes and when its
// form comes back. With a refusal that goes to the client, the authorization
// says where that is.
func (e *Endpoint) ask(ctx context.Context, query oauth.Params, now time.Time) (authorization, *refusal, error) {
	if query.Has("oauth_token") {
		return e.askThreeLegged(ctx, query, now)
	}
	return e.askCode(ctx, query, now)
}

func (e *Endpoint) askAgain(ctx context.Context, query string, now time.Time) (authorization, *refusal, error) {
	params, err := oauth.ParseForm(query)
	if err != nil {
		return authorization{}, nil, err // we made it
	}
	return e.ask(ctx, params, now)
}

// keep encodes the parameters called names. An empty one counts as left out
// (RFC 6749 §3.1).
func keep(query oauth.Params, names ...string) string {
	var kept oauth.Params
	for _, name := range names {
		if value := query.Get(name); value != "" {
			kept = append(kept, oauth.Param{Name: name, Value: value})
		}
	}
	return oauth1.EncodeForm(kept)
}

func (a *authorization) threeLegged() bool { return a.token != "" }

// sameScope: the client's own scopes are asked for where it names none, and
// they may have grown since the user saw them.
func (a *authorization) sameScope(shown []string) bool { return slices.Equal(a.scope, shown) }

// appName is what people call the client.
func (a *authorization) appName() string {
	if a.client.Name == "" {
		return a.client.ID
	}
	return a.client.Name
}

// host is where the user is sent afterwards, as people read it; empty for an
// app on the user's own device.
func (a *authorization) host() string {
	uri, err := url.Parse(a.redirect)
	if err != nil || uri.Scheme != "https" && uri.Scheme != "http" || onDevice(uri.Hostname()) {
		return ""
	}
	return uri.Host
}
