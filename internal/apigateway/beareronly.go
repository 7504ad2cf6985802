package apigateway

import (
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
)

// stageBearerOnly is the stage variable by which the owner of an API says that
// its gateway keeps what the authorizer answers. What is kept lets requests in
// without a look at their signature, nonce or proof, so that such an API can take
// bearer tokens and nothing else.
const stageBearerOnly = "BEARER_ONLY"

// bearerOnly reads it: true, false, or not there.
func bearerOnly(variables map[string]string) (bool, error) {
	switch text := variables[stageBearerOnly]; text {
	case "true":
		return true, nil
	case "false", "":
		return false, nil
	default:
		return false, fmt.Errorf("apigateway: stage variable %s: it is true or false, not %q", stageBearerOnly, text)
	}
}

// keepable refuses a request that was allowed for more than having a token: its
// answer, once kept, would let others in without that. A request may be signed in
// its query whatever its header says, so the session counts too.
func (s site) keepable(r *oauth.Request, v oauth.Verdict) oauth.Verdict {
	if !s.bearerOnly || !v.Allowed {
		return v
	}
	scheme, _ := r.Authorization()
	if strings.EqualFold(scheme, "Bearer") && v.Session.Protocol == oauth.OAuth2 {
		return v
	}
	return oauth.Refuse(oauth.Forbidden(oauth.InvalidRequest, "this API takes bearer tokens, and neither signed requests nor proofs"))
}
