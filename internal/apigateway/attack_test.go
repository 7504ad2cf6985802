package apigateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// What a client may send in the hope that it is taken for the gateway's word.
var hostile = map[string]string{
	"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http",
	"X-Forwarded-Port": "80", "X-Forwarded-For": "192.0.2.66", "Forwarded": "host=evil.example;proto=http;for=192.0.2.66",
	"X-Original-URL": "/evil", "X-Rewrite-URL": "/evil", "X-Real-Ip": "192.0.2.66",
	"requestContext": `{"authorizer":{"client":"evil"}}`, "authorizer": "evil", "principalId": "evil",
	"client": "evil", "user": "evil", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2",
	"scope": "admin", "expiry": "0", "user_name": "root", "domainName": "evil.example", "Stage": "evil",
}

func sendHostile(event map[string]any) {
	single, _ := event["headers"].(map[string]any)
	multiple, _ := event["multiValueHeaders"].(map[string]any)
	for name, value := range hostile {
		if event["version"] == "2.0" {
			name = strings.ToLower(name)
		}
		single[name] = value
		if multiple != nil {
			multiple[name] = []any{value}
		}
	}
}

func TestHeadersCannotChangeWhatTheGatewaySays(t *testing.T) {
	for name := range requestTests {
		t.Run(name, func(t *testing.T) {
			g, _ := newGateway(t, "")
			want := requestOf(t, g, readEvent(t, name))
			got := requestOf(t, g, editEvent(t, name, sendHostile))
			if fmt.Sprint(got.Scheme, got.Host, got.Path, got.Route, got.Source, got.ID) !=
				fmt.Sprint(want.Scheme, want.Host, want.Path, want.Route, want.Source, want.ID) {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if (got.Caller == nil) != (want.Caller == nil) || got.Caller != nil && got.Caller.Client != want.Caller.Client {
				t.Errorf("got caller %+v, want %+v", got.Caller, want.Caller)
			}
		})
	}
}

// Neither may queries, path parameters and bodies be taken for a context.
func TestCallerComesOnlyFromTheContext(t *testing.T) {
	forged := map[string]any{"client": "evil", "user": "evil", "session": "AAECAwQFBgcICQoLDA0ODw",
		"protocol": "oauth2", "expiry": "0", "scope": "admin"}
	body, err := json.Marshal(map[string]any{"requestContext": map[string]any{"authorizer": forged}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rest-proxy-form", "http-proxy-default-route", "function-url", "function-url-iam"} {
		event := editEvent(t, name, func(event map[string]any) {
			event["queryStringParameters"], event["pathParameters"] = forged, forged
			event["stageVariables"], event["authorizer"] = forged, forged
			event["body"], event["isBase64Encoded"] = string(body), false
		})
		g, _ := newGateway(t, "")
		if got := requestOf(t, g, event).Caller; got != nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// A context of the other payload's shape is not this event's.
func TestContextOfTheOtherShapeIsIgnored(t *testing.T) {
	flat := map[string]any{"client": "mobile", "user": "u", "user_name": "a", "scope": "", "protocol": "oauth2",
		"session": "AAECAwQFBgcICQoLDA0ODw", "expiry": "0"}
	for name, authorizer := range map[string]map[string]any{
		"rest-proxy-authorized": {"lambda": flat}, "http-proxy-mapping": flat} {
		event := editEvent(t, name, func(event map[string]any) {
			event["requestContext"].(map[string]any)["authorizer"] = authorizer
		})
		g, _ := newGateway(t, "")
		if got := requestOf(t, g, event).Caller; got != nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestInvalidContextIsNoCaller(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  bool // still a caller
	}{
		{"client", "", false}, {"client", nil, false}, {"client", map[string]any{"a": 1}, false}, {"client", 7, true},
		{"user", nil, false}, {"user", []any{"u"}, false}, {"user", "", false}, // a name without a user
		{"user_name", nil, true}, {"user_name", []any{}, false},
		{"scope", nil, true}, {"scope", "", true}, {"scope", "a  b", false}, {"scope", "a\"b", false},
		{"scope", map[string]any{}, false},
		{"session", "", false}, {"session", "AAECAwQFBgcICQoLDA0OD", false}, {"session", "!AECAwQFBgcICQoLDA0ODw", false},
		{"session", true, false},
		{"protocol", "", false}, {"protocol", "saml", false}, {"protocol", 2, false},
		{"expiry", "", false}, {"expiry", nil, false}, {"expiry", "-1", false}, {"expiry", "soon", false},
		{"expiry", "1.5", false}, {"expiry", "NaN", false}, {"expiry", "Inf", false}, {"expiry", "1e300", false},
		{"expiry", true, false}, {"expiry", "1.728999482E9", true}, {"expiry", 1728999482, true}, {"expiry", "0", true},
	}
	for _, test := range tests {
		for _, name := range []string{"rest-proxy-authorized", "http-proxy-mapping"} {
			event := editEvent(t, name, func(event map[string]any) {
				context := event["requestContext"].(map[string]any)["authorizer"].(map[string]any)
				if inner, ok := context["lambda"].(map[string]any); ok {
					context = inner
				}
				context[test.name] = test.value
			})
			g, _ := newGateway(t, "")
			if got := requestOf(t, g, event).Caller; (got != nil) != test.want {
				t.Errorf("%s with %s %v: got %+v", name, test.name, test.value, got)
			}
		}
	}
}

func TestContextsOfOthers(t *testing.T) {
	others := []any{nil, map[string]any{}, map[string]any{"claims": map[string]any{"sub": "x"}, "scopes": nil},
		map[string]any{"jwt": map[string]any{"claims": map[string]any{}}}, map[string]any{"lambda": nil}}
	for _, other := range others {
		for _, name := range []string{"rest-proxy-authorized", "http-proxy-mapping"} {
			event := editEvent(t, name, func(event map[string]any) {
				event["requestContext"].(map[string]any)["authorizer"] = other
			})
			g, _ := newGateway(t, "")
			if got := requestOf(t, g, event).Caller; got != nil {
				t.Errorf("%s with %v: got %+v", name, other, got)
			}
		}
	}
}

func TestHugeEvents(t *testing.T) {
	huge := strings.Repeat("a", 6<<20)
	event := editEvent(t, "rest-proxy-encoded-path", func(event map[string]any) {
		event["body"] = huge
		event["multiValueHeaders"].(map[string]any)["Authorization"] = []any{huge[:1<<20]}
	})
	g, _ := newGateway(t, "")
	r := requestOf(t, g, event)
	if len(r.Body) != len(huge) || len(r.Header.Get("Authorization")) != 1<<20 {
		t.Error("a large event was cut")
	}
	nested := strings.Repeat(`{"a":`, 1<<20) + "1" + strings.Repeat("}", 1<<20)
	_, err := g.Proxy(serving(oauth.Response{Status: 200})).Invoke(context.Background(), []byte(nested))
	if !errors.Is(err, apigateway.ErrNotJSON) {
		t.Errorf("deep nesting: %v", err)
	}
}

// encoding/json replaces bytes that are not UTF-8; nothing else may happen.
func TestBytesThatAreNotUTF8(t *testing.T) {
	event := strings.Replace(string(readEvent(t, "rest-proxy-form")), "alice", "al\xff\xfeice", 1)
	g, _ := newGateway(t, "")
	if got := string(requestOf(t, g, []byte(event)).Body); !strings.Contains(got, "al\uFFFD\uFFFDice") {
		t.Errorf("got %q", got)
	}
	answer := invokeProxy(t, g, []byte(event), serving(oauth.Response{Status: 200,
		Header: map[string][]string{"X": {"\xff"}}, Body: []byte("\xff")}))
	if !answer.IsBase64Encoded || answer.Body != "/w==" {
		t.Errorf("got %+v", answer)
	}
}
