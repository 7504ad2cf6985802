package dynamodb

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse"
	"gatehouse/internal/oauth"
)

// updates keeps what the UpdateItem requests asked for.
type updates struct{ asked []updateInput }

type updateInput struct {
	Key                      map[string]any
	ExpressionAttributeNames map[string]string
	ReturnValues             *string
}

func (u *updates) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	if strings.HasSuffix(req.Header.Get("X-Amz-Target"), ".UpdateItem") {
		var asked updateInput
		if err := json.Unmarshal(body, &asked); err != nil {
			return nil, err
		}
		u.asked = append(u.asked, asked)
	}
	return http.DefaultTransport.RoundTrip(req)
}

// TestKillsAreAllowed holds Kill and Extend to what template.yaml lets the
// functions that check requests write: IAM would refuse any other attribute.
func TestKillsAreAllowed(t *testing.T) {
	const list = "'dynamodb:Attributes': [id, exp, killed, killed_at, killed_why] }"
	if found := strings.Count(string(gatehouse.Template), list); found != 3 {
		t.Fatalf("template.yaml has %d conditions %s, want those of authorizer, revoke and proxy", found, list)
	}
	allowed := []string{attrID, attrExpires, attrKilled, attrKilledAt, attrKilledWhy}
	sent := &updates{}
	store := newStore(t, sent)
	session := testSession()
	session.Idle = time.Hour
	if err := store.Create(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if err := store.Extend(t.Context(), session.ID, start.Add(2*time.Hour), start); err != nil {
		t.Fatal(err)
	}
	for _, generation := range []uint32{0, 1, oauth.AllGenerations} {
		killing := oauth.Killing{Reason: oauth.ReasonAgent, Generation: generation, At: start}
		if err := store.Kill(t.Context(), session.ID, killing); err != nil {
			t.Fatal(err)
		}
	}
	if len(sent.asked) != 4 {
		t.Fatalf("%d updates were sent, want 4", len(sent.asked))
	}
	for _, update := range sent.asked {
		if _, keyed := update.Key[attrID]; !keyed || len(update.Key) != 1 || update.ReturnValues != nil {
			t.Errorf("%+v", update)
		}
		for _, name := range update.ExpressionAttributeNames {
			if !slices.Contains(allowed, name) {
				t.Errorf("an update names %s, which IAM refuses", name)
			}
		}
	}
}

// A change of which the answer was lost is made once, and is no fault.
func TestKillAndExtendSurviveLostAnswers(t *testing.T) {
	for name, change := range map[string]func(*Store, oauth.Session) error{
		"kill": func(s *Store, session oauth.Session) error {
			return s.Kill(t.Context(), session.ID, oauth.Killing{Reason: oauth.ReasonAgent, Generation: oauth.AllGenerations, At: start})
		},
		"extend": func(s *Store, session oauth.Session) error {
			return s.Extend(t.Context(), session.ID, start.Add(oauth.KilledKept), start)
		},
	} {
		store, counter := losing(t, 2)
		session := testSession()
		if err := store.Create(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		if err := change(store, session); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantSent(t, counter, 3)
		got, err := store.Find(t.Context(), session.ID, start, oauth.Strong)
		if err != nil || got.Killed.All() != (name == "kill") || !got.Expires.Equal(start.Add(oauth.KilledKept)) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
