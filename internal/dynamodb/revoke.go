package dynamodb

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// Revoke deletes a session; see oauth.Sessions. One write, and one of the index
// if it deletes a session that has a user.
func (s *Store) Revoke(ctx context.Context, r oauth.Revocation) error {
	_, err := s.client.DeleteItem(ctx, s.revocation(&r))
	if old, failed := conditionFailed(err); failed {
		return spared(old, &r)
	}
	if err != nil {
		return fmt.Errorf("dynamodb: revoke a session: %w", err)
	}
	return nil
}

// spared says why the condition of a revocation failed on the item stored.
func spared(stored item, r *oauth.Revocation) error {
	if len(stored) == 0 {
		return r.Absent()
	}
	session, err := parseSession(stored)
	if err != nil {
		return err
	}
	if err := r.Judge(&session); err != nil {
		return err
	}
	return errCondition
}

// revocation deletes what Revocation.Judge lets go, or what is not there and need
// not be.
func (s *Store) revocation(r *oauth.Revocation) *sdk.DeleteItemInput {
	e := newExpression()
	input := &sdk.DeleteItemInput{TableName: &s.tables.Sessions, Key: sessionKey(r.ID)}
	all := owned(e, r.Owner)
	if !r.Forget {
		all = append(all, notKilledWhole(e))
	}
	if r.ByToken != nil {
		all = append(all, live(e, r.ByToken))
	}
	if r.Imported {
		all = append(all, "attribute_exists("+e.name(attrSealedSecret)+")")
	}
	if len(all) > 0 {
		condition := strings.Join(all, " AND ")
		if r.Absent() == nil {
			condition = "attribute_not_exists(" + e.name(attrID) + ") OR " + condition
		}
		input.ConditionExpression = &condition
		input.ExpressionAttributeNames, input.ExpressionAttributeValues = e.names, e.values
		input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return input
}

func owned(e *expression, owner oauth.Owner) (all []string) {
	if owner.Client != "" {
		all = append(all, e.name(attrClient)+" = "+e.value("client", text(owner.Client)))
	}
	if owner.User != "" {
		all = append(all, e.name(attrUser)+" = "+e.value("user", text(owner.User)))
	}
	return all
}

// live is the condition that a token is neither killed, replaced nor expired.
func live(e *expression, p *oauth.Presented) string {
	generation := e.name(attrGeneration)
	current := generation + " = " + e.value("gen", number(int64(p.Generation))) + " AND " + goesOn(e, attrAccessExpires, p.Now.UnixMilli())
	inGrace := generation + " = " + e.value("next", number(int64(p.Generation)+1)) +
		" AND " + e.name(attrRenewed) + " > " + e.value("since", number(p.Now.Add(-p.Grace).UnixMilli())) +
		" AND " + goesOn(e, attrPrevExpires, p.Now.UnixMilli())
	return killedLess(e, "shown", p.Generation) + " AND " + goesOn(e, attrExpires, p.Now.Unix()) +
		" AND (" + current + " OR " + inGrace + ")"
}

// goesOn is the condition that an end is later than now, in the attribute's
// unit, or none. Zero is kept for none where it stands for an absence.
func goesOn(e *expression, attribute string, now int64) string {
	end := e.name(attribute)
	return "(attribute_not_exists(" + end + ") OR " + end + " = " + e.value("none", number(0)) +
		" OR " + end + " > " + e.value("now_"+attribute, number(now)) + ")"
}
