package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
)

// permits records what commands ask AWS for.
type permits struct {
	tables dynamodb.Tables
	mu     sync.Mutex
	used   map[string]bool
}

// before stands in front of the service that a variable names.
func (p *permits) before(t *testing.T, variable string) {
	t.Helper()
	t.Setenv(variable, dynamodbtest.Guard(t, os.Getenv(variable), func(operation string, body []byte) bool {
		p.note(t, operation, body)
		return true
	}))
}

func (p *permits) note(t *testing.T, operation string, body []byte) {
	t.Helper()
	var call struct {
		TableName    string
		RequestItems map[string]any
	}
	if err := json.Unmarshal(body, &call); err != nil {
		t.Error(err)
	}
	for table := range call.RequestItems {
		call.TableName = table
	}
	names := map[string]string{p.tables.Sessions: "SessionsTable", p.tables.Replay: "ReplayTable", p.tables.Registry: "RegistryTable", "": "KeysSecret"}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used[names[call.TableName]+" "+operation] = true
}

// permitted are commands, in an order that each can do its work in. SESSION is
// the id of one of alice's sessions, HEADER a signed request, STDIN is after a <.
var permitted = []string{
	"client create one --grants password", "client list", "client show one", "client update one --name x", "client disable one",
	"client enable one", "client rotate-secret one", "client delete one",
	"user create alice --password-stdin < a password", "user list", "session list --user alice", "session show SESSION", "session revoke SESSION",
	"token inspect < TOKEN", "doctor --now 2035-01-02T03:04:06Z -H HEADER https://api.example.com/notes", "user passwd alice --password-stdin < another",
	"user disable alice", "user enable alice", "user sign-out alice", "import all.csv", "import all.csv", "user delete alice",
	"authenticator secret", "key list", "key rotate --now", "key retire 1 --keep-secrets",
}

// An operator's credentials need what the page says, and nothing else.
func TestPermissionsOfThePage(t *testing.T) {
	store := inDeployment(t)
	secrets := newVault(t, testKeys)
	p, _, _ := inProcess("")
	asked := &permits{tables: p.tables(), used: map[string]bool{}}
	asked.before(t, "AWS_ENDPOINT_URL_DYNAMODB")
	asked.before(t, "AWS_ENDPOINT_URL_SECRETS_MANAGER")
	told := permissionsOfThePage(t)
	t.Chdir(t.TempDir())
	if code, _, stderr := run(t, "", "client", "create", "mobile", "--grants", "xauth"); code != exitFine {
		t.Fatal(stderr)
	}
	if err := os.WriteFile("all.csv", []byte(
		"type,id,name,secret,grants,client,token,password_hash,user_id\nclient,old,,a secret,xauth,,,,\n"+
			"user,7,carol,,,,,pbkdf2_sha256$1000$seasalt2$Mmrk6pki6MZwzvSkvmidH1N8wSJXdhxycT7oWQwmdbE=,\ntoken,,,t secret,,old,tok,,7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	used := map[string][]string{}
	var later time.Duration
	for i, line := range permitted {
		words, stdin := commandWith(t, store, oauth.SessionID{byte(i)}, line)
		p, out, stderr := inProcess(stdin)
		p.clock = func() time.Time { return time.Now().Add(later) }
		p.sleep = func(_ context.Context, d time.Duration) error { later += d; return nil }
		clear(asked.used)
		if code := p.run(words); code != exitFine && code != exitRefused {
			t.Errorf("%s ends with %d: %s%s", line, code, out, stderr)
		}
		c, _, err := p.root().Find(words)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(c.CommandPath(), "gatehouse ")
		used[name] = slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(used[name], maps.Keys(asked.used)))))
		later += 10 * time.Minute
		secrets.skew = later
	}
	for name, what := range used {
		if !slices.Equal(told[name], what) {
			t.Errorf("%s asks for %v, and the page says %v", name, what, told[name])
		}
	}
	for _, name := range ofDeployments(p.root()) {
		if used[name] == nil {
			t.Errorf("nobody has looked at what %s asks for", name)
		}
	}
	for name := range told {
		if used[name] == nil {
			t.Errorf("the page says what %s needs, which nobody has looked at", name)
		}
	}
}

// ofDeployments are the commands that reach a deployment.
func ofDeployments(c *cobra.Command) (names []string) {
	if c.Flags().Lookup("stack") != nil && c.Runnable() {
		names = append(names, strings.TrimPrefix(c.CommandPath(), "gatehouse "))
	}
	for _, child := range c.Commands() {
		names = append(names, ofDeployments(child)...)
	}
	return names
}

// commandWith is a line for alice's session of this id, which is made for it.
func commandWith(t *testing.T, store *dynamodb.Store, id oauth.SessionID, line string) (words []string, stdin string) {
	t.Helper()
	keys := asKeyring(t, testKeys)
	session := began(time.Now())
	session.ID, session.Expires, session.AccessExpires = id, time.Time{}, time.Now().AddDate(1, 0, 0)
	if alice, err := store.User(t.Context(), "alice"); err == nil {
		session.User = alice.ID
	}
	mint := seal.AccessToken
	if strings.HasPrefix(line, "doctor") {
		signedSession(&session)
		mint = seal.OAuth1Token
	}
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	token := keys.Mint(mint, id, session.Generation).Reveal()
	line, stdin, _ = strings.Cut(line, " < ")
	words = strings.Fields(line)
	for i, word := range words {
		words[i] = strings.Replace(word, "SESSION", id.String(), 1)
		if word == "HEADER" {
			words[i] = "Authorization: " + authorization(t, words[i+1], token, "", "")
		}
	}
	p, _, _ := inProcess("")
	if c, _, err := p.root().Find(words); err == nil && c.Flags().Lookup("yes") != nil {
		words = append(words, "--yes")
	}
	return words, strings.Replace(stdin, "TOKEN", token, 1) + "\n"
}

// permissionsOfThePage reads the table: commands, and what each needs of what.
func permissionsOfThePage(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/admin.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## What an operator may do")
	section, _, _ = strings.Cut(section, "\n## ")
	var columns []string
	told := map[string][]string{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		switch {
		case !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---"):
			continue
		case columns == nil:
			columns = cells
			continue
		}
		var needs []string
		for i, cell := range cells[1:] {
			for _, action := range inlineCode.FindAllStringSubmatch(cell, -1) {
				needs = append(needs, strings.Trim(columns[i+1], " `")+" "+action[1])
			}
		}
		slices.Sort(needs)
		for _, command := range inlineCode.FindAllStringSubmatch(cells[0], -1) {
			told[command[1]] = needs
		}
	}
	return told
}
