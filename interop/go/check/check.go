// Package check is what the Go programs share: where the server is, who is
// registered there, and how a check is reported.
package check

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Client is a client of the seed file.
type Client struct{ ID, Secret string }

// User is a user of the seed file.
type User struct{ Name, Password string }

// Setup is what the program is run against.
type Setup struct {
	URL     string // of the server, with the stage
	Clients map[string]Client
	Alice   User
	Hard    User // with hard characters in its name and password
	Guessed User // whose password only this program gets wrong
}

// NewSetup reads $GATEHOUSE_URL and the file at $GATEHOUSE_SEED for the
// program called name. Without them there is nothing to do: it exits.
func NewSetup(name string) *Setup {
	text, err := os.ReadFile(os.Getenv("GATEHOUSE_SEED"))
	Must(err)
	var seed struct {
		Clients []Client
		Users   []User
	}
	Must(json.Unmarshal(text, &seed))
	setup := &Setup{URL: os.Getenv("GATEHOUSE_URL"), Clients: map[string]Client{},
		Alice: seed.Users[0], Hard: seed.Users[1]}
	for _, client := range seed.Clients {
		setup.Clients[client.ID] = client
	}
	setup.Guessed = User{Name: "guessed by " + name, Password: "wrong"}
	return setup
}

// Reporter prints one line for each check.
type Reporter string

// Equal checks that got, as fmt prints it, is want.
func (r Reporter) Equal(what string, got, want any) {
	if fmt.Sprint(got) == fmt.Sprint(want) {
		fmt.Printf("ok   %s: %s\n", r, what)
		return
	}
	fmt.Printf("FAIL %s: %s: got %v, want %v\n", r, what, got, want)
}

// Must ends the program on an error that leaves nothing to check; the runner
// counts that as a failure.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Answer is what of an HTTP answer is checked.
type Answer struct {
	Status int
	Body   string
}

// Send sends a request without a body.
func Send(client *http.Client, method, url string) Answer {
	request, err := http.NewRequest(method, url, nil)
	Must(err)
	return Read(client.Do(request))
}

// Read reads an answer to its end.
func Read(response *http.Response, err error) Answer {
	Must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Must(err)
	return Answer{response.StatusCode, string(body)}
}

// Session is GET /oauth/session.
type Session struct {
	Session, Client, User, Scope, Protocol string
	UserName                               string `json:"user_name"`
	Expiry                                 int64
}

// Session reads the body of GET /oauth/session; empty when it is not that.
func (a Answer) Session() (s Session) {
	_ = json.Unmarshal([]byte(a.Body), &s)
	return s
}

// Current reads the body of GET /oauth/sessions and returns the id of the
// session that asked.
func (a Answer) Current() string {
	var list struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}
	_ = json.Unmarshal([]byte(a.Body), &list)
	for _, session := range list.Sessions {
		if session.Current {
			return session.ID
		}
	}
	return ""
}
