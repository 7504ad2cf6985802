package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// administration runs commands against a server that runs.
type administration struct {
	*served
	t    *testing.T
	vars []string
}

// administer starts a server that commands can administer.
func administer(t *testing.T, args ...string) *administration {
	t.Helper()
	_, vars := sockets(t)
	return &administration{serve(t, vars, args...), t, vars}
}

// flag is how commands are told of the server.
func (a *administration) flag() string { return "--local=" + parseURL(a.url).Host }

// try runs the binary with --local and returns its exit code and output.
func (a *administration) try(stdin string, args ...string) (code int, out, stderr string) {
	a.t.Helper()
	return finish(a.t, command(a.t, a.vars, append(args, a.flag())...), stdin)
}

// must runs a command that works.
func (a *administration) must(stdin string, args ...string) string {
	a.t.Helper()
	code, out, stderr := a.try(stdin, args...)
	if code != exitFine {
		a.t.Fatalf("%v: exit code %d: %s%s", args, code, out, stderr)
	}
	return out
}

func finish(t *testing.T, c *exec.Cmd, stdin string) (code int, out, stderr string) {
	t.Helper()
	var written, said strings.Builder
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &written, &said
	_ = c.Run() // the exit code is what counts
	return c.ProcessState.ExitCode(), written.String(), said.String()
}

// post sends a form to the server as a client.
func (a *administration) post(path, client, secret string, form url.Values) (status int, text string) {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(client, secret)
	return answered(a.t, r)
}

// answered sends a request.
func answered(t *testing.T, r *http.Request) (status int, text string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// Who was made by a command signs in at the server, which keeps all in memory.
func TestLocalClientAndUser(t *testing.T) {
	a := administer(t)
	want := "such as: '" + binary + "' user create bob --local " + parseURL(a.url).Host + "\n"
	if !strings.Contains(a.banner, want) {
		t.Errorf("the banner does not say %q: %s", want, a.banner)
	}
	a.must("pä$$ wörd\n", "user", "create", "bob", "--password-stdin")
	out := a.must("", "client", "create", "mobile", "--grants", "password,refresh_token", "--scopes", "read")
	_, secret, _ := strings.Cut(strings.TrimSpace(out), "secret ")
	form := url.Values{"grant_type": {"password"}, "username": {"bob"}, "password": {"pä$$ wörd"}}
	if status, text := a.post("/oauth/token", "mobile", secret, form); status != http.StatusOK || !strings.Contains(text, "gtha_") {
		t.Errorf("status %d: %s", status, text)
	}
	if code, _, stderr := a.try("x", "user", "create", "bob", "--password-stdin"); code != exitFailure || !strings.Contains(stderr, "exists already") {
		t.Errorf("again: exit code %d: %s", code, stderr)
	}
}

// Keys of a server in memory are rotated as those of a deployment are.
func TestLocalKeys(t *testing.T) {
	a := administer(t)
	if out := a.must("", "key", "list"); !regexp.MustCompile(`(?m)^1 +current +1$`).MatchString(out) {
		t.Errorf("got %s", out)
	}
	a.must("", "key", "rotate", "--now")
	if out := a.must("", "key", "list"); !regexp.MustCompile(`(?m)^2 +current +0$`).MatchString(out) {
		t.Errorf("got %s", out)
	}
	if code, _, stderr := a.try("", "key", "retire", "1"); code != exitFailure || !strings.Contains(stderr, "demo") {
		t.Errorf("retired: exit code %d: %s", code, stderr)
	}
	if out := a.must("", "authenticator", "secret"); strings.Count(out, "\n") != 3 {
		t.Errorf("got %s", out)
	}
	made := a.must("", "client", "create", "other", "--grants", "client_credentials", "--scopes", "read")
	_, secret, _ := strings.Cut(strings.TrimSpace(made), "secret ")
	if status, text := a.post("/oauth/token", "other", secret, url.Values{"grant_type": {"client_credentials"}}); status != http.StatusOK {
		t.Errorf("by a key that the server has yet to learn of: status %d: %s", status, text)
	}
}

func TestLocalErrors(t *testing.T) {
	a := administer(t)
	a.stop(t)
	for _, test := range []struct {
		flags string
		code  int
		want  string
	}{
		{"--local " + parseURL(a.url).Host, exitFailure, "no gatehouse serve of this user is at " + parseURL(a.url).Host + ": start one"},
		{"--local=example.com:8080", exitUsage, "--local takes the address of a server on this machine, such as 127.0.0.1:8080, not"},
		{"--local=127.0.0.1", exitUsage, "--local takes"},
		{"--local=:0", exitUsage, "--local takes"},
		{"--local --stack a", exitUsage, "--stack and --local: give one"},
		{"--local --keys a", exitUsage, "--keys and --local: give one"},
	} {
		args := append(strings.Fields("client create c --grants password"), strings.Fields(test.flags)...)
		code, _, stderr := finish(t, command(t, a.vars, args...), "")
		if code != test.code || !strings.HasPrefix(stderr, "gatehouse: "+test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s, want %s", test.flags, code, stderr, test.want)
		}
	}
}

func TestLocalPort(t *testing.T) {
	for addr, want := range map[string]int{"127.0.0.1:8080": 8080, "localhost:1": 1, ":65535": 65535, "[::1]:9": 9, "0.0.0.0:80": 80,
		"": 0, "8080": 0, "10.0.0.1:80": 0, "example.com:80": 0, ":0": 0, ":65536": 0, ":-1": 0, "localhost:http": 0} {
		if port, ok := localPort(addr); ok != (want != 0) || ok && port != want {
			t.Errorf("%q: %d, %t", addr, port, ok)
		}
	}
}

func TestJoinLocal(t *testing.T) {
	for args, want := range map[string]string{
		"":                                "",
		"user create bob --local":         "user create bob --local",
		"user create bob --local :9000":   "user create bob --local=:9000",
		"user create --local :9000 bob":   "user create --local=:9000 bob",
		"user create --local bob":         "user create --local bob",
		"user create --local=:1 :2":       "user create --local=:1 :2",
		"user create --local -- :9000":    "user create --local -- :9000",
		"user create -- --local :9000":    "user create -- --local :9000",
		"user create --local :9000 :9000": "user create --local=:9000 :9000",
	} {
		if got := joinLocal(strings.Fields(args)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v", args, got)
		}
	}
}

// A keyring that another changed meanwhile is not written over.
func TestLocalKeysThatChanged(t *testing.T) {
	a := administer(t)
	p, _, _ := inProcess("")
	_, runtime, _ := strings.Cut(a.vars[0], "=")
	p.env = func(string) string { return runtime }
	where, err := p.locateLocal(t.Context(), parseURL(a.url).Host)
	if err != nil || where.String() != "gatehouse serve at "+a.url {
		t.Fatal(where, err)
	}
	kept, err := where.openKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.must("", "key", "rotate")
	if err := kept.write(t.Context(), []byte(testKeys)); !errors.Is(err, errChanged) {
		t.Errorf("got %v", err)
	}
	if grace, err := where.grace(); err != nil || grace.Seconds() != 30 {
		t.Errorf("grace %s, %v", grace, err)
	}
}

// What the pages tell to type at a server on this machine works there.
func TestCommandsForALocalServer(t *testing.T) {
	done := 0
	for _, b := range shellBlocks(t) {
		commands := slices.DeleteFunc(commandsOf(t, b.functions+b.text), func(command []string) bool {
			return command[0] != "gatehouse" || !slices.Contains(command, "--local")
		})
		if len(commands) == 0 {
			continue
		}
		a := administer(t)
		for _, command := range commands {
			done++
			words := slices.DeleteFunc(command[1:], func(word string) bool { return word == "--local" })
			if words[0] == "user" {
				words = append(words, "--password-stdin")
			}
			if code, out, stderr := a.try("a password\n", words...); code != exitFine {
				t.Errorf("%s: %s ends with %d: %s%s", b.page, strings.Join(words, " "), code, out, stderr)
			}
		}
	}
	if done < 2 {
		t.Errorf("only %d commands were run", done)
	}
}
