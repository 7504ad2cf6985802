package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// The attributes of the replay table, beside exp. What is spent and what is
// counted have keys of their own.
const (
	attrKey     = "pk"      // S, the key of this table and of the registry
	attrAttempt = "attempt" // S, of what is spent
	attrTries   = "tries"   // N, of a counter
	attrLast    = "last"    // N, milliseconds: when a counter was last raised

	spentPrefix = "spent#"
	triesPrefix = "tries#"
)

// absentOrExpired is the condition under which a key may be taken. It agrees
// with oauth.Expired since ends are whole seconds.
func absentOrExpired(e *expression, now time.Time) string {
	return "attribute_not_exists(" + attrKey + ") OR " +
		e.name(attrExpires) + " <= " + e.value("now", number(now.Unix()))
}

// Spend records a key once; see oauth.Replay. One write, whether it succeeds
// or not. A retry of the attempt that won writes the same again.
func (s *Store) Spend(ctx context.Context, spend oauth.Spending) error {
	if spend.Attempt == (oauth.Attempt{}) {
		return oauth.ErrNoAttempt
	}
	e, attempt := newExpression(), text(spend.Attempt.String())
	condition := absentOrExpired(e, spend.Now) +
		" OR " + e.name(attrAttempt) + " = " + e.value("attempt", attempt)
	_, err := s.client.PutItem(ctx, e.putting(s.tables.Replay, item{
		attrKey:     text(spentPrefix + spend.Key.String()),
		attrAttempt: attempt,
		attrExpires: seconds(oauth.End(spend.Expires)),
	}, condition))
	return written("spend", err, oauth.ErrSpent)
}

// Spent reports whether key is recorded; see oauth.Spendings. One read unit.
func (s *Store) Spent(ctx context.Context, key oauth.SpendKey, now time.Time) (bool, error) {
	stored, err := s.get(ctx, s.tables.Replay, item{attrKey: text(spentPrefix + key.String())}, true)
	if err != nil || stored == nil {
		return false, err
	}
	r := &reader{item: stored}
	expired := oauth.Expired(r.seconds(attrExpires), now)
	return !expired && r.err == nil, r.err
}

var errCounter = errors.New("dynamodb: a counter expired again and again while it was raised")

// countRounds bounds how often a counter is found now alive, now expired; a
// second round is needed when another caller began it anew meanwhile.
const countRounds = 3

// Count raises a counter; see oauth.Throttle. One write; three at most when
// the counter has expired and was not deleted yet.
func (s *Store) Count(ctx context.Context, key string, now time.Time, keep time.Duration) (oauth.Tries, error) {
	for range countRounds {
		tries, alive, err := s.raise(ctx, key, now, keep)
		if err != nil || alive {
			return tries, err
		}
		begun, err := s.begin(ctx, key, now, keep)
		if err != nil {
			return oauth.Tries{}, err
		}
		if begun {
			return oauth.Tries{Count: 1}, nil
		}
	}
	return oauth.Tries{}, errCounter
}

// raise adds one to a counter unless it is there and has expired.
func (s *Store) raise(ctx context.Context, key string, now time.Time, keep time.Duration) (tries oauth.Tries, alive bool, err error) {
	e := newExpression()
	condition := "attribute_not_exists(" + attrKey + ") OR " +
		e.name(attrExpires) + " > " + e.value("now", number(now.Unix()))
	e.assign(attrLast, milli(now))
	e.assign(attrExpires, seconds(oauth.End(now.Add(keep))))
	e.raise(attrTries, 1)
	input := e.updating(s.tables.Replay, item{attrKey: text(triesPrefix + key)}, condition)
	input.ReturnValues = types.ReturnValueUpdatedOld
	out, err := s.client.UpdateItem(ctx, input)
	if _, failed := conditionFailed(err); failed {
		return oauth.Tries{}, false, nil
	}
	if err != nil {
		return oauth.Tries{}, false, fmt.Errorf("dynamodb: raise a counter: %w", err)
	}
	old := &reader{item: out.Attributes}
	tries = oauth.Tries{Count: int(old.number(attrTries)) + 1, Previous: old.milli(attrLast)}
	return tries, true, old.err
}

// begin replaces a counter that has expired by one that was raised once.
func (s *Store) begin(ctx context.Context, key string, now time.Time, keep time.Duration) (begun bool, err error) {
	e := newExpression()
	_, err = s.client.PutItem(ctx, e.putting(s.tables.Replay, item{
		attrKey:     text(triesPrefix + key),
		attrTries:   number(1),
		attrLast:    milli(now),
		attrExpires: seconds(oauth.End(now.Add(keep))),
	}, absentOrExpired(e, now)))
	if _, failed := conditionFailed(err); failed {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("dynamodb: begin a counter: %w", err)
	}
	return true, nil
}

// Forget removes a counter; see oauth.Throttle. One write.
func (s *Store) Forget(ctx context.Context, key string) error {
	_, err := s.client.DeleteItem(ctx, &sdk.DeleteItemInput{
		TableName: &s.tables.Replay,
		Key:       item{attrKey: text(triesPrefix + key)},
	})
	if err != nil {
		return fmt.Errorf("dynamodb: forget a counter: %w", err)
	}
	return nil
}

// TakeBack lowers a counter; see oauth.Throttle. One write, whether there is
// something to take back or not.
func (s *Store) TakeBack(ctx context.Context, key string) error {
	e := newExpression()
	condition := e.name(attrTries) + " > " + e.value("zero", number(0)) // false of what is not there
	e.raise(attrTries, -1)
	_, err := s.client.UpdateItem(ctx, e.updating(s.tables.Replay, item{attrKey: text(triesPrefix + key)}, condition))
	return written("take one back of a counter", err, nil)
}
