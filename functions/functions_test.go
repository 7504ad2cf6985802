// Package functions_test runs the compiled functions as Lambda does: processes
// that speak the Runtime API, on a DynamoDB engine, behind the local gateway.
package functions_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/flowtest"
	"gatehouse/internal/local"
	"gatehouse/internal/oauth/seal"
)

const keyring = `{"current":"1","1":"a key for tests that nobody must ever use"}`

// largest is how many bytes each function may have: what it has on x86-64 and
// 2 %. On arm64, where they run, each is smaller. Of the authorizer 9 MB were
// promised.
var largest = map[string]int64{"token": 10_000_000, "authorize": 13_400_000, "authorizer": 9_000_000, "revoke": 9_200_000, "proxy": 9_550_000}

// build compiles a function as template.yaml has it built.
func build(t *testing.T, name string) string {
	t.Helper()
	binary, tags := filepath.Join(t.TempDir(), "bootstrap"), "lambda.norpc,nethttpomithttp2"
	if name == "proxy" {
		tags = "lambda.norpc"
	}
	compiler := exec.Command("go", "build", "-tags", tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, "./"+name)
	compiler.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compiler.CombinedOutput(); err != nil {
		t.Fatalf("go build ./functions/%s: %v\n%s", name, err, output)
	}
	file, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if file.Size() > largest[name] {
		t.Errorf("%s has %d bytes, more than %d: see what is linked by go tool nm -size -sort size", name, file.Size(), largest[name])
	}
	return binary
}

// secrets is Secrets Manager with the one secret of a deployment.
func secrets(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || !strings.Contains(string(body), `"keys"`) {
			http.Error(w, `{"__type":"ResourceNotFoundException"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(map[string]string{"Name": "keys", "SecretString": keyring})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// environment is that of a function of a deployment whose tables are on the
// engine.
func environment(t *testing.T, tables dynamodb.Tables, baseURL string) []string {
	t.Helper()
	return []string{
		"SESSIONS_TABLE=" + tables.Sessions, "REPLAY_TABLE=" + tables.Replay, "REGISTRY_TABLE=" + tables.Registry,
		"AWS_ENDPOINT_URL_DYNAMODB=" + dynamodbtest.Endpoint(t), "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + secrets(t),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=anyone", "AWS_SECRET_ACCESS_KEY=anything",
		"KEYS_SECRET_ARN=keys", "PUBLIC_BASE_URL=" + baseURL,
	}
}

// registered is a deployment with tables of its own on the engine, and clients and
// users in them.
func registered(t *testing.T) (flowtest.Target, dynamodb.Tables) {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		t.Fatal(err)
	}
	prefix := rand.Text()
	tables := dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"}
	store := dynamodb.New(dynamodbtest.Client(t, nil), tables)
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return flowtest.Register(t, store, keys), tables
}

// TestFlows runs every flow through the compiled functions: the answers must
// be those of the handlers in process, which pass the same suite. Each has the
// role that the template gives it, and needs all of that.
func TestFlows(t *testing.T) {
	target, tables := registered(t)
	target.URL = flowtest.Serve(t, "prod", func(baseURL string) map[string]local.Handler {
		env := append(environment(t, tables, baseURL), "UPSTREAM_URL="+flowtest.Backend(t), "ROUTE_SCOPES="+flowtest.ProxyRules)
		functions := map[string]local.Handler{}
		for _, name := range []string{"token", "authorize", "authorizer", "revoke", "proxy"} {
			role, passes := roleOf(t, name, tables), "PASSWORD_PASSES=2"
			if name == "authorize" {
				passes = "PASSWORD_PASSES=3" // so that this one and token renew each other's hashes
			}
			if name == "authorize" || name == "token" {
				role.unseen = []string{"dynamodb:PutItem ReplayTable.Arn tries#*"} // of a counter that has expired
			}
			own := append(slices.Clone(env), passes, "AWS_ENDPOINT_URL_DYNAMODB="+role.endpoint(t))
			functions["functions/"+name] = startFunction(t, build(t, name), own...)
		}
		return functions
	})
	flowtest.Run(t, target)
}

// TestStartRefused starts a function whose deployment cannot be loaded: one
// line that names what is wrong, and exit code 1.
func TestStartRefused(t *testing.T) {
	binary := build(t, "authorizer")
	good := environment(t, dynamodb.Tables{Sessions: "s", Replay: "p", Registry: "no-such-table"}, "")
	for name, bad := range map[string]struct {
		env  []string
		want []string
	}{
		"nothing set":    {nil, []string{"SESSIONS_TABLE", "REPLAY_TABLE", "REGISTRY_TABLE", "KEYS_SECRET_ARN"}},
		"bad number":     {append(good[:len(good):len(good)], "TIMESTAMP_WINDOW=soon"), []string{"TIMESTAMP_WINDOW", "soon"}},
		"no table":       {good, []string{"no-such-table"}},
		"no secret":      {append(good[:len(good):len(good)], "KEYS_SECRET_ARN=other"), []string{"keyring secret"}},
		"secrets silent": {append(good[:len(good):len(good)], "AWS_ENDPOINT_URL_SECRETS_MANAGER=http://127.0.0.1:1"), []string{"keyring secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			process := exec.CommandContext(t.Context(), binary)
			process.Env = append(bad.env, "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1")
			output, err := process.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				t.Errorf("ended with %v, want exit code 1", err)
			}
			if strings.Count(string(output), "\n") != 1 {
				t.Errorf("more than one line:\n%s", output)
			}
			for _, want := range bad.want {
				if !strings.Contains(string(output), want) {
					t.Errorf("%q is not named in %s", want, output)
				}
			}
		})
	}
}

// TestInit bounds what the authorizer's packages do before main begins, which
// every start pays for and which is exact: 1,730 allocations of 249 KB, of which
// the two clients of the SDK take 80 %.
func TestInit(t *testing.T) {
	process := exec.CommandContext(t.Context(), build(t, "authorizer"))
	process.Env = []string{"GODEBUG=inittrace=1"}
	output, err := process.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
		t.Fatalf("ended with %v, want exit code 1", err)
	}
	packages, size, allocations := 0, 0, 0
	for line := range strings.Lines(string(output)) {
		var name string
		var at, took float64
		var bytes, count int
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &at, &took, &bytes, &count); n == 5 {
			packages, size, allocations = packages+1, size+bytes, allocations+count
		}
	}
	if packages == 0 || size > 275_000 || allocations > 1900 {
		t.Errorf("%d packages make %d allocations of %d bytes:\n%s", packages, allocations, size, output)
	}
}
