package oauth

import (
	"net/http"
	"strings"
	"time"
)

// Error is a refusal in the words of a protocol. It is a value that goes to
// the client, not a Go error, which means that something broke. Description is
// for the app's developer and never holds a secret, a base string or an
// internal detail.
type Error struct {
	Status      int    // HTTP status
	Code        string // OAuth 2: error. OAuth 1.0: oauth_problem
	Description string // OAuth 2: error_description. OAuth 1.0: oauth_problem_advice
	Details     Params // OAuth 1.0: further parameters, such as oauth_parameters_absent
	RetryAfter  time.Duration
	Allow       string // with status 405: the methods there are (RFC 9110 §15.5.6)
	Quotes      bool   // Description repeats what was sent, and stays out of the log
	UnknownKey  bool   // refused because the keyring lacks the token's key: it may be stale
	Nonce       string // for the client's next proof (RFC 9449 §8); empty: none
	Diagnosis   string // what is wrong with the request, for the log and never for the client

	// Why a token was refused to another caller than its own, or killed, what
	// came of it, and the session that was asked about, or what is known of it. For
	// the log and never for the client: who tries a stolen token need not learn
	// what to imitate, or whose it is.
	Reason     Reason
	OnMismatch OnMismatch
	Session    *Session // nil: not known
	Act        Act      // for the audit log; empty where anybody could fill it by that
	Replayed   bool     // what was presented is genuine and was used before
}

// The error codes of OAuth 2: RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC
// 7009 §2.2.1, RFC 8693 §2.2.2, RFC 9101 §6, RFC 9449 §12.2.
const (
	InvalidRequest          = "invalid_request"
	InvalidClient           = "invalid_client"
	InvalidGrant            = "invalid_grant"
	InvalidScope            = "invalid_scope"
	InvalidToken            = "invalid_token"
	InsufficientScope       = "insufficient_scope"
	InvalidTarget           = "invalid_target"
	UnauthorizedClient      = "unauthorized_client"
	UnsupportedGrantType    = "unsupported_grant_type"
	UnsupportedResponseType = "unsupported_response_type"
	RequestNotSupported     = "request_not_supported"
	RequestURINotSupported  = "request_uri_not_supported"
	AccessDenied            = "access_denied"
	ServerError             = "server_error"
	SlowDown                = "slow_down"
	InvalidDPoPProof        = "invalid_dpop_proof"
	UseDPoPNonce            = "use_dpop_nonce"
)

// The oauth_problem vocabulary of the OAuth 1.0 Problem Reporting extension.
const (
	ParameterAbsent         = "parameter_absent"
	ParameterRejected       = "parameter_rejected"
	VersionRejected         = "version_rejected"
	SignatureMethodRejected = "signature_method_rejected"
	SignatureInvalid        = "signature_invalid"
	TimestampRefused        = "timestamp_refused"
	NonceUsed               = "nonce_used"
	ConsumerKeyUnknown      = "consumer_key_unknown"
	ConsumerKeyRefused      = "consumer_key_refused"
	TokenRejected           = "token_rejected"
	TokenExpired            = "token_expired"
	TokenRevoked            = "token_revoked"
	TokenUsed               = "token_used"
	VerifierInvalid         = "verifier_invalid"
	UserRefused             = "user_refused"
	PermissionDenied        = "permission_denied"
)

// BadRequest is a malformed request: status 400.
func BadRequest(code, description string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Description: description}
}

// Quoting is BadRequest with a description that repeats what was sent: the
// caller's to read, and not for the log, since a password that was not encoded
// may look like the name of a parameter.
func Quoting(code, description string) *Error {
	refusal := BadRequest(code, description)
	refusal.Quotes = true
	return refusal
}

// Unauthorized is a refused credential: status 401.
func Unauthorized(code, description string) *Error {
	return &Error{Status: http.StatusUnauthorized, Code: code, Description: description}
}

// Forbidden is a request that its credentials do not cover: status 403.
func Forbidden(code, description string) *Error {
	return &Error{Status: http.StatusForbidden, Code: code, Description: description}
}

// Verdict is the answer to "may this request reach the resource?". Its zero
// value refuses.
type Verdict struct {
	Allowed bool
	Session Session // of the token, when Allowed
	Refusal *Error  // the reason, when not
	Nonce   string  // for the client's next proof, when Allowed; empty: what it has will do
	Fault   error   // for the log: what failed without changing the answer
}

// Refuse is a verdict against the request.
func Refuse(reason *Error) Verdict { return Verdict{Refusal: reason} }

// Describable keeps text to the characters of error_description (RFC 6749 §5.2),
// which are safe in a header and within quotes:
// printable ASCII without the quotation mark and the backslash.
func Describable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, text)
}
