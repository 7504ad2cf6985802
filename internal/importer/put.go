package importer

import (
	"context"
	"errors"
	"fmt"

	"gatehouse/internal/oauth"
	"gatehouse/internal/seed"
)

// putClient creates a client, or finds it as it is to be.
func (r *run) putClient(ctx context.Context, t *task) (outcome, error) {
	c := t.client
	client, err := c.New(r.Rand)
	if err != nil {
		return 0, err
	}
	client.Imported = client.Imported || r.moved[c.ID] && !c.Public
	if err := r.Keys.GiveSecret(&client, oauth.NewSecret(c.Secret)); err != nil {
		return 0, err
	}
	client.Revision = 1 // as CreateClient has it
	stored, err := r.look(ctx, t, func() error { return r.Store.CreateClient(ctx, client) }, func() (any, error) {
		return r.Store.Client(ctx, c.ID)
	})
	switch old, there := stored.(oauth.Client); {
	case err != nil:
		return 0, err
	case there:
		if err := r.sameClient(c, &client, &old); err != nil {
			return 0, err
		}
		r.keep(old)
		return unchanged, nil
	}
	r.keep(client)
	return created, nil
}

// create makes what is not there, or returns what is: nil where it was made, or
// would be. What an earlier run made and somebody deleted since is not made anew.
func (r *run) create(ctx context.Context, t *task, create func() error, find func() (any, error)) (stored any, err error) {
	if !r.DryRun && !t.known {
		err = r.try(ctx, create)
		if !errors.Is(err, oauth.ErrExists) {
			return nil, err
		}
	}
	err = r.try(ctx, func() (err error) { stored, err = find(); return err })
	return r.found(t, stored, err)
}

// found is what find told of a record that is not to be made.
func (r *run) found(t *task, stored any, err error) (any, error) {
	switch gone := errors.Is(err, oauth.ErrNotFound); {
	case gone && t.known:
		return nil, &seed.FieldError{Field: seed.WholeFile, Reason: "differs from what was imported before, which is here no more: left so"}
	case gone && r.DryRun:
		return nil, nil
	}
	return stored, err
}

// look is create for what the store takes for a retry when it is the same.
func (r *run) look(ctx context.Context, t *task, create func() error, find func() (any, error)) (stored any, err error) {
	err = r.try(ctx, func() (err error) { stored, err = find(); return err })
	if r.DryRun || t.known || !errors.Is(err, oauth.ErrNotFound) {
		return r.found(t, stored, err)
	}
	return r.create(ctx, t, create, find)
}

func (r *run) keep(client oauth.Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients[client.ID] = client
}

// sameClient finds what is different between a client as it comes and as it is
// there. What only an operator does to a client is not compared.
func (r *run) sameClient(c *seed.Client, brought, stored *oauth.Client) error {
	secret, err := r.Keys.ClientSecret(stored)
	if err != nil || c.Secret != "" && !secret.Equal(oauth.NewSecret(c.Secret)) {
		return &seed.FieldError{Field: "secret", Reason: "is another than the one that the client has here"}
	}
	same := brought.Kept()
	same.Disabled, same.Imported, same.Revision = stored.Disabled, stored.Imported, stored.Revision
	same.SecretKey, same.SecretVersion, same.SealedSecret = stored.SecretKey, stored.SecretVersion, stored.SealedSecret
	if !same.Equal(stored) {
		return &seed.FieldError{Field: "id", Reason: "is that of a client here which differs in more than its secret"}
	}
	return nil
}

// putToken creates the session of a token, or finds it as it is to be.
func (r *run) putToken(ctx context.Context, t *task) (outcome, error) {
	if err := r.checkEnabled(t.token); err != nil {
		return 0, err
	}
	client, err := r.clientOf(ctx, t.token)
	if err != nil {
		return 0, err
	}
	session, err := t.token.Session(&client, r.Keys, r.Now)
	if err != nil {
		return 0, err
	}
	stored, err := r.create(ctx, t, func() error { return r.Store.Create(ctx, session) }, func() (any, error) {
		return r.Store.Find(ctx, session.ID, r.Now, oauth.Strong)
	})
	switch old, there := stored.(oauth.Session); {
	case errors.Is(err, oauth.ErrExpired):
		return 0, &seed.FieldError{Field: "token", Reason: "is here, and over"}
	case err != nil:
		return 0, err
	case there:
		return unchanged, t.token.SameToken(&old, r.Keys)
	}
	return created, nil
}

// clientOf finds the client of a token, and has it say that it has such.
func (r *run) clientOf(ctx context.Context, t *seed.Token) (client oauth.Client, err error) {
	r.mu.Lock()
	client, known := r.clients[t.Client]
	r.mu.Unlock()
	if !known {
		err = r.try(ctx, func() (err error) { client, err = r.Store.Client(ctx, t.Client); return err })
	}
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return client, &seed.FieldError{Field: "client", Reason: fmt.Sprintf("%q is not here, and was not imported", t.Client)}
	case err != nil:
		return client, err
	case client.Imported || client.Public:
		r.keep(client)
		return client, nil
	}
	return client, r.flag(ctx, client)
}

// flag has a client say that it has imported tokens, whatever others change of it
// meanwhile.
func (r *run) flag(ctx context.Context, client oauth.Client) error {
	for !client.Imported {
		client.Imported = true
		if r.DryRun {
			break
		}
		err := r.try(ctx, func() error { return r.Store.UpdateClient(ctx, client) })
		if err == nil {
			break
		}
		if !errors.Is(err, oauth.ErrChanged) {
			return err
		}
		if err := r.try(ctx, func() (err error) { client, err = r.Store.Client(ctx, client.ID); return err }); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.clients[client.ID].Imported {
		r.result.Flagged = append(r.result.Flagged, client.ID)
	}
	r.clients[client.ID] = client
	return nil
}
