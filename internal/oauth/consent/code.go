package consent

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// askCode judges the request of the authorization code grant (RFC 6749
// §4.1.1). Until client and redirect URI are proven nobody is redirected
// (§4.1.2.1, RFC 9700 §4.11).
func (e *Endpoint) askCode(ctx context.Context, query oauth.Params, now time.Time) (authorization, *refusal, error) {
	// 1. The client.
	client, refused, err := e.codeClient(ctx, query, now)
	if err != nil || refused != nil {
		return authorization{}, refused, err
	}
	// 2. Its redirect URI.
	uri, ok := client.Redirect(query.Get("redirect_uri"))
	if !ok || query.Count("redirect_uri") > 1 {
		return authorization{client: client}, &refusal{oauth.BadRequest(oauth.InvalidRequest, "redirect_uri is not one of the client's"), wrongAddress}, nil
	}
	a := authorization{client: client, redirect: uri, named: query.Get("redirect_uri") != "",
		query: keep(query, "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_mode", "dpop_jkt")}
	// 3. What the client is told of at its redirect URI; the state is first,
	// since it goes along.
	for _, check := range []func(*authorization, oauth.Params) *oauth.Error{
		readState, checkRepeated, checkExtensions, checkResponse, checkGrant, readScope, readChallenge, readKey,
	} {
		if reason := check(&a, query); reason != nil {
			return a, &refusal{Error: reason}, nil
		}
	}
	return a, nil, nil
}

func (e *Endpoint) codeClient(ctx context.Context, query oauth.Params, now time.Time) (oauth.Client, *refusal, error) {
	if query.Count("client_id") > 1 {
		return oauth.Client{}, &refusal{oauth.BadRequest(oauth.InvalidRequest, "client_id is there more than once"), unknownApp}, nil
	}
	client, known, err := e.find(ctx, query.Get("client_id"), now)
	if err != nil || known {
		return client, nil, err
	}
	return oauth.Client{}, &refusal{oauth.BadRequest(oauth.InvalidClient, "no such client_id"), unknownApp}, nil
}

// maxState is in bytes as a URL has them: the state comes back in a header, and
// API Gateway bounds headers at 10,240 bytes in all.
const maxState = 2048

func readState(a *authorization, query oauth.Params) *oauth.Error {
	state := query.Get("state")
	switch {
	case query.Count("state") > 1:
		return oauth.BadRequest(oauth.InvalidRequest, "state is there more than once")
	case len(url.QueryEscape(state)) > maxState:
		return oauth.BadRequest(oauth.InvalidRequest, fmt.Sprintf("state is longer than %d bytes, percent-encoded", maxState))
	}
	a.state = state
	return nil
}

// RFC 6749 §3.1
func checkRepeated(_ *authorization, query oauth.Params) *oauth.Error {
	if name := query.Repeated(); name != "" {
		return oauth.Quoting(oauth.InvalidRequest, "parameter "+oauth.Printable(name)+" is there more than once")
	}
	return nil
}

// checkExtensions refuses what would be unsafe to ignore: a request object may
// say other than the parameters beside it (RFC 9101 §6).
func checkExtensions(_ *authorization, query oauth.Params) *oauth.Error {
	mode := query.Get("response_mode")
	switch {
	case query.Get("request") != "":
		return oauth.BadRequest(oauth.RequestNotSupported, "request objects are not supported")
	case query.Get("request_uri") != "":
		return oauth.BadRequest(oauth.RequestURINotSupported, "request_uri is not supported")
	case mode != "" && mode != "query":
		return oauth.BadRequest(oauth.InvalidRequest, "the response_mode is query")
	}
	return nil
}

func checkResponse(_ *authorization, query oauth.Params) *oauth.Error {
	switch query.Get("response_type") {
	case "code":
		return nil
	case "":
		return oauth.BadRequest(oauth.InvalidRequest, "response_type missing")
	}
	return oauth.BadRequest(oauth.UnsupportedResponseType, "the response_type is code")
}

func checkGrant(a *authorization, _ oauth.Params) *oauth.Error {
	if !a.client.Allows(oauth.GrantAuthorizationCode) {
		return oauth.BadRequest(oauth.UnauthorizedClient, "this client may not use authorization codes")
	}
	return nil
}

func readScope(a *authorization, query oauth.Params) (refusal *oauth.Error) {
	a.scope, refusal = a.client.GrantedScope(query.Get("scope"))
	return refusal
}

// readChallenge is RFC 7636 §4.3. A code_challenge without a method would be
// plain, which shows the verifier (RFC 9700 §2.1.1).
func readChallenge(a *authorization, query oauth.Params) *oauth.Error {
	challenge, method := query.Get("code_challenge"), query.Get("code_challenge_method")
	switch {
	case challenge == "" && method != "":
		return oauth.BadRequest(oauth.InvalidRequest, "code_challenge_method without code_challenge")
	case challenge == "" && a.client.Public:
		return oauth.BadRequest(oauth.InvalidRequest, "code_challenge missing: a public client must use PKCE")
	case challenge != "" && method != "S256":
		return oauth.BadRequest(oauth.InvalidRequest, "the code_challenge_method is S256")
	case challenge != "" && !isDigest(challenge):
		return oauth.BadRequest(oauth.InvalidRequest, "code_challenge is the SHA-256 of the verifier as 43 characters of base64url")
	}
	a.challenge = challenge
	return nil
}

// readKey is RFC 9449 §10.
func readKey(a *authorization, query oauth.Params) *oauth.Error {
	a.key = query.Get("dpop_jkt")
	if a.key != "" && !isDigest(a.key) {
		return oauth.BadRequest(oauth.InvalidRequest, "dpop_jkt is the SHA-256 thumbprint of a key as 43 characters of base64url")
	}
	return nil
}

func isDigest(text string) bool {
	digest, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(digest) == 32 && len(text) == 43
}

// sendCode answers with a code (RFC 6749 §4.1.2) and who made it (RFC 9207).
func (e *Endpoint) sendCode(v *visit, a *authorization) (oauth.Response, error) {
	code, err := e.Keys.SealCode(seal.Code{Client: a.client.ID, Redirect: a.redirect, Named: a.named, Scope: a.scope,
		User: v.browser.User, UserName: v.browser.Name, Challenge: a.challenge, Key: a.key}, v.now.Add(seal.CodeLifetime))
	if err != nil {
		return oauth.Response{}, err
	}
	return a.sendBack(v, oauth.Params{{Name: "code", Value: code.Reveal()}}), nil
}

// sendError tells the client why there is no code (RFC 6749 §4.1.2.1).
func (a *authorization) sendError(v *visit, reason *oauth.Error) oauth.Response {
	response := a.sendBack(v, oauth.Params{{Name: "error", Value: reason.Code},
		{Name: "error_description", Value: oauth.Describable(reason.Description)}})
	response.Refusal = reason
	return response
}

// sendBack adds to the answer what every one of OAuth 2 has.
func (a *authorization) sendBack(v *visit, params oauth.Params) oauth.Response {
	if a.state != "" {
		params = append(params, oauth.Param{Name: "state", Value: a.state})
	}
	return a.answer(append(params, oauth.Param{Name: "iss", Value: v.Issuer()}))
}
