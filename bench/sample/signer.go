package sample

import (
	"fmt"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/seal"
)

// ClientID is the client of all sessions here, whose secret is of the first key.
const ClientID = "mobile"

// ClientSecret is the secret of the client.
func ClientSecret(keys *seal.Keyring) (oauth.Secret, error) {
	secret, err := keys.ClientSecret(&oauth.Client{ID: ClientID, SecretKey: 1})
	if err != nil {
		return secret, fmt.Errorf("derive the client's secret: %w", err)
	}
	return secret, nil
}

// Signer signs GET requests with a token, by HMAC-SHA1 in a header.
type Signer struct {
	token string
	by    oauth1.Signer
}

// NewSigner derives the secrets for a token of OAuth 1.0.
func NewSigner(keys *seal.Keyring, token string) (*Signer, error) {
	client, err := ClientSecret(keys)
	if err != nil {
		return nil, err
	}
	opened, err := keys.Open(seal.OAuth1Token, token)
	if err != nil {
		return nil, fmt.Errorf("open the token: %w", err)
	}
	secret, err := keys.TokenSecret(opened)
	if err != nil {
		return nil, fmt.Errorf("derive the token's secret: %w", err)
	}
	return &Signer{token, oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: client, TokenSecret: secret}}, nil
}

// Header is the Authorization header of a request for a URI without query.
func (s *Signer) Header(uri string, at time.Time, nonce string) (string, error) {
	params := oauth.Params{{Name: "oauth_consumer_key", Value: ClientID}, {Name: "oauth_token", Value: s.token},
		{Name: "oauth_signature_method", Value: string(s.by.Method)}, {Name: "oauth_timestamp", Value: strconv.FormatInt(at.Unix(), 10)},
		{Name: "oauth_nonce", Value: nonce}}
	signature, err := s.by.Sign("GET", uri, params)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return oauth1.FormatHeader("", append(params, oauth.Param{Name: "oauth_signature", Value: signature})), nil
}
