// Package signing signs HTTP requests as an OAuth 1.0 client does (RFC 5849).
//
// It is pure: no clock, no randomness, no network.
package signing

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Place is where protocol parameters go (RFC 5849 §3.5).
type Place string

// The places.
const (
	InHeader Place = "header"
	InQuery  Place = "query"
	InBody   Place = "body"
)

// Places are all places.
func Places() []Place { return []Place{InHeader, InQuery, InBody} }

// Credentials are what a client signs with.
type Credentials struct {
	ConsumerKey string
	Token       string // empty: none
	Realm       string // of the header; empty: none
	Place       Place
	oauth1.Signer
}

// Request is a request before it is sent. Form is a form body; Body any other.
type Request struct {
	Method string
	URL    *url.URL
	Header http.Header
	Form   oauth.Params
	Body   []byte
}

// FormType is the media type of a form body.
const FormType = "application/x-www-form-urlencoded"

// ErrPlace means that parameters can't go where they were wanted.
var ErrPlace = errors.New("the parameters go in the header, the query or a form body")

// Sign adds the protocol parameters to the request, with now and nonce, and
// returns the base string that was signed; it is empty for PLAINTEXT.
func (c Credentials) Sign(r *Request, now time.Time, nonce string) (base string, err error) {
	if c.Place == InBody && r.Body != nil {
		return "", fmt.Errorf("%w: the body is not a form", ErrPlace)
	}
	query, err := oauth.ParseForm(r.URL.RawQuery)
	if err != nil {
		return "", fmt.Errorf("query: %w", err)
	}
	form, err := r.form()
	if err != nil {
		return "", fmt.Errorf("form body: %w", err)
	}
	protocol := c.parameters(now, nonce)
	all := append(append(append(oauth.Params{}, protocol...), query...), form...)
	uri := oauth1.BaseURI(r.URL.Scheme, r.URL.Host, r.URL.EscapedPath())
	signature, err := c.Signer.Sign(r.Method, uri, all)
	if err != nil {
		return "", err
	}
	c.put(r, append(protocol, oauth.Param{Name: "oauth_signature", Value: signature}))
	return c.baseString(r)
}

func (c Credentials) parameters(now time.Time, nonce string) oauth.Params {
	params := oauth.Params{
		{Name: "oauth_consumer_key", Value: c.ConsumerKey},
		{Name: "oauth_signature_method", Value: string(c.Method)},
		{Name: "oauth_timestamp", Value: strconv.FormatInt(now.Unix(), 10)},
		{Name: "oauth_nonce", Value: nonce},
		{Name: "oauth_version", Value: "1.0"},
	}
	if c.Token != "" {
		params = append(params, oauth.Param{Name: "oauth_token", Value: c.Token})
	}
	return params
}

func (c Credentials) put(r *Request, params oauth.Params) {
	switch c.Place {
	case InQuery:
		if r.URL.RawQuery != "" {
			r.URL.RawQuery += "&"
		}
		r.URL.RawQuery += oauth1.EncodeForm(params)
	case InBody:
		r.Form = append(append(oauth.Params{}, r.Form...), params...)
	default:
		r.Header.Set("Authorization", oauth1.FormatHeader(c.Realm, params))
	}
}

// baseString is what a server makes of the request as it will be sent.
func (c Credentials) baseString(r *Request) (string, error) {
	if c.Method == oauth.Plaintext {
		return "", nil
	}
	signed, refusal := oauth1.Parse(r.received())
	if refusal != nil {
		return "", errors.New(refusal.Description)
	}
	return signed.BaseString(), nil
}

func (r *Request) received() *oauth.Request {
	query, err := oauth.ParseForm(r.URL.RawQuery)
	if err != nil {
		query = nil // Sign has read it before
	}
	header := r.Header.Clone()
	if r.Form != nil {
		header.Set("Content-Type", FormType)
	}
	return &oauth.Request{Method: r.Method, Scheme: r.URL.Scheme, Host: oauth.CanonicalHost(r.URL.Scheme, r.URL.Host), Path: r.URL.EscapedPath(),
		Query: query, Header: header, Body: r.Content(), BodySeen: true, Source: netip.Addr{}}
}

// form is what the body says, if it is a form, in fields or as text: it is
// signed too (RFC 5849 §3.4.1.3.1).
func (r *Request) form() (oauth.Params, error) {
	received := r.received()
	if !received.IsForm() {
		return nil, nil
	}
	return oauth.ParseForm(received.Body)
}

// Content returns the body as it is sent, nil for none.
func (r *Request) Content() []byte {
	if r.Form != nil {
		return []byte(oauth1.EncodeForm(r.Form))
	}
	return r.Body
}

// ParseRSAPrivateKey reads a client's private key: PEM of PKCS #8 or PKCS #1,
// not encrypted.
func ParseRSAPrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the RSA key is not PEM")
	}
	var key any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, errors.New("the RSA key is encrypted: openssl pkey decrypts it")
	case block.Type == "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("this is PEM of %q, and requests are signed with an RSA private key", block.Type)
	}
	if err != nil {
		return nil, errors.New("the RSA key cannot be read") // what ASN.1 has to say helps nobody
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		return rsaKey, nil
	}
	return nil, errors.New("the key is of another algorithm than RSA")
}
