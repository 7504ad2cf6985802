package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

var errCondition = errors.New("dynamodb: a condition failed for no known reason")

// Refresh moves a session to its next generation; see oauth.Renewal. One
// write, whether it succeeds or not: the index is not touched. A second binds a
// session to the address that it is asked for again from.
func (s *Store) Refresh(ctx context.Context, r oauth.Renewal) (oauth.Session, error) {
	if r.Generation == math.MaxUint32 {
		return oauth.Session{}, oauth.ErrExpired
	}
	out, err := s.client.UpdateItem(ctx, s.renewal(&r))
	if old, failed := conditionFailed(err); failed {
		session, err := judge(old, &r)
		if err == nil && r.Rebinds(&session) {
			return s.rebind(ctx, &r, &session)
		}
		return session, err
	}
	if err != nil {
		return oauth.Session{}, fmt.Errorf("dynamodb: refresh a session: %w", err)
	}
	return parseSession(out.Attributes)
}

// judge says why the condition of a renewal failed on the item stored, which it
// returns, or that the renewal was granted before.
func judge(stored item, r *oauth.Renewal) (oauth.Session, error) {
	if stored == nil {
		return oauth.Session{}, oauth.ErrNotFound
	}
	session, err := parseSession(stored)
	if err != nil {
		return oauth.Session{}, err
	}
	before, err := r.Judge(&session)
	if err == nil && !before {
		return oauth.Session{}, errCondition
	}
	return session, err
}

// rebind binds a session whose renewal was granted before to the address of r,
// unless it has moved on meanwhile. One write.
func (s *Store) rebind(ctx context.Context, r *oauth.Renewal, granted *oauth.Session) (oauth.Session, error) {
	e := newExpression()
	condition := e.name(attrGeneration) + " = " + e.value("gen", number(int64(granted.Generation))) +
		" AND " + notKilledWhole(e) + " AND " + boundToCaller(e, r)
	e.assign(attrAddress, binary(r.Binding.Address))
	out, err := s.client.UpdateItem(ctx, s.telling(e, r, condition))
	if old, failed := conditionFailed(err); failed {
		return judge(old, r)
	}
	if err != nil {
		return oauth.Session{}, fmt.Errorf("dynamodb: bind a session to another address: %w", err)
	}
	return parseSession(out.Attributes)
}

func (s *Store) renewal(r *oauth.Renewal) *sdk.UpdateItemInput {
	e := newExpression()
	condition := granted(e, r)
	e.assign(attrGeneration, number(int64(r.Generation)+1))
	e.assign(attrRenewed, milli(r.Now))
	e.copy(attrPrevScope, attrAccessScope, textSet(wholeScope()))
	e.copy(attrPrevExpires, attrAccessExpires, number(0))
	e.assign(attrAccessScope, textSet(r.Scope))
	e.assign(attrAccessExpires, milli(r.AccessExpires))
	e.assign(attrExpires, seconds(oauth.End(r.Expires)))
	e.assign(attrUntil, seconds(oauth.End(r.Until)))
	e.assign(attrIdle, idleSeconds(r.Idle))
	e.assign(attrAgent, binary(r.Binding.Agent))
	e.assign(attrAddress, binary(r.Binding.Address))
	e.assign(attrConfirmation, text(r.Confirmation)) // what the condition lets through
	return s.telling(e, r, condition)
}

// telling is the request to make the update of e to the session of r, answered
// with what it then is, or was where condition failed.
func (s *Store) telling(e *expression, r *oauth.Renewal, condition string) *sdk.UpdateItemInput {
	input := e.updating(s.tables.Sessions, sessionKey(r.ID), condition)
	input.ReturnValues = types.ReturnValueAllNew
	input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	return input
}

// granted is the part of Renewal.Judge that lets a renewal through, as a
// condition. It is false where there is no item.
func granted(e *expression, r *oauth.Renewal) string {
	expires := e.name(attrExpires)
	condition := e.name(attrClient) + " = " + e.value("client", &types.AttributeValueMemberS{Value: r.Client}) +
		" AND " + e.name(attrGeneration) + " = " + e.value("gen", number(int64(r.Generation))) +
		" AND (attribute_not_exists(" + expires + ") OR " + expires + " > " + e.value("now", number(r.Now.Unix())) + ")"
	condition += " AND " + notKilledWhole(e) + " AND " + boundToCaller(e, r)
	for i, token := range r.Scope {
		wanted := e.value("s"+strconv.Itoa(i), &types.AttributeValueMemberS{Value: token})
		condition += " AND contains(" + e.name(attrScope) + ", " + wanted + ")"
	}
	return condition
}

// boundToCaller is the condition that a session is bound to the caller of r, or
// to nobody.
func boundToCaller(e *expression, r *oauth.Renewal) string {
	agent, key := e.name(attrAgent), e.name(attrConfirmation)
	condition := "(attribute_not_exists(" + agent + ")"
	for i, hash := range r.Agents {
		condition += " OR " + agent + " = " + e.value("agent"+strconv.Itoa(i), binary(hash))
	}
	condition += ") AND (attribute_not_exists(" + key + ")"
	if r.Confirmation != "" {
		condition += " OR " + key + " = " + e.value("cnf", text(r.Confirmation))
	}
	return condition + ")"
}
