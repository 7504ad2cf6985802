package stress

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
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
	_, _ = rand.Read(spend.Key.Sum[:])
	return s.store.Spend(ctx, spend)
}

// spendsProofsAgain forgets the proofs that were spent.
type spendsProofsAgain struct{ store }

func (s spendsProofsAgain) Spend(ctx context.Context, spend oauth.Spending) error {
	if spend.Key.Kind == oauth.SpentProof {
		_, _ = rand.Read(spend.Key.Sum[:])
	}
	return s.store.Spend(ctx, spend)
}

// knowsNoRetry takes the second try of a spending for another's.
type knowsNoRetry struct{ store }

func (s knowsNoRetry) Spend(ctx context.Context, spend oauth.Spending) error {
	if err := s.store.Spend(ctx, spend); err != nil {
		return err
	}
	spend.Attempt = oauth.NewAttempt(context.Background())
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

// spares the sessions whose tokens are shown by others.
type spares struct{ store }

func (s spares) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	byOther := k.Reason == oauth.ReasonAgent || k.Reason == oauth.ReasonAddress || k.Reason == oauth.ReasonKey
	if byOther && k.Generation == oauth.AllGenerations {
		return nil
	}
	return s.store.Kill(ctx, id, k)
}

// forgetsKeys of those whom sessions belong to.
type forgetsKeys struct{ store }

func (s forgetsKeys) Create(ctx context.Context, session oauth.Session) error {
	session.Confirmation = ""
	return s.store.Create(ctx, session)
}

// forgetsPlaces where sessions began.
type forgetsPlaces struct{ store }

func (s forgetsPlaces) Create(ctx context.Context, session oauth.Session) error {
	session.Binding.Address = nil
	return s.store.Create(ctx, session)
}

// staysBound to where a session was before it was refreshed.
type staysBound struct{ store }

func (s staysBound) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	if session, err := s.store.Find(ctx, r.ID, r.Now, oauth.Strong); err == nil {
		r.Binding = session.Binding
	}
	return s.store.Refresh(ctx, r)
}

// forgetsUses of sessions, so that they end as if nobody used them.
type forgetsUses struct{ store }

func (forgetsUses) Extend(context.Context, oauth.SessionID, time.Time, time.Time) error { return nil }

// loses a session that it has acknowledged.
type loses struct{ store }

func (s loses) Create(ctx context.Context, session oauth.Session) error {
	session.ID = other(session.ID)
	return s.store.Create(ctx, session)
}

// noted is a store that also has each session as it was created.
type noted struct {
	store
	sessions *sync.Map
}

func (s noted) Create(ctx context.Context, session oauth.Session) error {
	s.sessions.Store(session.ID, session.Kept())
	return s.store.Create(ctx, session)
}

// remembers sessions, and lets requests pass without asking the engine.
type remembers struct{ noted }

func (s remembers) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	if session, ok := s.sessions.Load(id); ok {
		return session.(oauth.Session), nil
	}
	return s.store.Find(ctx, id, now, c)
}

// revives a session that was ended when it is refreshed.
type revives struct{ noted }

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

// suspect is a store that keeps its promises or not, and a load that tells.
type suspect struct {
	want   complaint // empty: none
	wrap   func(store) store
	things int
	bound  oauth.BindTo  // of most sessions; empty: of half to nobody
	often  func(*caller) // what may find it out
}

var suspects = []suspect{
	{"", nil, 1000, "", nil},
	{replayed, func(s store) store { return spendsAgain{s} }, 300, "", nil},
	{replayed, func(s store) store { return spendsProofsAgain{s} }, 300, oauth.BindDPoP, nil},
	{refused, func(s store) store { return knowsNoRetry{s} }, 300, "", nil},
	{undone, func(s store) store { return keepsRevoked{s} }, 300, "", (*caller).revoke},
	{undone, func(s store) store { return keepsKilled{s} }, 300, oauth.BindAgent, (*caller).checkStolen},
	{undone, func(s store) store { return spares{s} }, 400, oauth.BindAgentNetwork, (*caller).checkStolen},
	{undone, func(s store) store { return forgetsKeys{s} }, 500, oauth.BindDPoP, (*caller).checkStolen},
	{undone, func(s store) store { return forgetsPlaces{s} }, 400, oauth.BindAddress, (*caller).checkStolen},
	{refused, func(s store) store { return staysBound{s} }, 500, oauth.BindAddress, (*caller).refreshAgain},
	{refused, func(s store) store { return forgetsUses{s} }, 1000, "", (*caller).checkSigned},
	{undone, func(s store) store { return revives{noted{s, &sync.Map{}}} }, 500, "", nil},
	{refused, func(s store) store { return loses{s} }, 300, "", nil},
	{unchecked, func(s store) store { return remembers{noted{s, &sync.Map{}}} }, 300, "", nil},
	{different, func(s store) store { return renewsAnything{s} }, 500, "", nil},
	{unlisted, func(s store) store { return listsNothing{s} }, 500, "", (*caller).list},
	{unfounded, func(s store) store { return breaks{s} }, 300, "", nil},
	{late, func(s store) store { return dawdles{s} }, 150, "", nil},
}

// Without a fault nothing fails, and a store that breaks a promise is found out.
func TestTheOracle(t *testing.T) {
	for _, test := range suspects {
		t.Run(fmt.Sprintf("%T", wrapped(test.wrap)), func(t *testing.T) {
			t.Parallel() // they wait for the engine most of the time
			l, callers := test.load(t)
			l.run(t.Context(), callers, test.things)
			t.Logf("%d things: %v", test.things, l.complaints)
			if test.want == "" && len(l.complaints) > 0 || test.want != "" && l.complaints[test.want] == 0 {
				t.Errorf("want %q, got %v\n%v", test.want, l.complaints, strings.Join(l.examples, "\n"))
			}
		})
	}
}

// load is the one that tells, and by how many callers.
func (s *suspect) load(t *testing.T) (l *load, callers int) {
	t.Helper()
	l, callers = newLoad(t, s.wrap), 16
	l.often = s.often
	if s.bound != "" {
		l.plain = l.bound[slices.IndexFunc(l.bound, func(a app) bool { return a.To == s.bound })]
	}
	switch wrapped(s.wrap).(type) {
	case staysBound: // sessions must move while nobody else does anything with them
		callers = 3
	case forgetsUses: // sessions must come near their end, and few be used often
		l.every, l.sessions = 25, newPool[*session](50)
	case dawdles:
		l.deadline = dawdling
	}
	return l, callers
}

func wrapped(wrap func(store) store) store {
	if wrap == nil {
		return nil
	}
	return wrap(nil)
}
