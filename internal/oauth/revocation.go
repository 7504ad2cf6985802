package oauth

import "time"

// Revocation asks for the end of a session of Owner. Where it rests on a token
// that anyone may have who saw one, ByToken says on which, and only one that is
// accepted ends the session. One of an imported token, which anyone can make up,
// ends only what is there.
type Revocation struct {
	ID       SessionID
	Owner    Owner
	ByToken  *Presented
	Imported bool // only a session with a SealedSecret
	Forget   bool // a session that was killed whole goes too, and with it why
}

// Absent is what a revocation finds where no session is stored.
func (r *Revocation) Absent() error {
	if r.Imported {
		return ErrNotFound
	}
	return nil
}

// Judge decides on a revocation of s as it is stored: nil to delete it,
// ErrNotOwner, ErrNotFound for what is no imported token's where one was asked
// for, or ErrNotLive for what is over already or asked for by a token that is.
func (r *Revocation) Judge(s *Session) error {
	switch {
	case r.Imported && s.SealedSecret == "":
		return ErrNotFound
	case !r.Owner.Owns(s):
		return ErrNotOwner
	case s.Killed.All() && !r.Forget, r.ByToken != nil && !r.ByToken.live(s):
		return ErrNotLive
	}
	return nil
}

// Presented is an access token, or one of OAuth 1.0, as it is shown.
type Presented struct {
	Generation uint32
	Now        time.Time
	Grace      time.Duration // how long the token before the last refresh still works
}

// live reports whether the token is neither killed, replaced nor expired.
func (p *Presented) live(s *Session) bool {
	ends := s.TokenExpires()
	if s.InGrace(p.Generation, p.Grace, p.Now) {
		ends = s.PreviousExpires
	} else if p.Generation != s.Generation {
		return false
	}
	return !s.Killed.Covers(p.Generation) && !Expired(ends, p.Now) && !Expired(s.Expires, p.Now)
}

// InGrace reports whether the access token of a generation is the one before
// the last refresh, which works a little longer, since requests with it may
// still be under way.
func (s *Session) InGrace(generation uint32, grace time.Duration, now time.Time) bool {
	return generation < s.Generation && s.Generation-generation == 1 && now.Before(s.Renewed.Add(grace))
}
