package dynamodb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"gatehouse/internal/dynamodb/dynamodbtest"
	"gatehouse/internal/dynamodb/faulttest"
	"gatehouse/internal/oauth"
)

// faulty is the store that Open makes on tables, with layer before the engine.
func faulty(t *testing.T, tables Tables, layer *faulttest.Layer) *Store {
	t.Helper()
	return Open(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(dynamodbtest.Endpoint(t)),
		Credentials:  credentials.NewStaticCredentialsProvider("anyone", "anything", ""),
		HTTPClient:   &http.Client{Transport: layer},
	}, tables)
}

// calls are one of each kind that a request makes, on a session that is there.
func calls(session oauth.Session) map[string]func(context.Context, *Store) error {
	return map[string]func(context.Context, *Store) error{
		"Find": func(ctx context.Context, s *Store) error {
			got, err := s.Find(ctx, session.ID, start, oauth.Eventual)
			if err == nil && !got.Equal(&session) {
				return errors.New("another session was found")
			}
			return err
		},
		"Create": func(ctx context.Context, s *Store) error { return s.Create(ctx, session) },
		"Spend":  func(ctx context.Context, s *Store) error { return spend(s, "a", start)(ctx) },
		"Refresh": func(ctx context.Context, s *Store) error {
			_, err := s.Refresh(ctx, oauth.Renewal{ID: session.ID, Client: session.Client, Now: start.Add(time.Minute), Expires: start.Add(time.Hour)})
			return err
		},
		"List": func(ctx context.Context, s *Store) error {
			page, _, err := s.List(ctx, session.User, "", 10, start)
			if err == nil && len(page) != 1 {
				return errors.New("the session is not listed")
			}
			return err
		},
		"Revoke": func(ctx context.Context, s *Store) error {
			return s.Revoke(ctx, oauth.Revocation{ID: session.ID, Owner: oauth.Owner{Client: session.Client}})
		},
	}
}

// forEach calls check for each fault and kind of call. Those that take the time
// of an attempt do so side by side.
func forEach(t *testing.T, check func(name string, fault faulttest.Fault) error) {
	t.Helper()
	var silent sync.WaitGroup
	for _, fault := range faulttest.All() {
		for name := range calls(oauth.Session{}) {
			one := func() {
				if err := check(name, fault); err != nil {
					t.Errorf("%s, %s: %v", name, fault, err)
				}
			}
			if fault == faulttest.HangFirst || fault == faulttest.HangLast {
				silent.Go(one)
			} else {
				one()
			}
		}
	}
	silent.Wait()
}

// Whatever goes wrong once is tried again, and no damaged answer is believed.
func TestOneFaultIsNotSeen(t *testing.T) {
	clean := newStore(t, patient())
	forEach(t, func(name string, fault faulttest.Fault) error {
		sum := sha256.Sum256([]byte(name + string(fault)))
		session := testSession().Kept()
		session.ID, session.User = oauth.SessionID(sum[:16]), name+string(fault)
		if err := clean.Create(t.Context(), session); err != nil {
			return err
		}
		return calls(session)[name](t.Context(), faulty(t, clean.tables, &faulttest.Layer{First: []faulttest.Fault{fault}}))
	})
}

// What goes wrong each time is an error, and none of the facts that refuse.
func TestFaultsAreNotFacts(t *testing.T) {
	session, tables := testSession().Kept(), newStore(t, nil).tables
	forEach(t, func(name string, fault faulttest.Fault) error {
		if fault == faulttest.Slow || fault == faulttest.Behind {
			return nil // such an answer is right, or may be
		}
		layer := &faulttest.Layer{}
		layer.Set(faulttest.Rates{fault: 1})
		err := calls(session)[name](t.Context(), faulty(t, tables, layer))
		if err == nil {
			return errors.New("the call succeeded")
		}
		for _, fact := range facts {
			if errors.Is(err, fact) {
				return fmt.Errorf("it passes as %w", fact)
			}
		}
		return nil
	})
}
