package dynamodb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// The attributes of a session. Those of the index by user never change while
// the session lives, so that a refresh does not pay for the index.
const (
	attrID            = "id"      // B, the table's key
	attrUser          = "user"    // S, the index's key; absent: not in the index
	attrCreated       = "created" // N, milliseconds, the index's range
	attrExpires       = "exp"     // N, seconds: the TTL; absent: never
	attrProtocol      = "protocol"
	attrClient        = "client"
	attrUserName      = "user_name"
	attrScope         = "scope" // SS
	attrGeneration    = "gen"
	attrRenewed       = "renewed"      // N, milliseconds
	attrAccessScope   = "access_scope" // SS; absent: all of scope
	attrAccessExpires = "access_exp"   // N, milliseconds; absent: with the session
	attrPrevScope     = "prev_scope"   // SS; all of scope is a set of one space
	attrPrevExpires   = "prev_exp"     // N, milliseconds; zero: with the session
	attrAgent         = "agent"        // B
	attrAddress       = "address"      // B
	attrConfirmation  = "cnf"
	attrUntil         = "until"     // N, seconds; absent: without end
	attrIdle          = "idle"      // N, seconds; absent: exp stands still
	attrKilled        = "killed"    // N, the last generation that was killed
	attrKilledAt      = "killed_at" // N, milliseconds
	attrKilledWhy     = "killed_why"
)

func sessionItem(s *oauth.Session) item {
	attributes := item{
		attrID:            binary(s.ID[:]),
		attrUser:          text(s.User),
		attrCreated:       milli(s.Created),
		attrExpires:       seconds(oauth.End(s.Expires)),
		attrProtocol:      text(string(s.Protocol)),
		attrClient:        text(s.Client),
		attrUserName:      text(s.UserName),
		attrScope:         textSet(s.Scope),
		attrGeneration:    number(int64(s.Generation)),
		attrRenewed:       milli(s.Renewed),
		attrAccessScope:   textSet(s.AccessScope),
		attrAccessExpires: milli(s.AccessExpires),
		attrPrevScope:     textSet(s.PreviousScope),
		attrPrevExpires:   milli(s.PreviousExpires),
		attrAgent:         binary(s.Binding.Agent),
		attrAddress:       binary(s.Binding.Address),
		attrConfirmation:  text(s.Confirmation),
		attrUntil:         seconds(oauth.End(s.Until)),
		attrIdle:          idleSeconds(s.Idle),
		attrSealedSecret:  text(s.SealedSecret),
	}
	maps.Copy(attributes, killing(&s.Killed))
	return present(attributes)
}

// killing has no attributes where nothing was killed.
func killing(k *oauth.Killing) item {
	if k.Reason == "" {
		return nil
	}
	return item{attrKilled: number(int64(k.Generation)), attrKilledAt: milli(k.At), attrKilledWhy: text(string(k.Reason))}
}

func idleSeconds(idle time.Duration) types.AttributeValue {
	if idle < time.Second {
		return nil
	}
	return number(int64(idle / time.Second))
}

// parseSession is the inverse of sessionItem, but for what Session.Kept says.
func parseSession(stored item) (oauth.Session, error) {
	r := &reader{item: stored}
	r.need(attrID, attrProtocol, attrClient, attrCreated, attrGeneration)
	s := oauth.Session{
		ID:            readID(r),
		Protocol:      oauth.Protocol(r.text(attrProtocol)),
		Client:        r.text(attrClient),
		User:          r.text(attrUser),
		UserName:      r.text(attrUserName),
		Scope:         r.textSet(attrScope),
		Created:       r.milli(attrCreated),
		Generation:    r.uint32(attrGeneration),
		Renewed:       r.milli(attrRenewed),
		AccessScope:   r.textSet(attrAccessScope),
		AccessExpires: r.milli(attrAccessExpires),
		Expires:       r.seconds(attrExpires),

		PreviousScope:   r.textSet(attrPrevScope),
		PreviousExpires: r.milli(attrPrevExpires),
		Binding:         oauth.Binding{Agent: r.binary(attrAgent), Address: r.binary(attrAddress)},
		Confirmation:    r.text(attrConfirmation),
		Until:           r.seconds(attrUntil),
		Idle:            time.Duration(r.number(attrIdle)) * time.Second,
		SealedSecret:    r.text(attrSealedSecret),
		Killed: oauth.Killing{Reason: oauth.Reason(r.text(attrKilledWhy)), Generation: r.uint32(attrKilled),
			At: r.milli(attrKilledAt)},
	}
	if r.err != nil {
		return oauth.Session{}, r.err
	}
	if slices.Equal(s.PreviousScope, wholeScope()) {
		s.PreviousScope = s.Scope
	}
	return s.Kept(), nil
}

// wholeScope is kept where an attribute that stands for all of scope by its
// absence was copied. No token of a scope is a space.
func wholeScope() []string { return []string{" "} }

func readID(r *reader) (id oauth.SessionID) {
	raw := r.binary(attrID)
	if len(raw) != len(id) {
		r.fail(attrID, "is no session id")
		return id
	}
	return oauth.SessionID(raw)
}

func sessionKey(id oauth.SessionID) item { return item{attrID: binary(id[:])} }

// Create stores a new session; see oauth.Sessions. One write, and one of the
// index if the session has a user.
func (s *Store) Create(ctx context.Context, session oauth.Session) error {
	session = session.Kept()
	_, err := s.client.PutItem(ctx, &sdk.PutItemInput{
		TableName:                           &s.tables.Sessions,
		Item:                                sessionItem(&session),
		ConditionExpression:                 new("attribute_not_exists(" + attrID + ")"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	if old, failed := conditionFailed(err); failed {
		return sameSession(old, &session)
	}
	if err != nil {
		return fmt.Errorf("dynamodb: create a session: %w", err)
	}
	return nil
}

// sameSession tells a retry of a create, whose answer was lost, from another
// session with this id.
func sameSession(stored item, session *oauth.Session) error {
	old, err := parseSession(stored)
	if err == nil && !old.Equal(session) {
		return oauth.ErrExists
	}
	return err
}

// Find returns a live session; see oauth.Sessions. Half a read unit, or one
// when strong.
func (s *Store) Find(ctx context.Context, id oauth.SessionID, now time.Time, c oauth.Consistency) (oauth.Session, error) {
	stored, err := s.get(ctx, s.tables.Sessions, sessionKey(id), c == oauth.Strong)
	switch {
	case err != nil:
		return oauth.Session{}, err
	case stored == nil:
		return oauth.Session{}, oauth.ErrNotFound
	}
	session, err := parseSession(stored)
	switch {
	case err != nil:
		return oauth.Session{}, err
	case oauth.Expired(session.Expires, now):
		return oauth.Session{}, oauth.ErrExpired
	}
	return session, nil
}
