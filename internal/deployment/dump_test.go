package deployment_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/audit"
	"gatehouse/internal/deployment"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/oauth/seal"
)

// overheard notes what a function is asked and answers.
type overheard struct {
	local.Handler
	mu   *sync.Mutex
	text *strings.Builder
}

func (o overheard) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	answer, err := o.Handler.Invoke(ctx, event)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(said(event) + "\n" + said(answer) + "\n")
	return answer, err
}

// said is the text of an event's or an answer's parts.
func said(message []byte) string {
	var parts struct {
		Body                            string
		IsBase64Encoded                 bool
		Headers, MultiValueHeaders      json.RawMessage
		MultiValueQueryStringParameters json.RawMessage
	}
	if json.Unmarshal(message, &parts) != nil {
		return ""
	}
	if raw, err := base64.StdEncoding.DecodeString(parts.Body); err == nil && parts.IsBase64Encoded {
		parts.Body = string(raw)
	}
	return strings.Join([]string{parts.Body, string(parts.Headers), string(parts.MultiValueHeaders),
		string(parts.MultiValueQueryStringParameters)}, "\n")
}

// secret is what may be one: tokens, codes, verifiers, cookies, derived secrets.
// Whatever else is as long is not in the tables either, but for the thumbprints
// of keys, which are public.
var (
	secret     = regexp.MustCompile(`[A-Za-z0-9_-]{40,}`)
	thumbprint = regexp.MustCompile(`jkt"?[:=]\[?"?[A-Za-z0-9_-]{43}`)
)

// A dump of the tables holds nothing that can be presented, and held nothing at
// any time: not in any flow was a secret sent to the database. Nor is one in the
// log, or who called, or by what.
func TestDumpOfTheTables(t *testing.T) {
	database, log, flows := &dynamodbtest.Recorder{}, &lines{}, overheard{mu: &sync.Mutex{}, text: &strings.Builder{}}
	store := onEngine(t, database)
	keys, err := seal.ParseKeyring([]byte(flowKeyring))
	if err != nil {
		t.Fatal(err)
	}
	target := flowtest.Register(t, store, keys)
	target.URL = flowtest.Serve(t, "", func(baseURL string) map[string]local.Handler {
		handlers := functionsOf(t, log.logging(&deployment.Deployment{Keys: keys, Store: store, Clock: time.Now}), map[string]string{"PUBLIC_BASE_URL": baseURL,
			"UPSTREAM_URL": flowtest.Backend(t), "ROUTE_SCOPES": flowtest.ProxyRules})
		for folder, handler := range handlers {
			handlers[folder] = overheard{handler, flows.mu, flows.text}
		}
		return handlers
	})
	flowtest.Run(t, target)

	secrets := map[string]bool{target.Password: true, target.Client.Secret: true, target.Other.Secret: true}
	for _, found := range secret.FindAllString(thumbprint.ReplaceAllString(flows.text.String(), ""), -1) {
		secrets[found] = true
	}
	dump := database.Text()
	for found := range secrets {
		if strings.Contains(dump, found) {
			t.Errorf("%s was sent to the database", found)
		}
	}
	if len(secrets) < 100 || !strings.Contains(dump, target.Client.ID) || !strings.Contains(dump, target.User) {
		t.Errorf("%d secrets were looked for in %d bytes that lack names", len(secrets), len(dump))
	}
	t.Logf("%d secrets were looked for in %d bytes", len(secrets), len(dump))
	log.wantNothingOf(t, slices.Collect(maps.Keys(secrets))...)
	log.wantNothingOf(t, "127.0.0.1:", `"127.0.0.1`, "Go-http-client", "Thief/1.0", `"alice"`)
	log.wantMetrics(t, "Latency", "ColdStarts", "Issued", "Accepted", "Refused", "Destroyed", "Replays")
	told := map[audit.Name]int{}
	for _, e := range log.events(t) {
		told[e.Event]++
	}
	for _, name := range audit.Names()[:7] { // those of functions
		if told[name] == 0 {
			t.Errorf("the audit log is told of no %s: %v", name, told)
		}
	}
	t.Logf("events: %v", told)
}
