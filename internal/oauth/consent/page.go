package consent

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"gatehouse/internal/oauth"
)

// problem names a page about a request that leads nowhere, for words.html.
type problem string

const (
	unknownApp   problem = "unknown-app"
	wrongAddress problem = "wrong-address"
	requestOver  problem = "request-over"
	notOffered   problem = "not-offered"
	formOver     problem = "form-over"
	wrongMethod  problem = "wrong-method"
	noSuchPage   problem = "no-such-page"
	broken       problem = "broken"
)

// notice is what a page says of the form before it.
type notice struct {
	Kind    noticeKind
	Wait    wait         // of tooManyTries
	Refusal *oauth.Error // with the status of the page
}

type noticeKind string

const (
	nothingTyped  noticeKind = "nothing-typed"
	wrongPassword noticeKind = "wrong-password"
	tooManyTries  noticeKind = "too-many-tries"
	signedOut     noticeKind = "signed-out"
	otherUser     noticeKind = "other-user"
	otherScope    noticeKind = "other-scope"
)

// page is what the templates show; each uses some of it.
type page struct {
	Kind      string // names the template
	Service   string // the operator's name for it
	Logo      string
	Style     string // the style sheet
	Problem   problem
	Notice    *notice
	Again     string // where to start again; empty: the user has to go back to the app
	State     string // of the form
	UserName  string
	App       string
	Host      string // to which the user returns; empty: an app on the user's device
	OutOfBand bool   // the user is not sent back, and carries a verifier
	Scopes    []scope
	Verifier  string

	action string // sources to which the form may lead; empty: there is no form
}

// scope is what a scope token allows.
type scope struct {
	Token string
	Words string // empty: the operator gave none
}

// page begins a page of a kind about a.
func (e *Endpoint) page(kind string, a *authorization) page {
	return page{Kind: kind, Service: e.Look.Name, Logo: e.Look.LogoURL, Style: e.Look.style(),
		App: a.appName(), Host: a.host(), OutOfBand: a.redirect == oauth.OutOfBand}
}

// signInPage asks for the password of typed, or of whom the user names.
func (e *Endpoint) signInPage(v *visit, a *authorization, n *notice, typed string) (oauth.Response, error) {
	p := e.page("sign-in", a)
	p.UserName, p.Notice, p.action = typed, n, "'self'"
	return e.formPage(v, a, &p, "")
}

// consentPage asks the user who is signed in.
func (e *Endpoint) consentPage(v *visit, a *authorization, n *notice) (oauth.Response, error) {
	p := e.page("consent", a)
	p.UserName, p.Notice, p.action = v.browser.Name, n, formAction(a.redirect)
	for _, token := range a.scope {
		p.Scopes = append(p.Scopes, scope{token, e.Look.Scopes[token]})
	}
	return e.formPage(v, a, &p, v.browser.User)
}

// formPage adds the form's state and, for a browser that is new, its cookie.
func (e *Endpoint) formPage(v *visit, a *authorization, p *page, user string) (oauth.Response, error) {
	state, err := e.sealForm(v, a, user)
	if err != nil {
		return oauth.Response{}, err
	}
	p.State = state
	response, err := e.render(p)
	if err != nil {
		return oauth.Response{}, err
	}
	if p.Notice != nil {
		refuse(&response, p.Notice.Refusal)
	}
	if !v.fresh {
		return response, nil
	}
	return e.withCookie(v, response)
}

// verifierPage shows the verifier that the user carries to the app.
func (e *Endpoint) verifierPage(a *authorization, verifier oauth.Secret) (oauth.Response, error) {
	p := e.page("verifier", a)
	p.Verifier = verifier.Reveal()
	return e.render(&p)
}

// deniedPage says that the app got nothing, where it can't be told.
func (e *Endpoint) deniedPage(a *authorization, reason *oauth.Error) (oauth.Response, error) {
	p := e.page("denied", a)
	response, err := e.render(&p)
	response.Refusal = reason
	return response, err
}

// problem is the page of a request that leads nowhere. With a query it offers
// to start again.
func (e *Endpoint) problem(kind problem, refusal *oauth.Error, query string) (oauth.Response, error) {
	p := e.page("problem", &authorization{})
	p.Problem = kind
	if query != "" {
		p.Again = again(query)
	}
	response, err := e.render(&p)
	if err != nil {
		return oauth.Response{}, err
	}
	refuse(&response, refusal)
	return response, nil
}

// Fault is the page that users see when something broke, which does not say
// what.
func (e *Endpoint) Fault() (oauth.Response, error) {
	response, err := e.problem(broken, &oauth.Error{Status: http.StatusServiceUnavailable}, "")
	response.Refusal = nil // nothing was refused
	return response, err
}

// refuse makes response the refusal's, for client and log.
func refuse(response *oauth.Response, refusal *oauth.Error) {
	response.Status, response.Refusal = refusal.Status, refusal
	if refusal.Allow != "" {
		response.Header.Set("Allow", refusal.Allow)
	}
	if refusal.RetryAfter > 0 {
		response.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(refusal.RetryAfter.Seconds()))))
	}
}

func (e *Endpoint) render(p *page) (oauth.Response, error) {
	var body bytes.Buffer
	if err := e.Pages(&body, p.Kind, p); err != nil {
		return oauth.Response{}, fmt.Errorf("show the page %s: %w", p.Kind, err)
	}
	header := header(p.policy())
	header.Set("Content-Type", "text/html; charset=utf-8")
	return oauth.Response{Status: http.StatusOK, Header: header, Body: body.Bytes()}, nil
}
