package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse/internal/dynamodb/dynamodbtest"
)

// paste runs the commands of a banner as a shell does, all in one.
func paste(t *testing.T, banner string) (stdout, stderr string) {
	t.Helper()
	var script strings.Builder
	for line := range strings.Lines(banner) {
		if strings.HasPrefix(line, "  ") {
			script.WriteString(line)
		}
	}
	if strings.Count(script.String(), "\n") < 15 {
		t.Fatalf("there is little to paste: %s", banner)
	}
	var errors strings.Builder
	shell := exec.CommandContext(t.Context(), "sh", "-c", script.String()+"true\n")
	shell.Stderr = &errors
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errors.String())
	}
	return string(out), errors.String()
}

func TestPrintedCommandsWork(t *testing.T) {
	for name, args := range map[string][]string{"at the root": nil, "below a stage": {"--stage", "prod"}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil, args...)
			out, errors := paste(t, s.banner)
			rest := out
			for _, want := range []string{
				`{"access_token":"gtha_`, `"refresh_token":"gthr_`,
				`"user_name":"alice"`, `"protocol":"oauth2"`,
				`"active":true`, `{"access_token":"gtha_`,
				`{"access_token":"gtha_`, "revoked: 200", `"error":"invalid_token"`,
				"oauth_token=gth1_", "screen_name=alice",
				`"protocol":"oauth1"`, `"issued_token_type":"urn:ietf:params:oauth:token-type:access_token"`, "HTTP/1.1 200 OK", `"error":"invalid_token"`,
			} {
				before, after, found := strings.Cut(rest, want)
				if !found {
					t.Fatalf("%s is not in what is left of the output after %q:\n%s\n%s", want, before, out, errors)
				}
				rest = after
			}
			if want := "gatehouse: the request was refused: 401 Unauthorized\n"; errors != want {
				t.Errorf("on standard error %q, want %q", errors, want)
			}
			s.stop(t)
			if lines := strings.Count(s.logged(), "\n"); lines != 13 {
				t.Errorf("%d lines for 12 requests and the end:\n%s", lines, s.logged())
			}
		})
	}
}

// A signature names the host, and the same server has several names.
func TestSignaturesHoldForEachName(t *testing.T) {
	s := serve(t, nil)
	banner := strings.ReplaceAll(s.banner, "127.0.0.1", "localhost")
	if out, _ := paste(t, banner); !strings.Contains(out, `"protocol":"oauth1"`) {
		t.Errorf("as localhost: %s", out)
	}
}

func TestCtrlCStopsCleanly(t *testing.T) {
	s := serve(t, nil)
	if code := s.stop(t); code != exitFine {
		t.Errorf("exit code %d", code)
	}
	if got := s.logged(); got != "stopped\n" {
		t.Errorf("log %q", got)
	}
}

func TestCtrlCLetsRequestsEnd(t *testing.T) {
	s := serve(t, nil)
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	send := func(text string) {
		if _, err := connection.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	send("POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
	time.Sleep(200 * time.Millisecond) // until the server has read the header
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	send("x")
	answer := make([]byte, 12)
	if _, err := connection.Read(answer); err != nil || string(answer) != "HTTP/1.1 400" {
		t.Errorf("got %q, %v", answer, err)
	}
	connection.Close()
	if err := s.command.Wait(); err != nil {
		t.Error(err)
	}
}

func TestOtherAddressesAreWarnedOf(t *testing.T) {
	s := serve(t, nil, "--addr", "0.0.0.0:0")
	if got := s.logged(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "warning: other machines can reach") {
		t.Errorf("log %q", got)
	}
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("address %s", s.url)
	}
}

// page is a web server.
func page(t *testing.T, status int) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte("<html></html>"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// visit gets a page.
func visit(t *testing.T, url string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answered(t, r)
}

func TestDemoPage(t *testing.T) {
	for _, stage := range []string{"", "prod"} {
		s := serve(t, nil, "--stage", stage)
		_, after, _ := strings.Cut(s.banner, "Open ")
		address, _, _ := strings.Cut(after, " ")
		if want := strings.TrimSuffix(s.url, "/prod") + "/"; address != want {
			t.Errorf("stage %q: the page is said to be at %q, want %q", stage, address, want)
		}
		if status, text := visit(t, address); status != http.StatusOK || !strings.Contains(text, "/oauth/client.js") {
			t.Errorf("stage %q: status %d, %s", stage, status, text)
		}
		request := "/oauth/authorize?response_type=code&client_id=web&code_challenge=" + strings.Repeat("A", 43) +
			"&code_challenge_method=S256&redirect_uri=" + url.QueryEscape(address)
		if status, text := visit(t, s.url+request); status != http.StatusOK || !strings.Contains(text, "Demo page") {
			t.Errorf("stage %q: signing in: status %d, %s", stage, status, text)
		}
	}
}

// The flag replaces what the environment says.
func TestRulesFlag(t *testing.T) {
	for _, test := range []struct {
		vars []string
		args []string
		want string
	}{
		{nil, nil, `"user_name":"alice"`},
		{nil, []string{"--rules", "GET /oauth/session admin"}, `"error":"insufficient_scope"`},
		{[]string{"ROUTE_SCOPES=GET /oauth/session admin"}, nil, `"error":"insufficient_scope"`},
		{[]string{"ROUTE_SCOPES=GET /oauth/session admin"}, []string{"--rules", "GET /oauth/session any"}, `"user_name":"alice"`},
	} {
		s := serve(t, test.vars, test.args...)
		if out, errors := paste(t, s.banner); !strings.Contains(out, test.want) {
			t.Errorf("%v %v: got %s\n%s, want %s", test.vars, test.args, out, errors, test.want)
		}
	}
}

// With an upstream there is a reverse proxy, without one there is no such path.
func TestUpstreamFlag(t *testing.T) {
	backend := page(t, http.StatusTeapot)
	for _, test := range []struct {
		vars, args []string
		status     int
	}{
		{nil, []string{"--rules", "GET /api/open public"}, http.StatusNotFound},
		{nil, []string{"--rules", "GET /api/open public", "--upstream", backend}, http.StatusTeapot},
		{[]string{"UPSTREAM_URL=" + backend, "ROUTE_SCOPES=GET /api/open public"}, nil, http.StatusTeapot},
		{[]string{"UPSTREAM_URL=http://127.0.0.1:1"}, []string{"--rules", "GET /api/open public", "--upstream", backend, "--stage", "prod"}, http.StatusTeapot},
		{nil, []string{"--upstream", backend}, http.StatusUnauthorized},
	} {
		s := serve(t, test.vars, test.args...)
		if status, text := visit(t, s.url+"/api/open"); status != test.status {
			t.Errorf("%v %v: status %d, want %d: %s", test.vars, test.args, status, test.status, text)
		}
		if said := strings.Contains(s.banner, "Valid requests to "+s.url+"/api/ go to "+backend); said != (test.status != http.StatusNotFound) {
			t.Errorf("%v %v: the banner says %s", test.vars, test.args, s.banner)
		}
	}
}

func TestSeedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	text := `{"clients":[{"id":"derived","grants":["password"]},{"id":"brought","secret":"mine","grants":["password"]}],"users":[{"name":"bob","password":"x"}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil, "--seed", path)
	if status, text := visit(t, s.url+"/"); status == http.StatusOK {
		t.Errorf("the demo page is served to clients of somebody's own: status %d, %s", status, text)
	}
	_, after, found := strings.Cut(s.banner, "client derived  secret ")
	secret, _, _ := strings.Cut(after, "\n")
	if !found || strings.Contains(s.banner, "mine") || strings.Contains(s.banner, "demo") {
		t.Fatalf("banner %s", s.banner)
	}
	for id, secret := range map[string]string{"derived": secret, "brought": "mine"} {
		request, err := http.NewRequest("POST", s.url+"/oauth/token", strings.NewReader("grant_type=password&username=bob&password=x"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth(id, secret)
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %v, %v", id, response, err)
		}
	}
}

func TestKeysFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	first := serve(t, nil, "--keys", path)
	first.stop(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	if !strings.Contains(first.banner, path+", which was created") {
		t.Errorf("banner %s", first.banner)
	}
	again := serve(t, nil, "--keys", path)
	if line(first.banner, "client demo") != line(again.banner, "client demo") {
		t.Error("the secret of the demo client changed")
	}
}

func line(text, prefix string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
	return ""
}

func TestServeOnDynamoDB(t *testing.T) {
	vars := []string{"AWS_ENDPOINT_URL_DYNAMODB=" + dynamodbtest.Endpoint(t), "SESSIONS_TABLE=serve-sessions",
		"REPLAY_TABLE=serve-replay", "REGISTRY_TABLE=serve-registry"}
	keys := filepath.Join(t.TempDir(), "keys.json")
	s := serve(t, vars, "--store", "dynamodb", "--keys", keys)
	if out, errors := paste(t, s.banner); !strings.Contains(out, `"protocol":"oauth1"`) {
		t.Errorf("got %s\n%s", out, errors)
	}
	s.stop(t)
	again := serve(t, vars, "--store", "dynamodb", "--keys", keys)
	if line(s.banner, "client demo") != line(again.banner, "client demo") {
		t.Error("the secret of the demo client changed")
	}
}
