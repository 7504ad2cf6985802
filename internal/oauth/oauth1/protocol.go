package oauth1

import (
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// Protocol is what the protocol parameters of a request say.
type Protocol struct {
	ConsumerKey string
	Token       string // empty: signed with client credentials only
	Method      oauth.SignatureMethod
	Signature   string
	Timestamp   string
	Nonce       string
	BodyHash    string

	version string
	seen    protocolParams
	twice   protocolParams
	request *oauth.Request
}

// Request is what it was taken from.
func (p *Protocol) Request() *oauth.Request { return p.request }

// protocolPrefix begins the names of protocol parameters (RFC 5849 §3.1).
const protocolPrefix = "oauth_"

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
	bodyHashParam
	otherParam

	credentials = bodyHashParam - 1
)

// note keeps what a protocol parameter says, and returns which it is.
func (p *Protocol) note(param *oauth.Param) protocolParams {
	if !strings.HasPrefix(param.Name, protocolPrefix) {
		return 0
	}
	which := p.keep(param)
	p.twice |= p.seen & which
	p.seen |= which
	return which
}

func (p *Protocol) keep(param *oauth.Param) protocolParams {
	switch param.Name {
	case "oauth_consumer_key":
		p.ConsumerKey = param.Value
		return consumerKeyParam
	case "oauth_token":
		p.Token = param.Value
		return tokenParam
	case "oauth_signature_method":
		p.Method = oauth.SignatureMethod(param.Value)
		return methodParam
	case "oauth_signature":
		p.Signature = param.Value
		return signatureParam
	case "oauth_timestamp":
		p.Timestamp = param.Value
		return timestampParam
	case "oauth_nonce":
		p.Nonce = param.Value
		return nonceParam
	case "oauth_version":
		p.version = param.Value
		return versionParam
	case "oauth_body_hash":
		p.BodyHash = param.Value
		return bodyHashParam
	}
	return otherParam
}

// repeated refuses a request of which a parameter with the oauth_ prefix is there
// twice, and names the first of those.
func (p *Protocol) repeated(signed normalized) *oauth.Error {
	var names []string
	for _, param := range signed.decoded() {
		if strings.HasPrefix(param.Name, protocolPrefix) {
			names = append(names, param.Name)
		}
	}
	if p.twice&signatureParam != 0 {
		names = append(names, "oauth_signature", "oauth_signature")
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return rejected(names[i], "is there more than once")
		}
	}
	return nil
}

// FromQuery reports whether the query, which ends up in logs, has a parameter
// called name.
func (p *Protocol) FromQuery(name string) bool { return p.request.Query.Has(name) }

// complete refuses a request that lacks a required parameter (RFC 5849 §3.1)
// or asks for another version.
func (p *Protocol) complete() *oauth.Error {
	if p.seen&versionParam != 0 && p.version != "1.0" {
		refusal := oauth.BadRequest(oauth.VersionRejected, "oauth_version is 1.0 or left out")
		refusal.Details = oauth.Params{{Name: "oauth_acceptable_versions", Value: "1.0-1.0"}}
		return refusal
	}
	if p.ConsumerKey != "" && p.Method != "" && p.Signature != "" &&
		(p.Timestamp != "" && p.Nonce != "" || p.Method == oauth.Plaintext) {
		return nil
	}
	return p.absent()
}

// absent names what is required and is not there.
func (p *Protocol) absent() *oauth.Error {
	required := [...]oauth.Param{{Name: "oauth_consumer_key", Value: p.ConsumerKey},
		{Name: "oauth_signature_method", Value: string(p.Method)}, {Name: "oauth_signature", Value: p.Signature},
		{Name: "oauth_timestamp", Value: p.Timestamp}, {Name: "oauth_nonce", Value: p.Nonce}}
	needed := len(required)
	if p.Method == oauth.Plaintext {
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
