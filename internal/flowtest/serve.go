package flowtest

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/local"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// Serve puts functions, made for the address they will have, behind the local
// gateway until the test ends. It returns that address. stage may be empty.
// With functions/proxy there is an upstream, as where it is deployed.
func Serve(t *testing.T, stage string, functions func(baseURL string) map[string]local.Handler) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	if stage != "" {
		address += "/" + stage
	}
	made, parameters := functions(address), map[string]string{}
	if made["functions/proxy"] != nil {
		parameters["UpstreamUrl"] = "http://backend"
	}
	handler, err := local.New(gatehouse.Template, made, local.Options{
		Stage:      stage,
		Parameters: parameters,
		Log:        local.NewLog(t.Output(), time.Now),
		Clock:      time.Now,
		Rand:       rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config = &http.Server{Handler: handler} // #nosec G112 -- its only clients are the tests
	server.Start()
	t.Cleanup(server.Close)
	return address
}

// Store is where a Target is registered.
type Store interface {
	oauth.Registry
	oauth.Sessions
}

// Register writes the clients and the user of a Target into registry, whose
// deployment has keys. The address is for the caller to fill in.
func Register(t *testing.T, registry Store, keys *seal.Keyring) Target {
	t.Helper()
	target := Target{User: "alice", Password: "correct horse"}
	target.Moved = registerClient(t, registry, keys, oauth.Client{ID: "moved", Grants: oauth.Grants(), Imported: true})
	target.Import = func(t *testing.T, token, secret string) {
		t.Helper()
		target.importToken(t, registry, keys, token, secret)
	}
	target.Client = registerClient(t, registry, keys, oauth.Client{ID: "mobile", Grants: oauth.Grants(), LinkedClients: []string{"web"}})
	target.Other = registerClient(t, registry, keys, oauth.Client{ID: "other", Grants: oauth.Grants()})
	target.Bound = registerClient(t, registry, keys, oauth.Client{ID: "bound", Grants: oauth.Grants(), Binding: oauth.BindAgentNetwork})
	target.Public = registerClient(t, registry, keys, oauth.Client{ID: "web", Public: true, Grants: []oauth.Grant{
		oauth.GrantAuthorizationCode, oauth.GrantPassword, oauth.GrantRefreshToken, oauth.GrantTokenExchange}})
	hash, err := password.Hash(oauth.NewSecret(target.Password), password.OWASP(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := registry.CreateUser(t.Context(), oauth.User{ID: "user-1", Name: target.User, PasswordHash: hash}); err != nil {
		t.Fatal(err)
	}
	return target
}

// importToken does so by what a seed file has; see Target.
func (g Target) importToken(t *testing.T, store oauth.Sessions, keys *seal.Keyring, token, secret string) {
	t.Helper()
	brought := seed.Token{Token: token, Secret: secret, Client: g.Moved.ID, UserID: "user-1", UserName: g.User}
	session, err := brought.Session(&oauth.Client{ID: g.Moved.ID, Scopes: []string{"read", "write"}}, keys, time.Now())
	if err == nil {
		err = store.Create(t.Context(), session)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func registerClient(t *testing.T, registry oauth.Registry, keys *seal.Keyring, client oauth.Client) Client {
	t.Helper()
	client.Name = "The app called " + client.ID
	client.Scopes = []string{"read", "write"}
	client.RedirectURIs = []string{Callback}
	if err := keys.GiveSecret(&client, oauth.Secret{}); err != nil {
		t.Fatal(err)
	}
	if err := registry.CreateClient(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	secret, err := keys.ClientSecret(&client)
	if err != nil {
		t.Fatal(err)
	}
	return Client{client.ID, secret.Reveal()}
}
