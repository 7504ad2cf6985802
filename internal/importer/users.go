package importer

import (
	"context"
	"fmt"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// usersAtOnce is how many users a page of them has.
const usersAtOnce = 1000

// learnUsers reads who is here, where records say whose they are: sessions belong
// to ids, so that two users with one would be the same, and whoever is disabled
// here has apps again by a token that is imported. Users who are written later
// are not seen.
func (r *run) learnUsers(ctx context.Context, records []record) error {
	r.users = map[string][]oauth.User{}
	if !r.namesUsers(records) {
		return nil
	}
	for after := ""; ; {
		var page []oauth.User
		var next string
		err := r.try(ctx, func() (err error) { page, next, err = r.Store.ListUsers(ctx, after, usersAtOnce); return err })
		if err != nil {
			return fmt.Errorf("list the users who are here: %w", err)
		}
		for _, user := range page {
			r.users[user.ID] = append(r.users[user.ID], oauth.User{Name: user.Name, Disabled: user.Disabled})
		}
		if after = next; after == "" {
			return nil
		}
	}
}

func (r *run) namesUsers(records []record) bool {
	for i := range records {
		one := &records[i]
		if one.client != nil || one.user != nil && one.user.ID == "" {
			continue
		}
		if _, _, same := r.Done.find(one); !same {
			return true
		}
	}
	return false
}

// checkOwn refuses the id of a user that another here has.
func (r *run) checkOwn(u *seed.User) error {
	if u.ID == "" {
		return nil
	}
	for _, other := range r.users[u.ID] {
		if other.Name != u.Name {
			return &seed.FieldError{Field: "id", Reason: fmt.Sprintf("is that of the user %q here", other.Name)}
		}
	}
	return nil
}

// checkEnabled refuses the token of a user who is disabled here.
func (r *run) checkEnabled(t *seed.Token) error {
	for _, user := range r.users[t.UserID] {
		if user.Disabled {
			return &seed.FieldError{Field: "user_id", Reason: fmt.Sprintf("is that of the user %q, who is disabled here", user.Name)}
		}
	}
	return nil
}
