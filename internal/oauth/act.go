package oauth

// Act is what came of a request beyond its status, for metrics and the audit
// log, whose events have these names.
type Act string

// The acts.
const (
	ActAccepted         Act = "accepted" // the request may reach the resource; no audit event
	ActSignedIn         Act = "signed_in"
	ActSignInRefused    Act = "sign_in_refused"
	ActTokenIssued      Act = "token_issued"
	ActTokenRefused     Act = "token_refused"
	ActTokenRevoked     Act = "token_revoked"
	ActSessionDestroyed Act = "session_destroyed"
	ActSignedOut        Act = "signed_out"
)
