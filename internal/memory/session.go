package memory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"gatehouse/internal/oauth"
)

// keepExpired is how long an expired session stays, so that its caller is told
// that it expired and not that it never was.
const keepExpired = 24 * time.Hour

// Create stores a new session; see oauth.Sessions.
func (s *Store) Create(_ context.Context, session oauth.Session) error {
	session = session.Kept()
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, taken := s.sessions[session.ID]; taken && !old.Equal(&session) {
		return oauth.ErrExists
	}
	s.sweepSessions(session.Created)
	s.sessions[session.ID] = &session
	return nil
}

func (s *Store) sweepSessions(now time.Time) {
	sweep(&s.writes.sessions, s.sessions, func(session *oauth.Session) bool {
		return oauth.Expired(session.Expires, now.Add(-keepExpired))
	})
}

// Find returns a live session; see oauth.Sessions. Every read is strong. Nobody
// writes to the lists of a session that is kept: each change makes new ones.
func (s *Store) Find(_ context.Context, id oauth.SessionID, now time.Time, _ oauth.Consistency) (session oauth.Session, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.sessions[id]
	switch {
	case !ok:
		return oauth.Session{}, oauth.ErrNotFound
	case oauth.Expired(found.Expires, now):
		return oauth.Session{}, oauth.ErrExpired
	}
	return *found, nil
}

// Refresh moves a session to its next generation; see oauth.Renewal.
func (s *Store) Refresh(_ context.Context, r oauth.Renewal) (oauth.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[r.ID]
	if !ok {
		return oauth.Session{}, oauth.ErrNotFound
	}
	before, err := r.Judge(session)
	if err != nil {
		return session.Kept(), err
	}
	switch {
	case before && r.Rebinds(session):
		session.Binding.Address = r.Binding.Address
	case !before:
		session.Generation++
		session.PreviousScope, session.PreviousExpires = session.AccessScope, session.AccessExpires
		session.Renewed, session.AccessScope = r.Now, r.Scope
		session.AccessExpires, session.Expires = r.AccessExpires, r.Expires
		session.Until, session.Idle = r.Until, r.Idle
		session.Binding, session.Confirmation = r.Binding, r.Confirmation
	}
	*session = session.Kept()
	return session.Kept(), nil
}

// Extend moves the end of a session on; see oauth.Sessions.
func (s *Store) Extend(_ context.Context, id oauth.SessionID, end, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[id]
	end = oauth.End(end)
	if !ok || session.Killed.All() || session.Expires.IsZero() || oauth.Expired(session.Expires, now) || !session.Expires.Before(end) {
		return nil
	}
	session.Expires = end
	return nil
}

// Kill ends tokens of a session; see oauth.Sessions.
func (s *Store) Kill(_ context.Context, id oauth.SessionID, k oauth.Killing) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[id]
	if !ok || session.Killed.Covers(k.Generation) {
		return nil
	}
	session.Killed = k
	if k.All() {
		session.Expires = k.At.Add(oauth.KilledKept)
	}
	*session = session.Kept()
	return nil
}

// Revoke deletes a session; see oauth.Sessions.
func (s *Store) Revoke(_ context.Context, r oauth.Revocation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.sessions[r.ID]
	if !ok {
		return r.Absent()
	}
	if err := r.Judge(session); err != nil {
		return err
	}
	delete(s.sessions, r.ID)
	return nil
}

// SealedSessions returns all of them at once; see oauth.TokenSecrets.
func (s *Store) SealedSessions(context.Context, string) (page []oauth.Session, next string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		if session.SealedSecret != "" {
			page = append(page, session.Kept())
		}
	}
	return page, "", nil
}

// ResealToken replaces the secret of an imported token; see oauth.TokenSecrets.
func (s *Store) ResealToken(_ context.Context, id oauth.SessionID, old, renewed string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, there := s.sessions[id]
	if !there || session.SealedSecret != old && session.SealedSecret != renewed {
		return oauth.ErrNotFound
	}
	session.SealedSecret = renewed
	return nil
}

// List returns one page of a user's live sessions; see oauth.UserSessions.
func (s *Store) List(_ context.Context, user, cursor string, limit int, now time.Time) ([]oauth.Session, string, error) {
	sessions := s.liveSessions(user, now)
	if cursor != "" {
		after, err := oauth.ParseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		sessions = slices.DeleteFunc(sessions, func(session oauth.Session) bool {
			return newestFirst(session, oauth.Session{Created: after.Created, ID: after.ID}) <= 0
		})
	}
	if limit = min(max(limit, 1), 100); len(sessions) <= limit {
		return sessions, "", nil
	}
	last := sessions[limit-1]
	return sessions[:limit], oauth.Cursor{Created: last.Created, ID: last.ID}.String(), nil
}

func (s *Store) liveSessions(user string, now time.Time) []oauth.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []oauth.Session
	for _, session := range s.sessions {
		if user != "" && session.User == user && !oauth.Expired(session.Expires, now) {
			found = append(found, session.Kept())
		}
	}
	slices.SortFunc(found, newestFirst)
	return found
}

func newestFirst(a, b oauth.Session) int {
	if order := b.Created.Compare(a.Created); order != 0 {
		return order
	}
	return bytes.Compare(b.ID[:], a.ID[:])
}
