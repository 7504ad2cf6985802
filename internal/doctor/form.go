package doctor

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
)

// formFindings are about which parameters there are and how they are written
// (RFC 5849 §3.1).
func (r *reading) formFindings() []Finding {
	findings := r.methodFindings()
	if finding := r.bodyHashFinding(); finding != nil {
		findings = append(findings, *finding)
	}
	_, refusal := oauth1.Parse(r.c.Request)
	if refusal == nil {
		return findings
	}
	return append(findings, r.parseFinding(refusal))
}

// parseFinding says what a refusal of oauth1.Parse means.
func (r *reading) parseFinding(refusal *oauth.Error) Finding {
	switch refusal.Code {
	case oauth.ParameterAbsent:
		names := strings.ReplaceAll(refusal.Details.Get("oauth_parameters_absent"), "&", ", ")
		return Finding{"parameter_absent", "the request lacks " + names, "send it with a value, and sign it unless it is the signature"}
	case oauth.VersionRejected:
		return Finding{"version", fmt.Sprintf("oauth_version is %q", oauth.Printable(r.get("oauth_version"))),
			"send 1.0, also for OAuth 1.0a, or leave it out"}
	}
	switch name := refusal.Details.Get("oauth_parameters_rejected"); {
	case name == "":
		return Finding{"malformed", refusal.Description, ""}
	case slices.Contains(r.twice, name):
		return Finding{"parameter_repeated", name + " is sent more than once", "send it once"}
	default:
		return Finding{"two_places", "OAuth parameters, such as " + name + ", are sent in two places",
			"send all of them in the header, or all in the form body, or all in the query"}
	}
}

func (r *reading) methodFindings() []Finding {
	switch {
	case r.wrote == "":
		return nil // it is absent
	case !r.methodKnown:
		return []Finding{{"method_unknown", fmt.Sprintf("the server does not know the oauth_signature_method %q", oauth.Printable(r.wrote)),
			"use HMAC-SHA256 or HMAC-SHA1"}}
	case r.wrote != string(r.method):
		return []Finding{{"method_spelling", fmt.Sprintf("oauth_signature_method is written %q", oauth.Printable(r.wrote)),
			"write " + string(r.method)}}
	case r.c.Known && !r.c.Client.Public && !r.c.Client.AllowsMethod(r.method):
		return []Finding{{"method_not_allowed", "this client may not sign with " + string(r.method),
			"use another method, or let the operator allow this one"}}
	case r.method == oauth.Plaintext && !oauth1.Secure(r.c.Request):
		return []Finding{{"plaintext_http", "PLAINTEXT shows the secrets to everybody on the way, and the request came by http",
			"use https, or an HMAC method"}}
	}
	return nil
}
