package stress

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/internal/oauth"
)

// The stores below each break one promise, and the oracle must see it.

// spendsAgain forgets what was spent.
type spendsAgain struct{ store }

func (s spendsAgain) Spend(ctx context.Context, spend oauth.Spending) error {
	spend.Key = rand.Text()
	return s.store.Spend(ctx, spend)
}

// knowsNoRetry takes the second try of a spending for another's.
type knowsNoRetry struct{ store }

func (s knowsNoRetry) Spend(ctx context.Context, spend oauth.Spending) error {
	if err := s.store.Spend(ctx, spend); err != nil {
		return err
	}
	spend.Attempt = rand.Text()
	return s.store.Spend(ctx, spend)
}

// other is the id of no session.
func other(id oauth.SessionID) oauth.SessionID {
	id[0] ^= 1
	return id
}

// keepsRevoked ends another session than it was asked to.
type keepsRevoked struct{ store }

func (s keepsRevoked) Revoke(ctx context.Context, r oauth.Revocation) error {
	r.ID = other(r.ID)
	return s.store.Revoke(ctx, r)
}

// keepsKilled kills another session's tokens.
type keepsKilled struct{ store }

func (s keepsKilled) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	return s.store.Kill(ctx, other(id), k)
}

// loses a session that it has acknowledged.
type loses struct{ store }

func (s loses) Create(ctx context.Context, session oauth.Session) error {
	session.ID = other(session.ID)
	return s.store.Create(ctx, session)
}

// remembers sessions, and lets requests pass without asking the engine.
type remembers struct {
	store
	sessions *sync.Map
}

func (s remembers) Create(ctx context.Context, session oauth.Session) error {
	s.sessions.Store(session.ID, session.Kept())
	return s.store.Create(ctx, session)
}

func (s remembers) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	if session, ok := s.sessions.Load(id); ok {
		return session.(oauth.Session), nil
	}
	return s.store.Find(ctx, id, now, c)
}

// revives a session that was ended when it is refreshed.
type revives struct {
	store
	sessions *sync.Map
}

func (s revives) Create(ctx context.Context, session oauth.Session) error {
	s.sessions.Store(session.ID, session.Kept())
	return s.store.Create(ctx, session)
}

func (s revives) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	session, err := s.store.Refresh(ctx, r)
	old, ok := s.sessions.Load(r.ID)
	if !ok || !errors.Is(err, oauth.ErrNotFound) {
		return session, err
	}
	again := old.(oauth.Session)
	again.Generation = r.Generation + 1
	return again, s.store.Create(ctx, again)
}

// renewsAnything refreshes whatever generation is shown.
type renewsAnything struct{ store }

func (s renewsAnything) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	if session, err := s.store.Find(ctx, r.ID, r.Now, oauth.Strong); err == nil {
		r.Generation = session.Generation
	}
	return s.store.Refresh(ctx, r)
}

// listsNothing forgets whose sessions there are.
type listsNothing struct{ store }

func (s listsNothing) List(ctx context.Context, user, cursor string, limit int, now time.Time) ([]oauth.Session, string, error) {
	_, _, err := s.store.List(ctx, user, cursor, limit, now)
	return nil, "", err
}

// breaks for no reason.
type breaks struct{ store }

func (breaks) Find(context.Context, oauth.SessionID, time.Time, oauth.Consistency) (oauth.Session, error) {
	return oauth.Session{}, errors.New("for no reason")
}

const dawdling = time.Second

// dawdles for longer than the test lets it.
type dawdles struct{ store }

func (s dawdles) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	time.Sleep(dawdling)
	return s.store.Find(context.WithoutCancel(ctx), id, now, c)
}

// Without a fault nothing fails, and a store that breaks a promise is found out.
func TestTheOracle(t *testing.T) {
	for _, test := range []struct {
		want   complaint
		wrap   func(store) store
		things int
	}{
		{"", nil, 1000},
		{replayed, func(s store) store { return spendsAgain{s} }, 500},
		{refused, func(s store) store { return knowsNoRetry{s} }, 500},
		{undone, func(s store) store { return keepsRevoked{s} }, 500},
		{undone, func(s store) store { return keepsKilled{s} }, 500},
		{undone, func(s store) store { return revives{s, &sync.Map{}} }, 500},
		{refused, func(s store) store { return loses{s} }, 500},
		{unchecked, func(s store) store { return remembers{s, &sync.Map{}} }, 500},
		{different, func(s store) store { return renewsAnything{s} }, 500},
		{unlisted, func(s store) store { return listsNothing{s} }, 500},
		{unfounded, func(s store) store { return breaks{s} }, 500},
		{late, func(s store) store { return dawdles{s} }, 150},
	} {
		l := newLoad(t, test.wrap)
		if test.want == late {
			l.deadline = dawdling
		}
		l.run(t.Context(), 16, test.things)
		if test.want == "" && len(l.complaints) > 0 || test.want != "" && l.complaints[test.want] == 0 {
			t.Errorf("want %q of %T, got %v\n%v", test.want, wrapped(test.wrap), l.complaints, strings.Join(l.examples, "\n"))
		}
	}
}

func wrapped(wrap func(store) store) store {
	if wrap == nil {
		return nil
	}
	return wrap(nil)
}
