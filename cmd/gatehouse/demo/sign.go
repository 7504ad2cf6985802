package demo

import (
	"encoding/hex"
	"encoding/json"
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
	Method    string                `json:"method"`
	Path      string                `json:"path"`
	Form      [][2]string           `json:"form"`
	Token     string                `json:"token"`
	Secret    string                `json:"secret"` // of the token
	Signature oauth.SignatureMethod `json:"signature_method"`
}

// signed is that request, and what was signed.
type signed struct {
	Method        string `json:"method"`
	URL           string `json:"url"`
	Authorization string `json:"authorization"`
	Body          string `json:"body,omitempty"`
	BaseString    string `json:"base_string"`
}

// errForeign: another page's script asks, or a program without one.
var errForeign = errors.New("only the demo page itself may have requests signed, opened at an address that the program printed")

// maxOrder is in bytes.
const maxOrder = 16 << 10

// sign answers POST /demo/sign: it signs as the demo client, whose secret so
// stays here.
func (p *Page) sign(w http.ResponseWriter, r *http.Request) {
	if !p.ownPage(r) {
		refuse(w, http.StatusForbidden, errForeign)
		return
	}
	var wanted order
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		refuse(w, http.StatusBadRequest, errors.New("the body is not a request to sign"))
		return
	}
	request, err := wanted.request(p.base(r))
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer, err := p.signRequest(&wanted, request)
	if err != nil {
		refuse(w, http.StatusInternalServerError, errors.New("the request could not be signed"))
		return
	}
	reply(w, http.StatusOK, answer)
}

// ownPage: a browser tells which page asks, and a page can't change that. JSON
// from another page would need a preflight, which nobody answers.
func (p *Page) ownPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return slices.Contains(p.Site.Origins(), r.Header.Get("Origin")) && (site == "" || site == "same-origin") &&
		r.Header.Get("Content-Type") == "application/json"
}

// base is the URL of the API as the page that asks has it.
func (p *Page) base(r *http.Request) string {
	if p.Site.Public != nil {
		return p.Site.Public.String()
	}
	return r.Header.Get("Origin") + p.Site.api()
}

func (p *Page) signRequest(wanted *order, r *signing.Request) (*signed, error) {
	nonce := make([]byte, 16)
	if _, err := io.ReadFull(p.Rand, nonce); err != nil {
		return nil, fmt.Errorf("a random nonce: %w", err)
	}
	credentials := signing.Credentials{ConsumerKey: p.Client, Token: wanted.Token, Place: signing.InHeader,
		Signer: oauth1.Signer{Method: wanted.Signature, ClientSecret: p.Secret, TokenSecret: oauth.NewSecret(wanted.Secret)}}
	text, err := credentials.Sign(r, p.Clock(), hex.EncodeToString(nonce))
	if err != nil {
		return nil, err
	}
	return &signed{Method: r.Method, URL: r.URL.String(), Authorization: r.Header.Get("Authorization"),
		Body: string(r.Content()), BaseString: text}, nil
}

func (o *order) request(base string) (*signing.Request, error) {
	methods := []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.HMACSHA512}
	u, err := url.Parse(base + o.Path)
	switch {
	case err != nil || !strings.HasPrefix(o.Path, "/oauth/") || strings.ContainsAny(o.Path, "?#"):
		return nil, errors.New("path is one of the API's, such as /oauth/session")
	case o.Method != http.MethodGet && o.Method != http.MethodPost:
		return nil, errors.New("method is GET or POST")
	case !slices.Contains(methods, o.Signature):
		return nil, errors.New("signature_method is one of the HMAC ones")
	}
	r := &signing.Request{Method: o.Method, URL: u, Header: http.Header{}}
	for _, field := range o.Form {
		r.Form = append(r.Form, oauth.Param{Name: field[0], Value: field[1]})
	}
	return r, nil
}

func refuse(w http.ResponseWriter, status int, reason error) {
	reply(w, status, map[string]string{"error_description": reason.Error()})
}

func reply(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // a browser that went away is no error
}
