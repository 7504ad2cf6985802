package seed

import (
	"slices"

	"gatehouse/internal/oauth"
)

// checkBinding: any client may have any binding but that of a key, which no
// request of OAuth 1.0 can prove (RFC 9449).
func (c *Client) checkBinding() error {
	switch {
	case c.Binding != "" && !slices.Contains(oauth.Bindings(), c.Binding):
		return fault("binding", "takes one of %s, not %q", list(oauth.Bindings()), c.Binding)
	case c.Binding == oauth.BindDPoP && !slices.ContainsFunc(c.Grants, ofOAuth2):
		return fault("binding", "dpop binds OAuth 2 tokens, and the client's grants are all of OAuth 1.0")
	case c.OnMismatch != "" && !slices.Contains(oauth.OnMismatches(), c.OnMismatch):
		return fault("on_mismatch", "takes one of %s, not %q", list(oauth.OnMismatches()), c.OnMismatch)
	}
	return nil
}

func ofOAuth2(grant oauth.Grant) bool { return grant != oauth.GrantXAuth && grant != oauth.GrantOAuth1 }
