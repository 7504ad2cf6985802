package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// inDeployment makes tables and a secret, and an environment that names them.
func inDeployment(t *testing.T) *dynamodb.Store {
	t.Helper()
	name := strings.NewReplacer("/", "-").Replace(t.Name())
	newVault(t, testKeys)
	for variable, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": dynamodbtest.Endpoint(t),
		"AWS_REGION":                "us-east-1", "AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything",
		"SESSIONS_TABLE": name + "-sessions", "REPLAY_TABLE": name + "-replay", "REGISTRY_TABLE": name + "-registry",
		"KEYS_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:keys",
	} {
		t.Setenv(variable, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, _, _ := inProcess("")
	store := dynamodb.Open(cfg, p.tables())
	if err := store.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return store
}

// run runs the program in this process.
func run(t *testing.T, stdin string, args ...string) (code int, out, err string) {
	t.Helper()
	p, stdout, stderr := inProcess(stdin)
	code = p.run(args)
	return code, stdout.String(), stderr.String()
}

func TestClientCreate(t *testing.T) {
	store := inDeployment(t)
	args := strings.Fields("client create mobile --name Mobile --grants xauth,password --scopes read,write --redirect-uri https://a.example/cb --signature-methods HMAC-SHA1,PLAINTEXT")
	code, out, stderr := run(t, "", args...)
	if code != exitFine || !strings.HasPrefix(out, "client mobile\nsecret ") || len(out) != len("client mobile\nsecret \n")+43 {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	client, err := store.Client(t.Context(), "mobile")
	if err != nil || client.Name != "Mobile" || !client.Allows(oauth.GrantXAuth) || !client.AllowsMethod(oauth.Plaintext) ||
		len(client.Scopes) != 2 || len(client.RedirectURIs) != 1 || client.SecretKey != 1 {
		t.Errorf("client %+v, %v", client, err)
	}
	if code, _, stderr := run(t, "", args...); !failed(code) || !strings.Contains(stderr, "exists already; --replace") {
		t.Errorf("again: exit code %d: %s", code, stderr)
	}
	if code, again, stderr := run(t, "", append(args, "--replace")...); code != exitFine || again != out {
		t.Errorf("replaced: exit code %d: %s%s", code, again, stderr)
	}
}

func TestClientCreateWithoutASecretOfItsOwn(t *testing.T) {
	store := inDeployment(t)
	code, out, stderr := run(t, "", "client", "create", "web", "--public", "--grants", "password")
	if code != exitFine || out != "client web, without a secret\n" {
		t.Errorf("public: exit code %d: %s%s", code, out, stderr)
	}
	code, out, stderr = run(t, "from elsewhere\n", "client", "create", "old", "--grants", "xauth", "--secret-stdin")
	if code != exitFine || out != "client old, with the secret given\n" {
		t.Errorf("brought: exit code %d: %s%s", code, out, stderr)
	}
	if client, err := store.Client(t.Context(), "old"); err != nil || client.SealedSecret == "" {
		t.Errorf("client %+v, %v", client, err)
	}
}

func TestClientCreateForAWebPage(t *testing.T) {
	store := inDeployment(t)
	args := strings.Fields("client create web --public --grants authorization_code --redirect-uri https://a.example/cb --origin https://a.example --origin http://localhost:5173")
	if code, _, stderr := run(t, "", args...); code != exitFine {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	client, err := store.Client(t.Context(), "web")
	if err != nil || !client.AllowsOrigin("https://a.example") || !client.AllowsOrigin("http://localhost:5173") || client.AllowsOrigin("https://b.example") {
		t.Errorf("client %+v, %v", client, err)
	}
}

func TestClientCreateThatMovesToOAuth2(t *testing.T) {
	store := inDeployment(t)
	args := strings.Fields("client create old --grants xauth --linked-client new --linked-client newer --oauth1-sunset 2027-01-31")
	if code, _, stderr := run(t, "", args...); code != exitFine {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	client, err := store.Client(t.Context(), "old")
	if err != nil || !client.LinkedTo("new") || !client.LinkedTo("newer") || !client.Sunset.Equal(time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("client %+v, %v", client, err)
	}
}

func TestClientCreateBound(t *testing.T) {
	store := inDeployment(t)
	args := strings.Fields("client create bound --grants xauth --binding agent+network --on-mismatch session")
	if code, _, stderr := run(t, "", args...); code != exitFine {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	client, err := store.Client(t.Context(), "bound")
	if err != nil || client.Binding != oauth.BindAgentNetwork || client.OnMismatch != oauth.KillSession {
		t.Errorf("client %+v, %v", client, err)
	}
}

func TestClientCreateErrors(t *testing.T) {
	inDeployment(t)
	tests := []struct{ stdin, args, want string }{
		{"", "", "usage: gatehouse client create ID"},
		{"", "c", "--grants is missing"},
		{"", "c --grants pasword", `--grants "pasword" is none of`},
		{"", "c --grants password --redirect-uri x", "--redirect-uri takes"},
		{"", "c --grants authorization_code", "--redirect-uri is missing"},
		{"", "c --grants password --origin https://a.example --origin https://b.example/", "--origin is to be written as browsers send it: https://b.example"},
		{"", "c --grants password --linked-client c", `--linked-client "c" is the client itself`},
		{"", "c --grants password --oauth1-sunset soon", "--oauth1-sunset takes a date such as 2027-01-31"},
		{"", "c --grants password --binding ip", "--binding takes one of none, agent, address"},
		{"", "c --grants xauth,oauth1 --binding dpop", "--binding dpop binds OAuth 2 tokens"},
		{"", "c --grants password --on-mismatch kill", "--on-mismatch takes one of token, session, reject"},
		{"", "c --grants password --signature-methods x", `--signature-methods "x" is none of`},
		{"", "c --grants password --rsa-public-key /none", "--rsa-public-key: open /none"},
		{"", "c --grants password --secret-stdin", "standard input is empty"},
		{"\x01", "c --grants password --secret-stdin", "--secret-stdin takes"},
		{"", "ä --grants password", "id takes"},
		{"", "c --grants password --stack none", "stack none"},
		{"", "c --grants password --keys /none", "/none"},
	}
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", "http://127.0.0.1:1")
	for _, test := range tests {
		code, _, stderr := run(t, test.stdin, append([]string{"client", "create"}, strings.Fields(test.args)...)...)
		if !failed(code) || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s, want %s", test.args, code, stderr, test.want)
		}
	}
}

func TestWhichDeployment(t *testing.T) {
	inDeployment(t)
	tests := []struct{ variable, value, want string }{
		{"REGISTRY_TABLE", "", "which deployment? give --stack NAME or --local, or set REGISTRY_TABLE\n"},
		{"SESSIONS_TABLE", "", "which deployment? give --stack NAME or --local, or set SESSIONS_TABLE\n"},
		{"KEYS_SECRET_ARN", "", "which deployment? give --stack NAME or --local, or set KEYS_SECRET_ARN; --keys gatehouse-keys.json is in place of KEYS_SECRET_ARN\n"},
		{"KEYS_SECRET_ARN", "arn:other", "secret arn:other: "},
		{"REGISTRY_TABLE", "none", "there is no table none in DynamoDB at http://127.0.0.1:"},
		{"AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1", "DynamoDB at http://127.0.0.1:1 cannot be used: connection refused"},
		{"AWS_ENDPOINT_URL_DYNAMODB", "nonsense", "AWS_ENDPOINT_URL_DYNAMODB takes a URL"},
	}
	for _, test := range tests {
		t.Run(test.variable+test.value, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			code, _, stderr := run(t, "", "client", "create", "c", "--grants", "password")
			if !failed(code) || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d: %s, want %s", code, stderr, test.want)
			}
		})
	}
}

// Each command asks for what it needs and lacks, and for nothing else.
func TestWhatIsMissing(t *testing.T) {
	const tables, secret = "SESSIONS_TABLE, REPLAY_TABLE, REGISTRY_TABLE", "; --keys FILE is in place of KEYS_SECRET_ARN"
	for _, variable := range append(tableVariables(), keysVariable) {
		t.Setenv(variable, "")
	}
	file := keysFileOf(t, someKeys)
	for args, want := range map[string]string{
		"client create c --grants password":                tables + ", KEYS_SECRET_ARN" + secret,
		"client create c --grants password --keys " + file: tables,
		"key list":                       tables + ", KEYS_SECRET_ARN" + secret,
		"key retire 1":                   tables + ", KEYS_SECRET_ARN" + secret,
		"key retire 1 --keys " + file:    tables,
		"key rotate":                     "KEYS_SECRET_ARN" + secret,
		"authenticator secret":           "KEYS_SECRET_ARN" + secret,
		"user create a --password-stdin": tables,
		"user sign-out a":                tables,
	} {
		mustFail(t, "which deployment? give --stack NAME or --local, or set "+want+"\n", strings.Fields(args)...)
	}
}

func TestKeysOfAFileAndServe(t *testing.T) {
	store := inDeployment(t)
	t.Setenv("KEYS_SECRET_ARN", "")
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, []byte(testKeys), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "", "client", "create", "c", "--grants", "password", "--keys", path); code != exitFine {
		t.Fatal(stderr)
	}
	if _, err := store.Client(t.Context(), "c"); err != nil {
		t.Error(err)
	}
}

// stack answers DescribeStacks with outputs.
func stack(t *testing.T, outputs map[string]string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "DescribeStacks" || r.FormValue("StackName") != "gatehouse" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id other does not exist</Message></Error></ErrorResponse>`)
			return
		}
		var members strings.Builder
		for name, value := range outputs {
			fmt.Fprintf(&members, "<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>", name, value)
		}
		fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>%s</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, members.String())
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", server.URL)
}

func TestStack(t *testing.T) {
	store := inDeployment(t)
	p, _, _ := inProcess("")
	tables := p.tables()
	stack(t, map[string]string{"SessionsTableName": tables.Sessions, "ReplayTableName": tables.Replay,
		"RegistryTableName": tables.Registry, "KeysSecretArn": os.Getenv("KEYS_SECRET_ARN")})
	for _, variable := range []string{"SESSIONS_TABLE", "REPLAY_TABLE", "REGISTRY_TABLE", "KEYS_SECRET_ARN"} {
		t.Setenv(variable, "")
	}
	if code, _, stderr := run(t, "", "client", "create", "c", "--grants", "password", "--stack", "gatehouse"); code != exitFine {
		t.Fatal(stderr)
	}
	if _, err := store.Client(t.Context(), "c"); err != nil {
		t.Error(err)
	}
	code, _, stderr := run(t, "", "client", "create", "c", "--grants", "password", "--stack", "other")
	if !failed(code) || !strings.Contains(stderr, "stack other: ") || !strings.Contains(stderr, "does not exist") {
		t.Errorf("another stack: exit code %d: %s", code, stderr)
	}
	stack(t, nil)
	code, _, stderr = run(t, "", "client", "create", "c", "--grants", "password", "--stack", "gatehouse")
	if !failed(code) || !strings.Contains(stderr, "template.yaml did not make it") {
		t.Errorf("a stack of another template: exit code %d: %s", code, stderr)
	}
}

func TestUserCreate(t *testing.T) {
	store := inDeployment(t)
	create := func(stdin string, flags ...string) (int, string, string) {
		return run(t, stdin, append([]string{"user", "create", "Zoë & co", "--password-stdin"}, flags...)...)
	}
	code, out, stderr := create("pä$$ wörd\n", "--id", "u7")
	if code != exitFine || out != "user Zoë & co\nid u7\n" {
		t.Fatalf("exit code %d: %s%s", code, out, stderr)
	}
	user, err := store.User(t.Context(), "Zoë & co")
	if err != nil || user.ID != "u7" {
		t.Fatalf("user %+v, %v", user, err)
	}
	if right, err := password.Matches(oauth.NewSecret("pä$$ wörd"), user.PasswordHash); !right || err != nil {
		t.Errorf("the password is another: %v", err)
	}
	for _, test := range []struct {
		stdin string
		flags []string
		want  string
	}{
		{"x", nil, `user "Zoë & co" exists already; --replace`},
		{"", []string{"--replace"}, "password is missing"},
		{"x", []string{"--replace", "--id", "u8"}, "id cannot change"},
	} {
		if code, _, stderr := create(test.stdin, test.flags...); !failed(code) || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: exit code %d: %s, want %s", test.flags, code, stderr, test.want)
		}
	}
	if code, out, stderr := create("other", "--replace"); code != exitFine || !strings.Contains(out, "id u7") {
		t.Errorf("replaced: exit code %d: %s%s", code, out, stderr)
	}
	if code, _, stderr := run(t, "x", "user", "create", "bob"); !failed(code) || !strings.Contains(stderr, "use --password-stdin") {
		t.Errorf("without a terminal: exit code %d: %s", code, stderr)
	}
}
