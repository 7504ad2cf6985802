package deployment_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/apigateway/emftest"
	"gatehouse/internal/audit"
	"gatehouse/internal/deployment"
)

// lines is all that the functions log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// logging has a deployment write to l as a Lambda function does.
func (l *lines) logging(d *deployment.Deployment) *deployment.Deployment {
	d.Name, d.Log, d.Audit = "f", slog.New(slog.NewJSONHandler(l, nil)), audit.NewLog(l)
	return d
}

// closed are the values that there may be of each dimension, beside causes.
var closed = map[string][]string{
	"function": {"f"},
	"grant":    {"xauth", "password", "refresh_token", "authorization_code", "client_credentials", "oauth1", "token_exchange"},
	"scheme":   {"oauth1", "bearer", "dpop", "none"},
	"reason": {"invalid_request", "invalid_client", "invalid_grant", "invalid_token", "insufficient_scope", "unauthorized_client", "access_denied",
		"slow_down", "invalid_dpop_proof", "use_dpop_nonce", "signature_invalid", "timestamp_refused", "nonce_used", "consumer_key_unknown",
		"consumer_key_refused", "token_rejected", "token_expired", "token_revoked", "token_used", "verifier_invalid", "user_refused",
		"permission_denied", "user_agent", "address", "dpop_key", "refresh_reuse", "code_reuse"},
}

// wantMetrics fails the test unless the lines are valid and count what wanted
// names, and nothing by a value that is none of a closed set. No line of a request
// counts otherwise than by the one function.
func (l *lines) wantMetrics(t *testing.T, wanted ...string) {
	t.Helper()
	seen := map[string]bool{}
	for line := range strings.Lines(l.text.String()) {
		points, err := emftest.Read([]byte(line), "Gatehouse")
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, p := range points {
			seen[p.Metric] = true
			for dimension := range strings.SplitSeq(p.Dimensions, ",") {
				name, value, _ := strings.Cut(dimension, "=")
				if !slices.Contains(closed[name], value) {
					t.Errorf("%s is counted by %s", p.Metric, p.Dimensions)
				}
			}
		}
	}
	for _, name := range wanted {
		if !seen[name] {
			t.Errorf("nothing is counted as %s", name)
		}
	}
}

// event is what docs/operations.md says of an audit event, and nothing else.
type event struct {
	Audit                                                     int
	Event                                                     audit.Name
	Time                                                      time.Time
	Actor, Client, User, Session, Protocol, Reason, RequestID string
}

// fields are the names of an event in JSON.
func fields() []string {
	return []string{"audit", "event", "time", "actor", "client", "user", "session", "protocol", "reason", "request_id"}
}

// events are the audit events among the lines.
func (l *lines) events(t *testing.T) []event {
	t.Helper()
	var all []event
	for line := range strings.Lines(l.text.String()) {
		if !strings.HasPrefix(line, `{"audit":`) {
			continue
		}
		var members map[string]any
		var e event
		decoder := json.NewDecoder(strings.NewReader(strings.Replace(line, `"request_id"`, `"requestid"`, 1)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&e); err != nil || json.Unmarshal([]byte(line), &members) != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for name, value := range members {
			if value == "" || !slices.Contains(fields(), name) {
				t.Errorf("%s in %s", name, line)
			}
		}
		session := e.Session == "" || regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(e.Session)
		if e.Audit != audit.Version || !slices.Contains(audit.Names(), e.Event) || e.Actor != "f" || e.RequestID == "" || e.Client == "" || !session ||
			time.Since(e.Time).Abs() > time.Hour {
			t.Errorf("the event %s", line)
		}
		all = append(all, e)
	}
	return all
}

// wantNothingOf fails the test where a line has one of texts.
func (l *lines) wantNothingOf(t *testing.T, texts ...string) {
	t.Helper()
	all := l.text.String()
	for _, text := range texts {
		if i := strings.Index(all, text); i >= 0 {
			t.Errorf("%s is in the log: ...%s", text, all[max(0, i-200):min(len(all), i+100)])
		}
	}
}
