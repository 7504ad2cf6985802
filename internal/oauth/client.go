package oauth

import (
	"slices"
	"time"
)

// Grant is one way for a client to get tokens, as named in the seed file and
// in the Registry.
type Grant string

// The grants a client may be allowed.
const (
	GrantXAuth             Grant = "xauth"
	GrantPassword          Grant = "password"
	GrantRefreshToken      Grant = "refresh_token"
	GrantAuthorizationCode Grant = "authorization_code"
	GrantClientCredentials Grant = "client_credentials"
	GrantOAuth1            Grant = "oauth1"
	GrantTokenExchange     Grant = "token_exchange"
)

// Grants are all grants, for validation and help texts.
func Grants() []Grant {
	return []Grant{GrantXAuth, GrantPassword, GrantRefreshToken, GrantAuthorizationCode,
		GrantClientCredentials, GrantOAuth1, GrantTokenExchange}
}

// SignatureMethod is an oauth_signature_method (RFC 5849 §3.4).
type SignatureMethod string

// The signature methods Gatehouse verifies. The SHA-2 ones are the customary
// extensions of RFC 5849's own.
const (
	HMACSHA1   SignatureMethod = "HMAC-SHA1"
	HMACSHA256 SignatureMethod = "HMAC-SHA256"
	HMACSHA512 SignatureMethod = "HMAC-SHA512"
	RSASHA1    SignatureMethod = "RSA-SHA1"
	RSASHA256  SignatureMethod = "RSA-SHA256"
	RSASHA512  SignatureMethod = "RSA-SHA512"
	Plaintext  SignatureMethod = "PLAINTEXT"
)

// SignatureMethods are all signature methods.
func SignatureMethods() []SignatureMethod {
	return []SignatureMethod{HMACSHA1, HMACSHA256, HMACSHA512, RSASHA1, RSASHA256, RSASHA512, Plaintext}
}

// Client is an application that was registered with the operator (RFC 6749
// §2, RFC 5849 §1.1). It holds nothing that can be presented: the secret is
// derived from the keyring, or sealed when it came from an older provider.
type Client struct {
	ID               string
	Name             string
	Public           bool // has no secret (RFC 6749 §2.1)
	Disabled         bool
	Grants           []Grant
	Scopes           []string
	RedirectURIs     []string
	SignatureMethods []SignatureMethod // nil: all but PLAINTEXT
	RSAPublicKey     string            // PEM, for the RSA methods
	Origins          []string          // of web pages that may use the client; nil: any
	LinkedClients    []string          // which clients may exchange this one's OAuth 1.0 tokens, beside itself
	Sunset           time.Time         // when the client's OAuth 1.0 ends; zero: never
	Diagnose         bool              // a refused signature of the client is diagnosed in the log
	Binding          BindTo            // what its sessions are bound to; empty: as the deployment says
	OnMismatch       OnMismatch        // empty: as the deployment says
	Imported         bool              // may have OAuth 1.0 tokens of an older provider, and ask about them

	SecretKey     uint32 // id of the key the secret is derived from
	SecretVersion uint32 // raised to rotate the secret
	SealedSecret  string // a secret brought from elsewhere; empty: derived

	Revision uint32 // raised by each write; zero: from before it was counted
}

// Allows reports whether the client may use grant.
func (c *Client) Allows(grant Grant) bool { return slices.Contains(c.Grants, grant) }

// AllowsMethod reports whether the client may sign with method. PLAINTEXT is
// allowed only where it is named, since it shows the secret to every hop.
func (c *Client) AllowsMethod(method SignatureMethod) bool {
	if len(c.SignatureMethods) == 0 {
		return method != Plaintext
	}
	return slices.Contains(c.SignatureMethods, method)
}

// GrantedScope is what is asked for, or else all that the client may have
// (RFC 6749 §3.3).
func (c *Client) GrantedScope(asked string) ([]string, *Error) {
	scope, refusal := ReadScope(asked)
	switch {
	case refusal != nil:
		return nil, refusal
	case !Covers(c.Scopes, scope):
		return nil, BadRequest(InvalidScope, "this client may not have all of this scope")
	case scope == nil:
		return c.Scopes, nil
	}
	return scope, nil
}

// AllowsOrigin reports whether a web page of origin, an Origin header (RFC
// 6454 §7), may use the client. Where origins are listed, "null" is none of
// them: any page can have a browser send it.
func (c *Client) AllowsOrigin(origin string) bool {
	return len(c.Origins) == 0 || origin != "null" && slices.Contains(c.Origins, origin)
}

// LinkedTo reports whether the client called id may have OAuth 2 tokens for
// this one's OAuth 1.0 tokens (RFC 8693).
func (c *Client) LinkedTo(id string) bool {
	return id == c.ID || slices.Contains(c.LinkedClients, id)
}
