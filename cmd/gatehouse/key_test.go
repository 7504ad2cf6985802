package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/deployment"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

const (
	key1     = `"1":"a key for tests that nobody must ever use"`
	key2     = `"2":"another key for tests, not for use either"`
	key3     = `"3":"one more key for tests, not for use either"`
	someKeys = `{"current":"2","next":"3","next_from":"4102444800",` + key1 + `,` + key2 + `,` + key3 + `}` // 2100
)

// mustRun runs a command that works, and fails the test when it shows a key.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, out, stderr := run(t, "", args...)
	if code != exitFine || strings.Contains(out+stderr, "for tests") {
		t.Fatalf("%v: exit code %d: %s%s", args, code, out, stderr)
	}
	return out
}

// mustFail runs a command that fails with one line about want.
func mustFail(t *testing.T, want string, args ...string) {
	t.Helper()
	code, out, stderr := run(t, "", args...)
	if !failed(code) || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 || strings.Contains(out+stderr, "for tests") {
		t.Errorf("%v: exit code %d: %s%s, want one line with %q and no key", args, code, out, stderr, want)
	}
}

// keysFileOf writes a keyring that is no deployment's.
func keysFileOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// asKeyring reads the keyring as a function does.
func asKeyring(t *testing.T, text string) *seal.Keyring {
	t.Helper()
	keys, err := seal.ParseKeyring([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestKeyList(t *testing.T) {
	store := inDeployment(t)
	newVault(t, someKeys)
	brought := oauth.Client{ID: "brought"}
	if err := asKeyring(t, someKeys).GiveSecret(&brought, oauth.NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	for _, client := range []oauth.Client{{ID: "a", SecretKey: 1}, {ID: "b", SecretKey: 1}, brought,
		{ID: "gone", SecretKey: 9}, {ID: "web", Public: true}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	want := `key  state                               clients
1    older                               2
2    current                             1
3    next, from 2100-01-01 00:00:00 UTC  0
client gone has no secret: its key 9 is not there
`
	if out := mustRun(t, "key", "list"); out != want {
		t.Errorf("got\n%s, want\n%s", out, want)
	}
}

// Where a file is all there is, nothing is asked of AWS.
func TestKeyListOfAFile(t *testing.T) {
	path := keysFileOf(t, strings.Replace(someKeys, "4102444800", "1", 1))
	want := "key  state\n1    older\n2    older\n3    current\n"
	if out := mustRun(t, "key", "list", "--keys", path); out != want {
		t.Errorf("got\n%s, want\n%s", out, want)
	}
}

func TestKeyRotate(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	from := time.Now().Add(deployment.TakeoverWait)
	out := mustRun(t, "key", "rotate")
	keys := v.keys()
	next, at := keys.Next()
	if keys.Current() != 1 || next != 2 || at.Sub(from).Abs() > 30*time.Second {
		t.Errorf("current %d, next %d from %s", keys.Current(), next, at)
	}
	if !strings.HasPrefix(out, "key 2\nIt takes over from key 1 at "+moment(at)+", in 6 minutes") {
		t.Errorf("it says %s", out)
	}
	made := regexp.MustCompile(`"2":"([A-Za-z0-9_-]{64})"`).FindStringSubmatch(v.text())
	if made == nil || strings.Contains(out, made[1]) {
		t.Errorf("the new key is not one of 64 characters, or is shown: %s", out)
	}
	mustFail(t, "key 2 is yet to take over, at "+moment(at), "key", "rotate")
	if again := v.keys(); len(again.IDs()) != 2 {
		t.Errorf("keys %v", again.IDs())
	}
}

func TestKeyRotateAtOnce(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	mustRun(t, "key", "rotate")
	for _, want := range []seal.KeyID{2, 3} { // what waits is hastened, then there is another
		out := mustRun(t, "key", "rotate", "--now")
		if keys := v.keys(); keys.Current() != want || len(keys.IDs()) != int(want) || !strings.HasPrefix(out, fmt.Sprintf("key %s\nIt is the current key.", want)) {
			t.Errorf("current %d of %v: %s", keys.Current(), keys.IDs(), out)
		}
	}
	if strings.Contains(v.text(), "next") {
		t.Error("something is still to take over")
	}
}

// The clock of a laptop may be wrong by an hour, and the functions' is not.
func TestKeyRotateByTheClockOfAWS(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			inDeployment(t)
			v := newVault(t, testKeys)
			v.skew = skew
			mustRun(t, "key", "rotate")
			if _, at := v.keys().Next(); at.Sub(time.Now().Add(skew+deployment.TakeoverWait)).Abs() > 30*time.Second {
				t.Errorf("it takes over at %s", at)
			}
		})
	}
}

func TestKeyRotateInAFile(t *testing.T) {
	path := keysFileOf(t, testKeys)
	mustRun(t, "key", "rotate", "--keys", path)
	keys := asKeyring(t, readFile(t, path))
	if next, _ := keys.Next(); keys.Current() != 1 || next != 2 {
		t.Errorf("current %d, next %d", keys.Current(), next)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v, want it to be its owner's alone", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
	mustFail(t, "key 2 is yet to take over", "key", "rotate", "--keys", path)
}

func TestKeyRotateInALinkedFile(t *testing.T) {
	path := keysFileOf(t, testKeys)
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "key", "rotate", "--keys", link)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(readFile(t, path), "next_from") {
		t.Errorf("the link was replaced, not the file: %v, %v", info, err)
	}
}

func TestKeyFileErrors(t *testing.T) {
	rotate := func(want, path string) {
		t.Helper()
		mustFail(t, want, "key", "rotate", "--keys", path)
	}
	rotate("the keys file: open /none", "/none")
	rotate("keys.json: key 1 of the keyring is shorter", keysFileOf(t, `{"current":"1","1":"short, for tests"}`))
	rotate("a key of the highest id", keysFileOf(t, `{"current":"1",`+key1+`,"4294967295":"another key for tests, not for use either"}`))
	busy := keysFileOf(t, testKeys)
	if err := os.WriteFile(busy+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	rotate("another command is changing the keys", busy)
	if readFile(t, busy) != testKeys || readFile(t, busy+".new") != "" {
		t.Error("a file was written")
	}
	mustFail(t, "unknown flag", "key", "rotate", "--nonsense")
	mustFail(t, "usage: gatehouse key rotate", "key", "rotate", "x")
	mustFail(t, "unknown command", "key", "x")
}

// What somebody else wrote is not written over.
func TestReplaceFileThatChanged(t *testing.T) {
	path := keysFileOf(t, someKeys)
	err := replaceFile(path, []byte(testKeys), []byte("newer"))
	if err == nil || !strings.Contains(err.Error(), "changed meanwhile") || readFile(t, path) != someKeys {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("the new file is left")
	}
}

func TestKeySecretThatChanged(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	for _, call := range []string{"PutSecretValue", "UpdateSecretVersionStage"} {
		v.before[call] = func() { mustRun(t, "key", "rotate", "--now") }
		mustFail(t, "the keyring was changed meanwhile", "key", "rotate", "--now")
	}
	if keys := v.keys(); !slices.Equal(keys.IDs(), []seal.KeyID{1, 2, 3}) {
		t.Errorf("keys %v, want those of who was faster", keys.IDs())
	}
}

// Of many who rotate at once each has its key, or is told that it has not.
func TestKeyRotateRaces(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	var group sync.WaitGroup
	var mu sync.Mutex
	made := []string{"1"}
	for range 16 {
		group.Go(func() {
			code, out, stderr := run(t, "", "key", "rotate", "--now")
			mu.Lock()
			defer mu.Unlock()
			if code == exitFine {
				made = append(made, strings.Fields(out)[1])
			} else if !strings.Contains(stderr, "changed meanwhile") {
				t.Error(stderr)
			}
		})
	}
	group.Wait()
	var kept []string
	for _, id := range v.keys().IDs() {
		kept = append(kept, id.String())
	}
	slices.Sort(made)
	slices.Sort(kept)
	if !slices.Equal(made, kept) || len(made) < 2 {
		t.Errorf("made %v, kept %v", made, kept)
	}
}

// Whose answer is lost is not told that somebody else was faster.
func TestKeyRotateWithLostAnswers(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	v.lost["PutSecretValue"], v.lost["UpdateSecretVersionStage"], v.lost["GetSecretValue"] = true, true, true
	mustRun(t, "key", "rotate")
	if keys := v.keys(); len(keys.IDs()) != 2 {
		t.Errorf("keys %v", keys.IDs())
	}
}

func TestKeyRotateWithoutPermission(t *testing.T) {
	inDeployment(t)
	v := newVault(t, testKeys)
	for _, v.denied = range []string{"GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"} {
		mustFail(t, "secret "+os.Getenv("KEYS_SECRET_ARN")+": ", "key", "rotate")
		if v.text() != testKeys {
			t.Errorf("without %s the secret is %s", v.denied, v.text())
		}
	}
}

// A server on this machine learns of a rotation in its file.
func TestServeReadsItsKeysAgain(t *testing.T) {
	path := keysFileOf(t, testKeys)
	p, _, _ := inProcess("")
	s := &opened{}
	if err := p.openKeys(s, serveOptions{store: "memory", keys: path}); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "key", "rotate", "--now", "--keys", path)
	keys, err := s.readKeys(t.Context())
	if err != nil || keys.Current() != 2 || s.keys.Current() != 1 {
		t.Errorf("read again: %v, %v", keys, err)
	}
}

// Scripts get the same as people do.
func TestKeysAsJSON(t *testing.T) {
	store := inDeployment(t)
	newVault(t, someKeys)
	for _, client := range []oauth.Client{{ID: "a", SecretKey: 1}, {ID: "gone", SecretKey: 9}} {
		if err := store.CreateClient(t.Context(), client); err != nil {
			t.Fatal(err)
		}
	}
	compact := func(args ...string) string {
		t.Helper()
		return strings.Join(strings.Fields(mustRun(t, append([]string{"key"}, args...)...)), "")
	}
	want := `{"keys":[{"key":"1","state":"older","clients":1},{"key":"2","state":"current","clients":0},` +
		`{"key":"3","state":"next","from":"2100-01-01T00:00:00Z","clients":0}],"clients_without_secret":["gone"]}`
	if got := compact("list", "--json"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := compact("rotate", "--json", "--now"); got != `{"key":"3","state":"current"}` {
		t.Errorf("hastened: %s", got)
	}
	if got := compact("rotate", "--json"); !regexp.MustCompile(`^{"key":"4","state":"next","from":"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}$`).MatchString(got) {
		t.Errorf("rotated: %s", got)
	}
	if got := compact("retire", "2", "--json", "--yes"); got != `{"key":"2","state":"retired"}` {
		t.Errorf("retired: %s", got)
	}
	t.Setenv("REGISTRY_TABLE", "")
	if got := compact("list", "--json", "--keys", keysFileOf(t, testKeys)); got != `{"keys":[{"key":"1","state":"current"}]}` {
		t.Errorf("of a file: %s", got)
	}
}

// What ends tokens for good is done by nobody who was not asked.
func TestKeyRetireIsConfirmed(t *testing.T) {
	inDeployment(t)
	v := newVault(t, someKeys)
	code, out, stderr := run(t, "1\n", "key", "retire", "1")
	if code != exitUsage || out != "" || stderr != "gatehouse: Retiring key 1 cannot be undone, and there is no terminal to ask: give --yes\n" || v.text() != someKeys {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}
