package sessions

import (
	"context"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth2"
	"gatehouse/internal/oauth/seal"
)

// introspection is RFC 7662 §2.2. Times are in epoch seconds; one that is
// left out is none.
type introspection struct {
	Active    bool   `json:"active"`
	ClientID  string `json:"client_id,omitempty"`
	Subject   string `json:"sub,omitempty"`
	UserName  string `json:"username,omitempty"`
	Scope     string `json:"scope,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
	Expires   int64  `json:"exp,omitempty"`

	Confirmation *confirmation `json:"cnf,omitempty"`
}

// confirmation is RFC 9449 §6.2: whoever accepts the token wants the proof of
// this key with it.
type confirmation struct {
	Thumbprint string `json:"jkt"`
}

// introspect answers POST /oauth/introspect: a client with a secret, such as
// an API that sits behind no authorizer, asks what a token stands for. What is
// not live is only said to be inactive (§2.2), and junk costs no read.
func (e *Endpoint) introspect(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	client, token, refusal, err := e.tokenOf(ctx, r)
	if err != nil {
		return oauth.Response{}, err
	}
	if refusal == nil && client.Public {
		refusal = oauth.Unauthorized(oauth.InvalidClient, "introspection is for clients with a secret")
	}
	if refusal != nil {
		return e.refuse(refusal)
	}
	kind, verdict, err := e.Access.Inspect(ctx, &client, token)
	if err != nil {
		return oauth.Response{}, err
	}
	if kind == seal.RefreshToken && verdict.Session.Client != client.ID { // an API never gets one
		verdict = oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "the refresh token is another client's"))
	}
	if !verdict.Allowed {
		answer, err := oauth2.Answer(http.StatusOK, introspection{})
		answer.Refusal = verdict.Refusal
		return answer, err
	}
	return oauth2.Answer(http.StatusOK, inspected(kind, &verdict.Session))
}

// inspected describes a live token of a session.
func inspected(kind seal.Kind, s *oauth.Session) introspection {
	scope, ends := s.AccessScope, s.TokenExpires()
	if kind == seal.RefreshToken {
		scope, ends = s.Scope, s.Expires
	}
	answer := introspection{Active: true, ClientID: s.Client, Subject: s.User, UserName: s.UserName,
		Scope: oauth.FormatScope(scope), TokenType: tokenType(kind, s), IssuedAt: s.Renewed.Unix(), Expires: epoch(ends)}
	if s.Confirmation != "" {
		answer.Confirmation = &confirmation{s.Confirmation}
	}
	return answer
}

// tokenType is the registered type of an access token. The others have none
// and are called by what they are.
func tokenType(kind seal.Kind, s *oauth.Session) string {
	switch kind {
	case seal.AccessToken:
		return oauth2.TokenType(s)
	case seal.RefreshToken:
		return "refresh_token"
	}
	return "oauth1"
}

// epoch is t in epoch seconds, 0 for never.
func epoch(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
