package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/local"
)

// function records its events and answers what it is told to.
type function struct {
	mu     sync.Mutex
	events []map[string]any
	answer string
	err    error
	panics bool
}

func (f *function) Invoke(_ context.Context, event []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var decoded map[string]any
	if err := json.Unmarshal(event, &decoded); err != nil {
		return nil, err
	}
	f.events = append(f.events, decoded)
	if f.panics {
		panic("out of order")
	}
	return []byte(f.answer), f.err
}

func (f *function) last(t *testing.T) map[string]any {
	t.Helper()
	if len(f.events) == 0 {
		t.Fatal("the function was not called")
	}
	return f.events[len(f.events)-1]
}

var errUnauthorized = errors.New("Unauthorized")

const fine = `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"body":"fine"}`

// allow is a policy for resource with a context.
func allow(resource, context string) string {
	return policy("Allow", resource, context)
}

func policy(effect, resource, context string) string {
	return `{"principalId":"alice","policyDocument":{"Version":"2012-10-17","Statement":[
		{"Action":"execute-api:Invoke","Effect":"` + effect + `","Resource":"` + resource + `"}]},"context":` + context + `}`
}

const everything = "arn:aws:execute-api:local:123456789012:local/prod/*/*"

// bench is a gateway over a template with two functions.
type bench struct {
	backend, authorizer *function
	log                 bytes.Buffer
	now                 time.Time
	handler             http.Handler
}

func newBench(t testing.TB, template string, change func(*local.Options)) *bench {
	t.Helper()
	b := &bench{backend: &function{answer: fine}, authorizer: &function{answer: allow(everything, "{}")},
		now: time.Date(2024, 10, 14, 13, 38, 2, 125e6, time.UTC)}
	clock := func() time.Time { return b.now }
	options := local.Options{Log: local.NewLog(&b.log, clock), Clock: clock, Rand: zeros{}}
	if change != nil {
		change(&options)
	}
	handler, err := local.New([]byte(template), b.functions(), options)
	if err != nil {
		t.Fatal(err)
	}
	b.handler = handler
	return b
}

func (b *bench) functions() map[string]local.Handler {
	return map[string]local.Handler{"functions/backend": b.backend, "functions/authorizer": b.authorizer}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// do sends a request; headers are written "Name: value".
func (b *bench) do(method, target, body string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// expect checks status and body.
func expect(t *testing.T, r *http.Response, status int, body string) {
	t.Helper()
	if got := bodyOf(t, r); r.StatusCode != status || got != body {
		t.Errorf("got %d %q, want %d %q", r.StatusCode, got, status, body)
	}
}

// template is a SAM template with the properties of its API and the events of
// its backend function.
func template(api, events string) string {
	return `
Transform: AWS::Serverless-2016-10-31
Parameters:
  StageName: { Type: String, Default: prod }
  Realm: { Type: String, Default: gatehouse }
  Unset: { Type: String }
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref StageName
` + indent(api, 6) + `
  Backend:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ./functions/backend
      Events:
` + indent(events, 8) + `
  Authorizer:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: ./functions/authorizer }
`
}

func indent(text string, by int) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	return strings.Repeat(" ", by) + strings.Join(lines, "\n"+strings.Repeat(" ", by))
}

// event is an event of type Api.
func event(method, path, rest string) string {
	return strings.NewReplacer("/", "", "{", "", "}", "", "+", "").Replace(method+path) + `:
  Type: Api
  Properties: { RestApiId: !Ref Api, Method: ` + method + `, Path: '` + path + `'` + rest + ` }
`
}

const authorized = `
Auth:
  DefaultAuthorizer: OAuth
  AddDefaultAuthorizerToCorsPreflight: false
  Authorizers:
    OAuth:
      FunctionPayloadType: REQUEST
      FunctionArn: !GetAtt Authorizer.Arn
      Identity: { ReauthorizeEvery: 0 }
    Cached:
      FunctionPayloadType: REQUEST
      FunctionArn: !GetAtt Authorizer.Arn
      Identity: { Headers: [Authorization, User-Agent], Context: [identity.sourceIp], ReauthorizeEvery: 300 }
`
