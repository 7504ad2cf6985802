package doctor

import (
	"crypto/rsa"
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// reading is a request taken apart as far as it goes: unlike oauth1.Parse it
// does not stop at the first fault.
type reading struct {
	c      *Case
	params []param  // of all places but oauth_signature
	twice  []string // names that one place has more than once

	signature, token, timestamp string
	wrote                       string                // as oauth_signature_method
	method                      oauth.SignatureMethod // that this means
	methodKnown                 bool
	publicKey                   *rsa.PublicKey // nil unless the method is RSA's and the client has one
}

// read takes the request apart. The finding is not nil when there is nothing
// to be read.
func read(c *Case) (*reading, *Finding) {
	r := &reading{c: c}
	if values := c.Request.Header.Values("Authorization"); len(values) > 1 {
		return nil, &Finding{"two_authorization_headers", fmt.Sprintf("there are %d Authorization headers", len(values)),
			"send one; look for a library or a proxy that adds its own"}
	}
	if scheme, text := c.Request.Authorization(); strings.EqualFold(scheme, "OAuth") {
		params, err := oauth1.ParseHeader(text)
		if err != nil {
			return nil, &Finding{"header_syntax", "the Authorization header can't be read: " + err.Error(),
				`write it as OAuth name="value", name="value" with every value percent-encoded`}
		}
		r.take(inHeader, params)
	}
	if finding := r.takeForm(); finding != nil {
		return nil, finding
	}
	r.take(inQuery, c.Request.Query)
	r.readMethod()
	return r, nil
}

func (r *reading) takeForm() *Finding {
	q := r.c.Request
	switch {
	case q.IsForm() && q.BodyHidden():
		return &Finding{"form_not_seen", "the request has a form-encoded body, which is signed, where the server sees no bodies",
			"send the parameters in the query, or the body as another type such as JSON"}
	case !q.IsForm() || !q.BodySeen:
		return nil
	}
	form, err := oauth.ParseForm(q.Body)
	if err != nil {
		return &Finding{"form_syntax", "the form-encoded body can't be read: " + err.Error(), "encode its names and values"}
	}
	r.take(inForm, form)
	return nil
}

// take keeps what is signed. Of protocol parameters that are repeated the
// first counts.
func (r *reading) take(where place, params oauth.Params) {
	for _, p := range params {
		if params.Count(p.Name) > 1 {
			r.twice = append(r.twice, p.Name)
		}
		switch p.Name {
		case "oauth_signature":
			keepFirst(&r.signature, p.Value)
			continue
		case "oauth_token":
			keepFirst(&r.token, p.Value)
		case "oauth_timestamp":
			keepFirst(&r.timestamp, p.Value)
		case "oauth_signature_method":
			keepFirst(&r.wrote, p.Value)
		}
		r.params = append(r.params, param{Param: p, in: where})
	}
}

func keepFirst(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// readMethod guesses which method is meant by one that is misspelt.
func (r *reading) readMethod() {
	for _, method := range oauth.SignatureMethods() {
		if letters(r.wrote) == letters(string(method)) {
			r.method, r.methodKnown = method, true
		}
	}
	if _, isRSA := hashOf(r.method); isRSA {
		r.publicKey, _ = oauth1.ParseRSAPublicKey(r.c.Key.RSAPublicKey) // without one there is a finding
	}
}

// letters is text without what people write in different ways.
func letters(text string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", "_", "", " ", "").Replace(text))
}

func (r *reading) get(name string) string {
	for i := range r.params {
		if r.params[i].Name == name {
			return r.params[i].Value
		}
	}
	return ""
}

// Claim is who and what a request says it is signed with.
type Claim struct {
	Client, Token string
	Method        oauth.SignatureMethod
}

// Claimed reads the claim of a request; signed is false when it has none that
// can be read.
func Claimed(q *oauth.Request) (claim Claim, signed bool) {
	if !oauth1.IsSigned(q) {
		return Claim{}, false
	}
	r, unreadable := read(&Case{Request: q})
	if unreadable != nil {
		return Claim{}, false
	}
	return Claim{r.get("oauth_consumer_key"), r.token, r.method}, true
}

// notSigned is about a request that has no OAuth 1.0 in it.
func notSigned(q *oauth.Request) Finding {
	what := "the request is not signed: it has neither an Authorization header of the scheme OAuth nor oauth_ parameters"
	if scheme, _ := q.Authorization(); scheme != "" {
		what = fmt.Sprintf("the request is not signed by OAuth 1.0: its Authorization header has the scheme %q", oauth.Printable(scheme))
	}
	return Finding{"not_signed", what, "sign it, and look for a proxy that removes the Authorization header"}
}
