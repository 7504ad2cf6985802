package doctor

import (
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
)

// partyFindings are about client and token.
func (r *reading) partyFindings() (findings []Finding) {
	if finding := r.clientFinding(); finding != nil {
		findings = append(findings, *finding)
	}
	if finding := r.tokenFinding(); finding != nil {
		findings = append(findings, *finding)
	}
	if _, isRSA := hashOf(r.method); isRSA && r.c.Known && r.publicKey == nil {
		findings = append(findings, Finding{"rsa_key_absent", "the client has no RSA public key here to verify " + string(r.method) + " with",
			"let the operator register its public key, or sign with an HMAC method"})
	}
	return findings
}

func (r *reading) clientFinding() *Finding {
	key, client := r.get("oauth_consumer_key"), &r.c.Client
	switch {
	case key == "":
		return nil // it is absent
	case !r.c.Known && strings.TrimSpace(key) != key:
		return &Finding{"client_unknown", "oauth_consumer_key has white space around it", "cut it off"}
	case !r.c.Known:
		return &Finding{"client_unknown", fmt.Sprintf("there is no client called %q", oauth.Printable(key)),
			"check oauth_consumer_key, and that it is of this deployment"}
	case client.Disabled:
		return &Finding{"client_disabled", "the client is disabled", "ask the operator"}
	case client.Public:
		return &Finding{"client_public", "the client is a public one, which has no secret to sign with", "use OAuth 2, or a client with a secret"}
	case oauth.Expired(client.Sunset, r.c.Now):
		return &Finding{"oauth1_ended", "the client's OAuth 1.0 ended at " + client.Sunset.Format("2006-01-02 15:04 MST"), "use OAuth 2"}
	}
	return nil
}

func (r *reading) tokenFinding() *Finding {
	switch r.c.Token {
	case TokenForged:
		return &Finding{"token_unknown", "oauth_token was not issued here", "check that it is whole, that it is no OAuth 2 token, and that it is of this deployment"}
	case TokenRevoked:
		return &Finding{"token_revoked", "oauth_token was revoked", "sign in again"}
	case TokenExpired:
		return &Finding{"token_expired", "oauth_token has expired", "sign in again"}
	case TokenOfAnother:
		return &Finding{"token_of_another", "oauth_token belongs to another client", "use the token that this client got"}
	}
	return nil
}
