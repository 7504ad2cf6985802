package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/internal/oauth"
)

// A change is made to what was read, and made again to what is read anew where
// another changed it meanwhile: reads of clients may be some milliseconds old.
const (
	changeTries = 5
	changePause = 50 * time.Millisecond // doubled each time
)

var errMeanwhile = errors.New("it was changed meanwhile: look at it, and try again")

// changedMeanwhile words what a store says of another's change.
func changedMeanwhile(err error) error {
	if errors.Is(err, oauth.ErrChanged) || errors.Is(err, oauth.ErrExists) {
		return errMeanwhile
	}
	return err
}

// again calls change until nobody else changed the same meanwhile.
func (p *program) again(ctx context.Context, change func() error) error {
	pause := changePause
	for try := 1; ; try++ {
		err := change()
		if !errors.Is(err, oauth.ErrChanged) || try == changeTries {
			return changedMeanwhile(err)
		}
		if err := p.sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

func findClient(ctx context.Context, store oauth.Clients, id string) (oauth.Client, error) {
	client, err := store.Client(ctx, id)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return client, missing("there is no client %q: see client list", oauth.Printable(id))
	case err != nil:
		return client, fmt.Errorf("find client %q: %w", oauth.Printable(id), rootCause(err))
	}
	return client, nil
}

func findUser(ctx context.Context, store oauth.Users, name string) (oauth.User, error) {
	user, err := store.User(ctx, name)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return user, missing("there is no user %q", name)
	case err != nil:
		return user, fmt.Errorf("find user %q: %w", name, rootCause(err))
	}
	return user, nil
}

// changeClient changes one client and returns it as it was and as it is. What
// change leaves as it was is not written.
func (p *program) changeClient(ctx context.Context, store records, id string, change func(*oauth.Client) error) (before, after oauth.Client, err error) {
	err = p.again(ctx, func() error {
		if before, err = findClient(ctx, store, id); err != nil {
			return err
		}
		after = before.Kept()
		if err := change(&after); err != nil || after.Equal(&before) {
			return err
		}
		if err := store.UpdateClient(ctx, after); err != nil {
			return missingMeanwhile(err)
		}
		after.Revision++ // as the write raised it
		return nil
	})
	return before, after, err
}

// changeUser changes one user and returns them as they were and as they are.
func (p *program) changeUser(ctx context.Context, store records, name string, change func(*oauth.User)) (before, after oauth.User, err error) {
	err = p.again(ctx, func() error {
		if before, err = findUser(ctx, store, name); err != nil {
			return err
		}
		after = before
		if change(&after); after == before {
			return nil
		}
		if err := store.UpdateUser(ctx, after); err != nil {
			return missingMeanwhile(err)
		}
		after.Revision++
		return nil
	})
	return before, after, err
}

func missingMeanwhile(err error) error {
	if errors.Is(err, oauth.ErrNotFound) {
		return missing("it was deleted meanwhile")
	}
	return err
}
