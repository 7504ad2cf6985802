package local

import "encoding/json"

// Where the API is, in ARNs.
const (
	region    = "local"
	accountID = "123456789012"
	apiID     = "local"
)

// requestPart is what proxy and authorizer events have in common. Maps without
// entries are null in the one and {} in the other.
type requestPart struct {
	Resource       string              `json:"resource"`
	Path           string              `json:"path"`
	Method         string              `json:"httpMethod"`
	Headers        map[string]string   `json:"headers"`
	MultiHeaders   map[string][]string `json:"multiValueHeaders"`
	Query          map[string]string   `json:"queryStringParameters"`
	MultiQuery     map[string][]string `json:"multiValueQueryStringParameters"`
	PathParameters map[string]string   `json:"pathParameters"`
	StageVariables map[string]string   `json:"stageVariables"`
	Context        requestContext      `json:"requestContext"`
}

type proxyEvent struct {
	requestPart
	Body   *string `json:"body"`
	Base64 bool    `json:"isBase64Encoded"`
}

type authorizerEvent struct {
	Type      string `json:"type"`
	MethodARN string `json:"methodArn"`
	requestPart
}

type requestContext struct {
	ResourceID        string         `json:"resourceId"`
	Authorizer        map[string]any `json:"authorizer,omitempty"`
	ResourcePath      string         `json:"resourcePath"`
	Method            string         `json:"httpMethod"`
	ExtendedRequestID string         `json:"extendedRequestId"`
	RequestTime       string         `json:"requestTime"`
	Path              string         `json:"path"`
	AccountID         string         `json:"accountId"`
	Protocol          string         `json:"protocol"`
	Stage             string         `json:"stage"`
	DomainPrefix      string         `json:"domainPrefix"`
	RequestTimeEpoch  int64          `json:"requestTimeEpoch"`
	RequestID         string         `json:"requestId"`
	Identity          identity       `json:"identity"`
	DomainName        string         `json:"domainName"`
	DeploymentID      string         `json:"deploymentId"`
	APIID             string         `json:"apiId"`
}

// identity has null for all that only callers with AWS credentials have.
type identity struct {
	CognitoIdentityPoolID         *string `json:"cognitoIdentityPoolId"`
	AccountID                     *string `json:"accountId"`
	CognitoIdentityID             *string `json:"cognitoIdentityId"`
	Caller                        *string `json:"caller"`
	SourceIP                      string  `json:"sourceIp"`
	PrincipalOrgID                *string `json:"principalOrgId"`
	AccessKey                     *string `json:"accessKey"`
	CognitoAuthenticationType     *string `json:"cognitoAuthenticationType"`
	CognitoAuthenticationProvider *string `json:"cognitoAuthenticationProvider"`
	UserARN                       *string `json:"userArn"`
	UserAgent                     *string `json:"userAgent"`
	User                          *string `json:"user"`
}

// proxyEvent is the event of a Lambda proxy integration.
func (c *call) proxyEvent(body []byte, binary mediaTypes) ([]byte, error) {
	text, encoded := encodeBody(body, binary, c.request.Header.Get("Content-Type"))
	return json.Marshal(proxyEvent{c.requestPart(), text, encoded})
}

// authorizerEvent is the event of a REQUEST authorizer.
func (c *call) authorizerEvent() ([]byte, error) {
	part := c.requestPart()
	part.Query, part.MultiQuery = orEmpty(part.Query), orEmpty(part.MultiQuery)
	part.PathParameters = orEmpty(part.PathParameters)
	part.StageVariables = orEmpty(part.StageVariables)
	return json.Marshal(authorizerEvent{"REQUEST", c.methodARN(), part})
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// methodARN names the request in policies.
func (c *call) methodARN() string {
	return "arn:aws:execute-api:" + region + ":" + accountID + ":" + apiID + "/" +
		c.context.Stage + "/" + c.request.Method + c.path
}

func (c *call) requestPart() requestPart {
	part := requestPart{
		Resource:       c.route.template,
		Path:           c.path,
		Method:         c.request.Method,
		Headers:        map[string]string{},
		MultiHeaders:   c.header,
		PathParameters: c.values,
		StageVariables: c.stageVariables,
		Context:        c.context,
	}
	for name, values := range c.header {
		part.Headers[name] = values[len(values)-1]
	}
	part.Query, part.MultiQuery = c.queryMaps()
	return part
}

// queryMaps are nil for no query. Of several values the one map has the last.
func (c *call) queryMaps() (last map[string]string, all map[string][]string) {
	if len(c.query) == 0 {
		return nil, nil
	}
	last, all = map[string]string{}, map[string][]string{}
	for _, param := range c.query {
		last[param.Name] = param.Value
		all[param.Name] = append(all[param.Name], param.Value)
	}
	return last, all
}
