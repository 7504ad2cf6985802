package deployment

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/authenticator"
	ask "gatehouse/internal/authenticator/function"
	"gatehouse/internal/oauth"
)

// checker knows alice, whose password is "right-Pa55", and has its ways with
// some others.
func checker(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch question := string(body); {
	case strings.Contains(question, `"username":"broken"`):
		w.WriteHeader(http.StatusInternalServerError)
	case strings.Contains(question, `"username":"junk"`):
		_, _ = io.WriteString(w, `{"user":{"id":""}}`)
	case strings.Contains(question, `"username":"alice","password":"right-Pa55","address":"192.0.2.1","client":"app"`):
		_, _ = io.WriteString(w, `{"user":{"id":"42","name":"Alice"}}`)
	default:
		_, _ = io.WriteString(w, `{"user":null}`)
	}
}

const checkerARN = "arn:aws:lambda:eu-central-1:123456789012:function:check"

// newAskingSite is one whose users are those of checker, and whose client app
// may sign them in by password.
func newAskingSite(t *testing.T) *site {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(checker))
	t.Cleanup(server.Close)
	s := newSite(t)
	app := oauth.Client{ID: "app", SecretKey: 1, Grants: []oauth.Grant{oauth.GrantPassword}}
	if err := s.Store.(oauth.Registry).CreateClient(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	s.Settings.AuthFunction, s.Settings.AuthTimeout, s.Function = checkerARN, time.Minute, ask.New
	s.AWS = aws.Config{BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}
	return s
}

// signIn asks for tokens by password.
func (s *site) signIn(token apigateway.Handler, name, password string) (int, string) {
	s.t.Helper()
	secret, err := s.Keys.ClientSecret(&oauth.Client{ID: "app", SecretKey: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.status(token, post("/oauth/token", "grant_type", "password", "client_id", "app", "client_secret", secret.Reveal(),
		"username", name, "password", password))
}

func TestUsersFromElsewhere(t *testing.T) {
	t.Run("a function", func(t *testing.T) { testUsersFromElsewhere(t, newAskingSite(t)) })
	t.Run("a webhook", func(t *testing.T) {
		s := newAskingSite(t)
		webhook, err := authenticator.ParseURL(*s.AWS.BaseEndpoint + "/check")
		if err != nil {
			t.Fatal(err)
		}
		s.Settings.AuthFunction, s.Settings.AuthWebhook, s.Function = "", webhook, nil
		testUsersFromElsewhere(t, s)
	})
}

func testUsersFromElsewhere(t *testing.T, s *site) {
	t.Helper()
	token := s.handler(s.Token())
	for _, test := range []struct {
		name, password string
		status         int
		body           string
	}{
		{"alice", "right-Pa55", http.StatusOK, "access_token"},
		{"alice", "wrong-Pa55", http.StatusBadRequest, "unknown user or wrong password"},
		{"nobody", "right-Pa55", http.StatusBadRequest, "unknown user or wrong password"},
		{"alice", "right-Pa55\xff", http.StatusBadRequest, ""},
		{"broken", "right-Pa55", http.StatusServiceUnavailable, "server_error"},
		{"junk", "right-Pa55", http.StatusServiceUnavailable, "server_error"},
	} {
		status, body := s.signIn(token, test.name, test.password)
		if status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s, %q: %d, %s", test.name, test.password, status, body)
		}
		if status == http.StatusServiceUnavailable && (strings.Contains(body, "password") || strings.Contains(body, "authenticator")) {
			t.Errorf("%s: the answer tells %s", test.name, body)
		}
	}
	if log := s.log.String(); strings.Count(log, "ask the authenticator: authenticator: ") != 2 || strings.Contains(log, "Pa55") {
		t.Errorf("the log: %s", log)
	}
	for range 8 {
		s.signIn(token, "alice", "wrong-Pa55")
	}
	s.signIn(token, "alice", "wrong-Pa55")
	if status, body := s.signIn(token, "alice", "right-Pa55"); status != http.StatusTooManyRequests {
		t.Errorf("after many tries: %d, %s", status, body)
	}
}

// A program that can't ask does not start, rather than look in the Registry.
func TestNobodyToAsk(t *testing.T) {
	s := newAskingSite(t)
	s.Function = nil
	for name, handler := range map[string]func() (apigateway.Handler, error){"token": s.Token, "authorize": s.Authorize} {
		if _, err := handler(); !errors.Is(err, errNoFunction) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Revoke(); err != nil {
		t.Errorf("where nobody signs in: %v", err)
	}
	if _, err := Asking(ask.New, (*Deployment).Token)(s.Deployment); err != nil {
		t.Errorf("asking: %v", err)
	}
}

func TestOneIsAsked(t *testing.T) {
	_, err := ReadSettings(from(map[string]string{"AUTHENTICATOR_FUNCTION_ARN": checkerARN, "AUTHENTICATOR_URL": "https://users.example.com"}))
	if err == nil || !strings.Contains(err.Error(), "AUTHENTICATOR_URL: is set, and AUTHENTICATOR_FUNCTION_ARN too: one of them is asked, so leave the other empty") {
		t.Errorf("%v", err)
	}
	settings, err := ReadSettings(from(map[string]string{"AUTHENTICATOR_URL": "https://users.example.com/check"}))
	if err != nil || settings.AuthWebhook.String() != "https://users.example.com/check" {
		t.Errorf("%v, %v", settings.AuthWebhook, err)
	}
}
