package apigateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// logLine decodes the only line of log.
func logLine(t *testing.T, log string) map[string]any {
	t.Helper()
	if strings.Count(log, "\n") != 1 {
		t.Fatalf("not one line: %s", log)
	}
	var line map[string]any
	if err := json.Unmarshal([]byte(log), &line); err != nil {
		t.Fatal(err)
	}
	return line
}

func wantAttrs(t *testing.T, line, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s is %v, want %v", name, line[name], value)
		}
	}
	if extra := len(line) - len(want); extra != 1 { // the time
		t.Errorf("%d attributes more than expected in %v", extra, line)
	}
}

func TestLogOfAProxy(t *testing.T) {
	refused := oauth.Response{Status: 400, Refusal: oauth.BadRequest(oauth.InvalidGrant, "wrong password")}
	stolen := oauth.Response{Status: 400, Refusal: oauth.BadRequest(oauth.InvalidGrant, "used before")}
	session := allowed.Session
	stolen.Refusal.Reason, stolen.Refusal.OnMismatch, stolen.Refusal.Session = oauth.ReasonRefreshReuse, oauth.KillSession, &session
	common := func(more map[string]any) map[string]any {
		attrs := map[string]any{"level": "INFO", "msg": "request", "duration_ms": 1.5,
			"request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "method": "POST", "route": "/oauth/access_token"}
		for name, value := range more {
			attrs[name] = value
		}
		return attrs
	}
	tests := []struct {
		event    string
		response oauth.Response
		want     map[string]any
	}{
		{"rest-proxy-form", oauth.Response{Status: 200}, common(map[string]any{"status": 200.0})},
		{"rest-proxy-form", refused, common(map[string]any{"status": 400.0, "error": "invalid_grant",
			"description": "wrong password"})},
		{"rest-proxy-form", stolen, common(map[string]any{"status": 400.0, "error": "invalid_grant",
			"description": "used before", "reason": "refresh_reuse", "on_mismatch": "session",
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
		// A password that was not encoded may look like a parameter's name.
		{"rest-proxy-form", oauth.Response{Status: 400, Refusal: oauth.Quoting(oauth.InvalidRequest, "parameter '100%SECRET'")},
			common(map[string]any{"status": 400.0, "error": "invalid_request"})},
		{"rest-proxy-form", oauth.Response{Status: 200, Session: &session}, common(map[string]any{"status": 200.0,
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
		{"rest-proxy-form", oauth.Response{Status: 303, Session: &oauth.Session{Protocol: oauth.OAuth1, Client: "mobile", User: "u-alice"}},
			common(map[string]any{"status": 303.0, "client": "mobile", "user": "u-alice", "protocol": "oauth1"})},
		{"rest-proxy-authorized", oauth.Response{Status: 200}, common(map[string]any{"status": 200.0,
			"method": "GET", "route": "/oauth/session",
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
	}
	for _, test := range tests {
		g, log := newGateway(t, "")
		invokeProxy(t, g, readEvent(t, test.event), serving(test.response))
		wantAttrs(t, logLine(t, log.String()), test.want)
	}
}

func TestLogOfAnAuthorizer(t *testing.T) {
	common := func(more map[string]any) map[string]any {
		attrs := map[string]any{"level": "INFO", "duration_ms": 1.5, "method": "GET", "route": "/api/{proxy+}",
			"request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"}
		for name, value := range more {
			attrs[name] = value
		}
		return attrs
	}
	forbidden := oauth.Refuse(oauth.Forbidden("insufficient_scope", "needs write"))
	killed := oauth.Unauthorized("invalid_token", "the token is not valid from here")
	killed.Reason, killed.OnMismatch, killed.Session = oauth.ReasonAddress, oauth.KillToken, &allowed.Session
	faulty := allowed
	faulty.Fault = errStore
	diagnosed := oauth.Unauthorized("signature_invalid", "no match")
	diagnosed.Diagnosis = "scheme: Signed with http."
	nobody := oauth.Verdict{Allowed: true}
	tests := []struct {
		check checkFunc
		want  map[string]any
	}{
		{answering(allowed), common(map[string]any{"msg": "authorized", "status": 200.0,
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
		{answering(oauth.Verdict{}), common(map[string]any{"msg": "refused", "status": 401.0})},
		{answering(forbidden), common(map[string]any{"msg": "refused", "status": 403.0,
			"error": "insufficient_scope", "description": "needs write"})},
		{answering(oauth.Refuse(diagnosed)), common(map[string]any{"msg": "refused", "status": 401.0,
			"error": "signature_invalid", "description": "no match", "diagnosis": "scheme: Signed with http."})},
		{answering(oauth.Refuse(killed)), common(map[string]any{"msg": "refused", "status": 401.0, "error": "invalid_token",
			"description": "the token is not valid from here", "reason": "address", "on_mismatch": "token",
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
		{answering(faulty), common(map[string]any{"msg": "authorized", "level": "ERROR", "status": 200.0, "fault": errStore.Error(),
			"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
		{answering(nobody), common(map[string]any{"msg": "refused", "level": "ERROR", "status": 500.0,
			"fault": "apigateway: the verdict is neither a permission with a session nor a refusal of the client"})},
		{func(context.Context, *oauth.Request) (oauth.Verdict, error) { return allowed, errStore },
			common(map[string]any{"msg": "refused", "level": "ERROR", "status": 500.0, "fault": errStore.Error(),
				"client": "mobile", "user": "u-alice", "session": "AAECAwQFBgcICQoLDA0ODw", "protocol": "oauth2"})},
	}
	for _, test := range tests {
		g, log := newGateway(t, "")
		g.Authorizer(test.check).Invoke(context.Background(), readEvent(t, "rest-authorizer"))
		wantAttrs(t, logLine(t, log.String()), test.want)
	}
}

func TestLogHoldsNoCredentials(t *testing.T) {
	const secret = "s3cr3t"
	for name := range requestTests {
		event := editEvent(t, name, func(event map[string]any) {
			secrets := map[string]any{"Authorization": secret, "Cookie": secret, secret: secret}
			event["headers"], event["queryStringParameters"] = secrets, secrets
			event["multiValueHeaders"], event["multiValueQueryStringParameters"] = nil, nil
			event["cookies"], event["rawQueryString"] = []string{secret}, "a="+secret
			event["body"], event["isBase64Encoded"] = secret, false
		})
		g, log := newGateway(t, "")
		g.Authorizer(answering(allowed)).Invoke(context.Background(), event)
		g.Proxy(serving(oauth.Response{Status: 200, Body: []byte(secret),
			Header: http.Header{"X": {secret}}})).Invoke(context.Background(), event)
		if log.Len() == 0 || strings.Contains(log.String(), secret) {
			t.Errorf("%s: %s", name, log)
		}
	}
}

// Who called, and with what, is for nobody to read in a log, even where it is
// why a token was killed.
func TestLogHoldsNoAddressAndNoAgent(t *testing.T) {
	const agent, address = "S3cretAgent/7", "203.0.113.77"
	refusal := oauth.Unauthorized(oauth.InvalidToken, "the token is not valid from here")
	refusal.Reason, refusal.OnMismatch = oauth.ReasonAgent, oauth.KillSession
	for _, kind := range kinds {
		event := through(t, kind, "User-Agent", agent, "X-Forwarded-For", address+", "+proxyInFront)
		g := behindProxy(t, "1")
		log := &bytes.Buffer{}
		g.Log = slog.New(slog.NewJSONHandler(log, nil))
		if r := requestOf(t, g, event); r.Source.String() != address || r.Header.Get("User-Agent") != agent {
			t.Fatalf("%s: the request is from %v by %q", kind, r.Source, r.Header.Get("User-Agent"))
		}
		g.Authorizer(answering(oauth.Refuse(refusal))).Invoke(context.Background(), event)
		g.Proxy(serving(oauth.Response{Status: 401, Refusal: refusal})).Invoke(context.Background(), event)
		text := log.String()
		if !strings.Contains(text, `"reason":"user_agent"`) || strings.Contains(text, agent) || strings.Contains(text, "203.0.113") || strings.Contains(text, proxyInFront) {
			t.Errorf("%s: %s", kind, text)
		}
	}
}

// A path may be what opens something, and is as long as its sender likes. So the
// route is in the line, and where there is none, the beginning of the path.
func TestLogOfARoute(t *testing.T) {
	const secret = "/reset/THE-SECRET-OF-A-LINK"
	for name, test := range map[string]struct{ event, template, want string }{
		"a parameter":    {"http-authorizer", "GET /reset/{token}", "/reset/{token}"},
		"all of a path":  {"http-authorizer", "ANY /{proxy+}", "/{proxy+}"},
		"a long route":   {"http-authorizer", "GET /" + strings.Repeat("{a}", 300), "/" + strings.Repeat("{a}", 66) + "{"},
		"a default":      {"http-authorizer", "$default", secret + strings.Repeat("/x", 86) + "/"},
		"to a proxy":     {"http-proxy", "POST /reset/{token}", "/reset/{token}"},
		"a proxy's else": {"http-proxy", "$default", secret + strings.Repeat("/x", 86) + "/"},
	} {
		t.Run(name, func(t *testing.T) {
			event := editEvent(t, test.event, func(event map[string]any) {
				event["routeKey"], event["rawPath"] = test.template, secret+strings.Repeat("/x", 4000)
			})
			g, log := newGateway(t, "")
			if test.event == "http-proxy" {
				invokeProxy(t, g, event, serving(oauth.Response{Status: 200}))
			} else if _, err := g.Authorizer(answering(allowed)).Invoke(t.Context(), event); err != nil {
				t.Fatal(err)
			}
			if got := logLine(t, log.String())["route"]; got != test.want {
				t.Errorf("route is %v, want %s", got, test.want)
			}
		})
	}
}
