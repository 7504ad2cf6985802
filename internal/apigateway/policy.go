package apigateway

import (
	"net/http"
	"strings"

	"gatehouse/internal/oauth"
)

// gatewayError is an error whose whole message means something to API Gateway.
type gatewayError string

// Error returns the message itself.
func (e gatewayError) Error() string { return string(e) }

// What an authorizer's invocation fails with. API Gateway answers 401 to the
// exact message Unauthorized, and 500 to every other.
const (
	ErrUnauthorized = gatewayError("Unauthorized")
	ErrInternal     = gatewayError("Internal")
)

type policy struct {
	PrincipalID string   `json:"principalId"`
	Document    document `json:"policyDocument"`
	Context     any      `json:"context"` // callerContext or denyContext
}

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Action, Effect string
	Resource       []string
}

// denyContext is there for gateway responses, as context.authorizer.reason
// and context.authorizer.error.
type denyContext struct {
	Reason string `json:"reason,omitempty"`
	Error  string `json:"error,omitempty"`
}

func newDenyContext(refusal *oauth.Error) denyContext {
	return denyContext{Reason: oauth.Describable(refusal.Description), Error: refusal.Code}
}

func newPolicy(principal, effect, resource string, context any) *policy {
	return &policy{
		PrincipalID: principal,
		Document:    document{Version: "2012-10-17", Statement: []statement{newStatement(effect, resource)}},
		Context:     context,
	}
}

func newStatement(effect string, resources ...string) statement {
	return statement{Action: "execute-api:Invoke", Effect: effect, Resource: resources}
}

// decide makes a policy of a verdict, or the error that stands for it. What is
// not a sound permission is a refusal: the zero verdict too.
func decide(v *oauth.Verdict, q *question) (*policy, error) {
	switch status := refusalStatus(v); {
	case v.Allowed && v.Refusal == nil:
		return allow(&v.Session, q)
	case status == http.StatusForbidden:
		return newPolicy(principal(&v.Session), "Deny", q.stage, newDenyContext(v.Refusal)), nil
	case status >= http.StatusInternalServerError:
		return nil, ErrInternal
	}
	return nil, ErrUnauthorized
}

// allow fails for a session that no caller could be made of downstream.
func allow(s *oauth.Session, q *question) (*policy, error) {
	if s.Client == "" || s.Protocol == "" {
		return nil, ErrInternal
	}
	return q.permit(s), nil
}

func refusalStatus(v *oauth.Verdict) int {
	if v.Refusal == nil {
		return http.StatusUnauthorized
	}
	return v.Refusal.Status
}

// principal names who is meant; a policy without a name is malformed.
func principal(s *oauth.Session) string {
	switch {
	case s.User != "":
		return s.User
	case s.Client != "":
		return s.Client
	}
	return "unknown"
}

// maxResource is the longest Resource that API Gateway takes, in characters.
const maxResource = 512

// stageResource returns the ARN of all methods of the stage that arn is in.
// API Gateway may reuse a policy for other routes, so one for a single route
// would refuse them at random.
func stageResource(arn string) (string, error) {
	api, rest, found := strings.Cut(arn, "/")
	stage, _, method := strings.Cut(rest, "/")
	resource := api + "/" + stage + "/*/*"
	switch {
	case !found || !method || stage == "" || strings.ContainsAny(api+stage, "*?"):
		return "", ErrResourceARN
	case !strings.HasPrefix(api, "arn:") || strings.Count(api, ":") != 5 || !strings.Contains(api, ":execute-api:"):
		return "", ErrResourceARN
	case len(resource) > maxResource:
		return "", ErrResourceARN
	}
	return resource, nil
}
