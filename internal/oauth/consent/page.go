package consent

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"strconv"

	"gatehouse/internal/oauth"
)

// Of the files, words.html has all that the pages say: another language is
// another edition of it.
//
//go:embed pages/*.html
var files embed.FS

var templates = template.Must(template.ParseFS(files, "pages/*.html"))

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
	otherUser     noticeKind = "other-user"
	otherScope    noticeKind = "other-scope"
)

// page is what the templates show; each uses some of it.
type page struct {
	Kind     string // of the page, the name of its template
	Service  string // the operator's name for it
	Logo     string
	Style    template.CSS
	Problem  problem
	Notice   *notice
	Again    string // where to start again; empty: the user has to go back to the app
	State    string // of the form
	UserName string
	App      string
	Host     string // to which the user returns; empty: an app on the user's device
	OutOf    bool   // the user is not sent back, and carries a verifier
	Scopes   []scope
	Verifier string
}

// scope is what a scope token allows.
type scope struct {
	Token string
	Words string // empty: the operator gave none
}

func (e *Endpoint) signInPage(v *visit, a *authorization, n *notice, typed string) (oauth.Response, error) {
	p := e.page("sign-in", a)
	p.UserName = typed
	return e.formPage(v, a, n, p, "", "'self'")
}

func (e *Endpoint) consentPage(v *visit, a *authorization, n *notice) (oauth.Response, error) {
	p := e.page("consent", a)
	p.UserName = v.browser.Name
	for _, token := range a.scope {
		p.Scopes = append(p.Scopes, scope{token, e.Look.Scopes[token]})
	}
	return e.formPage(v, a, n, p, v.browser.User, formAction(a.redirect))
}

// formPage is a page with a form, to be shown to user, whose answer may lead
// to the sources in action.
func (e *Endpoint) formPage(v *visit, a *authorization, n *notice, p page, user, action string) (oauth.Response, error) {
	state, err := e.sealForm(v, a, user)
	if err != nil {
		return oauth.Response{}, err
	}
	p.State, p.Notice = state, n
	response, err := e.render(http.StatusOK, p, action)
	if err == nil && n != nil {
		refuse(&response, n.Refusal)
	}
	if err == nil && v.fresh {
		cookie, err := e.sealBrowser(v)
		response.Header.Set("Set-Cookie", cookie)
		return response, err
	}
	return response, err
}

func (e *Endpoint) verifierPage(_ *visit, a *authorization, verifier oauth.Secret) (oauth.Response, error) {
	p := e.page("verifier", a)
	p.Verifier = verifier.Reveal()
	return e.render(http.StatusOK, p, "'none'")
}

func (e *Endpoint) deniedPage(_ *visit, a *authorization, reason *oauth.Error) (oauth.Response, error) {
	response, err := e.render(http.StatusOK, e.page("denied", a), "'none'")
	response.Refusal = reason
	return response, err
}

// problem is the page of a request that leads nowhere. With a query it offers
// to start again.
func (e *Endpoint) problem(_ *visit, kind problem, refusal *oauth.Error, query string) (oauth.Response, error) {
	p := e.page("problem", &authorization{})
	p.Problem = kind
	if query != "" {
		p.Again = again(query)
	}
	response, err := e.render(refusal.Status, p, "'none'")
	if err == nil {
		refuse(&response, refusal)
	}
	return response, err
}

func (e *Endpoint) page(kind string, a *authorization) page {
	return page{Kind: kind, Service: e.Look.Name, Logo: e.Look.LogoURL, Style: e.Look.style(),
		App: a.appName(), Host: a.host(), OutOf: a.redirect == oauth.OutOfBand}
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

func (e *Endpoint) render(status int, p page, action string) (oauth.Response, error) {
	var body bytes.Buffer
	if err := templates.ExecuteTemplate(&body, p.Kind, p); err != nil {
		return oauth.Response{}, fmt.Errorf("show the page %s: %w", p.Kind, err)
	}
	header := header(pagePolicy(&p, action))
	header.Set("Content-Type", "text/html; charset=utf-8")
	return oauth.Response{Status: status, Header: header, Body: body.Bytes()}, nil
}
