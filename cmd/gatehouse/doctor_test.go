package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/oauth1"
	"gatehouse/internal/oauth/oauthtest"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
	"gatehouse/internal/signing"
)

// The secrets need escaping, and nothing else has a part like them.
const clientSecret, tokenSecret = "s3cr&t/client", "s3cr=t token"

var sentAt = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)

// authorization is the header of a GET of target that was signed with these
// secrets.
func authorization(t *testing.T, target, token, clientSecret, tokenSecret string) string {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r := &signing.Request{Method: http.MethodGet, URL: u, Header: http.Header{}}
	credentials := signing.Credentials{ConsumerKey: "mobile", Token: token, Place: signing.InHeader,
		Signer: oauth1.Signer{Method: oauth.HMACSHA1, ClientSecret: oauth.NewSecret(clientSecret), TokenSecret: oauth.NewSecret(tokenSecret)}}
	if _, err := credentials.Sign(r, sentAt, "nonce"); err != nil {
		t.Fatal(err)
	}
	return r.Header.Get("Authorization")
}

// signedFor is that header with the usual secrets.
func signedFor(t *testing.T, target string) string {
	t.Helper()
	return authorization(t, target, "tok", clientSecret, tokenSecret)
}

// diagnose runs doctor a second after the requests of these tests were sent.
func diagnose(t *testing.T, stdin string, args ...string) (code int, out, err string) {
	t.Helper()
	p, stdout, stderr := inProcess(stdin)
	p.clock = func() time.Time { return sentAt.Add(time.Second) }
	code = p.run(append([]string{"doctor"}, args...))
	for _, secret := range []string{clientSecret, tokenSecret, "s3cr"} {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			t.Errorf("a secret comes out:\n%s%s", stdout, stderr)
		}
	}
	return code, stdout.String(), stderr.String()
}

func TestDoctorReadsRequests(t *testing.T) {
	const target = "https://api.example.com/prod/notes?q=a%20b"
	header := "Authorization: " + signedFor(t, target)
	raw := "GET /prod/notes?q=a%20b HTTP/1.1\nHost: api.example.com\n" + header + "\n"
	file := filepath.Join(t.TempDir(), "request.http")
	if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, stdin string
		args        []string
	}{
		{"curl", "", []string{"--curl", "curl -sS '" + target + "' -H '" + header + "'"}},
		{"curl on standard input", "curl --request GET \\\n  --url \"" + target + "\" \\\n  --header $'" + header + "' --compressed\n", nil},
		{"curl of options only", "", []string{"--curl", "curl -sH'" + header + "' -XGET -G -dq=a%20b https://api.example.com/prod/notes"}},
		{"HTTP", raw, nil},
		{"HTTP of a file", "", []string{"--http", file}},
		{"HTTP as curl -v shows it", "* Connected\n> " + strings.ReplaceAll(strings.TrimSpace(raw), "\n", "\n> ") + "\n>\n< HTTP/1.1 401\n", nil},
		{"HTTP with CR LF", strings.ReplaceAll(raw, "\n", "\r\n") + "\r\n", []string{"--http", "-"}},
		{"flags", "", []string{"-H", header, "GET", target}},
		{"another address", strings.ReplaceAll(raw, "api.example.com", "a1.execute-api.eu-west-1.amazonaws.com"),
			[]string{"--base-url", "https://api.example.com/prod"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quietEnvironment(t, "GATEHOUSE_CONSUMER_SECRET="+clientSecret, "GATEHOUSE_TOKEN_SECRET="+tokenSecret)
			code, out, stderr := diagnose(t, test.stdin, test.args...)
			if code != exitFine || out != "The request is right.\n" {
				t.Errorf("exit code %d: %s%s", code, out, stderr)
			}
		})
	}
}

func TestDoctorNamesTheMistake(t *testing.T) {
	quietEnvironment(t)
	secrets := []string{"--consumer-secret", clientSecret, "--token-secret", tokenSecret}
	curl := "curl https://api.example.com/prod/notes -H 'Authorization: " + signedFor(t, "http://api.example.com/prod/notes") + "'"
	code, out, stderr := diagnose(t, curl, secrets...)
	want := `The URL was signed with http, and the request came by https: sign the URL that is called, with its scheme.

  URL
    signed     http://api.example.com/prod/notes
    should be  https://api.example.com/prod/notes
                   ^

Sign this base string:
  GET&https%3A%2F%2Fapi.example.com%2Fprod%2Fnotes&`
	if code != exitRefused || !strings.HasPrefix(out, want) || stderr != "gatehouse: the request is wrong: scheme\n" {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

// The address that was signed has nothing in common with the one that was
// called.
func TestDoctorOfAnotherAddress(t *testing.T) {
	quietEnvironment(t)
	run := func(called, signed string, addresses ...string) (out, stderr string) {
		args := []string{"--consumer-secret", clientSecret, "--token-secret", tokenSecret, "-H", "Authorization: " + signedFor(t, signed), called}
		for _, address := range addresses {
			args = append(args, "--address", address)
		}
		code, out, stderr := diagnose(t, "", args...)
		if code != exitRefused {
			t.Errorf("exit code %d: %s%s", code, out, stderr)
		}
		return out, stderr
	}
	const public, inside = "https://api.example.com/prod/notes", "http://10.0.0.5:8080/notes"
	out, stderr := run(public, inside)
	if !strings.Contains(out, "host or path prefix") || !strings.Contains(stderr, "--address") || !strings.Contains(stderr, "wrong: unexplained") {
		t.Errorf("without an address: %s%s", out, stderr)
	}
	out, stderr = run(public, inside, "https://www2.example.com", "http://10.0.0.5:8080")
	if !strings.Contains(out, "signed below http://10.0.0.5:8080, and the server goes by https://api.example.com/prod:") || !strings.HasSuffix(stderr, "wrong: address\n") {
		t.Errorf("with its address: %s%s", out, stderr)
	}
	out, stderr = run("https://api.example.com/api/notes", "http://localhost:3000/api/notes")
	if !strings.Contains(out, "signed below http://localhost:3000, and") || !strings.HasSuffix(stderr, "wrong: address\n") {
		t.Errorf("on the laptop: %s%s", out, stderr)
	}
}

func TestDoctorOfAnOldRequest(t *testing.T) {
	quietEnvironment(t)
	const target = "https://api.example.com/notes"
	args := []string{"--consumer-secret", clientSecret, "--token-secret", tokenSecret, "-H", "Authorization: " + signedFor(t, target), target}
	run := func(more ...string) (int, string, string) {
		p, stdout, stderr := inProcess("")
		p.clock = func() time.Time { return sentAt.AddDate(0, 0, 10) }
		code := p.run(append(append([]string{"doctor"}, more...), args...))
		return code, stdout.String(), stderr.String()
	}
	code, out, stderr := run()
	if code != exitRefused || !strings.Contains(out, "10 days behind the server's clock") || !strings.Contains(stderr, "give --now") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	for _, now := range []string{sentAt.Format(time.RFC3339), "2051320000"} {
		code, out, stderr := run("--now", now, "--window", "24h")
		if code != exitFine {
			t.Errorf("--now %s: exit code %d: %s%s", now, code, out, stderr)
		}
	}
}

func TestDoctorComparesBaseStrings(t *testing.T) {
	quietEnvironment(t)
	const target = "https://api.example.com/notes"
	code, out, _ := diagnose(t, "", "--consumer-secret", clientSecret, "--token-secret", tokenSecret,
		"--base-string", "GET&https%3A%2F%2Fapi.example.com%2Fnote&a%3D1", "-H", "Authorization: "+signedFor(t, target), target)
	for _, want := range []string{"The base string has another URL", "signed     https://api.example.com/note\n", "signed     a=1\n", "The signature is not of this base string"} {
		if code != exitRefused || !strings.Contains(out, want) {
			t.Errorf("exit code %d, want %q: %s", code, want, out)
		}
	}
}

func TestDoctorErrors(t *testing.T) {
	header := "Authorization: " + signedFor(t, "https://a/")
	tests := []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"nothing", "", nil, "the text is empty"},
		{"neither", "hello, world", nil, "neither a curl command nor an HTTP request"},
		{"two requests", "", []string{"--curl", "curl a", "https://a/"}, "more than one request"},
		{"header beside a curl command", "", []string{"--curl", "curl a", "-H", "a: b"}, "go with a URL"},
		{"no file", "", []string{"--http", "/none"}, "--http: open /none"},
		{"quote", "", []string{"--curl", "curl 'a"}, "--curl: the curl command: a quotation mark is not closed"},
		{"no URL", "", []string{"--curl", "curl -s"}, "has no URL"},
		{"two URLs", "", []string{"--curl", "curl a b"}, "two URLs"},
		{"option without a value", "", []string{"--curl", "curl a -H"}, "--header needs a value"},
		{"file of data", "", []string{"--curl", "curl a -d @b"}, "put the text in its place"},
		{"no host", "GET / HTTP/1.1\n\n", nil, "no Host header"},
		{"no header", "GET / HTTP/1.1\nHost: a\nnonsense\n\n", nil, "without a name and a colon"},
		{"no web address", "", []string{"--curl", "curl ftp://a/"}, "the URL is to be like"},
		{"query", "", []string{"--curl", "curl http://a/?b=%zz"}, `the query: parameter "b"`},
		{"base URL", "", []string{"--base-url", "a", "http://a/"}, "--base-url: "},
		{"address", "", []string{"--address", "10.0.0.5", "http://a/"}, "--address: "},
		{"now", "", []string{"--now", "soon", "http://a/"}, "--now takes a time"},
		{"base string", "", []string{"--base-string", "@/none", "http://a/"}, "--base-string: open /none"},
		{"no secret", "", []string{"-H", header, "https://a/"}, "--consumer-secret is missing"},
		{"no token secret", "", []string{"--consumer-secret", "x", "-H", header, "https://a/"}, "--token-secret is missing"},
		{"no RSA key", "", []string{"-H", strings.Replace(header, "HMAC", "RSA", 1), "https://a/"}, "needs --rsa-public-key"},
		{"no RSA key file", "", []string{"-H", strings.Replace(header, "HMAC", "RSA", 1), "--rsa-public-key", "/none", "https://a/"}, "--rsa-public-key: open /none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			quietEnvironment(t, "REGISTRY_TABLE=")
			code, out, stderr := diagnose(t, test.stdin, test.args...)
			if !failed(code) || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, %s%s, want %q", code, out, stderr, test.want)
			}
		})
	}
}

// A deployment knows both secrets, and what became of the token.
func TestDoctorOfADeployment(t *testing.T) {
	store := inDeployment(t)
	quietEnvironment(t)
	keys, err := seal.ParseKeyring([]byte(testKeys))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := (&seed.Seeder{Registry: store, Keys: keys, Rand: &oauthtest.Rand{}}).PutClient(t.Context(), &seed.Client{ID: "mobile", Grants: []oauth.Grant{oauth.GrantXAuth}, Imported: true})
	if err != nil {
		t.Fatal(err)
	}
	const target = "https://api.example.com/notes"
	header := func(id oauth.SessionID, consumer string) string {
		token := keys.Mint(seal.OAuth1Token, id, 0).Reveal()
		opened, err := keys.Open(seal.OAuth1Token, token)
		if err != nil {
			t.Fatal(err)
		}
		tokenSecret, err := keys.TokenSecret(opened)
		if err != nil {
			t.Fatal(err)
		}
		signed := authorization(t, target, token, secret.Secret.Reveal(), tokenSecret.Reveal())
		return "Authorization: " + strings.Replace(signed, "mobile", consumer, 1)
	}
	live := oauth.Session{ID: oauth.SessionID{1}, Protocol: oauth.OAuth1, Client: "mobile", User: "u", Created: sentAt}
	ended := oauth.Session{ID: oauth.SessionID{2}, Protocol: oauth.OAuth1, Client: "mobile", User: "u", Created: sentAt, Expires: sentAt}
	others := oauth.Session{ID: oauth.SessionID{3}, Protocol: oauth.OAuth1, Client: "other", User: "u", Created: sentAt}
	foreign, err := (&seed.Token{Token: "foreign", Secret: "foreign secret", Client: "mobile", UserID: "u"}).Session(&oauth.Client{ID: "mobile"}, keys, sentAt)
	if err != nil {
		t.Fatal(err)
	}
	killed := oauth.Session{ID: oauth.SessionID{4}, Protocol: oauth.OAuth1, Client: "mobile", User: "u", Created: sentAt}
	killed.Killed = oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: sentAt}
	for _, session := range []oauth.Session{live, ended, others, foreign, killed} {
		if err := store.Create(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	identifier, temporarySecret, err := keys.SealTemporary(seal.Temporary{Client: "mobile", Callback: oauth.OutOfBand}, sentAt.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, header, want string }{
		{"right", header(live.ID, "mobile"), ""},
		{"expired", header(ended.ID, "mobile"), "token_expired"},
		{"of another client", header(others.ID, "mobile"), "token_of_another"},
		{"revoked", header(oauth.SessionID{9}, "mobile"), "token_revoked"},
		{"killed", header(killed.ID, "mobile"), "token_revoked"},
		{"forged", "Authorization: " + signedFor(t, target), "token_unknown"},
		{"unknown client", header(live.ID, "nobody"), "client_unknown"},
		{"imported", "Authorization: " + authorization(t, target, "foreign", secret.Secret.Reveal(), "foreign secret"), ""},
		{"imported, without its secret", "Authorization: " + authorization(t, target, "foreign", secret.Secret.Reveal(), ""), "token_secret_left_out"},
		{"never imported", "Authorization: " + authorization(t, target, "foreigner", secret.Secret.Reveal(), "x"), "token_unknown"},
		{"temporary credentials", "Authorization: " + authorization(t, target, identifier.Reveal(), secret.Secret.Reveal(), temporarySecret.Reveal()), ""},
		{"without a token", "Authorization: " + authorization(t, target, "", secret.Secret.Reveal(), ""), ""},
		{"without the token's secret", "Authorization: " + authorization(t, target, keys.Mint(seal.OAuth1Token, live.ID, 0).Reveal(), secret.Secret.Reveal(), ""), "token_secret_left_out"},
	}
	for _, test := range tests {
		code, out, stderr := diagnose(t, "", "-H", test.header, target)
		if want := "gatehouse: the request is wrong: " + test.want + "\n"; test.want != "" && (code != exitRefused || !strings.HasSuffix(stderr, want)) || test.want == "" && code != exitFine {
			t.Errorf("%s: exit code %d, want %q: %s%s", test.name, code, test.want, out, stderr)
		}
		if strings.Contains(out, secret.Secret.Reveal()) {
			t.Errorf("%s: the secret comes out: %s", test.name, out)
		}
	}
	code, out, stderr := diagnose(t, "", "--json", "-H", header(killed.ID, "mobile"), target)
	var view diagnosisView
	if err := json.Unmarshal([]byte(out), &view); err != nil || code != exitRefused || view.Right || len(view.Findings) != 1 || view.Findings[0].Code != "token_revoked" {
		t.Errorf("as JSON: exit code %d: %s%s, %v", code, out, stderr, err)
	}
	used := header(live.ID, "mobile")
	spendNonce(t, store, strings.TrimPrefix(used, "Authorization: "), target)
	if code, out, stderr := diagnose(t, "", "-H", used, target); code != exitRefused || !strings.HasSuffix(stderr, ": nonce_used\n") {
		t.Errorf("used before: exit code %d: %s%s", code, out, stderr)
	}
}

// spendNonce spends the nonce of a signed GET, as the authorizer does.
func spendNonce(t *testing.T, store oauth.Replay, authorization, target string) {
	t.Helper()
	address, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	signed, refusal := oauth1.Parse(&oauth.Request{Method: "GET", Scheme: address.Scheme, Host: address.Host, Path: address.Path,
		Header: http.Header{"Authorization": {authorization}}})
	if refusal != nil {
		t.Fatal(refusal)
	}
	spending, ok := signed.Spending(sentAt, 5*time.Minute, oauth.NewAttempt(t.Context()))
	if !ok || store.Spend(t.Context(), spending) != nil {
		t.Fatal("the nonce could not be spent")
	}
}
