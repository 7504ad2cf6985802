package deployment

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/internal/apigateway"
)

// cloud answers what a function asks of AWS when it begins: the keyring's
// secret and one read of the Registry. An answer that begins with a name
// ending in Exception is an error of that name.
type cloud struct{ secret, registry string }

func (c cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := c.registry
	if strings.Contains(r.Header.Get("X-Amz-Target"), "GetSecretValue") {
		text, err := json.Marshal(map[string]string{"SecretString": c.secret})
		if err != nil {
			panic(err) // a map of strings
		}
		if answer = string(text); strings.HasSuffix(c.secret, "Exception") {
			answer = c.secret
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if strings.HasSuffix(answer, "Exception") {
		w.WriteHeader(http.StatusBadRequest)
		answer = fmt.Sprintf(`{"__type":%q,"message":"no"}`, answer)
	}
	_, _ = io.WriteString(w, answer)
}

// environ has the variables of a whole function, with the cloud behind.
func environ(t *testing.T, c cloud) map[string]string {
	t.Helper()
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return map[string]string{"SESSIONS_TABLE": "s", "REPLAY_TABLE": "p", "REGISTRY_TABLE": "r", "KEYS_SECRET_ARN": "arn:keys",
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": server.URL}
}

func silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestLoad(t *testing.T) {
	variables := environ(t, cloud{secret: oldKeys, registry: `{}`})
	variables["ACCESS_TOKEN_LIFETIME"] = "120"
	d, err := Load(t.Context(), from(variables), silent())
	if err != nil {
		t.Fatal(err)
	}
	if d.Keys.Current() != 1 || d.Settings.Terms.Access.Seconds() != 120 || d.ReadKeys == nil || d.Store == nil || d.Clock == nil || d.Rand == nil || d.Log == nil {
		t.Errorf("loaded %+v", d)
	}
	for name, made := range map[string]func() (apigateway.Handler, error){"token": d.Token, "authorizer": d.Authorizer, "revoke": d.Revoke} {
		if h, err := made(); err != nil || h == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One look at the log shows an operator everything that is missing or wrong.
func TestLoadNamesEverythingThatIsMissing(t *testing.T) {
	required := []string{"SESSIONS_TABLE", "REPLAY_TABLE", "REGISTRY_TABLE", "KEYS_SECRET_ARN",
		"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
	d, err := Load(t.Context(), from(map[string]string{"REALM": `"`, "REFRESH_GRACE": "x"}), silent())
	if err == nil || d != nil {
		t.Fatalf("got %+v, %v, want an error", d, err)
	}
	for _, name := range append(required, "REALM", "REFRESH_GRACE") {
		if !strings.Contains(err.Error(), "environment variable "+name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	for _, name := range required {
		variables := environ(t, cloud{secret: oldKeys, registry: `{}`})
		delete(variables, name)
		if _, err := Load(t.Context(), from(variables), silent()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		cloud cloud
		says  string
	}{
		{"no secret", cloud{"ResourceNotFoundException", `{}`}, "keyring secret arn:keys: "},
		{"no permission to read it", cloud{"AccessDeniedException", `{}`}, "keyring secret arn:keys: "},
		{"an empty secret", cloud{"", `{}`}, "keyring secret arn:keys: "},
		{"a broken keyring", cloud{`{"current":"1","1":"SWORDFISH"}`, `{}`}, "keyring secret arn:keys: seal: key 1"},
		{"no table", cloud{oldKeys, "ResourceNotFoundException"}, "read from r"},
	} {
		d, err := Load(t.Context(), from(environ(t, test.cloud)), silent())
		if err == nil || d != nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "SWORDFISH") {
			t.Errorf("%s: %v, want an error about %q", test.name, err, test.says)
		}
	}
	unreachable := environ(t, cloud{oldKeys, `{}`})
	unreachable["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://127.0.0.1:1"
	_, err := Load(t.Context(), from(unreachable), silent())
	if err == nil || !strings.Contains(err.Error(), "keyring secret arn:keys: ") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("unreachable: %v, want the secret named", err)
	}
	_, err = Load(t.Context(), from(environ(t, cloud{"ResourceNotFoundException", "ResourceNotFoundException"})), silent())
	if err == nil || !strings.Contains(err.Error(), "keyring secret") || !strings.Contains(err.Error(), "read from r") {
		t.Errorf("both missing: %v, want both named", err)
	}
}

func TestStart(t *testing.T) {
	for name, value := range environ(t, cloud{secret: oldKeys, registry: `{}`}) {
		t.Setenv(name, value)
	}
	if h, err := start(silent(), (*Deployment).Authorizer); err != nil || h == nil {
		t.Errorf("got %v", err)
	}
	t.Setenv("KEYS_SECRET_ARN", "")
	made := false
	if _, err := start(silent(), func(*Deployment) (apigateway.Handler, error) { made = true; return nil, nil }); err == nil || made {
		t.Errorf("without a variable: %v, handler made: %v", err, made)
	}
}
