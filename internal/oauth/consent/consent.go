// Package consent is the authorization endpoint of both protocols: the pages
// on which a user signs in and allows a client what it asks for (RFC 5849
// §2.2, RFC 6749 §3.1). Nothing is stored: form state, sign-in, codes and
// verifiers are sealed values.
package consent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// Endpoint answers GET and POST /oauth/authorize. Every field must be set.
type Endpoint struct {
	Clients  oauth.ClientsAt
	Keys     *seal.Keyring
	Users    oauth.Authenticator
	Accounts Accounts // whose passwords Users checks
	Clock    func() time.Time
	Rand     io.Reader
	Look     Look
	SignIn   time.Duration // how long a browser stays signed in
	Pages    Pages
}

// Pages writes the page of a kind that shows data. It is pages.Write.
type Pages func(out io.Writer, kind string, data any) error

// visit is one request to the pages and the browser that it came from.
type visit struct {
	*oauth.Request
	now     time.Time
	browser browser
	fresh   bool // the browser has no cookie yet
	stale   bool // it has one of a key that the keyring lacks
}

// Serve answers one request. An error means that something broke.
func (e *Endpoint) Serve(ctx context.Context, r *oauth.Request) (oauth.Response, error) {
	v, err := e.visit(r)
	if err != nil {
		return oauth.Response{}, err
	}
	response, err := e.answer(ctx, v)
	if err != nil {
		return oauth.Response{}, err
	}
	if v.stale {
		response.Refusal = staleCookie(response.Refusal)
	}
	return response, nil
}

func (e *Endpoint) answer(ctx context.Context, v *visit) (oauth.Response, error) {
	switch {
	case v.Route != "/oauth/authorize":
		return e.problem(noSuchPage, &oauth.Error{Status: http.StatusNotFound, Code: oauth.InvalidRequest, Description: "no such page"}, "")
	case v.Method == http.MethodGet:
		return e.show(ctx, v)
	case v.Method == http.MethodPost:
		return e.submit(ctx, v)
	}
	return e.problem(wrongMethod, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
		Description: "the method is GET or POST", Allow: "GET, POST"}, "")
}

// show answers what an app sends its user here with.
func (e *Endpoint) show(ctx context.Context, v *visit) (oauth.Response, error) {
	a, refused, err := e.ask(ctx, v.Query, v.now)
	switch {
	case err != nil:
		return oauth.Response{}, err
	case refused != nil:
		return e.turnDown(v, &a, refused)
	}
	return e.next(v, &a, nil)
}

// submit answers the form of a page: the form proven to be this browser's, the
// request that it is about judged again, then what the user chose.
func (e *Endpoint) submit(ctx context.Context, v *visit) (oauth.Response, error) {
	fields, shown, refusal := e.openForm(v)
	if refusal != nil {
		return e.problem(formOver, refusal, shown.Query)
	}
	a, refused, err := e.askAgain(ctx, shown.Query, v.now)
	switch {
	case err != nil:
		return oauth.Response{}, err
	case refused != nil:
		return e.turnDown(v, &a, refused)
	}
	switch fields.Get("action") {
	case "sign-in":
		return e.signIn(ctx, v, &a, fields)
	case "switch":
		return e.signOut(v, &a)
	case "allow", "deny":
		return e.decide(ctx, v, &a, &shown, fields.Get("action") == "allow")
	}
	return e.problem(formOver, oauth.BadRequest(oauth.InvalidRequest, "the form has no such action"), shown.Query)
}

// signOut signs the browser out, for another user to sign in.
func (e *Endpoint) signOut(v *visit, a *authorization) (oauth.Response, error) {
	user := v.browser.User
	v.browser.signOut()
	response, err := e.startAgain(v, a)
	if user != "" {
		response.Session, response.Act = a.session(user), oauth.ActSignedOut
	}
	return response, err
}

// decide does what the user chose, where the one who chose saw the question.
func (e *Endpoint) decide(ctx context.Context, v *visit, a *authorization, shown *form, allowed bool) (oauth.Response, error) {
	switch {
	case !v.browser.signedIn(v.now):
		return e.next(v, a, &notice{Kind: signedOut, Refusal: oauth.Forbidden(oauth.AccessDenied, "nobody is signed in any more")})
	case v.browser.User != shown.User:
		return e.next(v, a, &notice{Kind: otherUser, Refusal: oauth.Forbidden(oauth.AccessDenied, "the question was not put to the user who is signed in")})
	case !a.sameScope(shown.Scope):
		return e.next(v, a, &notice{Kind: otherScope, Refusal: oauth.Forbidden(oauth.AccessDenied, "the client may have another scope by now than the user saw")})
	}
	if allowed {
		if holds, err := e.holds(ctx, &v.browser); err != nil || !holds {
			return e.forget(v, a, err)
		}
	}
	response, err := e.settle(v, a, allowed)
	response.Session = a.session(v.browser.User)
	return response, err
}

// forget signs the browser out, since its user was disabled or has another
// password by now, unless nobody knows because something broke.
func (e *Endpoint) forget(v *visit, a *authorization, fault error) (oauth.Response, error) {
	if fault != nil {
		return oauth.Response{}, fault
	}
	v.browser.signOut()
	v.fresh = true // it gets a new cookie
	return e.next(v, a, &notice{Kind: signedOut, Refusal: oauth.Forbidden(oauth.AccessDenied, "the user is disabled, or has another password by now")})
}

// settle tells the client what the user chose.
func (e *Endpoint) settle(v *visit, a *authorization, allowed bool) (oauth.Response, error) {
	switch {
	case allowed && a.threeLegged():
		return e.sendVerifier(v, a)
	case allowed:
		return e.sendCode(v, a)
	case a.threeLegged():
		return e.refuseThreeLegged(a)
	}
	return a.sendError(v, &oauth.Error{Code: oauth.AccessDenied, Description: "the user denied"}), nil
}

// session is what the log says of the user and the client. It has no id: the
// session itself begins when the client comes for it.
func (a *authorization) session(user string) *oauth.Session {
	protocol := oauth.OAuth2
	if a.threeLegged() {
		protocol = oauth.OAuth1
	}
	return &oauth.Session{Protocol: protocol, Client: a.client.ID, User: user}
}

// next shows the page that is due: sign-in, then consent.
func (e *Endpoint) next(v *visit, a *authorization, n *notice) (oauth.Response, error) {
	if !v.browser.signedIn(v.now) {
		return e.signInPage(v, a, n, "")
	}
	return e.consentPage(v, a, n)
}

// startAgain sends the browser to the request as it came, signed in or out by
// now. A reload of what it gets repeats no form.
func (e *Endpoint) startAgain(v *visit, a *authorization) (oauth.Response, error) {
	return e.withCookie(v, redirect(again(a.query)))
}

// again is where a request is made again: relative, so that it stays at the
// address that the browser sees, whatever is in front.
func again(query string) string { return "authorize?" + query }

// turnDown answers a request that is not put to the user.
func (e *Endpoint) turnDown(v *visit, a *authorization, refused *refusal) (oauth.Response, error) {
	if refused.problem == "" {
		return a.sendError(v, refused.Error), nil
	}
	response, err := e.problem(refused.problem, refused.Error, "")
	if a.client.ID != "" { // its makers will ask
		response.Session = a.session(v.browser.User)
	}
	return response, err
}

// find returns a client that may be asked about, or known false.
func (e *Endpoint) find(ctx context.Context, id string, now time.Time) (client oauth.Client, known bool, err error) {
	const maxID = 256 // bytes; a longer one would be too long for the store's key
	if id == "" || len(id) > maxID {
		return oauth.Client{}, false, nil
	}
	found, err := e.Clients.Client(ctx, id, now)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return oauth.Client{}, false, nil
	case err != nil:
		return oauth.Client{}, false, fmt.Errorf("find client: %w", err)
	}
	return *found, !found.Disabled, nil
}
