package grants

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauth2"
)

// The names of RFC 8693: the grant_type of §2.1, and token types of §3. A
// client is allowed it as oauth.GrantTokenExchange.
const (
	tokenExchange   oauth.Grant = "urn:ietf:params:oauth:grant-type:token-exchange" // #nosec G101 -- a name of RFC 8693
	accessTokenType string      = "urn:ietf:params:oauth:token-type:access_token"   // #nosec G101 -- a name of RFC 8693
	oauth1TokenType string      = "urn:gatehouse:token-type:oauth1"
)

// exchange gives OAuth 2 tokens for the OAuth 1.0 token that the request is
// signed with (RFC 8693), in two round trips: an app moves to OAuth 2 without
// its users signing in again. The old token stays as it is.
func (e *Endpoint) exchange(ctx context.Context, r *oauth.Request, form oauth.Params, now time.Time) (oauth.Response, error) {
	verdict, target, refusal, err := e.parties(ctx, r, form, now)
	if err != nil || refusal != nil {
		return e.exchangeRefused(refusal, err)
	}
	subject := &verdict.Session
	scope, refusal := exchangedScope(subject.Scope, target.Scopes, form.Get("scope"))
	request := &tokenRequest{Request: r, form: form, client: &target, now: now, grant: oauth.GrantTokenExchange}
	if refusal == nil {
		refusal, err = e.prove(ctx, request)
	}
	if err != nil || refusal != nil {
		return e.exchangeRefused(refusedTo(subject, refusal), err)
	}
	id, err := e.newID()
	if err != nil {
		return oauth.Response{}, err
	}
	session := e.userSession(request, id, &oauth.User{ID: subject.User, Name: subject.UserName}, scope)
	if err := e.create(ctx, session); err != nil {
		return oauth.Response{}, err
	}
	answer := e.tokens(&target, &session, now)
	answer.IssuedTokenType = accessTokenType
	response, err := request.answered(answer, session)
	response.Fault = verdict.Fault
	return response, err
}

// exchangeRefused is a refusal whose challenge is of the scheme that the
// client used (RFC 6749 §5.2); where something broke there is none.
func (e *Endpoint) exchangeRefused(refusal *oauth.Error, err error) (oauth.Response, error) {
	if err != nil {
		return oauth.Response{}, err
	}
	response, err := oauth2.Refuse(e.Terms.Realm, refusal)
	if refusal.Status == http.StatusUnauthorized {
		response.Header.Set("WWW-Authenticate", oauth1.FormatHeader(e.Terms.Realm, nil))
	}
	return response, err
}

// parties returns the verdict on the token that the request is signed with,
// with its live session, and the client that gets the tokens: the one that signed, or one that
// it is linked to, which authenticates itself in the form. That comes first,
// so that it is refused before the nonce is spent.
func (e *Endpoint) parties(ctx context.Context, r *oauth.Request, form oauth.Params, now time.Time) (subject oauth.Verdict, target oauth.Client, refusal *oauth.Error, err error) {
	signed, refusal := oauth1.Parse(r)
	if refusal != nil {
		return subject, target, asExchangeError(refusal), nil
	}
	if refusal := exchangeRefusal(form, &signed); refusal != nil {
		return subject, target, refusal, nil
	}
	if namesAnother(form, &signed) {
		if target, refusal, err = e.Auth.FormAlone(ctx, r, form, now); err != nil || refusal != nil {
			return subject, target, refusal, err
		}
	}
	subject, err = e.Access.Check(ctx, r)
	if err != nil {
		return subject, target, nil, err
	}
	if !subject.Allowed {
		return subject, target, asExchangeError(subject.Refusal), nil
	}
	target, refusal, err = e.target(ctx, subject.Session.Client, target, now)
	return subject, target, refusedTo(&subject.Session, refusal), err
}

// refusedTo says for the log whose token was not exchanged.
func refusedTo(subject *oauth.Session, refusal *oauth.Error) *oauth.Error {
	if refusal != nil {
		refusal.Session = subject
	}
	return genuine(refusal)
}

func namesAnother(form oauth.Params, signed *oauth1.Signed) bool {
	id := form.Get("client_id")
	return id != "" && id != signed.ConsumerKey
}

// target returns other, or the client that signed where there is no other, if
// it may have tokens for those of the client that signed.
func (e *Endpoint) target(ctx context.Context, signer string, other oauth.Client, now time.Time) (oauth.Client, *oauth.Error, error) {
	target, err := e.Auth.Clients.Client(ctx, signer, now)
	if err != nil {
		return oauth.Client{}, nil, fmt.Errorf("find client: %w", err)
	}
	if other.ID != "" {
		if !target.LinkedTo(other.ID) {
			return oauth.Client{}, oauth.BadRequest(oauth.UnauthorizedClient, "the client that signed is not linked to this client_id"), nil
		}
		target = &other
	}
	if !target.Allows(oauth.GrantTokenExchange) {
		return oauth.Client{}, mayNotUse(), nil
	}
	return *target, nil, nil
}

// exchangeRefusal checks the parameters of RFC 8693 §2.1. subject_token and
// subject_token_type, which are required there, may be left out: the signature
// presents the token already, and proves that its secret is known too.
func exchangeRefusal(form oauth.Params, signed *oauth1.Signed) *oauth.Error {
	grant, subject, wanted := form.Get("grant_type"), form.Get("subject_token"), form.Get("requested_token_type")
	switch {
	case grant == "":
		return oauth.BadRequest(oauth.InvalidRequest, "grant_type missing")
	case grant != string(tokenExchange):
		return oauth.BadRequest(oauth.InvalidRequest, "the grant_type of a request signed by OAuth 1.0 is "+string(tokenExchange))
	case form.Get("client_secret") != "" && !namesAnother(form, signed): // RFC 6749 §2.3
		return oauth.BadRequest(oauth.InvalidRequest, "client_secret is for another client_id: the signature authenticates this client")
	case form.Get("actor_token") != "" || form.Get("actor_token_type") != "":
		return oauth.BadRequest(oauth.InvalidRequest, "actor_token is not supported: nobody acts for the user")
	case form.Get("resource") != "" || form.Get("audience") != "":
		return oauth.BadRequest(oauth.InvalidTarget, "resource and audience are not supported: scope says what a token is for")
	case subject != "" && subject != signed.Token:
		return oauth.BadRequest(oauth.InvalidRequest, "subject_token differs from the oauth_token that the request is signed with")
	case !slices.Contains([]string{"", accessTokenType, oauth1TokenType}, form.Get("subject_token_type")):
		return oauth.BadRequest(oauth.InvalidRequest, "subject_token_type is "+oauth1TokenType+" or "+accessTokenType)
	case wanted != "" && wanted != accessTokenType:
		return oauth.BadRequest(oauth.InvalidRequest, "requested_token_type is "+accessTokenType)
	}
	return nil
}

// asExchangeError words a refused signature for OAuth 2: a token that does not
// hold is the fault of the request (RFC 8693 §2.2.2), anything else that is
// refused is the fault of the client's authentication.
func asExchangeError(refusal *oauth.Error) *oauth.Error {
	worded := *refusal
	token := slices.Contains([]string{oauth.TokenRejected, oauth.TokenRevoked, oauth.TokenExpired}, refusal.Code)
	switch {
	case token || refusal.Status == http.StatusBadRequest:
		worded.Status, worded.Code = http.StatusBadRequest, oauth.InvalidRequest
	case refusal.Status == http.StatusUnauthorized:
		worded.Code = oauth.InvalidClient
	}
	return &worded
}

// exchangedScope is what was asked for, or else all that the token was granted
// and the client may have. More is never to be had.
func exchangedScope(granted, allowed []string, asked string) ([]string, *oauth.Error) {
	scope, refusal := oauth.ReadScope(asked)
	if refusal != nil {
		return nil, refusal
	}
	most := inBoth(granted, allowed)
	switch {
	case !oauth.Covers(most, scope):
		return nil, oauth.BadRequest(oauth.InvalidScope, "scope is more than the token was granted and the client may have")
	case scope != nil:
		return scope, nil
	case len(most) == 0 && len(granted) > 0:
		return nil, oauth.BadRequest(oauth.InvalidScope, "the client may have nothing of what the token was granted")
	}
	return most, nil
}

// inBoth are the tokens of granted that the client may have by now.
func inBoth(granted, allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(granted), func(token string) bool { return !slices.Contains(allowed, token) })
}
