// Package grants is the token endpoint, a file for each way to get tokens.
package grants

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/clientauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// Endpoint answers the routes that issue tokens. Every field must be set.
type Endpoint struct {
	Auth     *clientauth.Authenticator
	Access   *access.Checker // for proofs, and OAuth 1.0 requests that exchange their own token
	Keys     *seal.Keyring
	Users    oauth.Authenticator
	Sessions oauth.Sessions
	Replay   oauth.Replay
	Clock    func() time.Time
	Rand     io.Reader
	Terms    Terms
}

// Terms are how long what is issued lasts.
type Terms struct {
	Realm   string
	Access  time.Duration // of an OAuth 2 access token
	Session time.Duration // of a session that is not refreshed
	OAuth1  time.Duration // of an OAuth 1.0 token; zero: until it is revoked
	Grace   time.Duration // in which a refresh may be asked for again
	Idle    time.Duration // after which a session that is not used ends; zero: none
	Binding oauth.BindingPolicy
}

// Serve answers one request. An error means that something broke.
func (e *Endpoint) Serve(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	now := oauth.Milli(e.Clock()) // as the store keeps it, so that answers agree with it
	switch r.Route {
	case "/oauth/token":
		return e.oauth2(ctx, r, now)
	case "/oauth/request_token":
		return e.requestToken(ctx, r, now)
	case "/oauth/access_token":
		return e.oauth1(ctx, r, now)
	case "/.well-known/oauth-authorization-server":
		return e.metadata(r)
	case "/oauth/client.js":
		return e.script(r)
	}
	return oauth2.Refuse(e.Terms.Realm, &oauth.Error{Status: http.StatusNotFound, Code: oauth.InvalidRequest, Description: "no such endpoint"})
}

// oauth2 answers POST /oauth/token (RFC 6749 §3.2): the request read once,
// the client authenticated, then one grant. A signed request exchanges its
// token.
func (e *Endpoint) oauth2(ctx context.Context, r *oauth.Request, now time.Time) (oauth.Response, error) {
	form, refusal := oauth2.ParseForm(r)
	if refusal != nil {
		return oauth2.Refuse(e.Terms.Realm, refusal)
	}
	if oauth1.IsSigned(r) {
		return e.exchange(ctx, r, form, now)
	}
	client, refusal, err := e.Auth.Form(ctx, r, form, now)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal != nil {
		return oauth2.Refuse(e.Terms.Realm, refusal)
	}
	request := &tokenRequest{Request: r, form: form, client: &client, now: now}
	session, refusal, err := e.grant(ctx, request)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal != nil {
		return oauth2.Refuse(e.Terms.Realm, request.refused(refusal, oauth.OAuth2))
	}
	return request.answered(e.tokens(&client, &session, now), session)
}

// tokenRequest is a request for tokens whose client is who it says.
type tokenRequest struct {
	*oauth.Request
	form   oauth.Params
	client *oauth.Client
	now    time.Time
	grant  oauth.Grant
	proven access.Proven // once its proof was spent; zero: there was none
}

// offered are the grants of the token endpoint, as grant_type names them.
func offered() []oauth.Grant {
	return []oauth.Grant{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantPassword,
		oauth.GrantClientCredentials, tokenExchange}
}

// grantNames lists them for people.
func grantNames() string {
	var names []string
	for _, grant := range offered() {
		names = append(names, string(grant))
	}
	return strings.Join(names, ", ")
}

// grant is the one switch over grant_type.
func (e *Endpoint) grant(ctx context.Context, r *tokenRequest) (oauth.Session, *oauth.Error, error) {
	name := oauth.Grant(r.form.Get("grant_type"))
	switch {
	case name == "":
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, "grant_type missing"), nil
	case !slices.Contains(offered(), name):
		return oauth.Session{}, oauth.BadRequest(oauth.UnsupportedGrantType, "grant_type is one that the metadata names: "+grantNames()), nil
	case name == tokenExchange:
		return oauth.Session{}, oauth.BadRequest(oauth.InvalidRequest, "sign the request with the OAuth 1.0 token that is to be exchanged"), nil
	case !r.client.Allows(name):
		return oauth.Session{}, mayNotUse(), nil
	}
	r.grant = name
	if refusal, err := e.prove(ctx, r); err != nil || refusal != nil {
		return oauth.Session{}, refusal, err
	}
	switch name {
	case oauth.GrantAuthorizationCode:
		return e.authorizationCode(ctx, r)
	case oauth.GrantRefreshToken:
		return e.refresh(ctx, r)
	case oauth.GrantClientCredentials:
		return e.clientCredentials(ctx, r)
	}
	return e.password(ctx, r)
}

// prove has the tokens bound to the key of the proof that came with the request
// (RFC 9449 §5), which it needs where the client's sessions are to be bound to
// one, and may have anywhere.
func (e *Endpoint) prove(ctx context.Context, r *tokenRequest) (refusal *oauth.Error, err error) {
	r.proven, refusal, err = e.Access.Prove(ctx, r.Request, r.now)
	if err == nil && refusal == nil && r.proven.Key == "" && e.Terms.Binding.For(r.client).To == oauth.BindDPoP {
		refusal = oauth.BadRequest(oauth.InvalidDPoPProof, "the DPoP header is missing: tokens for this client are bound to a key")
	}
	return refusal, err
}

func mayNotUse() *oauth.Error {
	return oauth.BadRequest(oauth.UnauthorizedClient, "this client may not use this grant_type")
}

// tokenAnswer is RFC 6749 §5.1.
type tokenAnswer struct {
	AccessToken     string `json:"access_token"`
	IssuedTokenType string `json:"issued_token_type,omitempty"` // RFC 8693 §2.2.1
	TokenType       string `json:"token_type"`
	ExpiresIn       int64  `json:"expires_in"`
	RefreshToken    string `json:"refresh_token,omitempty"`
	Scope           string `json:"scope,omitempty"`
}

// tokens derives the tokens of a session's generation. Asked for again they
// are the same, only expires_in has gone on.
func (e *Endpoint) tokens(client *oauth.Client, session *oauth.Session, now time.Time) tokenAnswer {
	answer := tokenAnswer{
		AccessToken: e.Keys.Mint(seal.AccessToken, session.ID, session.Generation).Reveal(),
		TokenType:   oauth2.TokenType(session),
		ExpiresIn:   int64(max(0, session.TokenExpires().Sub(now)) / time.Second),
		Scope:       oauth.FormatScope(session.AccessScope),
	}
	if session.User != "" && client.Allows(oauth.GrantRefreshToken) {
		answer.RefreshToken = e.Keys.Mint(seal.RefreshToken, session.ID, session.Generation).Reveal()
	}
	return answer
}

func (r *tokenRequest) answered(answer tokenAnswer, session oauth.Session) (oauth.Response, error) {
	response, err := oauth2.Answer(http.StatusOK, answer)
	response.Session, response.Act, response.Grant = &session, oauth.ActTokenIssued, r.grant
	oauth2.SetNonce(&response, r.proven.Nonce)
	return response, err
}
