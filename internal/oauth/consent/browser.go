package consent

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// browser is what the cookie says, sealed. The id ties forms to the browser
// that they were shown in and stays the same when somebody signs in, so that
// the forms of other tabs keep working. It gives no access and does not end;
// the sign-in does at Until, however often pages are shown.
type browser struct {
	ID    []byte `json:"b"`
	User  string `json:"u,omitempty"` // empty: nobody is signed in
	Name  string `json:"n,omitempty"` // of the user
	Mark  []byte `json:"m,omitempty"` // of the user's password, as it was
	Until int64  `json:"t,omitempty"` // epoch seconds
}

const (
	browserPurpose = "browser"
	idSize         = 16 // bytes
)

func (b *browser) signedIn(now time.Time) bool {
	return b.User != "" && !oauth.Expired(time.Unix(b.Until, 0), now)
}

func (b *browser) signOut() { *b = browser{ID: b.ID} }

// signIn notes who signed in.
func (b *browser) signIn(user *oauth.User, until time.Time) {
	b.User, b.Name, b.Mark, b.Until = user.ID, user.Name, mark(user), until.Unix()
}

// mark changes with the user's password.
func mark(user *oauth.User) []byte {
	sum := sha256.Sum256([]byte(user.PasswordHash))
	return sum[:8]
}

// visit finds out which browser sent r. A cookie that can't be opened counts
// as none.
func (e *Endpoint) visit(r *oauth.Request) (*visit, error) {
	v := &visit{Request: r, now: e.Clock()}
	request := http.Request{Header: r.Header}
	for _, cookie := range request.CookiesNamed(cookieName(r)) {
		b, err := e.openBrowser(cookie.Value, v.now)
		if err == nil {
			v.browser, v.stale = b, false
			return v, nil
		}
		v.stale = v.stale || errors.Is(err, seal.ErrUnknownKey)
	}
	v.fresh = true
	v.browser.ID = make([]byte, idSize)
	if _, err := io.ReadFull(e.Rand, v.browser.ID); err != nil {
		return nil, fmt.Errorf("random browser id: %w", err)
	}
	return v, nil
}

func (e *Endpoint) openBrowser(sealed string, now time.Time) (b browser, err error) {
	plain, err := e.Keys.Unseal(browserPurpose, sealed, now)
	if err != nil {
		return browser{}, err
	}
	if json.Unmarshal(plain, &b) != nil || len(b.ID) != idSize {
		return browser{}, fmt.Errorf("%w: a cookie", seal.ErrMalformed)
	}
	return b, nil
}

// staleCookie marks an answer to a browser whose cookie is of a key that is
// not there: with the keyring read again it may be known, and signed in.
func staleCookie(refusal *oauth.Error) *oauth.Error {
	if refusal == nil {
		refusal = &oauth.Error{Code: oauth.InvalidRequest, Description: "the cookie is of a key that is not there"}
	}
	marked := *refusal
	marked.UnknownKey = true
	return &marked
}

// cookieName: with the prefix no other host and no page of plain HTTP can set
// the cookie (RFC 6265bis §4.1.3.2), and it works on https only.
func cookieName(r *oauth.Request) string {
	if r.Scheme == "https" {
		return "__Host-gatehouse"
	}
	return "gatehouse"
}

// withCookie makes the browser remember what it is by now, until it is closed.
// Lax lets the cookie come along when an app sends its user here.
func (e *Endpoint) withCookie(v *visit, response oauth.Response) (oauth.Response, error) {
	plain, err := json.Marshal(v.browser)
	if err != nil {
		return oauth.Response{}, fmt.Errorf("encode the cookie: %w", err)
	}
	sealed, err := e.Keys.Seal(browserPurpose, plain, time.Time{})
	if err != nil {
		return oauth.Response{}, err
	}
	cookie := http.Cookie{Name: cookieName(v.Request), Value: sealed, Path: "/", Secure: v.Scheme == "https", // #nosec G124 -- plain HTTP is for localhost alone; HTTPS gets Secure and __Host-
		HttpOnly: true, SameSite: http.SameSiteLaxMode}
	response.Header.Set("Set-Cookie", cookie.String())
	return response, nil
}

// form is what a page's form says of itself, sealed.
type form struct {
	Browser []byte   `json:"b"`
	Query   string   `json:"q"`           // of the authorization request
	User    string   `json:"u,omitempty"` // who was asked; empty on the sign-in page
	Scope   []string `json:"s,omitempty"` // what for
	Until   int64    `json:"t"`           // epoch seconds
}

const (
	formPurpose  = "form"
	formLifetime = 10 * time.Minute
)

// sealForm returns the hidden field of a form that asks about a.
func (e *Endpoint) sealForm(v *visit, a *authorization, user string) (string, error) {
	plain, err := json.Marshal(form{Browser: v.browser.ID, Query: a.query, User: user, Scope: a.scope,
		Until: v.now.Add(formLifetime).Unix()})
	if err != nil {
		return "", fmt.Errorf("encode the form: %w", err)
	}
	return e.Keys.Seal(formPurpose, plain, time.Time{})
}

// openForm reads the form that was sent, and what it says of itself. It is
// refused unless it is this browser's, which no other site can forge, and not
// too old. A form that is refused still says its Query where it is ours, so
// that the user can start again.
func (e *Endpoint) openForm(v *visit) (fields oauth.Params, shown form, refusal *oauth.Error) {
	fields, refusal = readForm(v.Request)
	if refusal != nil {
		return nil, form{}, refusal
	}
	plain, err := e.Keys.Unseal(formPurpose, fields.Get("state"), v.now)
	if err == nil {
		err = json.Unmarshal(plain, &shown)
	}
	switch {
	case err != nil:
		return nil, form{}, &oauth.Error{Status: http.StatusBadRequest, Code: oauth.InvalidRequest,
			Description: "the form's state is not one of ours", UnknownKey: errors.Is(err, seal.ErrUnknownKey)}
	case subtle.ConstantTimeCompare(shown.Browser, v.browser.ID) != 1:
		return nil, shown, oauth.BadRequest(oauth.InvalidRequest, "the form was shown in another browser")
	case oauth.Expired(time.Unix(shown.Until, 0), v.now):
		return nil, shown, oauth.BadRequest(oauth.InvalidRequest, "the form has expired")
	}
	return fields, shown, nil
}

func readForm(r *oauth.Request) (oauth.Params, *oauth.Error) {
	if !r.IsForm() || len(r.Body) > oauth.MaxBody {
		return nil, oauth.BadRequest(oauth.InvalidRequest, "the body is not a form, or too long")
	}
	fields, err := oauth.ParseForm(r.Body)
	if err != nil || fields.Repeated() != "" {
		return nil, oauth.BadRequest(oauth.InvalidRequest, "the form can't be read, or has a field twice")
	}
	return fields, nil
}
