package importer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// putUser creates a user, or finds one of that name.
func (r *run) putUser(ctx context.Context, t *task) (outcome, error) {
	u := t.user
	if err := r.checkOwn(u); err != nil {
		return 0, err
	}
	var user oauth.User // made once: with a password to hash, that takes its time
	create := func() (err error) {
		if user.ID == "" {
			if user, err = u.New(r.Rand); err != nil {
				return err
			}
		}
		return r.Store.CreateUser(ctx, user)
	}
	stored, err := r.look(ctx, t, create, func() (any, error) { return r.Store.User(ctx, u.Name) })
	switch old, there := stored.(oauth.User); {
	case err != nil:
		return 0, err
	case there && u.ID != "" && u.ID != old.ID:
		return 0, &seed.FieldError{Field: "id", Reason: fmt.Sprintf("is another than the one that the user has here, %q", old.ID)}
	case there:
		return r.renewPassword(ctx, t, old)
	}
	t.hash = user.PasswordHash
	return created, nil
}

// renewPassword gives a user who is there the password of the record, unless it
// is the same. Whose hash came from elsewhere and was not written since changed it
// at the older provider; any other was made by a sign-in or a change here, and
// stays.
func (r *run) renewPassword(ctx context.Context, t *task, user oauth.User) (outcome, error) {
	same, err := t.user.SamePassword(user.PasswordHash)
	if err != nil {
		return 0, err
	}
	t.hash = user.PasswordHash
	if same {
		return unchanged, nil
	}
	if !r.asImported(t, &user) {
		return 0, t.otherPassword("signed in here since, or has a password of here: left as it is")
	}
	if r.DryRun {
		return changed, nil
	}
	if user.PasswordHash, err = t.user.Hash(r.Rand); err != nil {
		return 0, err
	}
	err = r.try(ctx, func() error { return r.Store.UpdateUser(ctx, user) })
	if errors.Is(err, oauth.ErrChanged) || errors.Is(err, oauth.ErrNotFound) {
		return 0, t.otherPassword("was changed here meanwhile: left as it is")
	}
	t.hash = user.PasswordHash
	return changed, err
}

// otherPassword refuses a record by the field that it has its password in.
func (t *task) otherPassword(why string) error {
	field := "password"
	if t.user.PasswordHash != "" {
		field = "password_hash"
	}
	return &seed.FieldError{Field: field, Reason: "differs from the one here, and the user " + why}
}

// asImported reports whether a user has the password hash yet that an import
// gave. Without a note of that the user must never have been written since, and
// have a hash that no sign-in here makes.
func (r *run) asImported(t *task, user *oauth.User) bool {
	if t.before.Hash != "" {
		return t.before.Hash == r.Done.mac("hash", []byte(user.PasswordHash))
	}
	return user.Revision == 1 && !strings.HasPrefix(user.PasswordHash, "$argon2id$")
}
