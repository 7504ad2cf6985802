package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/audit"
	"gatehouse/internal/oauth"
)

// cloud is what the CLI asks of CloudWatch Logs and STS. The group is there, and
// its stream once it was made.
type cloud struct {
	t        *testing.T
	mu       sync.Mutex
	asked    []string
	events   []map[string]any
	stream   bool
	silent   string // an operation that is denied
	tooOld   bool   // events are not taken
	received time.Time
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", server.URL)
	t.Setenv("AWS_ENDPOINT_URL_STS", server.URL)
	return c
}

const operatorARN = "arn:aws:sts::123456789012:assumed-role/Admin/carol"

// ServeHTTP answers as AWS does: STS in XML, CloudWatch Logs in JSON.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, operation, isLogs := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !isLogs {
		operation = r.FormValue("Action")
	}
	c.asked = append(c.asked, operation)
	refuse := func(kind string) {
		w.Header().Set("X-Amzn-Errortype", kind)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, kind)
	}
	switch {
	case operation == c.silent:
		refuse("AccessDeniedException")
	case operation == "GetCallerIdentity":
		fmt.Fprintf(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`, operatorARN)
	case operation == "CreateLogStream" && c.stream:
		refuse("ResourceAlreadyExistsException")
	case operation == "CreateLogStream":
		c.stream = true
		fmt.Fprint(w, `{}`)
	case operation == "PutLogEvents" && !c.stream:
		refuse("ResourceNotFoundException")
	case operation == "PutLogEvents":
		c.put(w, r)
	default:
		c.t.Errorf("asked for %q", operation)
	}
}

func (c *cloud) put(w http.ResponseWriter, r *http.Request) {
	var in struct {
		LogGroupName, LogStreamName string
		LogEvents                   []struct {
			Timestamp int64
			Message   string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.LogGroupName != "audit" || in.LogStreamName == "" || len(in.LogEvents) != 1 {
		c.t.Errorf("%+v, %v", in, err)
		return
	}
	if c.tooOld {
		fmt.Fprint(w, `{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":1}}`)
		return
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(in.LogEvents[0].Message), &event); err != nil {
		c.t.Error(err)
	}
	c.received = time.UnixMilli(in.LogEvents[0].Timestamp)
	c.events = append(c.events, event)
	fmt.Fprint(w, `{}`)
}

// stackWithAudit is the stack of a deployment, with the group of events.
func stackWithAudit(t *testing.T, group string) {
	t.Helper()
	p, _, _ := inProcess("")
	tables := p.tables()
	stack(t, map[string]string{"SessionsTableName": tables.Sessions, "ReplayTableName": tables.Replay,
		"RegistryTableName": tables.Registry, "KeysSecretArn": os.Getenv(keysVariable), "AuditLogGroup": group})
}

// What an operator does is in the stack's log group, under the operator's name.
func TestAuditOfAStack(t *testing.T) {
	inDeployment(t)
	stackWithAudit(t, "audit")
	c := newCloud(t)
	for range 2 {
		if code, _, stderr := run(t, "", "key", "rotate", "--now", "--stack", "gatehouse"); code != exitFine {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
	}
	if got, want := strings.Join(c.asked, " "), "GetCallerIdentity PutLogEvents CreateLogStream PutLogEvents GetCallerIdentity PutLogEvents"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if len(c.events) != 2 {
		t.Fatalf("events %v", c.events)
	}
	event := c.events[0]
	at, err := time.Parse(time.RFC3339, fmt.Sprint(c.events[1]["time"]))
	if err != nil || at.UnixMilli() != c.received.UnixMilli() || time.Since(at) > time.Hour {
		t.Errorf("at %v, %v, sent as of %v", at, err, c.received)
	}
	reason, _ := event["reason"].(string)
	if event["audit"] != 1.0 || event["event"] != "key_rotated" || event["actor"] != operatorARN || !strings.HasPrefix(reason, "key 2 from 20") || len(event) != 5 {
		t.Errorf("the event %v", event)
	}
}

// What is done stays done. That it is not in the log is said aloud, with the
// event for the operator to keep, and is a failure.
func TestAuditThatFails(t *testing.T) {
	inDeployment(t)
	stackWithAudit(t, "audit")
	for name, spoil := range map[string]func(*cloud){
		"GetCallerIdentity": func(c *cloud) { c.silent = "GetCallerIdentity" },
		"PutLogEvents":      func(c *cloud) { c.silent = "PutLogEvents" },
		"CreateLogStream":   func(c *cloud) { c.silent = "CreateLogStream" },
		"the clock":         func(c *cloud) { c.stream, c.tooOld = true, true },
	} {
		c := newCloud(t)
		spoil(c)
		code, out, stderr := run(t, "", "key", "rotate", "--now", "--stack", "gatehouse")
		if code != exitFailure || !strings.Contains(out, "It is the current key") || !strings.Contains(stderr, `DONE, BUT NOT IN THE AUDIT LOG`) ||
			!strings.Contains(stderr, `{"audit":1,"event":"key_rotated","time":`) || len(c.events) > 0 {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, stderr)
		}
		if strings.Count(strings.TrimSpace(stderr), "\n") != 1 {
			t.Errorf("%s: not two lines: %s", name, stderr)
		}
	}
}

// A stack of an older template has no such group: the operator hears of it.
func TestAuditOfAnOlderStack(t *testing.T) {
	inDeployment(t)
	stackWithAudit(t, "")
	code, _, stderr := run(t, "", "key", "rotate", "--stack", "gatehouse")
	if code != exitFine || !strings.Contains(stderr, "warning: the stack has no output AuditLogGroup, so key_rotated is not written down") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// Where there is no stack, a file may be named.
func TestAuditFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	keys := keysFileOf(t, testKeys)
	rotate := func() (int, string) {
		code, _, stderr := run(t, "", "key", "rotate", "--now", "--keys", keys)
		return code, stderr
	}
	if code, stderr := rotate(); code != exitFine {
		t.Fatal(stderr)
	}
	t.Setenv("GATEHOUSE_AUDIT_FILE", path)
	t.Setenv("USER", "carol")
	for range 2 {
		if code, stderr := rotate(); code != exitFine {
			t.Fatal(stderr)
		}
	}
	text, err := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if err != nil || len(lines) != 2 || !strings.HasPrefix(lines[0], `{"audit":1,"event":"`+string(audit.KeyRotated)) || !strings.Contains(lines[1], `"actor":"carol","reason":"key 4 from 20`) {
		t.Errorf("%s, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode: %v, %v", info.Mode(), err)
	}
	t.Setenv("GATEHOUSE_AUDIT_FILE", filepath.Join(path, "x"))
	if code, stderr := rotate(); code != exitFailure || !strings.Contains(stderr, "NOT IN THE AUDIT LOG") {
		t.Errorf("a file that can't be: exit code %d: %s", code, stderr)
	}
}

// A server on this machine writes what it does there too. It counts nothing: the
// lines that people read have no metadata.
func TestAuditFileOfAServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	s := serve(t, []string{"GATEHOUSE_AUDIT_FILE=" + path, "AWS_LAMBDA_FUNCTION_NAME=f", "METRICS=true"})
	paste(t, s.banner)
	text, err := os.ReadFile(path)
	for _, want := range []string{"signed_in", "token_issued", "token_revoked"} {
		if !strings.Contains(string(text), `{"audit":1,"event":"`+want+`"`) {
			t.Errorf("no %s in %s, %v", want, text, err)
		}
	}
	for _, metadata := range []string{"_aws", "Latency", "function="} {
		if strings.Contains(s.logged(), metadata) {
			t.Errorf("%s is in the log: %s", metadata, s.logged())
		}
	}
}

// Each act of an operator is an event, and only that; a secret is in none.
func TestEachActIsAudited(t *testing.T) {
	session := oauth.Session{ID: oauth.SessionID{9}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1", Created: time.Now(), Expires: time.Now().Add(time.Hour)}
	if err := inDeployment(t).Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	t.Setenv("GATEHOUSE_AUDIT_FILE", path)
	t.Setenv("USER", "")
	var secrets, want []string
	for _, act := range []struct{ command, stdin, event string }{
		{"client create mobile --grants password --scopes read", "", `client_created","time":T,"client":"mobile"`},
		{"client list", "", ""}, {"client show mobile", "", ""},
		{"client update mobile --scopes read,write", "", `client_updated","time":T,"client":"mobile"`},
		{"client rotate-secret mobile --yes", "", `client_secret_rotated","time":T,"client":"mobile"`},
		{"client disable mobile --yes", "", `client_disabled","time":T,"client":"mobile"`},
		{"client enable mobile", "", `client_enabled","time":T,"client":"mobile"`},
		{"user create alice --id u1 --password-stdin", "s3cret password\n", `user_created","time":T,"user":"u1"`},
		{"session list --user alice", "", ""},
		{"session revoke CQAAAAAAAAAAAAAAAAAAAA --yes", "", `session_revoked","time":T,"client":"mobile","user":"u1","session":"CQAAAAAAAAAAAAAAAAAAAA","protocol":"oauth2"`},
		{"user passwd alice --password-stdin", "0ther password\n", `user_password_changed","time":T,"user":"u1"`},
		{"user disable alice --yes", "", `user_disabled","time":T,"user":"u1"`},
		{"user enable alice", "", `user_enabled","time":T,"user":"u1"`},
		{"user list", "", ""},
		{"user sign-out alice --yes", "", `signed_out","time":T,"user":"u1"`},
		{"import - --format json", `{"type":"user","name":"bob","password":"s3cret password"}`, `imported","time":T,"reason":"begun: 1 record"` + "\n" + `imported","time":T,"reason":"done: 1 user"`},
		{"import - --format json --dry-run", `{"type":"user","name":"carol","password":"s3cret password"}`, ""},
		{"import - --format json", `{"type":"user","name":"bob","password":"s3cret password"}`, `imported","time":T,"reason":"begun: 1 record"` + "\n" + `imported","time":T,"reason":"done: nothing written"`},
		{"key rotate --now", "", `key_rotated","time":T,"reason":"key 2 from `},
		{"key list", "", ""},
		{"key retire 1 --drop-secrets --yes", "", `key_retired","time":T,"reason":"key 1"`},
		{"client delete mobile --yes", "", `client_deleted","time":T,"client":"mobile"`},
		{"user delete alice --yes", "", `user_deleted","time":T,"user":"u1"`},
	} {
		p, stdout, stderr := inProcess(act.stdin)
		p.sleep = func(context.Context, time.Duration) error { return nil }
		if code := p.run(strings.Fields(act.command)); code != exitFine {
			t.Fatalf("%s: exit code %d: %s%s", act.command, code, stdout, stderr)
		}
		if shown := regexp.MustCompile(`(?m)^secret (\S+)$`).FindStringSubmatch(stdout.String()); shown != nil {
			secrets = append(secrets, shown[1])
		}
		if act.event != "" {
			want = append(want, strings.Split(act.event, "\n")...)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(regexp.MustCompile(`"time":"[^"]*"`).ReplaceAllString(string(text), `"time":T`)), "\n")
	for i, line := range lines {
		if i >= len(want) || !strings.HasPrefix(line, `{"audit":1,"event":"`+want[i]) {
			t.Errorf("line %d is %s", i, line)
		}
	}
	if len(lines) != len(want) || len(secrets) != 2 {
		t.Errorf("%d events and %d secrets, want %d", len(lines), len(secrets), len(want))
	}
	for _, secret := range append(secrets, "s3cret", "0ther", "alice") {
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is in %s", secret, text)
		}
	}
}
