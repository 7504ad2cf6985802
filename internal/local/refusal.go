package local

import (
	"encoding/json"
	"net/http"
)

// responseType names a gateway response.
type responseType string

const (
	default4XX responseType = "DEFAULT_4XX"
	default5XX responseType = "DEFAULT_5XX"
)

// responseTypes are the names of all that a template may customise.
func responseTypes() []string {
	return []string{string(default4XX), string(default5XX), "ACCESS_DENIED", "API_CONFIGURATION_ERROR",
		"AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS",
		"EXPIRED_TOKEN", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE",
		"MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND",
		"THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"}
}

// kind is a way in which the gateway itself answers.
type kind struct {
	response responseType
	status   int
	message  string // empty: null
	errType  string // x-amzn-ErrorType
}

var (
	unauthorized          = kind{"UNAUTHORIZED", 401, "Unauthorized", "UnauthorizedException"}
	accessDenied          = kind{"ACCESS_DENIED", 403, "User is not authorized to access this resource", "AccessDeniedException"}
	explicitlyDenied      = kind{"ACCESS_DENIED", 403, "User is not authorized to access this resource with an explicit deny", "AccessDeniedException"}
	authorizerFailed      = kind{"AUTHORIZER_FAILURE", 500, "", "AuthorizerFailureException"}
	authorizerMisled      = kind{"AUTHORIZER_CONFIGURATION_ERROR", 500, "", "AuthorizerConfigurationException"}
	noRoute               = kind{"MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"}
	noRouteForCredentials = kind{"INVALID_SIGNATURE", 403, "Invalid key=value pair (missing equal-sign) in Authorization header", "IncompleteSignatureException"}
	bodyTooLarge          = kind{"REQUEST_TOO_LARGE", 413, "HTTP content length exceeded 10485760 bytes.", "RequestTooLargeException"}
	badBody               = kind{default4XX, 400, "Bad Request", "BadRequestException"}
	headersTooLarge       = kind{default4XX, 431, "The headers exceed 10240 bytes", "BadRequestException"}
	functionFailed        = kind{default5XX, 502, "Internal server error", "InternalServerErrorException"}
	malformedAnswer       = functionFailed
)

// refusal is a request that the gateway answers itself.
type refusal struct {
	kind
	context map[string]any // what the authorizer said
	cause   error          // for the log
}

func refuse(k kind) *refusal { return &refusal{kind: k} }

func (r *refusal) because(err error) *refusal {
	r.cause = err
	return r
}

// reason is for the log.
func (r *refusal) reason() string {
	switch {
	case r.cause != nil:
		return string(r.response) + ": " + r.cause.Error()
	case r.response == default4XX: // which stands for several
		return string(r.response) + ": " + r.message
	}
	return string(r.response)
}

// unknownRoute is taken for a call that lacks an AWS signature, or has a
// broken one.
func unknownRoute(r *http.Request) *refusal {
	if r.Header.Get("Authorization") != "" {
		return refuse(noRouteForCredentials)
	}
	return refuse(noRoute)
}

// forbidden is the answer outside the stage, where no template applies.
func forbidden() answer {
	header := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {"ForbiddenException"}}
	return answer{http.StatusForbidden, header, []byte(`{"message":"Forbidden"}`)}
}

// quoted is the message as $context.error.messageString has it.
func (r *refusal) quoted() string {
	if r.message == "" {
		return "null"
	}
	text, err := json.Marshal(r.message)
	if err != nil {
		return "null" // a string always encodes
	}
	return string(text)
}
