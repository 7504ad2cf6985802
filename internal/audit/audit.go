// Package audit writes down each act that whoever guards a deployment asks about
// later: who signed in, what was issued, refused, revoked and destroyed, and what
// operators changed. An event is one line of JSON.
package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Version is the schema's. It rises when a field or an event changes its
// meaning or goes away; new ones may come any time.
const Version = 1

// Name is what was done or refused.
type Name string

// The events. Functions write the first seven.
const (
	SignedIn         Name = "signed_in"
	SignInRefused    Name = "sign_in_refused"
	TokenIssued      Name = "token_issued"
	TokenRefused     Name = "token_refused"
	TokenRevoked     Name = "token_revoked"
	SessionDestroyed Name = "session_destroyed"
	SignedOut        Name = "signed_out"

	KeyRotated          Name = "key_rotated"
	KeyRetired          Name = "key_retired"
	ClientCreated       Name = "client_created"
	ClientUpdated       Name = "client_updated"
	ClientSecretRotated Name = "client_secret_rotated"
	ClientDisabled      Name = "client_disabled"
	ClientEnabled       Name = "client_enabled"
	ClientDeleted       Name = "client_deleted"
	UserCreated         Name = "user_created"
	UserPasswordChanged Name = "user_password_changed"
	UserDisabled        Name = "user_disabled"
	UserEnabled         Name = "user_enabled"
	UserDeleted         Name = "user_deleted"
	SessionRevoked      Name = "session_revoked"
	Imported            Name = "imported"
)

// Names are all of them.
func Names() []Name {
	return []Name{SignedIn, SignInRefused, TokenIssued, TokenRefused, TokenRevoked, SessionDestroyed, SignedOut,
		KeyRotated, KeyRetired, ClientCreated, ClientUpdated, ClientSecretRotated, ClientDisabled, ClientEnabled, ClientDeleted,
		UserCreated, UserPasswordChanged, UserDisabled, UserEnabled, UserDeleted, SessionRevoked, Imported}
}

// Event is one act. Fields that are empty are left out. None is for a secret, an
// address, a User-Agent or a name that somebody typed: only ids that the
// deployment itself knows.
type Event struct {
	Name      Name      `json:"event"`
	Time      time.Time `json:"time"`                 // written in UTC (RFC 3339)
	Actor     string    `json:"actor,omitempty"`      // the function, or the ARN of the operator
	Client    string    `json:"client,omitempty"`     // id
	User      string    `json:"user,omitempty"`       // id
	Session   string    `json:"session,omitempty"`    // id
	Protocol  string    `json:"protocol,omitempty"`   // oauth1 or oauth2
	Reason    string    `json:"reason,omitempty"`     // why: a grant, an error code, or a number of things and what they are
	RequestID string    `json:"request_id,omitempty"` // of the gateway
}

// Line returns the event as one line of JSON, without the line's end.
func (e Event) Line() ([]byte, error) {
	e.Time = e.Time.UTC()
	line, err := json.Marshal(struct {
		Version int `json:"audit"`
		Event
	}{Version, e})
	if err != nil {
		return nil, fmt.Errorf("audit: encode %s: %w", e.Name, err)
	}
	return line, nil
}

// Log writes events, each in one write, and may be used by many goroutines at
// once.
type Log struct {
	mu  sync.Mutex
	out io.Writer
}

// NewLog returns a Log that writes to out.
func NewLog(out io.Writer) *Log { return &Log{out: out} }

// Write writes one event. A nil Log writes nothing.
func (l *Log) Write(e Event) error {
	if l == nil {
		return nil
	}
	line, err := e.Line()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("audit: write %s: %w", e.Name, err)
	}
	return nil
}
