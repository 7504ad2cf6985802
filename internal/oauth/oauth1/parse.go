// Package oauth1 is RFC 5849: where a request carries its protocol parameters,
// what of it is signed, and how the signature is made and verified.
//
// It is pure: no clock, no store, no network.
package oauth1

import (
	"bytes"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// Signed is an OAuth 1.0 request taken apart once (RFC 5849 §3.1).
type Signed struct {
	Params oauth.Params // all that is signed: everything but realm and oauth_signature

	ConsumerKey string
	Token       string // empty: signed with client credentials only
	Method      oauth.SignatureMethod
	Signature   string
	Timestamp   string
	Nonce       string
	BodyHash    string

	request *oauth.Request
}

// Request is what it was taken from.
func (s *Signed) Request() *oauth.Request { return s.request }

// IsSigned reports whether the request means to authenticate by OAuth 1.0:
// its Authorization header has that scheme, or its query or form body has a
// consumer key or signature.
func IsSigned(r *oauth.Request) bool {
	if scheme, _ := r.Authorization(); strings.EqualFold(scheme, "OAuth") {
		return true
	}
	if marked(r.Query) {
		return true
	}
	if !r.BodySeen || !mayBeMarked(r.Body) {
		return false
	}
	form, err := formBody(r)
	return err == nil && marked(form)
}

func marked(params oauth.Params) bool {
	return slices.ContainsFunc(params, func(p oauth.Param) bool { return marks(p.Name) })
}

func marks(name string) bool { return name == "oauth_consumer_key" || name == "oauth_signature" }

// mayBeMarked is false for a form that no parameter marks: whoever reads the form
// for what it is need not be the second to decode it. A name with an escape in it
// may decode to any.
func mayBeMarked(form []byte) bool {
	for pair := range bytes.SplitSeq(form, []byte("&")) {
		name, _, _ := bytes.Cut(pair, []byte("="))
		if marks(string(name)) || bytes.IndexByte(name, '%') >= 0 {
			return true
		}
	}
	return false
}

// Parse collects the parameters of a request from its Authorization header,
// form body and query (RFC 5849 §3.4.1.3.1) and checks their form: protocol
// parameters in one place only and none twice (§3.1), required ones present,
// version 1.0. The refusal names the parameter at fault.
func Parse(r *oauth.Request) (*Signed, *oauth.Error) {
	signed, refusal := gather(r)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := signed.complete(); refusal != nil {
		return nil, refusal
	}
	return signed, nil
}

// headerRoom is more parameters than headers have, which are so not allocated.
const headerRoom = 16

// gather is Parse without a look at which parameters there are.
func gather(r *oauth.Request) (*Signed, *oauth.Error) {
	places, refusal := collect(make(oauth.Params, 0, headerRoom), r)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := onePlace(places); refusal != nil {
		return nil, refusal
	}
	if name := repeatedProtocolParam(places); name != "" {
		return nil, rejected(name, "is there more than once")
	}
	signed := &Signed{request: r, Params: make(oauth.Params, 0, places.size())}
	for _, params := range places {
		signed.take(params)
	}
	return signed, nil
}

// places are the parameters of the header, the form body and the query.
type places [3]oauth.Params

func (p places) size() int { return len(p[0]) + len(p[1]) + len(p[2]) }

func collect(room oauth.Params, r *oauth.Request) (places, *oauth.Error) {
	header, refusal := headerParams(room, r)
	if refusal != nil {
		return places{}, refusal
	}
	if r.BodyHidden() && r.IsForm() {
		return places{}, oauth.Forbidden(oauth.ParameterRejected,
			"a form-encoded body is part of an OAuth 1.0 signature and cannot be verified here, where the body is not seen; send the parameters in the query or the body as JSON")
	}
	form, err := formBody(r)
	if err != nil {
		return places{}, oauth.Quoting(oauth.ParameterRejected, "form body: "+err.Error())
	}
	return places{header, form, r.Query}, nil
}

// RFC 5849 §3.4.1.3.1: a body is signed only when it is a form.
func formBody(r *oauth.Request) (oauth.Params, error) {
	if !r.BodySeen || !r.IsForm() {
		return nil, nil
	}
	return oauth.ParseForm(string(r.Body))
}

// headerParams appends those of the header to room (RFC 5849 §3.5.1).
func headerParams(room oauth.Params, r *oauth.Request) (oauth.Params, *oauth.Error) {
	values := r.Header.Values("Authorization")
	if len(values) > 1 {
		return nil, oauth.BadRequest(oauth.ParameterRejected, "more than one Authorization header")
	}
	scheme, text := r.Authorization()
	if !strings.EqualFold(scheme, "OAuth") {
		if scheme != "" {
			return nil, oauth.BadRequest(oauth.ParameterRejected,
				"OAuth 1.0 parameters beside an Authorization header of another scheme")
		}
		return nil, nil
	}
	if len(values[0]) > oauth.MaxHeader {
		return nil, oauth.BadRequest(oauth.ParameterRejected, "the Authorization header is longer than 8192 bytes")
	}
	params, err := appendHeader(room, text)
	if err != nil {
		return nil, oauth.Quoting(oauth.ParameterRejected, "Authorization header: "+err.Error())
	}
	return params, nil
}

// credential names the parameters that must travel together (RFC 5849 §3.5).
// Others with the oauth_ prefix only may not be repeated: the documentation of
// a large provider sends oauth_verifier in the body beside the header.
func credential(name string) bool {
	switch name {
	case "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_signature",
		"oauth_timestamp", "oauth_nonce", "oauth_version":
		return true
	}
	return false
}

func onePlace(all places) *oauth.Error {
	found := -1
	for place, params := range all {
		for i := range params {
			if !credential(params[i].Name) {
				continue
			}
			if found >= 0 && found != place {
				return rejected(params[i].Name, "is in a second place: OAuth 1.0 parameters go in the header, the form body or the query")
			}
			found = place
		}
	}
	return nil
}

func repeatedProtocolParam(all places) string {
	var room [16]string // more than there are, so that this seldom allocates
	names := room[:0]
	for _, params := range all {
		for i := range params {
			if strings.HasPrefix(params[i].Name, "oauth_") {
				names = append(names, params[i].Name)
			}
		}
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return names[i]
		}
	}
	return ""
}

// take keeps what is signed of params and notes the protocol parameters.
func (s *Signed) take(params oauth.Params) {
	for _, param := range params {
		switch param.Name {
		case "oauth_consumer_key":
			s.ConsumerKey = param.Value
		case "oauth_token":
			s.Token = param.Value
		case "oauth_signature_method":
			s.Method = oauth.SignatureMethod(param.Value)
		case "oauth_timestamp":
			s.Timestamp = param.Value
		case "oauth_nonce":
			s.Nonce = param.Value
		case "oauth_body_hash":
			s.BodyHash = param.Value
		case "oauth_signature":
			s.Signature = param.Value
			continue
		}
		s.Params = append(s.Params, param)
	}
}

// FromQuery reports whether the query, which ends up in logs, has a parameter
// called name.
func (s *Signed) FromQuery(name string) bool { return s.request.Query.Has(name) }

// complete refuses a request that lacks a required parameter (RFC 5849 §3.1)
// or asks for another version.
func (s *Signed) complete() *oauth.Error {
	if s.Params.Has("oauth_version") && s.Params.Get("oauth_version") != "1.0" {
		refusal := oauth.BadRequest(oauth.VersionRejected, "oauth_version is 1.0 or left out")
		refusal.Details = oauth.Params{{Name: "oauth_acceptable_versions", Value: "1.0-1.0"}}
		return refusal
	}
	required := [...]oauth.Param{{Name: "oauth_consumer_key", Value: s.ConsumerKey},
		{Name: "oauth_signature_method", Value: string(s.Method)}, {Name: "oauth_signature", Value: s.Signature},
		{Name: "oauth_timestamp", Value: s.Timestamp}, {Name: "oauth_nonce", Value: s.Nonce}}
	needed := len(required)
	if s.Method == oauth.Plaintext {
		needed = 3 // neither timestamp nor nonce
	}
	var absent []string
	for _, param := range required[:needed] {
		if param.Value == "" {
			absent = append(absent, param.Name)
		}
	}
	if absent == nil {
		return nil
	}
	return Absent(absent...)
}

// Absent refuses a request that lacks the parameters called names.
func Absent(names ...string) *oauth.Error {
	refusal := oauth.BadRequest(oauth.ParameterAbsent, strings.Join(names, ", ")+" missing or empty")
	refusal.Details = oauth.Params{{Name: "oauth_parameters_absent", Value: strings.Join(names, "&")}}
	return refusal
}

func rejected(name, reason string) *oauth.Error {
	name = oauth.Printable(name)
	refusal := oauth.BadRequest(oauth.ParameterRejected, name+" "+reason)
	refusal.Details = oauth.Params{{Name: "oauth_parameters_rejected", Value: name}}
	return refusal
}

// Secure reports whether a secret may travel in the request as it is: by
// https, or on this very machine.
func Secure(r *oauth.Request) bool {
	return r.Scheme == "https" || (r.Source.IsLoopback() && loopbackHost(r.Host))
}

func loopbackHost(host string) bool {
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if rest, ok := strings.CutPrefix(host, name); ok && (rest == "" || rest[0] == ':') {
			return true
		}
	}
	return false
}
