package proxy

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth2"
)

// KeysRoute is the address of the keys that assertions are signed with
// (RFC 7517 §5).
const KeysRoute = "/.well-known/jwks.json"

// assertionType keeps an assertion from being taken for another kind of token
// of the same keys (RFC 8725 §3.11).
const assertionType = "gatehouse-assertion+jwt"

// assertionLifetime is for the way to the backend.
const assertionLifetime = time.Minute

// claims are RFC 7519 §4.1, RFC 8693 §4.2 and §4.3, RFC 9449 §4.2 (htm), and
// what has no name elsewhere.
type claims struct {
	Issuer   string         `json:"iss"`
	Audience string         `json:"aud"` // the upstream's origin
	Subject  string         `json:"sub"` // the user, or the client where there is none
	Client   string         `json:"client_id"`
	Scope    string         `json:"scope"`
	Session  string         `json:"session"`
	Protocol oauth.Protocol `json:"protocol"`
	UserName string         `json:"username,omitempty"`
	Method   string         `json:"htm"`
	Path     string         `json:"path"` // as sent to the upstream, without the query
	IssuedAt int64          `json:"iat"`
	Expires  int64          `json:"exp"`
	ID       string         `json:"jti"`
}

// assertion is a signed JWT of who sends out, good for this request only.
func (p *Proxy) assertion(out *http.Request, issuer string, s *oauth.Session) (string, error) {
	id := make([]byte, 16)
	if _, err := io.ReadFull(p.Rand, id); err != nil {
		return "", fmt.Errorf("random assertion id: %w", err)
	}
	now := p.Clock()
	path, _, _ := strings.Cut(out.URL.RequestURI(), "?")
	said := claims{Issuer: issuer, Audience: out.URL.Scheme + "://" + out.URL.Host, Subject: s.User, Client: s.Client,
		Scope: oauth.FormatScope(s.TokenScope()), Session: s.ID.String(), Protocol: s.Protocol, UserName: s.UserName,
		Method: out.Method, Path: path, IssuedAt: now.Unix(), Expires: now.Add(assertionLifetime).Unix(),
		ID: base64.RawURLEncoding.EncodeToString(id)}
	if said.Subject == "" {
		said.Subject = s.Client
	}
	return p.sign(said)
}

func (p *Proxy) sign(said claims) (string, error) {
	payload, err := json.Marshal(said)
	if err != nil {
		return "", fmt.Errorf("proxy: encode the assertion: %w", err)
	}
	key := p.Keys.AssertionKey()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key.Private, KeyID: key.ID}},
		new(jose.SignerOptions).WithType(assertionType))
	if err != nil {
		return "", fmt.Errorf("proxy: sign the assertion: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("proxy: sign the assertion: %w", err)
	}
	return signed.CompactSerialize()
}

// publicKeys answers KeysRoute: the keys of the whole keyring, so that what
// was signed before a rotation verifies after it.
func (p *Proxy) publicKeys(r *oauth.Request) (oauth.Response, error) {
	if r.Method != http.MethodGet {
		return oauth2.Refuse(p.Realm, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
			Description: "the method is GET", Allow: http.MethodGet})
	}
	var set jose.JSONWebKeySet
	for _, key := range p.Keys.AssertionKeys() {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &key.Private.PublicKey, KeyID: key.ID, Algorithm: string(jose.ES256), Use: "sig"})
	}
	answer, err := oauth2.Answer(http.StatusOK, set)
	if err == nil {
		answer.Header.Del("Pragma")
		answer.Header.Set("Content-Type", "application/jwk-set+json")
		answer.Header.Set("Cache-Control", "public, max-age=300")
	}
	return answer, err
}
