package apigateway_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/apigateway/emftest"
	"gatehouse/internal/oauth"
)

// counting is a gateway of a Lambda function, and its log.
func counting(t testing.TB) (*apigateway.Gateway, *strings.Builder) {
	t.Helper()
	g, _ := newGateway(t, "")
	log := &strings.Builder{}
	g.Log, g.Function, g.Metrics = slog.New(slog.NewJSONHandler(log, nil)), "f", true
	return g, log
}

// points are those of a log, each as metric, dimensions and value; those of
// every event are left out.
func points(t testing.TB, log string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(log) {
		found, err := emftest.Read([]byte(line), "Gatehouse")
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, p := range found {
			if p.Metric != "Latency" && p.Metric != "ColdStarts" {
				all = append(all, fmt.Sprintf("%s %s %v", p.Metric, p.Dimensions, p.Value))
			}
		}
	}
	slices.Sort(all)
	return all
}

// refusing is a refusal with what edit says of it.
func refusing(edit func(*oauth.Error)) *oauth.Error {
	refusal := oauth.Unauthorized(oauth.InvalidToken, "no")
	edit(refusal)
	return refusal
}

func TestMetricsOfAProxy(t *testing.T) {
	refused := func(status int, refusal *oauth.Error) oauth.Response {
		return oauth.Response{Status: status, Refusal: refusal}
	}
	for _, test := range []struct {
		name     string
		response oauth.Response
		want     []string
	}{
		{"nothing to count", oauth.Response{Status: 200}, nil},
		{"tokens", oauth.Response{Status: 200, Act: oauth.ActTokenIssued, Grant: oauth.GrantPassword}, []string{"Issued function=f,grant=password 1"}},
		{"a backend's answer", oauth.Response{Status: 500, Act: oauth.ActAccepted, Session: &allowed.Session}, []string{"Accepted function=f,scheme=bearer 1"}},
		{"a public route's", oauth.Response{Status: 200, Act: oauth.ActAccepted}, []string{"Accepted function=f,scheme=none 1"}},
		{"a refusal", refused(401, oauth.Unauthorized(oauth.InvalidClient, "no")), []string{"Refused function=f 1", "Refused function=f,reason=invalid_client 1"}},
		{"a malformed request", refused(400, oauth.BadRequest(oauth.ParameterAbsent, "no")), []string{"Refused function=f 1", "Refused function=f,reason=invalid_request 1"}},
		{"nothing to revoke", refused(200, refusing(func(*oauth.Error) {})), nil},
		{"a user who denies", refused(303, refusing(func(*oauth.Error) {})), nil},
		{"guessing", refused(429, refusing(func(r *oauth.Error) { r.Code = oauth.SlowDown })),
			[]string{"Refused function=f 1", "Refused function=f,reason=slow_down 1", "Throttled function=f 1"}},
		{"a stolen refresh token", refused(400, refusing(func(r *oauth.Error) {
			r.Reason, r.OnMismatch, r.Replayed = oauth.ReasonRefreshReuse, oauth.KillSession, true
		})), []string{"Destroyed function=f 1", "Destroyed function=f,reason=refresh_reuse 1", "Refused function=f 1", "Refused function=f,reason=refresh_reuse 1", "Replays function=f 1"}},
		{"another caller, where nothing ends", refused(400, refusing(func(r *oauth.Error) {
			r.Reason, r.OnMismatch = oauth.ReasonAddress, oauth.RejectOnly
		})), []string{"Refused function=f 1", "Refused function=f,reason=address 1"}},
		{"a diagnosis", refused(401, refusing(func(r *oauth.Error) { r.Code, r.Diagnosis = oauth.SignatureInvalid, "scheme+port_added: both." })),
			[]string{"Diagnosed cause=scheme 1", "Refused function=f 1", "Refused function=f,reason=signature_invalid 1"}},
		{"a backend that fails", oauth.Response{Status: 502, Fault: errStore}, []string{"Faults function=f 1"}},
		{"what failed beside the answer", oauth.Response{Status: 200, Fault: errStore}, nil},
		{"a broken answer", oauth.Response{}, []string{"Faults function=f 1"}},
	} {
		g, log := counting(t)
		invokeProxy(t, g, readEvent(t, "rest-proxy-form"), serving(test.response))
		if got := points(t, log.String()); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestMetricsOfAnAuthorizer(t *testing.T) {
	oauth1, bound, faulty := allowed, allowed, allowed
	oauth1.Session.Protocol, bound.Session.Confirmation, faulty.Fault = oauth.OAuth1, "key", errStore
	stolen := refusing(func(r *oauth.Error) { r.Reason, r.OnMismatch = oauth.ReasonKey, oauth.KillToken })
	replayed := refusing(func(r *oauth.Error) { r.Code, r.Replayed = oauth.NonceUsed, true })
	for _, test := range []struct {
		name  string
		check checkFunc
		want  []string
	}{
		{"bearer", answering(allowed), []string{"Accepted function=f,scheme=bearer 1"}},
		{"OAuth 1.0", answering(oauth1), []string{"Accepted function=f,scheme=oauth1 1"}},
		{"DPoP", answering(bound), []string{"Accepted function=f,scheme=dpop 1"}},
		{"what failed beside the answer", answering(faulty), []string{"Accepted function=f,scheme=bearer 1"}},
		{"no scope", answering(oauth.Refuse(oauth.Forbidden(oauth.InsufficientScope, "no"))), []string{"Refused function=f 1", "Refused function=f,reason=insufficient_scope 1"}},
		{"theft", answering(oauth.Refuse(stolen)), []string{"Destroyed function=f 1", "Destroyed function=f,reason=dpop_key 1", "Refused function=f 1", "Refused function=f,reason=dpop_key 1"}},
		{"replay", answering(oauth.Refuse(replayed)), []string{"Refused function=f 1", "Refused function=f,reason=nonce_used 1", "Replays function=f 1"}},
		{"a verdict that is none", answering(oauth.Verdict{Allowed: true}), []string{"Faults function=f 1"}},
		{"a store that is away", func(context.Context, *oauth.Request) (oauth.Verdict, error) { return allowed, errStore }, []string{"Faults function=f 1"}},
	} {
		g, log := counting(t)
		g.Authorizer(test.check).Invoke(t.Context(), readEvent(t, "rest-authorizer"))
		if got := points(t, log.String()); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// An event that is none fails, and so its caller gets a 5xx.
func TestMetricsOfNoEvent(t *testing.T) {
	g, log := counting(t)
	for _, handler := range []apigateway.Handler{g.Proxy(serving(oauth.Response{Status: 200})), g.Authorizer(answering(allowed))} {
		log.Reset()
		handler.Invoke(t.Context(), []byte(`{}`))
		if got, want := points(t, log.String()), []string{"Faults function=f 1"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What the line of every event counts: how long it took, how long the store,
// and whether the process is a new one.
func TestTimesAndColdStarts(t *testing.T) {
	g, log := counting(t)
	handler := g.Authorizer(func(ctx context.Context, _ *oauth.Request) (oauth.Verdict, error) {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { oauth.CallsOf(ctx).Time(func() {}) })
		}
		both.Wait()
		return allowed, nil
	})
	at, mu := now, sync.Mutex{}
	g.Clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(1500 * time.Microsecond)
		return at
	}
	for i, want := range []string{"ColdStarts function=f Count 1", ""} {
		log.Reset()
		if _, err := handler.Invoke(t.Context(), readEvent(t, "rest-authorizer")); err != nil {
			t.Fatal(err)
		}
		found, err := emftest.Read([]byte(log.String()), "Gatehouse")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, p := range found {
			got[fmt.Sprintf("%s %s %s", p.Metric, p.Dimensions, p.Unit)] = p.Value
		}
		if got["Latency function=f Milliseconds"] != 7.5 || got["StoreCalls function=f Count"] != 2 || got["StoreLatency function=f Milliseconds"] < 3 {
			t.Errorf("event %d: %v", i, got)
		}
		if _, cold := got["ColdStarts function=f Count"]; cold != (want != "") {
			t.Errorf("event %d: cold start %v", i, cold)
		}
	}
}

// Of many events at once the process is new for one.
func TestOneColdStart(t *testing.T) {
	g, log := counting(t)
	g.Clock = clock
	handler, event := g.Authorizer(answering(allowed)), readEvent(t, "rest-authorizer")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _, _ = handler.Invoke(t.Context(), event) })
	}
	all.Wait()
	if got := strings.Count(log.String(), `"ColdStarts":1`); got != 1 || strings.Count(log.String(), "\n") != 20 {
		t.Errorf("%d cold starts in %s", got, log)
	}
}

// Every metric costs: with the setting off, or away from Lambda, no line counts.
func TestNoMetrics(t *testing.T) {
	for _, off := range []func(*apigateway.Gateway){
		func(g *apigateway.Gateway) { g.Metrics = false }, func(g *apigateway.Gateway) { g.Function = "" },
	} {
		g, log := counting(t)
		off(g)
		diagnosed := refusing(func(r *oauth.Error) { r.Diagnosis, r.Reason = "scheme: Signed with http.", oauth.ReasonAgent })
		g.Authorizer(answering(oauth.Refuse(diagnosed))).Invoke(t.Context(), readEvent(t, "rest-authorizer"))
		wantAttrs(t, logLine(t, log.String()), map[string]any{"level": "INFO", "msg": "refused", "duration_ms": 1.5, "method": "GET", "route": "/api/{proxy+}",
			"request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "status": 401.0, "error": "invalid_token", "description": "no",
			"reason": "user_agent", "on_mismatch": "", "diagnosis": "scheme: Signed with http."})
	}
}

// Whoever pays for a metric can read what it is.
func TestMetricsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	everything := oauth.Response{Status: 429, Act: oauth.ActTokenIssued, Refusal: refusing(func(r *oauth.Error) {
		r.Reason, r.OnMismatch, r.Replayed, r.Diagnosis = oauth.ReasonAgent, oauth.KillToken, true, "scheme: no"
	})}
	g, log := counting(t)
	invokeProxy(t, g, readEvent(t, "rest-proxy-form"), func(ctx context.Context, _ *oauth.Request) (oauth.Response, error) {
		oauth.CallsOf(ctx).Time(func() {})
		return everything, nil
	})
	found, err := emftest.Read([]byte(log.String()), "Gatehouse")
	if err != nil || len(found) < 12 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, p := range append(found, emftest.Point{Metric: "Accepted"}, emftest.Point{Metric: "Faults"}) {
		if !strings.Contains(string(page), "| `"+p.Metric+"` |") {
			t.Errorf("docs/operations.md does not say what %s counts", p.Metric)
		}
	}
}

// Each value of a dimension is a metric to pay for. Where by a mistake elsewhere
// something of a request became a code, a grant or a reason, it would still be
// no value, and whoever sends junk can make no metric.
func TestJunkIsNoDimension(t *testing.T) {
	const junk = "junk-of-a-request"
	event := editEvent(t, "rest-proxy-form", func(event map[string]any) {
		event["httpMethod"], event["path"] = junk, "/"+junk
		event["multiValueHeaders"] = map[string][]string{"Authorization": {junk + " " + junk}, "User-Agent": {junk}, junk: {junk}}
		event["multiValueQueryStringParameters"] = map[string][]string{"grant_type": {junk}, "error": {junk}, "function": {junk}, "_aws": {junk}}
	})
	session := &oauth.Session{Client: junk, User: junk, Protocol: junk}
	refusal := refusing(func(r *oauth.Error) { r.Code, r.Description = junk, junk })
	kill := refusing(func(r *oauth.Error) { r.Code, r.Reason, r.OnMismatch, r.Session = junk, junk, oauth.KillToken, session })
	diagnosed := refusing(func(r *oauth.Error) { r.Diagnosis = junk + ": " + junk })
	for _, response := range []oauth.Response{
		{Status: 200, Act: oauth.ActTokenIssued, Grant: junk, Session: session}, {Status: 200, Act: oauth.ActAccepted, Session: session},
		{Status: 400, Refusal: refusal}, {Status: 400, Refusal: kill}, {Status: 429, Refusal: refusal}, {Status: 400, Refusal: diagnosed},
		{Status: 200, Act: junk},
	} {
		g, log := counting(t)
		invokeProxy(t, g, event, serving(response))
		for _, point := range points(t, log.String()) {
			if strings.Contains(point, junk) {
				t.Errorf("%+v: %s", response, point)
			}
		}
		if got := points(t, log.String()); response.Act != junk && !strings.Contains(strings.Join(got, " "), "=other") && response.Act != oauth.ActAccepted {
			t.Errorf("%+v is not counted at all: %q", response, got)
		}
	}
}
