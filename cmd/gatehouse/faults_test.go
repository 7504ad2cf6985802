package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// librariesWords are how the libraries of this program begin what they say, and
// the names of its own packages and types.
var librariesWords = []string{"strconv.", "parse error", "invalid syntax", "time: ", "json: ", "seal: ", "dynamodb: ", "Client.", "beginning of", "invalid argument", "JSON input", "lookup "}

// What is wrong with a flag or an argument is said in words for people, and ends
// with 2.
func TestWrongUse(t *testing.T) {
	inDeployment(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"user", "list", "--limit", "abc"}, `--limit takes a number, not "abc"; see gatehouse user list --help`},
		{[]string{"user", "list", "--limit", "99999999999999999999"}, `--limit takes a number, not "99999999999999999999"`},
		{[]string{"client", "create", "c", "--diagnose=maybe"}, `--diagnose takes true or false, or nothing, not "maybe"`},
		{[]string{"client", "create", "c", "--scopes", `a"b`}, `--scopes takes values with commas between them, and quotes around the whole of a value that has some, not `},
		{[]string{"doctor", "--window", "soon"}, `--window takes a time such as 90s or 5m, not "soon"`},
		{[]string{"doctor", "--window=-1s", "--curl", "curl http://a/"}, `--window takes a time such as 90s or 5m, not -1s`},
		{[]string{"doctor", "--curl", "curl"}, "--curl: the curl command has no URL"},
		{[]string{"doctor", "--curl", "curl http://a/", "--http", "x"}, "there is more than one request"},
		{[]string{"doctor", "--curl", "curl http://a/", "--data", "a=b"}, "--header, --data and --body go with a URL"},
		{[]string{"doctor", "--now", "foo", "http://a/"}, "--now takes"},
		{[]string{"doctor", "--base-url", "foo", "http://a/"}, "--base-url: "},
		{[]string{"doctor", "--address", "foo", "http://a/"}, "--address: "},
		{[]string{"serve", "--addr", "foo"}, "--addr takes ADDRESS:PORT"},
		{[]string{"serve", "--addr", "127.0.0.1:99999"}, "--addr takes ADDRESS:PORT"},
		{[]string{"serve", "--store", "foo"}, "--store is memory or dynamodb"},
		{[]string{"serve", "--stage", "a/b"}, "--stage takes"},
		{[]string{"serve", "--rules", "asdf"}, "--rules: rule 1"},
		{[]string{"serve", "--upstream", "ftp://x"}, "--upstream: "},
		{[]string{"serve", "--authenticator-url", "x"}, "--authenticator-url takes"},
		{[]string{"request", "http://a/"}, "nothing to authenticate with"},
		{[]string{"request", "--consumer-key", "a", "foo"}, `"foo" is not a URL`},
		{[]string{"request", "--consumer-key", "a", "--place", "nowhere", "http://a/"}, "--place is"},
		{[]string{"request", "--consumer-key", "a", "--signature-method", "MD5", "http://a/"}, "--signature-method is one of"},
		{[]string{"request", "--consumer-key", "a", "-H", "foo", "http://a/"}, "--header takes"},
		{[]string{"request", "--consumer-key", "a", "-d", "foo", "http://a/"}, "--data takes"},
		{[]string{"request", "--consumer-key", "a", "G T", "http://a/"}, `"G T" is not a method`},
		{[]string{"request", "--consumer-key", "a", "--bearer", "b", "http://a/"}, "--bearer goes with none"},
		{[]string{"client", "list", "--local", "foo"}, "usage: gatehouse client list [flags]; see --help; after --local there can be the address of a server on this machine, such as 127.0.0.1:8080"},
		{[]string{"client", "list", "--local", "127.0.0.1:99999"}, "usage: gatehouse client list [flags]; see --help; after --local"},
		{[]string{"client", "list", "--local", "http://127.0.0.1:8080"}, "usage: gatehouse client list [flags]; see --help; after --local"},
		{[]string{"client", "list", "foo"}, "usage: gatehouse client list [flags]; see --help\n"},
		{[]string{"client", "list", "--stack", ""}, "--stack is empty\n"},
		{[]string{"client", "list", "--local="}, "--local is empty\n"},
		{[]string{"key", "list", "--keys", ""}, "--keys is empty\n"},
		{[]string{"doctor", "--stack", ""}, "--stack is empty\n"},
		{[]string{"client", "list", "--stack", "bad name!"}, `--stack takes the name of a stack, which has letters, digits and hyphens, or its ARN, not "bad name!"`},
		{[]string{"client", "list", "--stack", "9lives"}, "--stack takes the name"},
	} {
		code, _, stderr := run(t, "", test.args...)
		if code != exitUsage || !strings.HasPrefix(stderr, "gatehouse: "+test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: exit code %d: %s, want %s", test.args, code, stderr, test.want)
		}
		wantOurWords(t, stderr)
	}
}

func wantOurWords(t *testing.T, text string) {
	t.Helper()
	for _, theirs := range librariesWords {
		if strings.Contains(text, theirs) {
			t.Errorf("%q is in %s", theirs, text)
		}
	}
}

// Stacks are named by their ARNs too.
func TestStackNames(t *testing.T) {
	given := func(string) bool { return true }
	for name, right := range map[string]bool{"gatehouse": true, "A-1": true, "arn:aws:cloudformation:eu-west-1:123456789012:stack/gatehouse/3b8f-11": true,
		"arn:aws-us-gov:cloudformation:us-gov-west-1:123456789012:stack/g/1": true, "-a": false, "a_b": false, "a b": false, "arn:aws:s3:::x": false, strings.Repeat("a", 129): false} {
		if err := (&target{stack: name, local: "x", keys: "x"}).check(given); (err == nil) != right {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is wrong with a file is said in words for people.
func TestWrongFiles(t *testing.T) {
	inDeployment(t)
	created(t, "c", "--grants", "password")
	for text, want := range map[string]string{
		`{"grants": 5}`:           "--file: grants: takes a list of strings, not a JSON number\n",
		`{"revision": "x"}`:       "--file: revision: takes a number, not a JSON string\n",
		`{"id": 5}`:               "--file: id: takes a string, not a JSON number\n",
		`{"grants": [5]}`:         "--file: grants: takes ",
		"{\n\n!}":                 "--file: line 3: it is not JSON: '!' cannot be there\n",
		`{"id": "c"`:              "--file: line 1: it is not JSON: it stops in the middle\n",
		`{"id": "c", "grant": 1}`: `--file: the file: unknown field "grant"; the fields are id, `,
	} {
		code, _, stderr := run(t, text, "client", "update", "c", "--file", "-")
		if code != exitUsage || !strings.HasPrefix(stderr, "gatehouse: "+want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s, want %s", text, code, stderr, want)
		}
		wantOurWords(t, stderr)
	}
	for _, text := range []string{"{", "", "[]", `{"current":"1"}`, `{"current":"1","1":"short"}`, `{"a":"b","a":"b"}`, `{"current":"1","x":"y"}`} {
		path := filepath.Join(t.TempDir(), "keyring")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := run(t, "", "key", "rotate", "--keys", path)
		if code != exitFailure || !strings.HasPrefix(stderr, "gatehouse: "+path+": ") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s", text, code, stderr)
		}
		wantOurWords(t, stderr)
	}
}

func TestOneLine(t *testing.T) {
	for want, err := range map[string]error{
		"secret of client \"c\": made with a key that the keyring does not have": fmt.Errorf("secret of client %q: %w", "c", seal.ErrUnknownKey),
		"not found; changed":    errors.Join(oauth.ErrNotFound, errors.New("changed")),
		"x: conseal: y":         errors.New("x: conseal: y"),
		"client \"seal: a\": b": errors.New(`client "seal: a": b`),
	} {
		if got := oneLine(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A person finds the clients that a key is needed for, however many they are.
func TestSomeOf(t *testing.T) {
	var clients []oauth.Client
	for i := range 12 {
		clients = append(clients, oauth.Client{ID: fmt.Sprint("c", i), SecretKey: 3})
	}
	for n, want := range map[int]string{1: "c0", 2: "c0, c1", 10: "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9",
		12: "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more, which have secret_key 3 in client list --json"} {
		if got := someOf(clients[:n]); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

func TestWithoutScheme(t *testing.T) {
	for text, want := range map[string]string{"gtha_x": "gtha_x", " gtha_x\n": "gtha_x", "Bearer gtha_x\n": "gtha_x", "bearer  gtha_x": "gtha_x", "DPoP gtha_x": "gtha_x",
		"Authorization: Bearer gtha_x\r\n": "gtha_x", "authorization:Bearer gtha_x": "gtha_x", "Bearer": "", "Bearer ": "", "": "", "a b": "a b", "a:b": "a:b"} {
		if got := withoutScheme(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
