// Package turns makes what contenders are given to do.
package turns

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/bench/contender"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Count is how many signed requests a turn has, each with a nonce of its own. They
// stay in memory and so are work for collectors of garbage, which is no part of
// what is measured, so there are few.
const Count = 256

// Secrets and a token as long as other providers make them.
const (
	client       = "mobile"
	clientSecret = "kd94hf93k423kf44kd94hf93k423kf44kd94hf93k42"                           // #nosec G101 -- of nobody
	token        = "gth1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v" // #nosec G101 -- of nobody
	tokenSecret  = "pfkkdhi9sl3r4s00pfkkdhi9sl3r4s00pfkkdhi9sl3"                           // #nosec G101 -- of nobody
)

// formType is the media type of a form.
const formType = "application/x-www-form-urlencoded"

// shape is what a phone sends. base is the length of its base string in bytes.
type shape struct {
	method, query, body string
	base                int
}

const host, path = "abcdef1234.execute-api.eu-west-1.amazonaws.com", "/prod/orders"

var (
	get  = shape{"GET", "status=open&sort=created%20at&page=2&per_page=100", "", 401}
	form = shape{"POST", "", "name=Ada+Lovelace&street=12+St+James%27s+Square&city=London&postcode=SW1Y+4JH&country=United+Kingdom" +
		"&email=ada%40example.com&phone=%2B44+20+7946+0958&article=difference+engine&quantity=2000" +
		"&note=Please+ring+twice%2C+and+leave+it+with+the+porter%21", 704}
)

// New makes a turn of work for a machine whose time is now. root is the folder
// of the product, whose tests have the event of an authorizer.
func New(work, root string, now time.Time) (*contender.Turn, error) {
	t := &contender.Turn{Work: work, Client: client, ClientSecret: clientSecret, Token: token, TokenSecret: tokenSecret}
	switch work {
	case contender.SignedGet:
		return t, sign(t, &get, now)
	case contender.SignedForm:
		return t, sign(t, &form, now)
	case contender.Authorizer:
		var err error
		t.Event, err = event(root)
		return t, err
	case contender.Bearer, contender.SlowStore, contender.SlowInTurn:
		return t, nil
	}
	return nil, fmt.Errorf("there is no work called %q", work)
}

// event is what API Gateway asks an authorizer, with TOKEN where the token is.
func event(root string) (string, error) {
	const sample = "gh_AAAA"
	path := filepath.Join(root, "internal/apigateway/testdata/rest-authorizer-custom-domain.json")
	text, err := os.ReadFile(path) // #nosec G304 -- of whoever calls
	if err != nil {
		return "", fmt.Errorf("read the event: %w", err)
	}
	if !strings.Contains(string(text), sample) {
		return "", fmt.Errorf("%s has no token %s", path, sample)
	}
	return strings.ReplaceAll(string(text), sample, "TOKEN"), nil
}

// sign fills t with requests, right and wrong.
func sign(t *contender.Turn, s *shape, now time.Time) error {
	for n := range Count {
		r, err := s.signed(n, token, now)
		if err != nil {
			return err
		}
		t.Right = append(t.Right, r)
	}
	var err error
	if t.Base, err = s.baseString(&t.Right[0]); err != nil {
		return err
	}
	if len(t.Base) != s.base {
		return fmt.Errorf("the base string has %d bytes, not %d", len(t.Base), s.base)
	}
	t.Wrong, err = s.wrong(now)
	return err
}

// wrong are requests that nobody may accept.
func (s *shape) wrong(now time.Time) ([]contender.Request, error) {
	late, err := s.signed(Count, token, now.Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	late.Why = "it is an hour old"
	foreign, err := s.signed(Count+1, token+"x", now)
	if err != nil {
		return nil, err
	}
	foreign.Why = "its token is unknown"
	changed, err := s.signed(Count+2, token, now)
	if err != nil {
		return nil, err
	}
	changed.Why = "a parameter was changed"
	changed.URL = strings.Replace(changed.URL, "page=2", "page=3", 1)
	changed.Body = strings.Replace(changed.Body, "2000", "2001", 1)
	unsigned, err := s.signed(Count+3, token, now)
	if err != nil {
		return nil, err
	}
	other, err := s.signed(Count+4, token, now)
	if err != nil {
		return nil, err
	}
	unsigned.Why = "its signature is that of another"
	unsigned.Authorization = swapped(unsigned.Authorization, other.Authorization)
	unsigned.TwoLegged = swapped(unsigned.TwoLegged, other.TwoLegged)
	return []contender.Request{late, foreign, changed, unsigned}, nil
}

// swapped is a header with the signature of another, which is its last parameter.
func swapped(header, other string) string {
	const last = "oauth_signature="
	return header[:strings.Index(header, last)] + other[strings.Index(other, last):]
}

// signed is the nth request, by both keys.
func (s *shape) signed(n int, token string, at time.Time) (contender.Request, error) {
	made := contender.Request{Method: s.method, URL: "https://" + host + path, Body: s.body}
	if s.query != "" {
		made.URL += "?" + s.query
	}
	if s.body != "" {
		made.ContentType = formType
	}
	params := oauth.Params{{Name: "oauth_consumer_key", Value: client}, {Name: "oauth_token", Value: token},
		{Name: "oauth_signature_method", Value: string(oauth.HMACSHA1)}, {Name: "oauth_timestamp", Value: strconv.FormatInt(at.Unix(), 10)},
		{Name: "oauth_nonce", Value: "4572616e48616d6d65724c61" + strconv.Itoa(10_000_000+n)}, {Name: "oauth_version", Value: "1.0"}}
	sent, err := oauth.ParseForm(s.query + s.body)
	if err != nil {
		return made, fmt.Errorf("parameters: %w", err)
	}
	for header, secret := range map[*string]string{&made.Authorization: tokenSecret, &made.TwoLegged: ""} {
		signer := oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(clientSecret), TokenSecret: oauth.NewSecret(secret)}
		signature, err := signer.Sign(s.method, oauth1.BaseURI("https", host, path), slices.Concat(params, sent))
		if err != nil {
			return made, fmt.Errorf("sign: %w", err)
		}
		*header = oauth1.FormatHeader("", append(params[:len(params):len(params)], oauth.Param{Name: "oauth_signature", Value: signature}))
	}
	return made, nil
}

// baseString is that of a request made here.
func (s *shape) baseString(r *contender.Request) (string, error) {
	query, err := oauth.ParseForm(s.query)
	if err != nil {
		return "", fmt.Errorf("query: %w", err)
	}
	taken, refusal := oauth1.Parse(&oauth.Request{Method: r.Method, Scheme: "https", Host: host, Path: path, Query: query, BodySeen: true, Body: []byte(r.Body),
		Header: map[string][]string{"Authorization": {r.Authorization}, "Content-Type": {r.ContentType}}})
	if refusal != nil {
		return "", fmt.Errorf("%s", refusal.Description)
	}
	return taken.BaseString(), nil
}
