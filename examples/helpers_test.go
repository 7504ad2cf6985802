package examples_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"gatehouse"
	"gatehouse/internal/apigateway"
	"gatehouse/internal/deployment"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/memory"
	"gatehouse/internal/oauth/consent/pages"
	"gatehouse/internal/oauth/seal"
)

// notesRules are what the READMEs give to a Gatehouse that is not the example's
// own.
const notesRules = "GET,HEAD /notes* read; POST /notes* write"

// example is a template, as far as a test has to know it.
type example struct {
	text      []byte
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			InlineCode string            `yaml:"InlineCode"`
			Parameters map[string]string `yaml:"Parameters"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

func read(t *testing.T, name string) *example {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(name, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	e := &example{text: text}
	if err := yaml.Unmarshal(text, e); err != nil {
		t.Fatal(err)
	}
	return e
}

// functions are those whose code is in the template, by their logical name.
func (e *example) functions(t *testing.T) map[string]local.Handler {
	t.Helper()
	found := map[string]local.Handler{}
	for name, resource := range e.Resources {
		if resource.Properties.InlineCode != "" {
			found[name] = newInline(t, resource.Properties.InlineCode)
		}
	}
	return found
}

// inline is code of a template, which Node runs once for each event.
type inline struct{ path string }

func newInline(t *testing.T, code string) inline {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index.cjs")
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	return inline{path}
}

func (f inline) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	const script = `require(process.argv[1]).handler(JSON.parse(require("fs").readFileSync(0))).then((a) => process.stdout.write(JSON.stringify(a)))`
	node := exec.CommandContext(ctx, "node", "--eval", script, f.path)
	node.Stdin, node.Stderr = bytes.NewReader(event), os.Stderr
	return node.Output()
}

// site is an example's API, beside the Gatehouse that it refers to.
type site struct {
	t              *testing.T
	api, gatehouse http.Handler
	authorizer     local.Handler
	target         flowtest.Target
	now            time.Time
	asked          int // how often the authorizer was
}

func newSite(t *testing.T, e *example) *site {
	t.Helper()
	s := newGatehouse(t, e)
	s.api = s.mount(e.text, e.functions(t))
	return s
}

func newGatehouse(t *testing.T, e *example) *site {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(`{"current":"1","1":"a key for tests that nobody must ever use"}`))
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"ROUTE_SCOPES": notesRules}
	if own := e.Resources["Gatehouse"].Properties.Parameters["RouteScopes"]; own != "" {
		variables["ROUTE_SCOPES"] = own
	}
	settings, err := deployment.ReadSettings(func(name string) string { return variables[name] })
	if err != nil {
		t.Fatal(err)
	}
	settings.PlainHTTP = true
	store := memory.New()
	s := &site{t: t, target: flowtest.Register(t, store, keys), now: time.Now()}
	d := &deployment.Deployment{Settings: settings, Keys: keys, Store: store, Clock: s.clock, Rand: rand.Reader,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Pages: pages.Write}
	functions := map[string]local.Handler{}
	for folder, handler := range map[string]func() (apigateway.Handler, error){
		"functions/token": d.Token, "functions/authorize": d.Authorize, "functions/authorizer": d.Authorizer, "functions/revoke": d.Revoke,
	} {
		if functions[folder], err = handler(); err != nil {
			t.Fatal(err)
		}
	}
	s.authorizer = functions["functions/authorizer"]
	s.gatehouse = s.mount(gatehouse.Template, functions)
	return s
}

// mount serves a template, whose authorizer may be the Gatehouse of a stack of
// that name or of a nested one.
func (s *site) mount(template []byte, functions map[string]local.Handler) http.Handler {
	s.t.Helper()
	handler, err := local.New(template, functions, local.Options{
		Imported: map[string]local.Handler{"gatehouse-AuthorizerArn": s, "Gatehouse.Outputs.AuthorizerArn": s},
		Log:      local.NewLog(io.Discard, s.clock), Clock: s.clock, Rand: rand.Reader})
	if err != nil {
		s.t.Fatal(err)
	}
	return handler
}

func (s *site) clock() time.Time { return s.now }

// Invoke asks the authorizer, and counts it.
func (s *site) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	s.asked++
	return s.authorizer.Invoke(ctx, event)
}

// caller is who sends a request.
type caller struct{ address, agent string }

var phone = caller{"192.0.2.1", "ExampleApp/3.2"}

// send sends a request; header are names and values by turns.
func (c caller) send(to http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = c.address + ":50000"
	r.Header.Set("User-Agent", c.agent)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	to.ServeHTTP(answer, r)
	return answer
}

func (c caller) bearer(s *site, method, path, token string) *httptest.ResponseRecorder {
	return c.send(s.api, method, path, "", "Authorization", "Bearer "+token)
}

// signIn gets an access token by password, as the phone; header is of the request.
func (s *site) signIn(client flowtest.Client, scope string, header ...string) string {
	s.t.Helper()
	form := url.Values{"grant_type": {"password"}, "username": {s.target.User}, "password": {s.target.Password},
		"client_id": {client.ID}, "client_secret": {client.Secret}, "scope": {scope}}
	answer := phone.send(s.gatehouse, "POST", "/oauth/token", form.Encode(),
		append(header, "Content-Type", "application/x-www-form-urlencoded")...)
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &tokens); err != nil || tokens.AccessToken == "" {
		s.t.Fatalf("%s, %v", answer.Body, err)
	}
	return tokens.AccessToken
}

// want checks the status, and that the body has a text.
func (s *site) want(what string, answer *httptest.ResponseRecorder, status int, text string) {
	s.t.Helper()
	if answer.Code != status || !strings.Contains(answer.Body.String(), text) {
		s.t.Errorf("%s: %d %s, want %d and %s", what, answer.Code, answer.Body, status, text)
	}
}
