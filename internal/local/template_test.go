package local_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/local"
)

func mount(template string) error {
	f := &function{}
	functions := map[string]local.Handler{"functions/backend": f, "functions/authorizer": f}
	_, err := local.New([]byte(template), functions, local.Options{Log: local.NewLog(new(bytes.Buffer), time.Now), Clock: time.Now, Rand: rand.Reader})
	return err
}

func TestWhatCannotBeMounted(t *testing.T) {
	get := event("GET", "/a", "")
	tests := []struct{ name, template, want string }{
		{"no YAML", "a: [", "yaml"},
		{"nothing", "", "empty"},
		{"no API", "Resources: {}", "one AWS::Serverless::Api, and there are 0"},
		{"API property", template("DefinitionBody: {}", get), "Resources.Api.Properties.DefinitionBody: "},
		{"a canary", template("CanarySetting: {}", get), "Resources.Api.Properties.CanarySetting: "},
		{"authorizer of tokens", template("Auth: { Authorizers: { A: { FunctionArn: !GetAtt Authorizer.Arn } } }", get), "Authorizers.A.FunctionPayloadType: must be REQUEST"},
		{"Cognito", template("Auth: { Authorizers: { A: { UserPoolArn: x } } }", get), "Resources.Api.Properties.Auth.Authorizers.A.UserPoolArn: "},
		{"no identity source", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Authorizer.Arn } } }", get), "Authorizers.A.Identity: must name an identity source"},
		{"reauthorize", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Authorizer.Arn, Identity: { ReauthorizeEvery: 3601 } } } }", get), "ReauthorizeEvery: is not a whole number from 0 to 3600"},
		{"context variable", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Authorizer.Arn, Identity: { Context: [identity.nope] } } } }", get), "Identity.Context[0]: is not a variable"},
		{"stage variables", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Authorizer.Arn, Identity: { StageVariables: [x] } } } }", get), "Identity.StageVariables: "},
		{"foreign authorizer", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !ImportValue X, Identity: { ReauthorizeEvery: 0 } } } }", get), "FunctionArn: the local gateway has no function for X"},
		{"authorizer that is no function", template("Auth: { Authorizers: { A: { FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Api.Arn, Identity: { ReauthorizeEvery: 0 } } } }", get), "Api is not an AWS::Serverless::Function"},
		{"unknown default", template("Auth: { DefaultAuthorizer: X }", get), "Auth.DefaultAuthorizer: there is no authorizer X"},
		{"IAM default", template("Auth: { DefaultAuthorizer: AWS_IAM }", get), "there is no authorizer AWS_IAM"},
		{"API keys", template("Auth: { ApiKeyRequired: true }", get), "Auth.ApiKeyRequired: "},
		{"resource policy", template("Auth: { ResourcePolicy: {} }", get), "Auth.ResourcePolicy: "},
		{"response type", template("GatewayResponses: { TEAPOT: {} }", get), "GatewayResponses.TEAPOT: "},
		{"response status", template("GatewayResponses: { THROTTLED: { StatusCode: many } }", get), "THROTTLED.StatusCode: is not a whole number"},
		{"response header", template("GatewayResponses: { THROTTLED: { ResponseParameters: { Headers: { A: b } } } }", get), "ResponseParameters.Headers.A: b is none of"},
		{"response header's variable", template("GatewayResponses: { THROTTLED: { ResponseParameters: { Headers: { A: context.nope } } } }", get), "context.nope is none of"},
		{"response path", template("GatewayResponses: { THROTTLED: { ResponseParameters: { Paths: {} } } }", get), "ResponseParameters.Paths: "},
		{"template variable", template("GatewayResponses: { THROTTLED: { ResponseTemplates: { a: '$context.nope' } } }", get), "$context.nope is not a variable"},
		{"template language", template("GatewayResponses: { THROTTLED: { ResponseTemplates: { a: '$util.escape(1)' } } }", get), "$util.escape is not a variable"},
		{"CORS without quotes", template("Cors: { AllowOrigin: '*' }", get), "Cors.AllowOrigin: API Gateway wants"},
		{"CORS property", template("Cors: { Expose: x }", get), "Cors.Expose: "},
		{"CORS that AWS would break", template("Cors: \"'*'\"\nBinaryMediaTypes: ['*~1*']", get), "Properties.Cors: its preflights fail"},
		{"CORS by condition", template("Cors: !If [a, b, c]", get), "Properties.Cors: "},
		{"event property", template("", event("GET", "/a", ", RequestModel: {}")), "Events.GETa.Properties.RequestModel: "},
		{"event authorizer", template("", event("GET", "/a", ", Auth: { Authorizer: X }")), "Events.GETa.Properties.Auth.Authorizer: there is no authorizer X"},
		{"NONE without a default", template("", event("GET", "/a", ", Auth: { Authorizer: NONE }")), "NONE is for APIs that have a DefaultAuthorizer"},
		{"event scopes", template("", event("GET", "/a", ", Auth: { AuthorizationScopes: [] }")), "Auth.AuthorizationScopes: "},
		{"event of another API", template("", strings.Replace(get, "!Ref Api", "!Ref Other", 1)), "Properties.RestApiId: must be !Ref Api"},
		{"event of no API", template("", strings.Replace(get, "RestApiId: !Ref Api, ", "", 1)), "Properties.RestApiId: must be !Ref Api"},
		{"method", template("", event("FETCH", "/a", "")), "Properties.Method: is not a method"},
		{"twice", template("", event("GET", "/a", "")+event("get", "/a", "")), "GET /a is declared twice"},
		{"relative path", template("", event("GET", "a", "")), "Properties.Path: must begin with /"},
		{"empty part", template("", event("GET", "/a//b", "")), "Properties.Path: must begin with /"},
		{"slash at the end", template("", event("GET", "/a/", "")), "Properties.Path: must begin with /"},
		{"greedy in the middle", template("", event("GET", "/{a+}/b", "")), "must be the last part"},
		{"half a parameter", template("", event("GET", "/{a", "")), "{a must be {name} or {name+}"},
		{"parameter twice", template("", event("GET", "/{a}/{a}", "")), "each name once"},
		{"characters", template("", event("GET", "/a b", "")), "has characters"},
		{"siblings", template("", event("GET", "/a/{b}", "")+event("GET", "/a/{c}/d", "")), "in the same place"},
		{"HTTP API event", template("", "E: { Type: HttpApi }"), "Events.E.Type: "},
		{"unset parameter", template("Cors: !Sub \"'${Unset}'\"", get), "refers to Unset"},
		{"unclosed", template("Cors: !Sub \"'${Unset'\"", get), "has ${ without its }"},
		{"unknown code", strings.Replace(template("", get), "functions/backend", "functions/other", 1), `Resources.Backend.Properties.CodeUri: the local gateway has no function whose code is "./functions/other"`},
		{"HTTP API", template("", get) + "  Http: { Type: AWS::Serverless::HttpApi }\n", "Resources.Http.Type: the local gateway cannot mount"},
		{"bare API", template("", get) + "  Bare: { Type: AWS::ApiGateway::RestApi }\n", "Resources.Bare.Type: "},
		{"function URL", template("", get) + "  Url: { Type: AWS::Serverless::Function, Properties: { FunctionUrlConfig: {} } }\n", "Resources.Url.Properties.FunctionUrlConfig: "},
		{"state machine", template("", get) + "  Machine: { Type: AWS::Serverless::StateMachine, Properties: { Events: { E: { Type: Api } } } }\n", "cannot call a resource of type AWS::Serverless::StateMachine"},
		{"condition", strings.Replace(template("", get), "  Backend:\n", "  Backend:\n    Condition: Maybe\n", 1), "Resources.Backend.Condition: "},
		{"second API", template("", get) + "  Second: { Type: AWS::Serverless::Api }\n", "there are 2"},
		{"loop", template("", get) + "  Fn::ForEach::X: []\n", "Resources.Fn::ForEach::X: "},
		{"globals", "Globals: { Api: { Auth: {} } }\n" + template("", get), "Globals.Api.Auth: "},
		{"HTTP API globals", "Globals: { HttpApi: {} }\n" + template("", get), "Globals.HttpApi: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := mount(test.template)
			if !errors.Is(err, local.ErrTemplate) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestEveryFaultIsShown(t *testing.T) {
	err := mount(template("DefinitionBody: {}\nCanarySetting: {}", event("GET", "/a", "")))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v, want two lines", err)
	}
}

// A function whose condition does not hold is not deployed, and so not here.
func TestConditions(t *testing.T) {
	const conditions = `
Conditions:
  IsSet: !Not [!Equals [!Ref Realm, '']]
  IsHere: !Equals [!Sub '${Realm}!', here!]
  Both: !And [!Condition IsSet, Condition: IsHere]
  Either: !Or [!Condition IsHere, !Equals [a, !Ref Realm]]
  Full: { "Fn::Not": [ { "Fn::Equals": [ { Ref: Realm }, there ] } ] }
  Deep: !Not [!Not [!And [!Condition Both, !Or [!Condition Either, !Condition Full, !Condition IsSet]]]]
`
	for realm, held := range map[string][]string{"": {"Full"}, "here": {"IsSet", "IsHere", "Both", "Either", "Full", "Deep"}, "there": {"IsSet"}, "a": {"IsSet", "Either", "Full"}} {
		for _, condition := range []string{"IsSet", "IsHere", "Both", "Either", "Full", "Deep"} {
			text := conditions + strings.Replace(template("", event("GET", "/a", "")), "  Backend:\n", "  Backend:\n    Condition: "+condition+"\n", 1)
			b := newBench(t, text, func(o *local.Options) { o.Parameters = map[string]string{"Realm": realm} })
			want := http.StatusForbidden
			if slices.Contains(held, condition) {
				want = http.StatusOK
			}
			if got := b.do("GET", "/a", ""); got.StatusCode != want {
				t.Errorf("%s with %q: %d, want %d", condition, realm, got.StatusCode, want)
			}
		}
	}
}

func TestConditionsThatCannotBeToldFor(t *testing.T) {
	for text, want := range map[string]string{
		"X: !Equals [a, b]":                         "there is no condition C among Conditions",
		"C: !Condition C":                           "refers to itself",
		"C: !Not [!Condition D]\n  D: !Condition C": "refers to itself",
		"C: !Equals [a]":                            "takes two values",
		"C: !Equals [a, b, c]":                      "takes two values",
		"C: !Equals [!Ref Nobody, b]":               "refers to Nobody",
		"C: !Equals [!ImportValue a, b]":            "ImportValue",
		"C: !Not [!Equals [a, b], !Equals [a, b]]":  "takes 1 to 1 conditions",
		"C: !And [!Equals [a, b]]":                  "takes 2 to 10 conditions",
		"C: !Or []":                                 "takes 2 to 10 conditions",
		"C: !FindInMap [a, b, c]":                   "is not a condition",
		"C: yes":                                    "is not a condition",
		"C: { a: b }":                               "is not a condition",
	} {
		err := mount("Conditions:\n  " + text + "\n" + strings.Replace(template("", event("GET", "/a", "")), "  Backend:\n", "  Backend:\n    Condition: C\n", 1))
		if !errors.Is(err, local.ErrTemplate) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	guarded := strings.Replace(template(authorized, event("GET", "/a", "")), "  Authorizer:\n    Type", "  Authorizer:\n    Condition: C\n    Type", 1)
	if err := mount("Conditions: { C: !Equals [a, b] }\n" + guarded); !errors.Is(err, local.ErrTemplate) || !strings.Contains(err.Error(), "Resources.Authorizer.Condition: does not hold") {
		t.Errorf("an authorizer that is not there: %v", err)
	}
}

// mountReal mounts the template that is deployed, with stand-ins for its
// functions.
func mountReal(t *testing.T, backend, authorizer *function, parameters map[string]string) http.Handler {
	t.Helper()
	functions := map[string]local.Handler{"functions/token": backend, "functions/authorize": backend, "functions/revoke": backend,
		"functions/authorizer": authorizer, "functions/proxy": backend}
	options := local.Options{Log: local.NewLog(new(bytes.Buffer), time.Now), Clock: time.Now, Rand: rand.Reader, Parameters: parameters}
	handler, err := local.New(gatehouse.Template, functions, options)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func TestTheRealTemplate(t *testing.T) {
	handler := mountReal(t, &function{answer: fine}, &function{err: errUnauthorized}, map[string]string{"Realm": "here"})
	for request, want := range map[string]int{
		"POST /oauth/access_token": 200, "POST /oauth/request_token": 200, "POST /oauth/token": 200,
		"GET /oauth/authorize": 200, "POST /oauth/authorize": 200, "GET /oauth/client.js": 200,
		"POST /oauth/revoke": 200, "POST /oauth/introspect": 200, "GET /.well-known/oauth-authorization-server": 200,
		"GET /oauth/session": 401, "GET /oauth/sessions": 401, "DELETE /oauth/sessions": 401, "DELETE /oauth/sessions/x": 401,
		"OPTIONS /oauth/token": 200, "OPTIONS /oauth/sessions/x": 200,
		"GET /oauth/token": 200, "PUT /oauth/sessions": 404, "GET /none": 404,
		"GET /api/x": 404, "GET /.well-known/jwks.json": 404, // without an upstream
	} {
		method, target, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", request, w.Code, want)
		}
		if got := w.Header().Get("WWW-Authenticate"); want == http.StatusUnauthorized && !strings.Contains(got, `OAuth realm="here"`) {
			t.Errorf("%s: challenge %q", request, got)
		}
	}
}

// With an upstream there is a reverse proxy, which needs no authorizer.
func TestTheRealTemplateWithAnUpstream(t *testing.T) {
	handler := mountReal(t, &function{answer: fine}, &function{err: errUnauthorized}, map[string]string{"UpstreamUrl": "http://127.0.0.1:3000"})
	for request, want := range map[string]int{"GET /api/x": 200, "DELETE /api/x/y": 200, "OPTIONS /api/x": 200, "GET /.well-known/jwks.json": 200, "GET /api": 404} {
		method, target, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", request, w.Code, want)
		}
	}
}
