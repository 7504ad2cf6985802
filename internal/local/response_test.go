package local_test

import (
	"net/http"
	"reflect"
	"testing"
)

const customised = authorized + `
Cors:
  AllowOrigin: "'https://app.example.com'"
  AllowHeaders: "'Authorization'"
  MaxAge: "'600'"
GatewayResponses:
  UNAUTHORIZED:
    ResponseParameters:
      Headers:
        WWW-Authenticate: !Sub "'Bearer realm=\"${Realm}\"'"
        X-Agent: method.request.header.User-Agent
        X-Query: method.request.querystring.q
        X-Path: context.path
        X-None: context.authorizer.none
    ResponseTemplates:
      application/xml: <no/>
      application/json: '{"error":"$context.error.responseType","message":$context.error.messageString}'
  ACCESS_DENIED:
    StatusCode: "404"
    ResponseParameters:
      Headers: { WWW-Authenticate: context.authorizer.challenge }
    ResponseTemplates:
      application/json: '{"who":"$context.authorizer.principalId","why":"$context.authorizer.reason","none":"$context.authorizer.none"}'
  DEFAULT_4XX:
    ResponseTemplates: { application/json: '{"error":"$context.error.responseType","at":$context.requestTimeEpoch}' }
  DEFAULT_5XX:
    StatusCode: 503
    ResponseTemplates: { text/plain: later }
`

func TestGatewayResponses(t *testing.T) {
	b := newBench(t, template(customised, event("GET", "/a", "")), nil)

	b.authorizer.err = errUnauthorized
	response := b.do("GET", "/a?q=1&q=2", "", "User-Agent: App")
	for name, want := range map[string][]string{"Www-Authenticate": {`Bearer realm="gatehouse"`}, "X-Agent": {"App"},
		"X-Query": {"2"}, "X-Path": {"/a"}, "X-None": nil} {
		if got := response.Header[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	expect(t, response, http.StatusUnauthorized, `{"error":"UNAUTHORIZED","message":"Unauthorized"}`)
	expect(t, b.do("GET", "/a", "", "Accept: application/xml"), http.StatusUnauthorized, "<no/>")

	b.authorizer.err = nil
	b.authorizer.answer = policy("Deny", everything, `{"reason":"no scope","challenge":"Bearer error=x"}`)
	response = b.do("GET", "/a", "")
	if got := response.Header.Get("WWW-Authenticate"); got != "Bearer error=x" {
		t.Errorf("challenge %q", got)
	}
	expect(t, response, http.StatusNotFound, `{"who":"alice","why":"no scope","none":""}`)

	expect(t, b.do("GET", "/none", ""), http.StatusForbidden, `{"error":"MISSING_AUTHENTICATION_TOKEN","at":1728913082125}`)
	b.authorizer.answer = "broken"
	expect(t, b.do("GET", "/a", ""), http.StatusServiceUnavailable, "later")
}

func TestPreflight(t *testing.T) {
	b := newBench(t, template(customised, event("GET", "/a", "")+event("DELETE", "/a", "")+event("ANY", "/p/{x}", "")+
		event("OPTIONS", "/own", "")), nil)
	for target, methods := range map[string]string{"/a": "DELETE,GET,OPTIONS", "/p/1": "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"} {
		response := b.do("OPTIONS", target, "")
		for name, want := range map[string]string{"Access-Control-Allow-Origin": "https://app.example.com",
			"Access-Control-Allow-Headers": "Authorization", "Access-Control-Allow-Methods": methods,
			"Access-Control-Max-Age": "600", "Access-Control-Allow-Credentials": "", "Content-Type": "application/json"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got, want)
			}
		}
		expect(t, response, http.StatusOK, "{}\n")
	}
	if len(b.backend.events)+len(b.authorizer.events) > 0 {
		t.Error("a preflight called a function")
	}
	expect(t, b.do("OPTIONS", "/own", ""), http.StatusOK, "fine")
}

func TestPreflightBehindTheAuthorizer(t *testing.T) {
	properties := `
Cors: "'*'"
Auth:
  DefaultAuthorizer: OAuth
  Authorizers:
    OAuth: { FunctionPayloadType: REQUEST, FunctionArn: { "Fn::GetAtt": [Authorizer, Arn] }, Identity: { Headers: [Authorization] } }
`
	b := newBench(t, template(properties, event("GET", "/a", "")), nil)
	expect(t, b.do("OPTIONS", "/a", ""), http.StatusUnauthorized, `{"message":"Unauthorized"}`)
	response := b.do("OPTIONS", "/a", "", "Authorization: x")
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("origin %q", got)
	}
	expect(t, response, http.StatusOK, "{}\n")
}
