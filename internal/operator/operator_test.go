package operator

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/storetest"
)

// keyring is Keys in memory.
type keyring struct{ text string }

func (k *keyring) ReadKeys(context.Context) ([]byte, error) { return []byte(k.text), nil }

func (k *keyring) ReplaceKeys(_ context.Context, older, newer []byte) error {
	if string(older) != k.text {
		return fmt.Errorf("keys: %w", oauth.ErrChanged)
	}
	k.text = string(newer)
	return nil
}

// folder is one whose path is short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "op")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(path) })
	return filepath.Join(path, "sockets")
}

// running serves handler at a port of folder.
func running(t *testing.T, folder string, port int, handler http.Handler) *http.Server {
	t.Helper()
	listener, err := Listen(t.Context(), []string{folder}, port)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return server
}

func dialed(t *testing.T, folder string, port int) *Client {
	t.Helper()
	c, _, err := Dial(t.Context(), []string{folder}, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// What a Client does is what its store does, every contract of it.
func TestClientIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		store, at := memory.New(), folder(t)
		running(t, at, 1, Handler(store, &keyring{}, About{}))
		return struct {
			Store
			oauth.Replay
			oauth.Throttle
			oauth.Passwords
		}{dialed(t, at, 1), store, store, store}
	})
}

func TestKeysAndAbout(t *testing.T) {
	at := folder(t)
	self := About{URL: "http://127.0.0.1:8080/prod", Grace: 30 * time.Second}
	running(t, at, 8080, Handler(memory.New(), &keyring{"old"}, self))
	c, got, err := Dial(t.Context(), []string{at}, 8080)
	if err != nil || got != self {
		t.Fatalf("about %+v, %v", got, err)
	}
	if err := c.ReplaceKeys(t.Context(), []byte("other"), []byte("x")); !errors.Is(err, oauth.ErrChanged) || err.Error() != "keys: "+oauth.ErrChanged.Error() {
		t.Errorf("replaced what is not there: %v", err)
	}
	if err := c.ReplaceKeys(t.Context(), []byte("old"), []byte("new")); err != nil {
		t.Error(err)
	}
	if text, err := c.ReadKeys(t.Context()); err != nil || string(text) != "new" {
		t.Errorf("keys %q, %v", text, err)
	}
}

// A store that breaks is no refusal, and says what is wrong with it.
func TestFaults(t *testing.T) {
	if err := faultOf("disk is full", sentinelOf(errors.New("disk is full"))); err == nil || err.Error() != "disk is full" || errors.Unwrap(err) != nil {
		t.Errorf("got %v", err)
	}
	for _, sentinel := range sentinels() {
		wrapped := fmt.Errorf("store: %w", sentinel)
		if err := faultOf(wrapped.Error(), sentinelOf(wrapped)); !errors.Is(err, sentinel) || err.Error() != wrapped.Error() {
			t.Errorf("%v became %v", wrapped, err)
		}
	}
}

// An error that package oauth declares and that is not listed here would reach
// the commands as a fault of the store.
func TestEverySentinelTravels(t *testing.T) {
	files, err := filepath.Glob("../oauth/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	declared := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if value, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(value.Names[0].Name, "Err") {
				declared++
			}
			return true
		})
	}
	if declared != len(sentinels()) || declared < 10 {
		t.Errorf("package oauth declares %d errors, %d are listed", declared, len(sentinels()))
	}
}

func TestNoServer(t *testing.T) {
	at := folder(t)
	if _, _, err := Dial(t.Context(), []string{at}, 1); !errors.Is(err, ErrNoServer) {
		t.Errorf("no folder: %v", err)
	}
	server := running(t, at, 1, Handler(memory.New(), &keyring{}, About{}))
	if _, _, err := Dial(t.Context(), []string{at}, 2); !errors.Is(err, ErrNoServer) {
		t.Errorf("another port: %v", err)
	}
	c := dialed(t, at, 1)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AllClients(t.Context()); !errors.Is(err, ErrNoServer) {
		t.Errorf("a server that ended: %v", err)
	}
	if left, err := os.ReadDir(at); err != nil || len(left) != 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// A server that was killed leaves its socket.
func TestSocketThatWasLeft(t *testing.T) {
	at := folder(t)
	listener, err := Listen(t.Context(), []string{at}, 1)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Dial(t.Context(), []string{at}, 1); !errors.Is(err, ErrNoServer) {
		t.Errorf("got %v", err)
	}
	running(t, at, 1, Handler(memory.New(), &keyring{}, About{}))
	dialed(t, at, 1)
	if _, err := Listen(t.Context(), []string{at}, 1); err == nil || !strings.Contains(err.Error(), "another server listens at "+at) {
		t.Errorf("a second server: %v", err)
	}
	dialed(t, at, 1)
}

// Who can look into the folder could talk to the server, and who made it could
// be the server.
func TestFoldersOfOthers(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"open to others": func(path string) error { return errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, 0o755)) }, // #nosec G302 -- what is tested
		"a file":         func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"a link": func(path string) error {
			return errors.Join(os.Mkdir(path+"2", 0o700), os.Symlink(path+"2", path))
		},
		"in no folder": func(path string) error { return os.RemoveAll(filepath.Dir(path)) },
	} {
		t.Run(name, func(t *testing.T) {
			at := folder(t)
			if err := spoil(at); err != nil {
				t.Fatal(err)
			}
			if _, err := Listen(t.Context(), []string{at}, 1); err == nil {
				t.Error("a server listens there")
			}
			good := folder(t)
			listener, err := Listen(t.Context(), []string{at, good}, 1)
			if err != nil || filepath.Dir(listener.Addr().String()) != good {
				t.Errorf("the next folder: %v, %v", listener, err)
			}
			listener.Close()
		})
	}
}

func TestNobodyConnectsInAFolderOfOthers(t *testing.T) {
	at := folder(t)
	running(t, at, 1, Handler(memory.New(), &keyring{}, About{}))
	if err := os.Chmod(at, 0o750); err != nil { // #nosec G302 -- what is tested
		t.Fatal(err)
	}
	if _, _, err := Dial(t.Context(), []string{at}, 1); err == nil || errors.Is(err, ErrNoServer) || !strings.Contains(err.Error(), "mode is 750, not 700") {
		t.Errorf("got %v", err)
	}
}

func TestFolders(t *testing.T) {
	name := fmt.Sprintf("gatehouse-%d", os.Getuid())
	last := filepath.Join(os.TempDir(), name)
	for runtime, want := range map[string]string{"": last, "relative": last, "/run/user/7": "/run/user/7/" + name + " " + last} {
		if got := strings.Join(Folders(func(string) string { return runtime }), " "); got != want {
			t.Errorf("%q: %s, want %s", runtime, got, want)
		}
	}
}

// A server of another version knows other operations.
func TestAnotherVersion(t *testing.T) {
	at := folder(t)
	running(t, at, 1, http.NotFoundHandler())
	if _, _, err := Dial(t.Context(), []string{at}, 1); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("got %v", err)
	}
}

// What is no operation is answered, and the server goes on.
func TestJunk(t *testing.T) {
	at := folder(t)
	running(t, at, 1, Handler(memory.New(), &keyring{}, About{}))
	c := dialed(t, at, 1)
	response, err := c.http.Post("http://x"+prefix+string(client), "", strings.NewReader("junk"))
	if err != nil || response.StatusCode != http.StatusBadRequest {
		t.Errorf("got %v, %v", response, err)
	}
	response.Body.Close()
	dialed(t, at, 1)
}

// A server that was stopped still listens.
func TestSilentServer(t *testing.T) {
	at := folder(t)
	listener, err := Listen(t.Context(), []string{at}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if _, _, err := dialWithin(t.Context(), []string{at}, 1, time.Millisecond); !errors.Is(err, ErrSilent) {
		t.Errorf("it hangs: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Dial(gone, []string{at}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Ctrl-C: %v", err)
	}
}
