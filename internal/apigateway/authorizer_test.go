package apigateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

// policyAnswer is all that API Gateway reads of an authorizer's result.
type policyAnswer struct {
	PrincipalID    string `json:"principalId"`
	PolicyDocument struct {
		Version   string
		Statement []policyStatement
	} `json:"policyDocument"`
	Context map[string]any `json:"context"`
}

type policyStatement struct {
	Action, Effect string
	Resource       []string
}

type checkFunc = func(context.Context, *oauth.Request) (oauth.Verdict, error)

func answering(verdict oauth.Verdict) checkFunc {
	return func(context.Context, *oauth.Request) (oauth.Verdict, error) { return verdict, nil }
}

func authorize(t testing.TB, event []byte, check checkFunc) (policyAnswer, error) {
	t.Helper()
	g, _ := newGateway(t, "")
	out, err := g.Authorizer(check).Invoke(context.Background(), event)
	if err != nil {
		if out != nil {
			t.Errorf("an error came with an answer: %s", out)
		}
		return policyAnswer{}, err
	}
	return decodeJSON[policyAnswer](t, out), nil
}

const api = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5"

func statements(effect, stage string) []policyStatement {
	return []policyStatement{{Action: "execute-api:Invoke", Effect: effect, Resource: []string{api + "/" + stage + "/*/*"}}}
}

func TestAllow(t *testing.T) {
	tests := map[string]string{"rest-authorizer": "prod", "rest-authorizer-empty": "prod",
		"rest-authorizer-custom-domain": "prod", "http-authorizer": "$default", "http-authorizer-stage": "prod"}
	for event, stage := range tests {
		got, err := authorize(t, readEvent(t, event), answering(allowed))
		if err != nil {
			t.Fatalf("%s: %v", event, err)
		}
		if got.PrincipalID != "u-alice" || got.PolicyDocument.Version != "2012-10-17" {
			t.Errorf("%s: got %+v", event, got)
		}
		if want := statements("Allow", stage); !reflect.DeepEqual(got.PolicyDocument.Statement, want) {
			t.Errorf("%s: got %+v, want %+v", event, got.PolicyDocument.Statement, want)
		}
		want := map[string]any{"client": "mobile", "user": "u-alice", "user_name": "alice", "scope": "read write",
			"session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2", "expiry": 1728999482.0}
		if !reflect.DeepEqual(got.Context, want) {
			t.Errorf("%s: got context %v", event, got.Context)
		}
	}
}

func TestContextOfASession(t *testing.T) {
	client := oauth.Verdict{Allowed: true, Session: oauth.Session{Protocol: oauth.OAuth1, Client: "cron"}}
	got, err := authorize(t, readEvent(t, "rest-authorizer"), answering(client))
	if err != nil || got.PrincipalID != "cron" || got.Context["expiry"] != 0.0 || got.Context["user"] != "" {
		t.Errorf("a client's own session: %+v, %v", got, err)
	}
	narrow := allowed
	narrow.Session.AccessScope, narrow.Session.AccessExpires = []string{"read"}, time.Unix(1728913999, 0)
	got, err = authorize(t, readEvent(t, "rest-authorizer"), answering(narrow))
	if err != nil || got.Context["scope"] != "read" || got.Context["expiry"] != 1728913999.0 {
		t.Errorf("a narrowed token: %+v, %v", got, err)
	}
}

func TestDeny(t *testing.T) {
	refusal := oauth.Refuse(oauth.Forbidden("insufficient_scope", "the route needs \"write\"\r\n\\é"))
	for event, stage := range map[string]string{"rest-authorizer": "prod", "http-authorizer": "$default"} {
		got, err := authorize(t, readEvent(t, event), answering(refusal))
		if err != nil {
			t.Fatal(err)
		}
		if want := statements("Deny", stage); !reflect.DeepEqual(got.PolicyDocument.Statement, want) {
			t.Errorf("%s: got %+v", event, got)
		}
		want := map[string]any{"reason": "the route needs 'write'??'?", "error": "insufficient_scope"}
		if !reflect.DeepEqual(got.Context, want) || got.PrincipalID == "" {
			t.Errorf("%s: got %+v", event, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	contradiction := allowed
	contradiction.Refusal = oauth.Unauthorized(oauth.InvalidToken, "expired")
	nobody := allowed
	nobody.Session.Client = ""
	tests := map[string]struct {
		check checkFunc
		want  error
	}{
		"zero":          {answering(oauth.Verdict{}), apigateway.ErrUnauthorized},
		"session only":  {answering(oauth.Verdict{Session: allowed.Session}), apigateway.ErrUnauthorized},
		"contradiction": {answering(contradiction), apigateway.ErrUnauthorized},
		"400":           {answering(oauth.Refuse(oauth.BadRequest(oauth.InvalidRequest, "x"))), apigateway.ErrUnauthorized},
		"401":           {answering(oauth.Refuse(oauth.Unauthorized(oauth.InvalidToken, "x"))), apigateway.ErrUnauthorized},
		"status 0":      {answering(oauth.Refuse(&oauth.Error{})), apigateway.ErrUnauthorized},
		"429":           {answering(oauth.Refuse(&oauth.Error{Status: 429})), apigateway.ErrUnauthorized},
		"503":           {answering(oauth.Refuse(&oauth.Error{Status: 503})), apigateway.ErrInternal},
		"nobody":        {answering(nobody), apigateway.ErrInternal},
		"fault": {func(context.Context, *oauth.Request) (oauth.Verdict, error) { return allowed, errStore },
			apigateway.ErrInternal},
		"panic": {func(context.Context, *oauth.Request) (oauth.Verdict, error) { panic("boom") },
			apigateway.ErrInternal},
	}
	for name, test := range tests {
		for _, event := range []string{"rest-authorizer", "http-authorizer"} {
			if got, err := authorize(t, readEvent(t, event), test.check); !errors.Is(err, test.want) {
				t.Errorf("%s, %s: got %+v, %v", name, event, got, err)
			}
		}
	}
	if apigateway.ErrUnauthorized.Error() != "Unauthorized" {
		t.Error("API Gateway knows no other message for 401")
	}
}

func TestMalformedQueryIsUnauthorized(t *testing.T) {
	event := editEvent(t, "http-authorizer", func(event map[string]any) { event["rawQueryString"] = "a=%F" })
	_, err := authorize(t, event, func(context.Context, *oauth.Request) (oauth.Verdict, error) {
		t.Error("a malformed request was checked")
		return allowed, nil
	})
	if !errors.Is(err, apigateway.ErrUnauthorized) {
		t.Error(err)
	}
}

func TestResourceARNs(t *testing.T) {
	tests := []struct {
		arn  string
		want string // empty: refused
	}{
		{api + "/prod/GET/", api + "/prod/*/*"},
		{api + "/prod/GET/a/b/c", api + "/prod/*/*"},
		{"arn:aws-cn:execute-api:cn-north-1:1:x/s/GET/", "arn:aws-cn:execute-api:cn-north-1:1:x/s/*/*"},
		{api + "/" + strings.Repeat("s", 512-len(api+"//*/*")) + "/GET/", api + "/" + strings.Repeat("s", 512-len(api+"//*/*")) + "/*/*"},
		{api + "/" + strings.Repeat("s", 513-len(api+"//*/*")) + "/GET/", ""},
		{api + "/*/GET/x", ""},
		{api + "//GET/x", ""},
		{api + "/prod", ""},
		{api, ""},
		{"*", ""},
		{"arn:aws:lambda:eu-central-1:123456789012:f/prod/GET/", ""},
		{"arn:aws:execute-api:eu-central-1:*:x/prod/GET/", ""},
	}
	for _, test := range tests {
		event := editEvent(t, "rest-authorizer", func(event map[string]any) { event["methodArn"] = test.arn })
		got, err := authorize(t, event, answering(allowed))
		switch {
		case test.want == "" && !errors.Is(err, apigateway.ErrResourceARN):
			t.Errorf("%s: got %v", test.arn, err)
		case test.want != "" && (err != nil || got.PolicyDocument.Statement[0].Resource[0] != test.want):
			t.Errorf("%s: got %+v, %v", test.arn, got, err)
		}
	}
}

// The integration must read what the authorizer wrote, whether the gateway
// keeps numbers, as an HTTP API does, or makes strings of them.
func TestContextReachesTheCaller(t *testing.T) {
	policy, err := authorize(t, readEvent(t, "rest-authorizer"), answering(allowed))
	if err != nil {
		t.Fatal(err)
	}
	want := callerUntil(1728999482)
	rest := editEvent(t, "rest-proxy-authorized", func(event map[string]any) {
		texts := map[string]any{"principalId": policy.PrincipalID, "integrationLatency": 7}
		for name, value := range policy.Context {
			texts[name] = value
		}
		expiry, err := json.Marshal(policy.Context["expiry"])
		if err != nil {
			t.Fatal(err)
		}
		texts["expiry"] = string(expiry)
		event["requestContext"].(map[string]any)["authorizer"] = texts
	})
	http := editEvent(t, "http-proxy-mapping", func(event map[string]any) {
		event["requestContext"].(map[string]any)["authorizer"] = map[string]any{"lambda": policy.Context}
	})
	for _, event := range [][]byte{rest, http} {
		g, _ := newGateway(t, "")
		if got := requestOf(t, g, event).Caller; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
