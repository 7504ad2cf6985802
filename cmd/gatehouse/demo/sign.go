package demo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/signing"
)

// order is a request that the page wants signed: to a path of the API, with a
// form or without.
type order struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Form   [][2]string `json:"form"`
	token
}

// token is what the page has of token credentials, if any, and how it wants to
// sign with them.
type token struct {
	Token     string                `json:"token"`
	Secret    string                `json:"secret"` // of the token
	Signature oauth.SignatureMethod `json:"signature_method"`
}

var errMethod = errors.New("signature_method is one of the HMAC ones")

func (t *token) check() error {
	if !slices.Contains([]oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512}, t.Signature) {
		return errMethod
	}
	return nil
}

// signed is that request, and what was signed.
type signed struct {
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"`
	Body          string `json:"body,omitempty"`
	BaseString    string `json:"base_string"`
}

// sign answers POST /demo/sign: it signs as the demo client, whose secret so
// stays here.
func (p *Page) sign(w http.ResponseWriter, r *http.Request) {
	var wanted order
	p.answer(w, r, &wanted, func(request *signing.Request) (any, error) { return p.signRequest(&wanted, request) })
}

// requester is what the page sends to have signed; an error says what is wrong
// with that.
type requester interface {
	request(base string) (*signing.Request, error)
}

// answer decodes what the page itself wants signed, and answers with what sign
// makes of that request.
func (p *Page) answer(w http.ResponseWriter, r *http.Request, wanted requester, sign func(*signing.Request) (any, error)) {
	if !p.asked(w, r, wanted) {
		return
	}
	request, err := wanted.request(p.base(r))
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer, err := sign(request)
	if err != nil {
		refuse(w, http.StatusInternalServerError, errors.New("the request could not be signed"))
		return
	}
	reply(w, http.StatusOK, answer)
}

func (p *Page) signRequest(wanted *order, r *signing.Request) (*signed, error) {
	text, err := p.signWith(p.credentials(&wanted.token), r)
	if err != nil {
		return nil, err
	}
	return &signed{Method: r.Method, URL: r.URL.String(), Authorization: r.Header.Get("Authorization"),
		Body: string(r.Content()), BaseString: text}, nil
}

// credentials are the demo client's own with the page's token.
func (p *Page) credentials(t *token) signing.Credentials {
	return signing.Credentials{ConsumerKey: p.Client, Token: t.Token, Place: signing.InHeader,
		Signer: oauth1.Signer{Method: t.Signature, ClientSecret: p.Secret, TokenSecret: oauth.NewSecret(t.Secret)}}
}

// signWith signs now, and returns the base string.
func (p *Page) signWith(credentials signing.Credentials, r *signing.Request) (string, error) {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(p.Rand, nonce); err != nil {
		return "", fmt.Errorf("a random nonce: %w", err)
	}
	return credentials.Sign(r, p.Clock(), hex.EncodeToString(nonce))
}

func (o *order) request(base string) (*signing.Request, error) {
	u, err := url.Parse(base + o.Path)
	switch {
	case err != nil || !strings.HasPrefix(o.Path, "/oauth/") || strings.ContainsAny(o.Path, "?#"):
		return nil, errors.New("path is one of the API's, such as /oauth/session")
	case o.Method != http.MethodGet && o.Method != http.MethodPost:
		return nil, errors.New("method is GET or POST")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	r := &signing.Request{Method: o.Method, URL: u, Header: http.Header{}}
	for _, field := range o.Form {
		r.Form = append(r.Form, oauth.Param{Name: field[0], Value: field[1]})
	}
	return r, nil
}
