package grants

import (
	"context"
	"sync"
	"time"

	"gatehouse/internal/memory"
	"gatehouse/internal/oauth"
)

// spy is a store that counts writes, and whose hooks may fail.
type spy struct {
	*memory.Store
	create, find, refresh, kill, extend, spend, client func() error

	mu      sync.Mutex
	creates int
	spends  int
	renewed int
}

func (s *spy) Create(ctx context.Context, session oauth.Session) error {
	if err := s.called(s.create, &s.creates); err != nil {
		return err
	}
	return s.Store.Create(ctx, session)
}

func (s *spy) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	if err := s.called(s.find, new(int)); err != nil {
		return oauth.Session{}, err
	}
	return s.Store.Find(ctx, id, now, c)
}

func (s *spy) Client(ctx context.Context, id string) (oauth.Client, error) {
	if err := s.called(s.client, new(int)); err != nil {
		return oauth.Client{}, err
	}
	return s.Store.Client(ctx, id)
}

func (s *spy) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	if err := s.called(s.refresh, &s.renewed); err != nil {
		return oauth.Session{}, err
	}
	return s.Store.Refresh(ctx, r)
}

func (s *spy) Kill(ctx context.Context, id oauth.SessionID, k oauth.Killing) error {
	if err := s.called(s.kill, new(int)); err != nil {
		return err
	}
	return s.Store.Kill(ctx, id, k)
}

func (s *spy) Extend(ctx context.Context, id oauth.SessionID, end, now time.Time) error {
	if err := s.called(s.extend, new(int)); err != nil {
		return err
	}
	return s.Store.Extend(ctx, id, end, now)
}

func (s *spy) Spend(ctx context.Context, spending oauth.Spending) error {
	if err := s.called(s.spend, &s.spends); err != nil {
		return err
	}
	return s.Store.Spend(ctx, spending)
}

func (s *spy) called(hook func() error, count *int) error {
	s.mu.Lock()
	*count++
	s.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook()
}

func broken() error { return errBroken }

// door is an Authenticator. Its hook may fail or refuse in its place.
type door struct {
	hook func() (*oauth.Error, error)

	mu   sync.Mutex
	seen []oauth.SignIn
}

func (d *door) Authenticate(_ context.Context, s oauth.SignIn) (oauth.User, *oauth.Error, error) {
	d.mu.Lock()
	d.seen = append(d.seen, s)
	d.mu.Unlock()
	if d.hook != nil {
		if refusal, err := d.hook(); refusal != nil || err != nil {
			return oauth.User{}, refusal, err
		}
	}
	if s.Name != "alice" || s.Password.Reveal() != "right" {
		return oauth.User{}, oauth.BadRequest(oauth.PermissionDenied, "unknown user or wrong password"), nil
	}
	return alice, nil, nil
}
