package apigateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What may be wrong with an event. API Gateway never sends such a thing to a
// function that is set up right, so these fail the invocation.
var (
	ErrNotJSON     = errors.New("apigateway: the event is not JSON of the expected shape")
	ErrNotProxy    = errors.New("apigateway: not a proxy event of a REST API, an HTTP API (payload 2.0) or a function URL")
	ErrNotRequest  = errors.New("apigateway: not a REQUEST authorizer event of a REST API or an HTTP API (payload 2.0)")
	ErrTokenEvent  = errors.New("apigateway: a TOKEN authorizer event does not show the request: set the authorizer's type to REQUEST (FunctionPayloadType: REQUEST in SAM)")
	ErrResourceARN = errors.New("apigateway: the event's ARN is not arn:…:execute-api:…:api/stage/method/path")
)

// event is the union of all events this package reads, so that one decoding
// serves to tell them apart.
type event struct {
	Version   string `json:"version"`
	Type      string `json:"type"`      // authorizers: REQUEST or TOKEN
	MethodARN string `json:"methodArn"` // authorizers, payload 1.0
	RouteARN  string `json:"routeArn"`  // authorizers, payload 2.0

	// Payload 1.0. Maps without entries are null or {}.
	Resource     string              `json:"resource"` // the route's template
	Path         string              `json:"path"`
	Method       string              `json:"httpMethod"`
	MultiHeaders http.Header         `json:"multiValueHeaders"`
	MultiQuery   map[string][]string `json:"multiValueQueryStringParameters"`

	// Payload 2.0.
	RouteKey string   `json:"routeKey"` // "METHOD template" or "$default"
	RawPath  string   `json:"rawPath"`
	RawQuery string   `json:"rawQueryString"`
	Cookies  []string `json:"cookies"`

	// One value for each name. Payload 1.0 has all values as well, so these are
	// decoded only where they are needed; see decodeSingles.
	RawHeaders json.RawMessage   `json:"headers"`
	RawSingles json.RawMessage   `json:"queryStringParameters"`
	Headers    map[string]string `json:"-"`
	Query      map[string]string `json:"-"`

	StageVariables map[string]string `json:"stageVariables"`
	PathParameters map[string]string `json:"pathParameters"`
	Body           string            `json:"body"`
	Base64         bool              `json:"isBase64Encoded"`
	Context        requestContext    `json:"requestContext"`
}

type requestContext struct {
	RequestID  string     `json:"requestId"`
	Stage      string     `json:"stage"`
	DomainName string     `json:"domainName"`
	Path       string     `json:"path"`
	Authorizer authorizer `json:"authorizer"`
	Identity   struct {
		SourceIP string `json:"sourceIp"`
	} `json:"identity"`
	HTTP struct {
		Method   string `json:"method"`
		SourceIP string `json:"sourceIp"`
	} `json:"http"`
}

// decodeProxy decodes a proxy event, or returns ErrNotJSON or ErrNotProxy.
func decodeProxy(payload []byte) (*event, error) {
	e, err := decode(payload)
	if err != nil {
		return nil, err
	}
	if e.MethodARN != "" || e.RouteARN != "" || !e.complete() {
		return nil, ErrNotProxy
	}
	return e, nil
}

// decodeAuthorizer decodes an authorizer event, or returns ErrNotJSON,
// ErrTokenEvent or ErrNotRequest.
func decodeAuthorizer(payload []byte) (*event, error) {
	e, err := decode(payload)
	switch {
	case err != nil:
		return nil, err
	case e.Type == "TOKEN":
		return nil, ErrTokenEvent
	case e.Type != "REQUEST" || e.arn() == "" || !e.complete():
		return nil, ErrNotRequest
	}
	return e, nil
}

func decode(payload []byte) (*event, error) {
	e := new(event)
	if err := json.Unmarshal(payload, e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	if err := e.decodeSingles(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	return e, nil
}

// decodeSingles decodes the maps with one value for each name where the event
// has no others: the headers of payload 2.0, and events made by hand.
func (e *event) decodeSingles() error {
	if len(e.MultiHeaders) == 0 && len(e.RawHeaders) > 0 {
		if err := json.Unmarshal(e.RawHeaders, &e.Headers); err != nil {
			return err
		}
	}
	if !e.payload2() && len(e.MultiQuery) == 0 && len(e.RawSingles) > 0 {
		return json.Unmarshal(e.RawSingles, &e.Query)
	}
	return nil
}

// payload2 reports whether the event has the shape of payload 2.0.
func (e *event) payload2() bool { return e.Version == "2.0" }

// complete reports whether the event describes an HTTP request. Those of load
// balancers have no stage, those of WebSocket APIs no method.
func (e *event) complete() bool {
	if e.payload2() {
		return e.Context.HTTP.Method != "" && strings.HasPrefix(e.RawPath, "/")
	}
	return e.Method != "" && strings.HasPrefix(e.Path, "/") && e.Context.Stage != ""
}

func (e *event) arn() string {
	if e.payload2() {
		return e.RouteARN
	}
	return e.MethodARN
}

func (e *event) method() string {
	if e.payload2() {
		return e.Context.HTTP.Method
	}
	return e.Method
}

func (e *event) sourceIP() string {
	if e.payload2() {
		return e.Context.HTTP.SourceIP
	}
	return e.Context.Identity.SourceIP
}

// template returns the path template of the route that was taken, or "" where
// the event names none.
func (e *event) template() string {
	if !e.payload2() {
		return e.Resource
	}
	_, template, _ := strings.Cut(e.RouteKey, " ")
	return template
}
