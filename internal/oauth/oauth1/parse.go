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

// Signed is an OAuth 1.0 request taken apart once (RFC 5849 §3.1). What it says is
// behind a pointer: strings of it may be kept, and what is signed stays on the
// stack nevertheless.
type Signed struct {
	*Protocol
	params normalized // all that is signed: everything but realm and oauth_signature
}

// Params decodes what is signed, in the order it was sent: everything but realm
// and oauth_signature.
func (s *Signed) Params() oauth.Params { return s.params.decoded() }

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
	form, err := oauth.ParseForm(formBody(r))
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

// Room for the parameters and the base string of most requests, which are so not
// allocated.
const (
	partRoom = 24
	textRoom = 1024
	baseRoom = 1024
)

// Parse collects the parameters of a request from its Authorization header,
// form body and query (RFC 5849 §3.4.1.3.1) and checks their form: protocol
// parameters in one place only and none twice (§3.1), required ones present,
// version 1.0. The refusal names the parameter at fault; with it there is no Signed.
//
// It must be short enough to be inlined: the room is then on its caller's stack.
func Parse(r *oauth.Request) (Signed, *oauth.Error) {
	return parse(&Protocol{request: r}, make([]byte, 0, textRoom), make([]part, 0, partRoom))
}

func parse(p *Protocol, text []byte, parts []part) (Signed, *oauth.Error) {
	signed, refusal := p.gather(normalized{text, parts})
	if refusal == nil {
		refusal = p.complete()
	}
	if refusal != nil {
		return Signed{}, refusal
	}
	return Signed{p, signed}, nil
}

// gather adds what is signed of the request, and notes what its protocol
// parameters say, but not which there are.
func (p *Protocol) gather(signed normalized) (normalized, *oauth.Error) {
	text, refusal := headerText(p.request)
	if refusal != nil {
		return signed, refusal
	}
	if signed, refusal = p.takeHeader(signed, text); refusal != nil {
		return signed, refusal
	}
	if signed, refusal = p.takeForm(signed); refusal != nil {
		return signed, refusal
	}
	if signed, refusal = p.take(signed, p.request.Query); refusal != nil {
		return signed, refusal
	}
	if p.twice != 0 {
		refusal = p.repeated(signed)
	}
	return signed, refusal
}

// takeHeader notes the protocol parameters of a header, and adds what is signed.
func (p *Protocol) takeHeader(signed normalized, text string) (normalized, *oauth.Error) {
	header := headerReader{rest: trimSpace(text)}
	for header.next() {
		switch {
		case p.note(&header.Param) == signatureParam:
		case header.plain:
			signed.text, signed.parts = appendPlain(signed.text, signed.parts, header.Name, header.Value)
		default:
			signed = signed.add(header.Name, header.Value)
		}
	}
	if header.err != nil {
		return signed, oauth.Quoting(oauth.ParameterRejected, "Authorization header: "+header.err.Error())
	}
	return signed, nil
}

// take is takeHeader for the parameters of another place. It refuses credentials
// where there were some before.
func (p *Protocol) take(signed normalized, params oauth.Params) (normalized, *oauth.Error) {
	before := p.seen & credentials
	for i := range params {
		which := p.note(&params[i])
		if which&credentials != 0 && before != 0 {
			return signed, rejected(params[i].Name, "is in a second place: OAuth 1.0 parameters go in the header, the form body or the query")
		}
		if which != signatureParam {
			signed = signed.add(params[i].Name, params[i].Value)
		}
	}
	return signed, nil
}

// takeForm is take for the form body.
func (p *Protocol) takeForm(signed normalized) (normalized, *oauth.Error) {
	if p.request.BodyHidden() && p.request.IsForm() {
		return signed, oauth.Forbidden(oauth.ParameterRejected,
			"a form-encoded body is part of an OAuth 1.0 signature and cannot be verified here, where the body is not seen; send the parameters in the query or the body as JSON")
	}
	form := formBody(p.request)
	if len(form) == 0 {
		return signed, nil
	}
	if added, ok := signed.addForm(form); ok {
		return added, nil
	}
	params, err := oauth.ParseForm(form)
	if err != nil {
		return signed, oauth.Quoting(oauth.ParameterRejected, "form body: "+err.Error())
	}
	return p.take(signed, params)
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
	values := r.Header["Authorization"]
	if len(values) == 0 {
		return "", nil
	}
	scheme, text := oauth.Credentials(values[0])
	switch {
	case len(values) > 1:
		return "", oauth.BadRequest(oauth.ParameterRejected, "more than one Authorization header")
	case scheme == "":
		return "", nil
	case !strings.EqualFold(scheme, "OAuth"):
		return "", oauth.BadRequest(oauth.ParameterRejected, "OAuth 1.0 parameters beside an Authorization header of another scheme")
	case len(values[0]) > oauth.MaxHeader:
		return "", oauth.BadRequest(oauth.ParameterRejected, "the Authorization header is longer than 8192 bytes")
	}
	return text, nil
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
