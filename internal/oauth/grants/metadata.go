package grants

import (
	"net/http"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/dpop"
	"gatehouse/internal/oauth/oauth2"
)

// metadata is RFC 8414 §2 and, of issuers in authorization responses, RFC 9207
// §3, of proofs RFC 9449 §5.1.
type metadata struct {
	Issuer                   string        `json:"issuer"`
	AuthorizationEndpoint    string        `json:"authorization_endpoint"`
	TokenEndpoint            string        `json:"token_endpoint"`
	RevocationEndpoint       string        `json:"revocation_endpoint"`
	IntrospectionEndpoint    string        `json:"introspection_endpoint"`
	ResponseTypes            []string      `json:"response_types_supported"`
	ResponseModes            []string      `json:"response_modes_supported"`
	GrantTypes               []oauth.Grant `json:"grant_types_supported"`
	ChallengeMethods         []string      `json:"code_challenge_methods_supported"`
	IssuerInResponse         bool          `json:"authorization_response_iss_parameter_supported"`
	TokenAuthMethods         []string      `json:"token_endpoint_auth_methods_supported"`
	RevocationAuthMethods    []string      `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectionAuthMethods []string      `json:"introspection_endpoint_auth_methods_supported"`
	ProofAlgorithms          []string      `json:"dpop_signing_alg_values_supported"`
}

// metadata answers GET /.well-known/oauth-authorization-server: what this
// server offers, at the address by which it was asked.
func (e *Endpoint) metadata(r *oauth.Request) (oauth.Response, error) {
	if r.Method != http.MethodGet {
		return oauth2.Refuse(e.Terms.Realm, &oauth.Error{Status: http.StatusMethodNotAllowed, Code: oauth.InvalidRequest,
			Description: "the method is GET", Allow: http.MethodGet})
	}
	issuer := r.Issuer()
	secret := []string{"client_secret_basic", "client_secret_post"}
	orNone := append(secret[:len(secret):len(secret)], "none")
	answer, err := oauth2.Answer(http.StatusOK, metadata{
		Issuer:                   issuer,
		AuthorizationEndpoint:    issuer + "/oauth/authorize",
		TokenEndpoint:            issuer + "/oauth/token",
		RevocationEndpoint:       issuer + "/oauth/revoke",
		IntrospectionEndpoint:    issuer + "/oauth/introspect",
		ResponseTypes:            []string{"code"},
		ResponseModes:            []string{"query"},
		GrantTypes:               offered(),
		ChallengeMethods:         []string{"S256"},
		IssuerInResponse:         true,
		TokenAuthMethods:         orNone,
		RevocationAuthMethods:    orNone,
		IntrospectionAuthMethods: secret,
		ProofAlgorithms:          dpop.Algorithms(),
	})
	if err == nil {
		answer.Header.Del("Pragma")
		answer.Header.Set("Cache-Control", "public, max-age=300")
	}
	return answer, err
}
