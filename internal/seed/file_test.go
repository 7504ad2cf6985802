package seed_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

const whole = `{"clients":[{"id":"mobile","secret":"s3cret","name":"Mobile app","public":false,
  "grants":["xauth","password","refresh_token","authorization_code","client_credentials","oauth1","token_exchange"],
  "scopes":["read","write"],"redirect_uris":["http://localhost:9999/callback"],
  "origins":["https://app.example.com"],"linked_clients":["new"],"oauth1_sunset":"2027-01-31","diagnose":true,
  "signature_methods":["HMAC-SHA1","HMAC-SHA256","PLAINTEXT"],"rsa_public_key":"",
  "binding":"agent+network","on_mismatch":"session","imported":true}],
 "users":[{"name":"alice","password":"correct horse","id":"u1"},{"name":"bob","password_hash":"$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS"}],
 "tokens":[{"token":"t0ken","secret":"t0ken s&cret","client":"mobile","user_id":"u1","user_name":"alice","scopes":["read"],"created":"1380000000","expires":"2099-01-01"}]}`

func TestParse(t *testing.T) {
	file, err := seed.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &seed.File{
		Clients: []seed.Client{{ID: "mobile", Secret: "s3cret", Name: "Mobile app", Grants: []oauth.Grant{"xauth", "password", "refresh_token", "authorization_code", "client_credentials", "oauth1", "token_exchange"},
			Scopes: []string{"read", "write"}, RedirectURIs: []string{"http://localhost:9999/callback"},
			Origins: []string{"https://app.example.com"}, LinkedClients: []string{"new"}, Sunset: "2027-01-31", Diagnose: true,
			SignatureMethods: []oauth.SignatureMethod{oauth.HMACSHA1, oauth.HMACSHA256, oauth.Plaintext},
			Binding:          oauth.BindAgentNetwork, OnMismatch: oauth.KillSession, Imported: true}},
		Users: []seed.User{{Name: "alice", Password: "correct horse", ID: "u1"},
			{Name: "bob", PasswordHash: "$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS"}},
		Tokens: []seed.Token{{Token: "t0ken", Secret: "t0ken s&cret", Client: "mobile", UserID: "u1", UserName: "alice", Scopes: []string{"read"},
			Created: "1380000000", Expires: "2099-01-01"}},
	}
	if !reflect.DeepEqual(file, want) {
		t.Errorf("got %+v, want %+v", file, want)
	}
}

func TestTheInteropSeed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "interop", "seed.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seed.Parse(text); err != nil {
		t.Error(err)
	}
}

// client is a file with one client that has more fields than id and grants.
func client(fields string) string {
	return `{"clients":[{"id":"c","grants":["password"]` + fields + `}]}`
}

func TestFaults(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct{ text, want string }{
		{"", "it is empty"},
		{" \n\n", "it is empty"},
		{"\ufeff{,}", "line 1: it is not JSON"},
		{"{\"users\": [\n{\"name\":\"Zo\xeb\"", "line 2: it is not UTF-8"},
		{"\xff\xfe{\x00}\x00", "line 1: it is not UTF-8"},
		{"{\n\"clients\": [\n{,\n", "line 3: it is not JSON"},
		{`{} {}`, "line 1: it is not JSON"},
		{`[]`, "the file: takes an object"},
		{`null`, "the file: takes an object"},
		{`{"client":[]}`, `the file: unknown field "client"`},
		{`{"clients":{}}`, "clients: takes a list of objects, not a JSON object"},
		{`{"clients":["c"]}`, "clients[0]: takes an object, not a JSON string"},
		{`{"clients":[null]}`, "clients[0]: takes an object"},
		{`{"users":[{"name":"a","password":"b"},7]}`, "users[1]: takes an object, not a JSON number"},
		{client(`,"secrets":"x"`), `clients[0]: unknown field "secrets"`},
		{client(`,"` + strings.Repeat("x", 90_000) + `":1`), `clients[0]: unknown field "xxx`},
		{`{"users":[],"clients":[],"users":[]}`, "users: is there twice"},
		{client(`,"id":"d"`), "clients[0].id: is there twice"},
		{client(`,"Grants":["xauth"]`), "clients[0].Grants: is there twice"},
		{client(`,"scopes":"read"`), "clients[0].scopes: takes a list of strings, not a JSON string"},
		{client(`,"scopes":[1]`), "clients[0].scopes: takes a string, not a JSON number"},
		{client(`,"public":"yes"`), "clients[0].public: takes true or false, not a JSON string"},
		{`{"clients":[{"grants":["password"]}]}`, "clients[0].id: is missing"},
		{`{"clients":[{"id":"q\"t","grants":["password"]}]}`, "clients[0].id: takes no quotes and backslashes"},
		{`{"clients":[{"id":"q\\t","grants":["password"]}]}`, "clients[0].id: takes no quotes and backslashes"},
		{`{"clients":[{"id":"ä","grants":["password"]}]}`, "clients[0].id: takes 1 to 128 characters"},
		{`{"clients":[{"id":"` + long + `","grants":["password"]}]}`, "clients[0].id: takes"},
		{`{"clients":[{"id":"c"}]}`, "clients[0].grants: is missing: it takes one or more of xauth, password"},
		{`{"clients":[{"id":"c","grants":["password","pasword"]}]}`, `clients[0].grants[1]: "pasword" is none of xauth, password`},
		{`{"clients":[{"id":"c","grants":["password","password"]}]}`, `clients[0].grants[1]: "password" is there twice`},
		{`{"clients":[{"id":"c","grants":["password"]},{"id":"c","grants":["password"]}]}`, `clients[1].id: "c" is already that of clients[0]`},
		{client(`,"secret":"a\u0007"`), "clients[0].secret: takes"},
		{client(`,"name":"a\nb"`), "clients[0].name: takes"},
		{client(`,"scopes":["a b"]`), `clients[0].scopes[0]: "a b" is not a scope`},
		{client(`,"scopes":[""]`), `clients[0].scopes[0]: "" is not a scope`},
		{client(`,"scopes":["a","a"]`), `clients[0].scopes[1]: "a" is there twice`},
		{client(`,"scopes":["` + strings.Repeat(`a","`, 100) + `b"]`), "clients[0].scopes: takes at most 100"},
		{client(`,"redirect_uris":["https://a/","https://a/"]`), "clients[0].redirect_uris[1]: is there twice"},
		{client(`,"signature_methods":["HMAC-MD5"]`), `clients[0].signature_methods[0]: "HMAC-MD5" is none of`},
		{client(`,"signature_methods":["RSA-SHA1"]`), "clients[0].signature_methods[0]: RSA-SHA1 needs an RSA public key"},
		{client(`,"rsa_public_key":"x"`), "clients[0].rsa_public_key: takes the PEM of an RSA public key of 1024 bits or more"},
		{client(`,"rsa_public_key":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"`), "clients[0].rsa_public_key: takes"},
		{client(`,"linked_clients":[""]`), "clients[0].linked_clients[0]: takes the id of a client"},
		{client(`,"linked_clients":["a","ä"]`), "clients[0].linked_clients[1]: takes the id of a client"},
		{client(`,"linked_clients":["` + long + `"]`), "clients[0].linked_clients[0]: takes the id of a client"},
		{client(`,"linked_clients":["a","c"]`), `clients[0].linked_clients[1]: "c" is the client itself`},
		{client(`,"linked_clients":["a","a"]`), `clients[0].linked_clients[1]: "a" is there twice`},
		{client(`,"linked_clients":["` + strings.Repeat(`a","`, 20) + `b"]`), "clients[0].linked_clients: takes at most 20"},
		{client(`,"oauth1_sunset":"soon"`), "clients[0].oauth1_sunset: takes a date such as 2027-01-31"},
		{client(`,"oauth1_sunset":"` + long + `"`), "clients[0].oauth1_sunset: takes a date"},
		{client(`,"oauth1_sunset":1801353600`), "clients[0].oauth1_sunset: takes a string, not a JSON number"},
		{client(`,"public":true,"diagnose":true`), "clients[0].diagnose: a public client has no signatures"},
		{client(`,"public":true,"linked_clients":["a"]`), "clients[0].linked_clients: a public client has no OAuth 1.0 tokens"},
		{client(`,"public":true,"oauth1_sunset":"2027-01-31"`), "clients[0].oauth1_sunset: a public client has no OAuth 1.0"},
		{`{"clients":[{"id":"c","grants":["authorization_code"]}]}`, "clients[0].redirect_uris: is missing: authorization_code"},
		{client(`,"public":true,"secret":"x"`), "clients[0].secret: a public client has none"},
		{client(`,"public":true,"signature_methods":["PLAINTEXT"]`), "clients[0].signature_methods: a public client cannot sign"},
		{`{"clients":[{"id":"c","public":true,"grants":["password","xauth"]}]}`, "clients[0].grants[1]: xauth needs a secret"},
		{client(`,"binding":"Address"`), "clients[0].binding: takes one of none, agent, address, network, agent+address, agent+network, dpop, not \"Address\""},
		{client(`,"binding":["agent","address"]`), "clients[0].binding: takes a string, not a JSON array"},
		{client(`,"on_mismatch":"shrug"`), "clients[0].on_mismatch: takes one of token, session, reject, not \"shrug\""},
		{`{"clients":[{"id":"c","grants":["xauth","oauth1"],"binding":"dpop"}]}`, "clients[0].binding: dpop binds OAuth 2 tokens, and the client's grants are all of OAuth 1.0"},
		{`{"users":[{"password":"x"}]}`, "users[0].name: is missing"},
		{`{"users":[{"name":"a\u0000","password":"x"}]}`, "users[0].name: takes"},
		{`{"users":[{"name":"a"}]}`, "users[0].password: is missing"},
		{`{"users":[{"name":"a","password":"` + strings.Repeat("x", 1025) + `"}]}`, "users[0].password: takes"},
		{`{"users":[{"name":"a","password":"x","id":"ä"}]}`, "users[0].id: takes"},
		{`{"users":[{"name":"a","password":"x"},{"name":"a","password":"y"}]}`, `users[1].name: "a" is already that of users[0]`},
		{`{"users":[{"name":"a","password":"x","id":"1"},{"name":"b","password":"y","id":"1"}]}`, `users[1].id: "1" is already that of users[0]`},
	}
	for _, test := range tests {
		_, err := seed.Parse([]byte(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 600 {
			t.Errorf("%.80s:\ngot  %.900v\nwant %s", test.text, err, test.want)
		}
	}
}

// Public or not, a client may be bound to anything its tokens can be.
func TestBindingsThatAreFine(t *testing.T) {
	for _, public := range []string{"true", "false"} {
		for _, binding := range append(oauth.Bindings(), "") {
			for _, onMismatch := range append(oauth.OnMismatches(), "") {
				text := client(`,"public":` + public + `,"binding":"` + string(binding) + `","on_mismatch":"` + string(onMismatch) + `"`)
				if _, err := seed.Parse([]byte(text)); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
		}
	}
	if _, err := seed.Parse([]byte(`{"clients":[{"id":"c","grants":["xauth","token_exchange"],"binding":"dpop"}]}`)); err != nil {
		t.Error(err)
	}
}

// RFC 8259 §8.1: editors on Windows put a byte order mark before the text.
func TestAByteOrderMarkIsIgnored(t *testing.T) {
	if file, err := seed.Parse([]byte("\ufeff" + whole)); err != nil || len(file.Clients) != 1 {
		t.Errorf("%v", err)
	}
}

// No request can bring a password that is not UTF-8, so none may be set.
func TestPasswordsAreUTF8(t *testing.T) {
	var fault *seed.FieldError
	if err := (&seed.User{Name: "a", Password: "\xff"}).Check(); !errors.As(err, &fault) || fault.Field != "password" {
		t.Errorf("got %v", err)
	}
}

func TestCheckNamesTheField(t *testing.T) {
	var fault *seed.FieldError
	if err := (&seed.Client{ID: "c"}).Check(); !errors.As(err, &fault) || fault.Field != "grants" {
		t.Errorf("got %v", err)
	}
}
