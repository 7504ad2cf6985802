package oauth

import (
	"net/http"
	"net/netip"
	"strings"
)

// Request is one HTTP request as its client sent it, whatever event carried
// it here. It is made once, by an adapter, and never changed.
type Request struct {
	ID     string // the gateway's id of the request, for logs
	Method string // as sent
	Scheme string // "https" or "http"
	Host   string // lower case, with the port unless it is the scheme's own
	Path   string // percent-encoded as sent, with the stage where the client used it
	Route  string // Path without stage or base path, for routing
	Query  Params // decoded

	// Template is the route that the gateway took, such as /notes/{id}; empty where
	// it names none. Route has what the client wrote, which may be a secret.
	Template string

	// RawQuery is the query as sent where the event tells it, else Query encoded
	// again, whose names are in alphabetical order.
	RawQuery string

	Header   http.Header // canonical names; every value in the order sent
	Body     []byte
	BodySeen bool // false where the event carries no body, as in an authorizer

	Source netip.Addr // of the caller as the gateway or a trusted proxy saw it

	// Caller is what the authorizer said of the request, nil where no
	// authorizer ran. Only the gateway can set it.
	Caller *Caller
}

// Caller is who made a request that the authorizer let through.
type Caller struct {
	Session  SessionID
	Client   string
	User     string
	UserName string
	Scope    []string
	Protocol Protocol
	Expiry   int64 // epoch seconds; 0: never
}

// CanonicalHost returns host in lower case and without the scheme's own port
// or an empty one (RFC 5849 §3.4.1.2, RFC 3986 §6.2.3). What has two ports, or
// is IPv6 without brackets, is no host and stays.
func CanonicalHost(scheme, host string) string {
	host = strings.ToLower(host)
	first := strings.IndexByte(host, ':')
	if first < 0 {
		return host
	}
	colon := strings.LastIndexByte(host, ':')
	if first != colon && host[colon-1] != ']' {
		return host
	}
	switch port := host[colon+1:]; {
	case port == "", scheme == "http" && port == "80", scheme == "https" && port == "443":
		return host[:colon]
	}
	return host
}

// Bounds on what a request may carry; what is larger is refused as malformed.
const (
	MaxHeader = 8 << 10  // bytes of one credential header
	MaxBody   = 64 << 10 // bytes of a body at the endpoints
)

const formType = "application/x-www-form-urlencoded"

// MediaType returns the Content-Type without its parameters, in lower case.
func (r *Request) MediaType() string {
	mediaType, _, _ := strings.Cut(r.first("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(mediaType))
}

// IsForm reports whether the body is declared to be form-encoded.
func (r *Request) IsForm() bool {
	return r.first("Content-Type") == formType || r.MediaType() == formType
}

// BodyHidden reports whether the request may have a body that was not seen. A
// GET or HEAD has one only where its headers say so (RFC 9112 §6.3).
func (r *Request) BodyHidden() bool {
	if r.BodySeen {
		return false
	}
	length := r.Header.Get("Content-Length")
	switch {
	case length == "0":
		return false
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return length != "" || r.Header.Get("Transfer-Encoding") != ""
	}
	return true
}

// Response is an HTTP answer, before an adapter makes it an event's.
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	// For the log line, never for the client. Fault is why something else that
	// was asked failed, where the answer says no more than that it did.
	Refusal *Error
	Session *Session
	Fault   error
	Act     Act   // empty: nothing to tell of
	Grant   Grant // with ActTokenIssued
}

// Authorization splits the Authorization header into its scheme and the rest;
// both are empty when there is none.
func (r *Request) Authorization() (scheme, rest string) {
	return Credentials(r.first("Authorization"))
}

// Credentials splits the value of an Authorization header into its scheme and the
// rest (RFC 9110 §11.6.2).
func Credentials(value string) (scheme, rest string) {
	scheme, rest, _ = strings.Cut(strings.TrimSpace(value), " ")
	return scheme, strings.TrimSpace(rest)
}

// first is the first value of a header by its canonical name.
func (r *Request) first(name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Issuer is the URL that this server was called at, without a path of its own
// and without a slash at the end: its issuer identifier (RFC 8414 §2).
func (r *Request) Issuer() string {
	return r.Scheme + "://" + r.Host + strings.TrimRight(strings.TrimSuffix(r.Path, r.Route), "/")
}
