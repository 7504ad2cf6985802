package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/importer"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// importFile is a file of an older provider's, in a folder of the test's own.
func importFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// olderTokens is CSV of the older provider's table of tokens.
func olderTokens(count int) string {
	var lines strings.Builder
	lines.WriteString("app_id,user_id,user_key,user_sec,created\n")
	for i := range count {
		fmt.Fprintf(&lines, "1,%d,key-%d,secret-%d,%d\n", i, i, i, 1380000000+i)
	}
	return lines.String()
}

const olderConsumers = "app_id,cons_key,cons_sec,created\n1,phone,consumer-secret,1379000000\n"

// Two thousand tokens go to DynamoDB and back to an app, and all of it again is
// no change.
func TestImport(t *testing.T) {
	const count = 2000
	store := inDeployment(t)
	consumers, tokens := importFile(t, "consumers.csv", olderConsumers), importFile(t, "tokens.csv", olderTokens(count))
	args := []string{"import", tokens, consumers, "--scopes", "read,write", "--grants", "xauth,token_exchange"}
	const table = `         %s  changed  unchanged  refused
clients  %s  0        %s  0
users    %s  0        0          0
tokens   %s  0        %s  0
`
	created := fmt.Sprintf(table, "created", "1      ", "0        ", "0      ", "2,000  ", "0        ")
	const dry = `         would be created  would be changed  unchanged  refused
clients  1                 0                 0          0
users    0                 0                 0          0
tokens   2,000             0                 0          0
`
	if out := mustRun(t, append(args, "--dry-run")...); out != dry {
		t.Errorf("a dry run says\n%s", out)
	}
	if _, err := store.Client(t.Context(), "phone"); err == nil {
		t.Error("a dry run wrote")
	}
	if out := mustRun(t, args...); out != created {
		t.Errorf("it says\n%s, want\n%s", out, created)
	}
	if out, want := mustRun(t, args...), fmt.Sprintf(table, "created", "0      ", "1        ", "0      ", "0      ", "2,000    "); out != want {
		t.Errorf("again it says\n%s, want\n%s", out, want)
	}
	client, err := store.Client(t.Context(), "phone")
	if err != nil || !client.Imported || strings.Contains(client.SealedSecret, "secret") {
		t.Errorf("%+v, %v", client, err)
	}
	token, _ := seal.Imported("key-1999")
	session, err := store.Find(t.Context(), token.Session, time.Now(), oauth.Strong)
	secret, unsealed := asKeyring(t, testKeys).ImportedSecret(&session)
	if err != nil || unsealed != nil || secret.Reveal() != "secret-1999" || session.User != "1999" || session.Client != "phone" || session.Created.Unix() != 1380001999 {
		t.Errorf("%+v, %v, %v", session, err, unsealed)
	}
}

func TestImportRefused(t *testing.T) {
	inDeployment(t)
	file := importFile(t, "x.jsonl", `{"type":"client","id":"app","secret":"s3cret"}
{"type":"user","name":"alice","password_hash":"md5$s3cret"}
{"type":"token","token":"t","secret":"s3cret","client":"nobody","user_id":"7"}
{`)
	report := filepath.Join(t.TempDir(), "refused.jsonl")
	code, out, stderr := run(t, "", "import", file, "--report", report)
	if code != exitFailure || !strings.HasSuffix(stderr, "3 records refused: see "+report+"\ngatehouse: 3 of 4 records refused\n") || strings.Contains(out+stderr, "s3cret") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	var lines []importer.Refusal
	for line := range strings.Lines(readFile(t, report)) {
		var refusal importer.Refusal
		if err := json.Unmarshal([]byte(line), &refusal); err != nil {
			t.Error(err)
		}
		lines = append(lines, refusal)
	}
	if len(lines) != 3 || lines[0].Line != 2 || lines[0].Kind != importer.User || lines[0].Field != "password_hash" || lines[1].Field != "client" || lines[2].Line != 4 {
		t.Errorf("the report is %+v", lines)
	}
	code, out, stderr = run(t, "", "import", file, "--json", "--dry-run")
	var said importReport
	if err := json.Unmarshal([]byte(out), &said); err != nil || code != exitFailure || !said.DryRun || said.Clients.Unchanged != 1 || said.Users.Refused != 1 ||
		said.Tokens.Refused != 1 || said.Unread != 1 || len(said.Refused) != 3 || said.Refused[2].File != file {
		t.Errorf("exit code %d, %v: %s%s", code, err, out, stderr)
	}
}

func TestImportShowsFewRefusals(t *testing.T) {
	inDeployment(t)
	code, out, stderr := run(t, strings.Repeat(`{"type":"user"}`+"\n", 30), "import", "-", "--format", "json")
	if code != exitFailure || strings.Count(stderr, "-:") != shownRefusals || !strings.Contains(stderr, "and 10 more: --report FILE has them all\n") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

func TestImportUsage(t *testing.T) {
	inDeployment(t)
	file := importFile(t, "x.csv", olderConsumers)
	for args, want := range map[string]string{
		"":                           "usage: gatehouse import FILE...",
		"x.txt":                      "what is in x.txt? its name does not say",
		"-":                          "what is in -? its name does not say",
		file + " --type x":           "--type takes client, user or token",
		file + " --format x":         "--format takes csv, json or sql",
		file + " --parallel 0":       "--parallel takes a number from 1 to 256, not 0",
		"none.csv":                   "none.csv: no such file",
		file + " --state /none/x":    "--state: open /none/x",
		file + " --report /none/x":   "--report: open /none/x",
		file + " --format sql":       "it has no rows of oauth_apps",
		file + " --stack a --local ": "give one of them",
	} {
		mustFail(t, want, append([]string{"import"}, strings.Fields(args)...)...)
	}
}

// What no client could have is wrong though each client has its own.
func TestImportDefaults(t *testing.T) {
	inDeployment(t)
	file := importFile(t, "x.csv", "type,id,secret,grants,scopes\nclient,a,s,xauth,read\n")
	for args, want := range map[string]string{"--grants xauth,foo": `--grants: "foo" is none of`, `--scopes a,b\`: `--scopes: "b\\" is not a scope`} {
		if code, _, stderr := run(t, "", append([]string{"import", file}, strings.Fields(args)...)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d: %s", args, code, stderr)
		}
	}
	mustRun(t, "import", file, "--grants", "authorization_code")
}

// A record of a type that there is not is counted as one that was looked at.
func TestImportOfNoType(t *testing.T) {
	inDeployment(t)
	file := importFile(t, "x.csv", "type,id,secret\nbogus,a,s\nclient,b,s\nclient,c,x\"y\nclient,d,s\n")
	code, out, stderr := run(t, "", "import", file)
	if code != exitFailure || !strings.Contains(out, "clients     2        0        0          0\n") || !strings.HasSuffix(out, "of no type  0        0        0          2\n") ||
		strings.Contains(stderr, "not looked at") || !strings.HasSuffix(stderr, "2 of 4 records refused\n") || !strings.Contains(stderr, file+":4: a quote is within a field") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

// Whoever interrupts an import goes on with the same command, and what was
// revoked meanwhile stays so with --state.
func TestImportInterrupted(t *testing.T) {
	store := inDeployment(t)
	state := filepath.Join(t.TempDir(), "done.jsonl")
	args := []string{"import", importFile(t, "c.csv", olderConsumers), importFile(t, "t.csv", olderTokens(50)), "--state", state}
	p, out, stderr := inProcess("")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	root := p.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err == nil || strings.Contains(out.String(), "51") {
		t.Errorf("%v: %s%s", err, out, stderr)
	}
	mustRun(t, args...)
	token, _ := seal.Imported("key-7")
	if err := store.Revoke(t.Context(), oauth.Revocation{ID: token.Session}); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, args...); !strings.Contains(out, "tokens   0        0        50         0\n") {
		t.Errorf("again it says\n%s", out)
	}
	if text := readFile(t, state); strings.Count(text, "\n") != 52 || strings.Contains(text, "secret") || strings.Contains(text, "key-7") {
		t.Errorf("the state is %s", text)
	}
}

// A client that is there already learns that it has such tokens.
func TestImportFlagsClients(t *testing.T) {
	store := inDeployment(t)
	if err := store.CreateClient(t.Context(), oauth.Client{ID: "app", SecretKey: 1, Scopes: []string{"read"}}); err != nil {
		t.Fatal(err)
	}
	out := mustRunWith(t, "token,secret,client,user_id\nt,s,app,7\n", "import", "-", "--format", "csv", "--type", "token")
	if !strings.HasSuffix(out, "client app has imported tokens from now on, which every function knows within a minute\n") {
		t.Errorf("it says %s", out)
	}
	if client, err := store.Client(t.Context(), "app"); err != nil || !client.Imported || client.SecretKey != 1 {
		t.Errorf("%+v, %v", client, err)
	}
}

func TestMeter(t *testing.T) {
	m, now := &meter{}, sentAt
	for _, step := range []struct {
		after     time.Duration
		kind      importer.Kind
		done, all int
		want      string
	}{
		{0, importer.Token, 1, 100_000, "tokens: 1 of 100,000"},
		{100 * time.Millisecond, importer.Token, 300, 100_000, ""},
		{1900 * time.Millisecond, importer.Token, 4000, 100_000, "tokens: 4,000 of 100,000, 2,000 a second, 48s left"},
		{0, importer.Token, 100_000, 100_000, "tokens: 100,000 of 100,000, 50,000 a second, 0s left"},
		{0, importer.User, 1, 2, "users: 1 of 2"},
	} {
		now = now.Add(step.after)
		if line, due := m.line(step.kind, step.done, step.all, now); line != step.want || due != (step.want != "") {
			t.Errorf("%d of %d: %q, want %q", step.done, step.all, line, step.want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := counted(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
