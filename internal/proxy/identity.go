package proxy

import (
	"net/http"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
)

// setIdentity says who sent the request. What there is none of, such as the
// user of a client that acts for itself, has no header.
func (p *Proxy) setIdentity(out *http.Request, issuer string, s *oauth.Session) error {
	assertion, err := p.assertion(out, issuer, s)
	if err != nil {
		return err
	}
	for _, field := range []struct{ name, value string }{
		{"X-Oauth-Client-Id", visible(s.Client)},
		{"X-Oauth-User-Id", visible(s.User)},
		{"X-Oauth-User-Name", visible(s.UserName)},
		{"X-Oauth-Scope", oauth.FormatScope(s.TokenScope())},
		{"X-Oauth-Session", s.ID.String()},
		{"X-Oauth-Protocol", string(s.Protocol)},
		{"X-Oauth-Assertion", assertion},
	} {
		if field.value != "" {
			out.Header.Set(field.name, field.value)
		}
	}
	return nil
}

// visible percent-encodes the UTF-8 of all but visible ASCII, and the percent
// sign, so that it can be decoded again.
func visible(text string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		if c := text[i]; c > ' ' && c <= '~' && c != '%' {
			out.WriteByte(c)
		} else {
			out.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return out.String()
}

// looksLikeIdentity tells headers that some backend takes for the word of a
// proxy in front of it, on who calls, from where, or for which address. Here
// only a client can have sent them.
func looksLikeIdentity(key string) bool {
	switch key {
	case "x-amzn-trace-id", // which names nobody, and is for following a request
		"x-user-agent": // of gRPC-Web
		return false
	}
	return slices.Contains(identityNames(), key) ||
		slices.ContainsFunc(identityPrefixes(), func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// identityPrefixes are grouped by who sets them.
func identityPrefixes() []string {
	return []string{
		"x-oauth-",                            // this proxy
		"x-forwarded-",                        // this proxy; -user, -email, -groups by oauth2-proxy; -client-cert by Envoy
		"x-auth-request-",                     // oauth2-proxy behind nginx
		"x-amzn-", "x-amz-cf-", "cloudfront-", // load balancers and CloudFront: -oidc-identity, -viewer-address
		"x-ms-client-principal", "x-ms-token-", // Azure App Service
		"x-goog-authenticated-user-", "x-goog-iap-", "x-appengine-", // Google
		"x-endpoint-api-", "x-apigateway-api-", // Google's API gateways: -userinfo
		"cf-access-", "tailscale-", "x-pomerium-", "x-authentik-", "x-vouch-", // proxies that sign people in
		"x-authenticated-", "x-consumer-", "x-credential-", // Kong
		"x-remote-", "remote-", // Kubernetes, Authelia, whatever reads REMOTE_USER
		"x-webauth-", "oidc-", "x-jwt-", // Grafana, mod_auth_openidc, WSO2 and Istio
		"sm-", "iv-", "oam-", "shib-", "webauth-", // SiteMinder, IBM Verify, Oracle, Shibboleth, mod_webauth
		"impersonate-", "x-hasura-", // Kubernetes, Hasura
		"x-user-", "ssl-client-", "x-ssl-", "x-client-cert", "client-cert", // home-made; RFC 9440
		"x-azure-", "x-arr-", // Azure: -clientip, -clientcert
		"x-original-", "x-envoy-", // another path or address than the one that was judged
	}
}

func identityNames() []string {
	return []string{"x-user", "x-username", "x-userid", "x-userinfo", "x-anonymous-consumer",
		"x-auth-user", "x-auth-username", "x-auth-userid", "x-auth-email", "x-auth-groups", "x-auth-roles",
		"x-role", "x-roles", "x-groups", "x-email", "x-principal", "x-subject", "x-client-id", "x-client-dn", "x-client-verify",
		"eppn", "auth-type", "auth-user", "x-forwarded", "x-proxyuser-ip", "fly-client-ip",
		"x-real-ip", "x-client-ip", "client-ip", "true-client-ip", "x-cluster-client-ip", "cf-connecting-ip", "fastly-client-ip",
		"x-rewrite-url", "x-host"}
}
