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

	seen    protocolParams
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
	form, err := oauth.AppendForm(nil, formBody(r))
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

// gather is Parse without a look at which parameters there are.
func gather(r *oauth.Request) (*Signed, *oauth.Error) {
	all, refusal := collect(r)
	if refusal != nil {
		return nil, refusal
	}
	signed := &Signed{request: r}
	if refusal := signed.take(all); refusal != nil {
		return nil, refusal
	}
	return signed, nil
}

// places are the parameters of the header, the form body and the query, one
// after the other, and where those of each end.
type places struct {
	params oauth.Params
	ends   [3]int
}

func collect(r *oauth.Request) (places, *oauth.Error) {
	text, refusal := headerText(r)
	if refusal != nil {
		return places{}, refusal
	}
	form := formBody(r)
	params, err := appendHeader(make(oauth.Params, 0, room(text, form)+len(r.Query)), text)
	if err != nil {
		return places{}, oauth.Quoting(oauth.ParameterRejected, "Authorization header: "+err.Error())
	}
	inHeader := len(params)
	if r.BodyHidden() && r.IsForm() {
		return places{}, oauth.Forbidden(oauth.ParameterRejected,
			"a form-encoded body is part of an OAuth 1.0 signature and cannot be verified here, where the body is not seen; send the parameters in the query or the body as JSON")
	}
	if params, err = oauth.AppendForm(params, form); err != nil {
		return places{}, oauth.Quoting(oauth.ParameterRejected, "form body: "+err.Error())
	}
	inForm := len(params)
	params = append(params, r.Query...)
	return places{params, [...]int{inHeader, inForm, len(params)}}, nil
}

// room is for as many parameters as most requests have, so that they are
// allocated once.
func room(header string, form []byte) int {
	return min(strings.Count(header, "=")+bytes.Count(form, []byte("=")), 64)
}

// RFC 5849 §3.4.1.3.1: a body is signed only when it is a form.
func formBody(r *oauth.Request) []byte {
	if !r.BodySeen || !r.IsForm() {
		return nil
	}
	return r.Body
}

// headerText returns what follows "OAuth " in the Authorization header (RFC
// 5849 §3.5.1), empty when there is none.
func headerText(r *oauth.Request) (string, *oauth.Error) {
	if len(r.Header["Authorization"]) > 1 {
		return "", oauth.BadRequest(oauth.ParameterRejected, "more than one Authorization header")
	}
	scheme, text := r.Authorization()
	if !strings.EqualFold(scheme, "OAuth") {
		if scheme != "" {
			return "", oauth.BadRequest(oauth.ParameterRejected,
				"OAuth 1.0 parameters beside an Authorization header of another scheme")
		}
		return "", nil
	}
	if len(r.Header["Authorization"][0]) > oauth.MaxHeader {
		return "", oauth.BadRequest(oauth.ParameterRejected, "the Authorization header is longer than 8192 bytes")
	}
	return text, nil
}

// protocolParams is a set of protocol parameters.
type protocolParams uint16

// The credentials must travel together (RFC 5849 §3.5). Others with the oauth_
// prefix only may not be repeated: the documentation of a large provider sends
// oauth_verifier in the body beside the header.
const (
	consumerKeyParam protocolParams = 1 << iota
	tokenParam
	methodParam
	signatureParam
	timestampParam
	nonceParam
	versionParam
	otherParam

	credentials = otherParam - 1
)

// take notes the protocol parameters, and keeps what is signed. It refuses one
// in a second place or there twice.
func (s *Signed) take(all places) *oauth.Error {
	var twice protocolParams
	at := 0
	for _, end := range all.ends {
		before := s.seen & credentials
		for ; at < end; at++ {
			which := s.note(&all.params[at])
			if which&credentials != 0 && before != 0 {
				return rejected(all.params[at].Name, "is in a second place: OAuth 1.0 parameters go in the header, the form body or the query")
			}
			twice |= s.seen & which
			s.seen |= which
		}
	}
	if twice != 0 {
		if name := repeatedProtocolParam(all.params); name != "" {
			return rejected(name, "is there more than once")
		}
	}
	s.Params = withoutSignature(all.params)
	return nil
}

// note keeps what a protocol parameter says, and returns which it is.
func (s *Signed) note(param *oauth.Param) protocolParams {
	switch param.Name {
	case "oauth_consumer_key":
		s.ConsumerKey = param.Value
		return consumerKeyParam
	case "oauth_token":
		s.Token = param.Value
		return tokenParam
	case "oauth_signature_method":
		s.Method = oauth.SignatureMethod(param.Value)
		return methodParam
	case "oauth_signature":
		s.Signature = param.Value
		return signatureParam
	case "oauth_timestamp":
		s.Timestamp = param.Value
		return timestampParam
	case "oauth_nonce":
		s.Nonce = param.Value
		return nonceParam
	case "oauth_version":
		return versionParam
	case "oauth_body_hash":
		s.BodyHash = param.Value
	}
	if strings.HasPrefix(param.Name, "oauth_") {
		return otherParam
	}
	return 0
}

// withoutSignature cuts it out of params, where it is but once.
func withoutSignature(params oauth.Params) oauth.Params {
	for i := range params {
		if params[i].Name == "oauth_signature" {
			return slices.Delete(params, i, i+1)
		}
	}
	return params
}

// repeatedProtocolParam returns the first name of those with the oauth_ prefix
// that occurs twice, or "".
func repeatedProtocolParam(params oauth.Params) string {
	var names []string
	for i := range params {
		if strings.HasPrefix(params[i].Name, "oauth_") {
			names = append(names, params[i].Name)
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

// FromQuery reports whether the query, which ends up in logs, has a parameter
// called name.
func (s *Signed) FromQuery(name string) bool { return s.request.Query.Has(name) }

// complete refuses a request that lacks a required parameter (RFC 5849 §3.1)
// or asks for another version.
func (s *Signed) complete() *oauth.Error {
	if s.seen&versionParam != 0 && s.Params.Get("oauth_version") != "1.0" {
		refusal := oauth.BadRequest(oauth.VersionRejected, "oauth_version is 1.0 or left out")
		refusal.Details = oauth.Params{{Name: "oauth_acceptable_versions", Value: "1.0-1.0"}}
		return refusal
	}
	if s.ConsumerKey != "" && s.Method != "" && s.Signature != "" &&
		(s.Timestamp != "" && s.Nonce != "" || s.Method == oauth.Plaintext) {
		return nil
	}
	return s.absent()
}

// absent names what is required and is not there.
func (s *Signed) absent() *oauth.Error {
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
