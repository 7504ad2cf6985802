package password

import (
	"context"
	"fmt"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// Elsewhere knows users that the Registry does not.
type Elsewhere interface {
	// Check returns the user whose name and password these are, both UTF-8, or
	// right false. An error means that nobody knows: the one who was asked could
	// not be reached in time, or gave no proper answer.
	Check(ctx context.Context, s oauth.SignIn) (user oauth.User, right bool, err error)
}

// Delegated authenticates the users of somebody else. It implements
// oauth.Authenticator. Spellings of a name that they may take for one are counted
// as one; what they are asked is the name as it was typed. Whether unknown users can be told from known ones by
// time is for those who are asked to see to.
type Delegated struct {
	elsewhere Elsewhere
	guard     Guard
}

// NewDelegated returns an Authenticator that asks elsewhere, after guard has
// counted the try.
func NewDelegated(elsewhere Elsewhere, guard Guard) *Delegated { return &Delegated{elsewhere, guard} }

// Authenticate counts the try, then asks; see oauth.Authenticator.
func (d *Delegated) Authenticate(ctx context.Context, s oauth.SignIn) (oauth.User, *oauth.Error, error) {
	counted := s
	counted.Name = folded(s.Name)
	tries, err := d.guard.count(ctx, counted)
	if err != nil {
		return oauth.User{}, nil, err
	}
	if refusal := tries.refusal(s.Now); refusal != nil {
		return oauth.User{}, refusal, nil
	}
	// What is not UTF-8 can't be put in JSON: two passwords would become one.
	if !utf8.ValidString(s.Name) || !utf8.ValidString(s.Password.Reveal()) {
		return oauth.User{}, wrong(), nil
	}
	user, right, err := d.elsewhere.Check(ctx, s)
	if err != nil {
		return oauth.User{}, nil, fmt.Errorf("ask the authenticator: %w", err)
	}
	if !right || user.Disabled || user.ID == "" {
		return oauth.User{}, wrong(), nil
	}
	// Other users may be folded into this one, and guesses at them stay counted.
	d.guard.undo(ctx, tries, d.guard.Throttle.TakeBack)
	return user, nil, nil
}
