package consent

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// signIn checks the password that was typed.
func (e *Endpoint) signIn(ctx context.Context, v *visit, a *authorization, fields oauth.Params) (oauth.Response, error) {
	try := oauth.SignIn{Name: fields.Get("username"), Password: oauth.NewSecret(fields.Get("password")),
		Source: v.Source, Client: a.client.ID, Now: v.now}
	if n := impossible(&try); n != nil {
		return e.signInPage(v, a, n, kept(try.Name))
	}
	user, refusal, err := e.Users.Authenticate(ctx, try)
	switch {
	case err != nil:
		return oauth.Response{}, fmt.Errorf("authenticate: %w", err)
	case refusal != nil:
		response, err := e.signInPage(v, a, signInNotice(refusal), try.Name)
		response.Session = a.session(userOf(refusal))
		return response, err
	}
	v.browser.signIn(&user, v.now.Add(e.SignIn))
	response, err := e.startAgain(v, a)
	response.Session, response.Act = a.session(user.ID), oauth.ActSignedIn
	return response, err
}

// userOf is whose password it was not, where that is known.
func userOf(refusal *oauth.Error) string {
	if refusal.Session == nil {
		return ""
	}
	return refusal.Session.User
}

const maxName = 256 // bytes, as at the token endpoint

// impossible finds what no name and password are, before anything is counted.
func impossible(try *oauth.SignIn) *notice {
	switch {
	case try.Name == "" || try.Password.Empty():
		return &notice{Kind: nothingTyped, Refusal: oauth.Forbidden(oauth.PermissionDenied, "username or password empty")}
	case len(try.Name) > maxName || len(try.Password.Reveal()) > password.MaxLength:
		return &notice{Kind: wrongPassword, Refusal: oauth.Forbidden(oauth.PermissionDenied, "username or password too long")}
	}
	return nil
}

// kept is the name to show again.
func kept(name string) string {
	if len(name) > maxName {
		return ""
	}
	return name
}

// signInNotice puts a refused sign-in in words for the user. The status is 403
// and not 401, which would want a challenge (RFC 9110 §15.5.2).
func signInNotice(refusal *oauth.Error) *notice {
	if refusal.Status != http.StatusTooManyRequests {
		worded := *refusal
		worded.Status = http.StatusForbidden
		return &notice{Kind: wrongPassword, Refusal: &worded}
	}
	return &notice{Kind: tooManyTries, Refusal: refusal, Wait: inWords(refusal.RetryAfter)}
}

// wait is how long to wait, for people: in seconds up to a minute, then in
// minutes.
type wait struct{ Minutes, Seconds int }

func inWords(d time.Duration) wait {
	if d <= time.Minute {
		return wait{Seconds: int(math.Ceil(d.Seconds()))}
	}
	return wait{Minutes: int(math.Ceil(d.Minutes()))}
}
