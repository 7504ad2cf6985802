package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/operator"
)

// sockets is a folder for them whose path is short enough.
func sockets(t *testing.T) (folder string, vars []string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "gh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder, []string{"XDG_RUNTIME_DIR=" + folder}
}

func port(t *testing.T, s *served) int {
	t.Helper()
	number, err := strconv.Atoi(parseURL(s.url).Port())
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// A server is reached by its socket, in a folder of its user alone, for as long
// as it runs.
func TestServerIsAdministered(t *testing.T) {
	runtime, vars := sockets(t)
	s := serve(t, vars, "--stage", "prod")
	folders := operator.Folders(func(string) string { return runtime })
	c, about, err := operator.Dial(t.Context(), folders, port(t, s))
	if err != nil || about.URL != s.url || about.Grace == 0 {
		t.Fatalf("about %+v, %v", about, err)
	}
	if user, err := c.User(t.Context(), demoUser); err != nil || user.Name != demoUser {
		t.Errorf("user %+v, %v", user, err)
	}
	socket := filepath.Join(folders[0], strconv.Itoa(port(t, s))+".sock")
	if info, err := os.Stat(filepath.Dir(socket)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its folder: %v, %v", info, err)
	}
	if s.stop(t); s.logged() != "stopped\n" {
		t.Errorf("log %q", s.logged())
	}
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
	if _, err := c.AllClients(t.Context()); !errors.Is(err, operator.ErrNoServer) {
		t.Errorf("after its end: %v", err)
	}
}

// Where the folder is not the user's alone there is no socket, and a server.
func TestServerThatCannotBeAdministered(t *testing.T) {
	runtime, vars := sockets(t)
	folders := operator.Folders(func(string) string { return runtime })
	for _, folder := range []string{folders[0], filepath.Join(runtime, filepath.Base(folders[0]))} {
		if err := os.MkdirAll(folder, 0o755); err != nil { // #nosec G301 -- what is tested
			t.Fatal(err)
		}
	}
	s := serve(t, append(vars, "TMPDIR="+runtime))
	if _, _, err := operator.Dial(t.Context(), folders[:1], port(t, s)); !errors.Is(err, operator.ErrNoServer) {
		t.Errorf("got %v", err)
	}
	s.stop(t) // so that all it wrote has arrived
	if log := s.logged(); !strings.HasPrefix(log, "warning: other commands cannot administer this server: ") || !strings.HasSuffix(log, "\nstopped\n") || strings.Count(log, "\n") != 2 {
		t.Errorf("log %q", log)
	}
}

func TestHeldKeys(t *testing.T) {
	ctx := context.Background()
	for name, held := range map[string]*heldKeys{"in memory": {text: []byte(testKeys)}, "in a file": {path: keysFileOf(t, testKeys)}} {
		text, err := held.ReadKeys(ctx)
		if err != nil || string(text) != testKeys {
			t.Errorf("%s: %s, %v", name, text, err)
		}
		if err := held.ReplaceKeys(ctx, []byte("others"), []byte(someKeys)); !errors.Is(err, oauth.ErrChanged) {
			t.Errorf("%s: others were replaced: %v", name, err)
		}
		if err := held.ReplaceKeys(ctx, text, []byte(someKeys)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		p, _, _ := inProcess("")
		if keys, err := p.keyringOf(ctx, held); err != nil || keys.Current() != 2 {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
	p, _, _ := inProcess("")
	if _, err := p.keyringOf(ctx, &heldKeys{text: []byte("{}")}); err == nil || !strings.Contains(err.Error(), "the keyring of the server: ") {
		t.Errorf("broken keys: %v", err)
	}
}
