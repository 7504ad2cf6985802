// Package proxy is the OAuth reverse proxy: it carries valid requests to a
// backend in any language, with the caller's identity in place of the
// credentials, and brings the answer back whole.
//
// It sees bodies, which no authorizer does, so OAuth 1.0 form bodies and body
// hashes are verified here.
package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/access"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/rules"
	"gatehouse/internal/oauth/seal"
)

// Prefix is what the paths of requests to the backend begin with.
const Prefix = "/api/"

// Proxy carries requests to one backend. Every field but Rules must be set.
type Proxy struct {
	Access    *access.Checker
	Rules     rules.Rules
	Upstream  *url.URL          // as ParseUpstream returns it
	Transport http.RoundTripper // see NewTransport
	Keys      *seal.Keyring
	Clock     func() time.Time
	Rand      io.Reader
	Realm     string
	Timeout   time.Duration // of the backend, for its whole answer
}

// Serve answers a request below Prefix with the backend's answer, and
// KeysRoute with the public keys. A request that is refused never reaches the
// backend. A backend that fails gives status 502 or 504, with the reason in the
// response's Fault; an error means that something else broke.
func (p *Proxy) Serve(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	if r.Route == KeysRoute {
		return p.publicKeys(r)
	}
	if refusal := admit(r); refusal != nil {
		return oauth2.Refuse(p.Realm, refusal)
	}
	from, refusal, err := p.authorize(ctx, r)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal != nil {
		return p.refuse(r, refusal)
	}
	out, err := p.request(r, from.session)
	if err != nil {
		return oauth.Response{}, err
	}
	response, err := p.send(ctx, out)
	if err != nil {
		return oauth.Response{}, err
	}
	response.Session, response.Act, response.Fault = from.session, oauth.ActAccepted, errors.Join(from.fault, response.Fault)
	oauth2.SetNonce(&response, from.nonce)
	return response, nil
}

// refuse answers in the words of the protocol and scheme that were tried. Where
// none was, the challenges are of all (RFC 9110 §11.6.1), without an error code
// (RFC 6750 §3.1). A token that needs a proof is told so (RFC 9449 §7.1).
func (p *Proxy) refuse(r *oauth.Request, refusal *oauth.Error) (oauth.Response, error) {
	if oauth1.IsSigned(r) {
		return oauth1.Refuse(p.Realm, inOAuth1(refusal)), nil
	}
	answer, err := oauth2.Refuse(p.Realm, refusal)
	scheme, token, wrong := oauth2.AccessToken(r)
	switch {
	case err != nil || answer.Header.Get("WWW-Authenticate") == "":
	case scheme == dpop.Scheme || refusal.Reason == oauth.ReasonKey:
		answer.Header.Set("WWW-Authenticate", oauth2.DPoPChallenge(refusal.Code))
	case refusal.Status == http.StatusUnauthorized && token == "" && wrong == nil:
		answer.Header.Set("WWW-Authenticate", "Bearer realm=\""+p.Realm+"\", "+oauth1.FormatHeader(p.Realm, nil)+", "+oauth2.DPoPChallenge(""))
	}
	return answer, err
}

// inOAuth1 puts a missing scope, which OAuth 1.0 does not know, in its words.
func inOAuth1(refusal *oauth.Error) *oauth.Error {
	if refusal.Code != oauth.InsufficientScope {
		return refusal
	}
	worded := *refusal
	worded.Code = oauth.PermissionDenied
	return &worded
}
