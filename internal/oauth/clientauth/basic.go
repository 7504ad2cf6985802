package clientauth

import (
	"encoding/base64"
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
)

// basic reads client_secret_basic: id and secret each form-encoded before
// HTTP Basic joins them (RFC 6749 §2.3.1, RFC 7617 §2).
func basic(r *oauth.Request, form oauth.Params) (string, oauth.Secret, *oauth.Error) {
	_, encoded := r.Authorization()
	if len(encoded) > oauth.MaxHeader {
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest,
			fmt.Sprintf("the Authorization header is longer than %d bytes", oauth.MaxHeader))
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	rawID, rawSecret, ok := strings.Cut(string(raw), ":")
	if err != nil || !ok {
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "the Authorization header is not HTTP Basic")
	}
	id, errID := oauth.UnescapeForm(rawID)
	secret, errSecret := oauth.UnescapeForm(rawSecret)
	if errID != nil || errSecret != nil {
		return "", oauth.Secret{}, oauth.Unauthorized(oauth.InvalidClient, "id and secret are form-encoded before HTTP Basic joins them")
	}
	if other := form.Get("client_id"); other != "" && other != id {
		return "", oauth.Secret{}, oauth.BadRequest(oauth.InvalidRequest, "client_id differs from the Authorization header's")
	}
	return id, oauth.NewSecret(secret), nil
}
