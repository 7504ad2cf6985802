package dynamodb

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// CreateClient stores a new client; see oauth.ClientRegistry. One write.
func (s *Store) CreateClient(ctx context.Context, c oauth.Client) error {
	c.Revision = 1
	old, err := s.create(ctx, clientItem(&c))
	if old == nil || err != nil {
		return err
	}
	return sameClient(old, c, oauth.ErrExists)
}

// UpdateClient replaces a client; see oauth.ClientRegistry. One write.
func (s *Store) UpdateClient(ctx context.Context, c oauth.Client) error {
	before := c.Revision
	c.Revision++
	old, err := s.replace(ctx, clientItem(&c), before)
	if old == nil || err != nil {
		return err
	}
	return sameClient(old, c, oauth.ErrChanged)
}

// sameClient is nil when the item that is in the way is what was to be written:
// then this is a retry, and the first answer was lost.
func sameClient(old item, c oauth.Client, otherwise error) error {
	found, err := parseClient(c.ID, old)
	if err != nil {
		return err
	}
	if c = c.Kept(); !found.Equal(&c) {
		return otherwise
	}
	return nil
}

// DeleteClient deletes a client; see oauth.ClientRegistry. One write.
func (s *Store) DeleteClient(ctx context.Context, id string) error {
	return s.deregister(ctx, clientPrefix+id)
}

// CreateUser stores a new user; see oauth.UserRegistry. One write.
func (s *Store) CreateUser(ctx context.Context, u oauth.User) error {
	u.Revision = 1
	old, err := s.create(ctx, userItem(&u))
	if old == nil || err != nil {
		return err
	}
	return sameUser(old, u, oauth.ErrExists)
}

// UpdateUser replaces a user; see oauth.UserRegistry. One write.
func (s *Store) UpdateUser(ctx context.Context, u oauth.User) error {
	before := u.Revision
	u.Revision++
	old, err := s.replace(ctx, userItem(&u), before)
	if old == nil || err != nil {
		return err
	}
	return sameUser(old, u, oauth.ErrChanged)
}

func sameUser(old item, u oauth.User, otherwise error) error {
	found, err := parseUser(u.Name, old)
	if err != nil {
		return err
	}
	if found != u {
		return otherwise
	}
	return nil
}

// DeleteUser deletes a user; see oauth.UserRegistry. One write.
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	return s.deregister(ctx, userPrefix+name)
}

// create writes an item whose key is free, and returns the one that has it
// otherwise.
func (s *Store) create(ctx context.Context, new item) (old item, err error) {
	e := newExpression()
	return s.register(ctx, new, e, "attribute_not_exists("+e.name(attrKey)+")")
}

// replace writes over the item of a revision, and returns it when it has
// another. ErrNotFound when there is none.
func (s *Store) replace(ctx context.Context, new item, revision uint32) (old item, err error) {
	e := newExpression()
	condition := e.name(attrRevision) + " = " + e.value("before", number(int64(revision)))
	if revision == 0 {
		e = newExpression()
		condition = "attribute_exists(" + e.name(attrKey) + ") AND attribute_not_exists(" + e.name(attrRevision) + ")"
	}
	return s.register(ctx, new, e, condition)
}

// register writes an item on a condition, and returns the item that fails it.
func (s *Store) register(ctx context.Context, new item, e *expression, condition string) (old item, err error) {
	input := e.putting(s.tables.Registry, new, condition)
	input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	if len(e.values) == 0 { // which is an error
		input.ExpressionAttributeValues = nil
	}
	_, err = s.client.PutItem(ctx, input)
	old, failed := conditionFailed(err)
	switch {
	case failed && old == nil:
		return nil, oauth.ErrNotFound
	case failed:
		return old, nil
	case err != nil:
		return nil, fmt.Errorf("dynamodb: write to %s: %w", s.tables.Registry, err)
	}
	return nil, nil
}

func (s *Store) deregister(ctx context.Context, key string) error {
	_, err := s.client.DeleteItem(ctx, &sdk.DeleteItemInput{TableName: &s.tables.Registry, Key: item{attrKey: text(key)}})
	if err != nil {
		return fmt.Errorf("dynamodb: delete from %s: %w", s.tables.Registry, err)
	}
	return nil
}
