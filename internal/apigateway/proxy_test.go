package apigateway_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// proxyAnswer is all that API Gateway reads of a proxy function's result.
type proxyAnswer struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Cookies           []string            `json:"cookies"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

type serveFunc = func(context.Context, *oauth.Request) (oauth.Response, error)

func serving(response oauth.Response) serveFunc {
	return func(context.Context, *oauth.Request) (oauth.Response, error) { return response, nil }
}

func invokeProxy(t testing.TB, g *apigateway.Gateway, event []byte, serve serveFunc) proxyAnswer {
	t.Helper()
	out, err := g.Proxy(serve).Invoke(context.Background(), event)
	if err != nil {
		t.Fatal(err)
	}
	return decodeJSON[proxyAnswer](t, out)
}

func TestAnswers(t *testing.T) {
	header := http.Header{
		"Content-Type": {"text/html"},
		"Vary":         {"Origin", "Accept"},
		"Set-Cookie":   {"a=1; Path=/", "b=2"},
		"X-None":       {},
	}
	tests := []struct {
		event string
		body  []byte
		want  proxyAnswer
	}{
		{"rest-proxy-form", []byte("<p>é</p>"), proxyAnswer{StatusCode: 201, Body: "<p>é</p>",
			Headers: map[string]string{"Content-Type": "text/html"},
			MultiValueHeaders: map[string][]string{"Vary": {"Origin", "Accept"},
				"Set-Cookie": {"a=1; Path=/", "b=2"}}}},
		{"http-proxy", []byte("<p>é</p>"), proxyAnswer{StatusCode: 201, Body: "<p>é</p>",
			Headers: map[string]string{"Content-Type": "text/html", "Vary": "Origin, Accept"},
			Cookies: []string{"a=1; Path=/", "b=2"}}},
		{"function-url", []byte{0, 0xff}, proxyAnswer{StatusCode: 201, Body: "AP8=", IsBase64Encoded: true,
			Headers: map[string]string{"Content-Type": "text/html", "Vary": "Origin, Accept"},
			Cookies: []string{"a=1; Path=/", "b=2"}}},
		{"http-proxy-payload1", nil, proxyAnswer{StatusCode: 201,
			Headers: map[string]string{"Content-Type": "text/html"},
			MultiValueHeaders: map[string][]string{"Vary": {"Origin", "Accept"},
				"Set-Cookie": {"a=1; Path=/", "b=2"}}}},
	}
	for _, test := range tests {
		t.Run(test.event, func(t *testing.T) {
			g, _ := newGateway(t, "")
			got := invokeProxy(t, g, readEvent(t, test.event),
				serving(oauth.Response{Status: 201, Header: header, Body: test.body}))
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// What is served ends while there is time to answer, and where nobody set a
// time it has none.
func TestTimeToAnswer(t *testing.T) {
	g, _ := newGateway(t, "")
	end := time.Now().Add(time.Minute)
	limited, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	for name, invoke := range map[string]func(context.Context, func(context.Context)) error{
		"proxy": func(ctx context.Context, look func(context.Context)) error {
			_, err := g.Proxy(func(ctx context.Context, _ *oauth.Request) (oauth.Response, error) {
				look(ctx)
				return oauth.Response{Status: 200}, nil
			}).Invoke(ctx, readEvent(t, "rest-proxy-form"))
			return err
		},
		"authorizer": func(ctx context.Context, look func(context.Context)) error {
			_, err := g.Authorizer(func(ctx context.Context, _ *oauth.Request) (oauth.Verdict, error) {
				look(ctx)
				return allowed, nil
			}).Invoke(ctx, readEvent(t, "rest-authorizer"))
			return err
		},
	} {
		err := errors.Join(invoke(limited, func(ctx context.Context) {
			if got, ok := ctx.Deadline(); !ok || !got.Before(end) || got.Before(end.Add(-time.Second)) {
				t.Errorf("%s: it ends at %v, want a little before %v", name, got, end)
			}
		}), invoke(context.Background(), func(ctx context.Context) {
			if got, ok := ctx.Deadline(); ok {
				t.Errorf("%s: it ends at %v", name, got)
			}
		}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errStore = errors.New("dynamodb: table gatehouse-sessions: connection refused")

// faults are all the ways in which a function may break.
var faults = map[string]struct {
	serve serveFunc
	log   string
}{
	"error": {func(context.Context, *oauth.Request) (oauth.Response, error) {
		return oauth.Response{Status: 200, Body: []byte("half")}, errStore
	}, "connection refused"},
	"panic": {func(context.Context, *oauth.Request) (oauth.Response, error) { panic("index out of range") },
		"index out of range"},
	"nil panic": {func(context.Context, *oauth.Request) (oauth.Response, error) {
		var r *oauth.Request
		return oauth.Response{Status: len(r.Method)}, nil
	}, "nil pointer"},
	"zero response": {serving(oauth.Response{}), "status 0"},
	"bad status":    {serving(oauth.Response{Status: 700}), "status 700"},
}

func TestFaultsAre503WithoutDetail(t *testing.T) {
	const body = `{"error":"server_error","error_description":"the service is temporarily unable to answer, try again"}`
	want := proxyAnswer{StatusCode: 503, Body: body,
		Headers: map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"}}
	for name, fault := range faults {
		for _, event := range []string{"rest-proxy-form", "http-proxy", "function-url"} {
			g, log := newGateway(t, "")
			if got := invokeProxy(t, g, readEvent(t, event), fault.serve); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: got %+v", name, event, got)
			}
			if !strings.Contains(log.String(), fault.log) || !strings.Contains(log.String(), `"level":"ERROR"`) {
				t.Errorf("%s, %s: the log says %s", name, event, log)
			}
			if hasStack := strings.Contains(log.String(), "proxy_test.go"); hasStack != strings.Contains(name, "panic") {
				t.Errorf("%s, %s: the log has a stack: %v", name, event, hasStack)
			}
		}
	}
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	badBody := editEvent(t, "rest-proxy-base64", func(event map[string]any) { event["body"] = "!" })
	tests := []struct {
		event []byte
		want  string
	}{
		{readEvent(t, "http-proxy-bad-query"), `"error_description":"query: parameter 'name': its value is not UTF-8"`},
		{badBody, `"error_description":"the body can't be decoded"`},
		{editEvent(t, "rest-proxy-form", func(event map[string]any) {
			event["multiValueQueryStringParameters"] = map[string]any{"a": make([]string, oauth.MaxParams+1)}
		}), "more than 1000 parameters"},
	}
	for _, test := range tests {
		g, _ := newGateway(t, "")
		got := invokeProxy(t, g, test.event, func(context.Context, *oauth.Request) (oauth.Response, error) {
			t.Error("a malformed request was served")
			return oauth.Response{Status: 200}, nil
		})
		if got.StatusCode != 400 || !strings.Contains(got.Body, test.want) ||
			!strings.Contains(got.Body, `"error":"invalid_request"`) || got.Headers["Cache-Control"] != "no-store" {
			t.Errorf("got %+v, want %s", got, test.want)
		}
	}
}

func TestEventsOfOtherKindsFail(t *testing.T) {
	tests := []struct {
		event       []byte
		asProxy     error
		asAuthorize error
	}{
		{nil, apigateway.ErrNotJSON, apigateway.ErrNotJSON},
		{[]byte("hello"), apigateway.ErrNotJSON, apigateway.ErrNotJSON},
		{[]byte("[]"), apigateway.ErrNotJSON, apigateway.ErrNotJSON},
		{[]byte(`{"headers":[]}`), apigateway.ErrNotJSON, apigateway.ErrNotJSON},
		{[]byte("null"), apigateway.ErrNotProxy, apigateway.ErrNotRequest},
		{[]byte("{}"), apigateway.ErrNotProxy, apigateway.ErrNotRequest},
		{[]byte(`{"Records":[{"eventSource":"aws:sqs"}]}`), apigateway.ErrNotProxy, apigateway.ErrNotRequest},
		{readEvent(t, "token-authorizer"), apigateway.ErrNotProxy, apigateway.ErrTokenEvent},
		{readEvent(t, "load-balancer"), apigateway.ErrNotProxy, apigateway.ErrNotRequest},
		{readEvent(t, "websocket-authorizer"), apigateway.ErrNotProxy, apigateway.ErrNotRequest},
		{readEvent(t, "rest-authorizer"), apigateway.ErrNotProxy, nil},
		{readEvent(t, "http-authorizer"), apigateway.ErrNotProxy, nil},
		{readEvent(t, "rest-proxy-form"), nil, apigateway.ErrNotRequest},
		{readEvent(t, "http-proxy"), nil, apigateway.ErrNotRequest},
	}
	for _, test := range tests {
		g, log := newGateway(t, "")
		_, err := g.Proxy(serving(oauth.Response{Status: 200})).Invoke(context.Background(), test.event)
		if !errors.Is(err, test.asProxy) {
			t.Errorf("proxy of %.40s: got %v, want %v", test.event, err, test.asProxy)
		}
		_, err = g.Authorizer(answering(allowed)).Invoke(context.Background(), test.event)
		if !errors.Is(err, test.asAuthorize) {
			t.Errorf("authorizer of %.40s: got %v, want %v", test.event, err, test.asAuthorize)
		}
		if !strings.Contains(log.String(), `"msg":"event"`) {
			t.Errorf("%.40s: the log does not name the event's fault", test.event)
		}
	}
}

// The message must help someone who reads it in a console.
func TestTokenEventsNameTheChange(t *testing.T) {
	if !strings.Contains(apigateway.ErrTokenEvent.Error(), "FunctionPayloadType: REQUEST") {
		t.Error(apigateway.ErrTokenEvent)
	}
}
