package dynamodb

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/oauth"
)

// SealedSessions returns one page of the sessions that have a sealed secret; see
// oauth.TokenSecrets. One read unit for each 4 KB of sessions, of any kind.
func (s *Store) SealedSessions(ctx context.Context, cursor string) ([]oauth.Session, string, error) {
	return s.scanSealed(ctx, cursor, scanPage)
}

func (s *Store) scanSealed(ctx context.Context, cursor string, limit int32) (page []oauth.Session, next string, err error) {
	e := newExpression()
	input := &sdk.ScanInput{
		TableName:                &s.tables.Sessions,
		ConsistentRead:           new(true),
		FilterExpression:         new("attribute_exists(" + e.name(attrSealedSecret) + ")"),
		ExpressionAttributeNames: e.names,
		Limit:                    aws.Int32(limit),
	}
	if cursor != "" {
		id, err := oauth.ParseSessionID(cursor)
		if err != nil {
			return nil, "", oauth.ErrNotFound
		}
		input.ExclusiveStartKey = sessionKey(id)
	}
	out, err := s.client.Scan(ctx, input)
	if err != nil {
		return nil, "", fmt.Errorf("dynamodb: list sealed secrets: %w", err)
	}
	for _, stored := range out.Items {
		session, err := parseSession(stored)
		if err != nil {
			return nil, "", err
		}
		page = append(page, session)
	}
	if len(out.LastEvaluatedKey) == 0 {
		return page, "", nil
	}
	r := &reader{item: out.LastEvaluatedKey}
	last := readID(r)
	return page, last.String(), r.err
}

// ResealToken replaces the sealed secret of a session; see oauth.TokenSecrets. One
// write. A retry whose first answer was lost finds the new one.
func (s *Store) ResealToken(ctx context.Context, id oauth.SessionID, old, renewed string) error {
	e := newExpression()
	condition := e.swap(attrSealedSecret, old, renewed)
	_, err := s.client.UpdateItem(ctx, e.updating(s.tables.Sessions, sessionKey(id), condition))
	return written("replace a sealed secret", err, oauth.ErrNotFound)
}
