package seed

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// Client is a client as people write it down.
type Client struct {
	ID               string                  `json:"id"`
	Secret           string                  `json:"secret"` // empty: derived from the keyring
	Name             string                  `json:"name"`
	Public           bool                    `json:"public"`
	Grants           []oauth.Grant           `json:"grants"`
	Scopes           []string                `json:"scopes"`
	RedirectURIs     []string                `json:"redirect_uris"`
	SignatureMethods []oauth.SignatureMethod `json:"signature_methods"` // empty: all but PLAINTEXT
	RSAPublicKey     string                  `json:"rsa_public_key"`    // PEM
	Origins          []string                `json:"origins"`           // of web pages; empty: any
	LinkedClients    []string                `json:"linked_clients"`    // which clients may exchange its OAuth 1.0 tokens
	Sunset           string                  `json:"oauth1_sunset"`     // when its OAuth 1.0 ends (RFC 3339); empty: never
	Diagnose         bool                    `json:"diagnose"`          // the log says what is wrong with its signatures
	Binding          oauth.BindTo            `json:"binding"`           // what its sessions are bound to; empty: as the deployment says
	OnMismatch       oauth.OnMismatch        `json:"on_mismatch"`       // what a token shown by another caller does; empty: as the deployment says
	Imported         bool                    `json:"imported"`          // it has OAuth 1.0 tokens of an older provider, or asks about them
	Disabled         bool                    `json:"disabled"`          // it may do nothing, and its tokens neither
}

const (
	maxID   = 128
	maxText = 256

	maxScopes = 1000
)

// Check finds the first field that is wrong, as a *FieldError.
func (c *Client) Check() error {
	for _, check := range []func() error{c.checkID, c.checkGrants, c.checkScopes, c.checkRedirects, c.checkOrigins,
		c.checkMethods, c.checkLinked, c.checkSunset, c.checkPublic, c.checkBinding} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) checkID() error {
	switch {
	case c.ID == "":
		return fault("id", "is missing")
	// Access logs of API Gateway put the id between quotes as it is.
	case strings.ContainsAny(c.ID, "\"\\"):
		return fault("id", "takes no quotes and backslashes: lines of access logs would be no JSON")
	case len(c.ID) > maxID || !visible(c.ID):
		return fault("id", "takes 1 to %d characters of printable ASCII (RFC 6749 A.1)", maxID)
	case len(c.Secret) > maxText || !visible(c.Secret):
		return fault("secret", "takes 1 to %d characters of printable ASCII (RFC 6749 A.2); leave it out to have one derived", maxText)
	case len(c.Name) > maxText || !plain(c.Name):
		return fault("name", "takes at most %d bytes without control characters", maxText)
	}
	return nil
}

func (c *Client) checkGrants() error {
	if len(c.Grants) == 0 {
		return fault("grants", "is missing: it takes one or more of %s", list(oauth.Grants()))
	}
	return oneOf("grants", c.Grants, oauth.Grants())
}

func (c *Client) checkScopes() error { return checkScopes(c.Scopes) }

func checkScopes(scopes []string) error {
	if all := oauth.FormatScope(scopes); len(scopes) > oauth.MaxScope || len(all) > maxScopes {
		return fault("scopes", "takes at most %d, and %d bytes together: they travel in URLs", oauth.MaxScope, maxScopes)
	}
	for i, scope := range scopes {
		field := fmt.Sprintf("scopes[%d]", i)
		tokens, ok := oauth.ParseScope(scope)
		if !ok || len(tokens) != 1 || tokens[0] != scope {
			return fault(field, "%q is not a scope: printable ASCII without spaces, quotes and backslashes (RFC 6749 §3.3)", scope)
		}
		if slices.Contains(scopes[:i], scope) {
			return fault(field, "%q is there twice", scope)
		}
	}
	return nil
}

func (c *Client) checkMethods() error {
	if err := oneOf("signature_methods", c.SignatureMethods, oauth.SignatureMethods()); err != nil {
		return err
	}
	if c.RSAPublicKey != "" {
		if _, err := oauth1.ParseRSAPublicKey(c.RSAPublicKey); err != nil {
			return fault("rsa_public_key", "takes the PEM of an RSA public key of 1024 bits or more, which begins with -----BEGIN PUBLIC KEY-----")
		}
		return nil
	}
	for i, method := range c.SignatureMethods {
		if strings.HasPrefix(string(method), "RSA-") {
			return fault(fmt.Sprintf("signature_methods[%d]", i), "%s needs an RSA public key", method)
		}
	}
	return nil
}

// checkPublic: a public client has no secret, so nothing that needs one.
func (c *Client) checkPublic() error {
	if !c.Public {
		return nil
	}
	switch {
	case c.Secret != "":
		return fault("secret", "a public client has none")
	case len(c.SignatureMethods) > 0 || c.RSAPublicKey != "":
		return fault("signature_methods", "a public client cannot sign")
	case len(c.LinkedClients) > 0:
		return fault("linked_clients", "a public client has no OAuth 1.0 tokens to exchange")
	case c.Sunset != "":
		return fault("oauth1_sunset", "a public client has no OAuth 1.0 that could end")
	case c.Diagnose:
		return fault("diagnose", "a public client has no signatures to diagnose")
	case c.Imported:
		return fault("imported", "a public client has no OAuth 1.0 tokens, and may not ask about any")
	}
	for i, grant := range c.Grants {
		switch grant {
		case oauth.GrantXAuth, oauth.GrantOAuth1, oauth.GrantClientCredentials:
			return fault(fmt.Sprintf("grants[%d]", i), "%s needs a secret, and a public client has none", grant)
		}
	}
	return nil
}

// oneOf checks that each value is known and there once.
func oneOf[T ~string](field string, values, known []T) error {
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", field, i)
		if !slices.Contains(known, value) {
			return fault(at, "%q is none of %s", value, list(known))
		}
		if slices.Contains(values[:i], value) {
			return fault(at, "%q is there twice", value)
		}
	}
	return nil
}

func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}

// visible reports whether text is of VSCHAR only (RFC 6749 A).
func visible(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
