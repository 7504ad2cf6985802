package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/oauth"
)

// userIndex is the index of sessions by user and creation; it has keys only.
const userIndex = "user"

// maxPage is how many items one BatchGetItem may ask for.
const maxPage = 100

// List returns one page of a user's live sessions; see oauth.UserSessions. Two
// round trips: the index, then the sessions themselves, strongly consistent so
// that what was revoked is gone at once. Half a unit, and one for each session.
func (s *Store) List(ctx context.Context, user, cursor string, limit int, now time.Time) ([]oauth.Session, string, error) {
	start, err := startKey(user, cursor)
	if err != nil || user == "" {
		return nil, "", err
	}
	ids, next, err := s.userSessions(ctx, user, start, min(max(limit, 1), maxPage))
	if err != nil {
		return nil, "", err
	}
	found, err := s.sessions(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	var page []oauth.Session
	for _, id := range ids {
		session, there := found[id]
		if there && !oauth.Expired(session.Expires, now) {
			page = append(page, session)
		}
	}
	return page, next, nil
}

// startKey is where a page of the index begins, nil at the first.
func startKey(user, cursor string) (item, error) {
	if cursor == "" {
		return nil, nil
	}
	after, err := oauth.ParseCursor(cursor)
	if err != nil {
		return nil, err
	}
	return item{
		attrID:      binary(after.ID[:]),
		attrUser:    text(user),
		attrCreated: number(after.Created.UnixMilli()),
	}, nil
}

// userSessions reads one page of the index, newest first.
func (s *Store) userSessions(ctx context.Context, user string, start item, limit int) ([]oauth.SessionID, string, error) {
	out, err := s.client.Query(ctx, &sdk.QueryInput{
		TableName:                 &s.tables.Sessions,
		IndexName:                 new(userIndex),
		KeyConditionExpression:    new("#user = :user"),
		ExpressionAttributeNames:  map[string]string{"#user": attrUser},
		ExpressionAttributeValues: item{":user": text(user)},
		ExclusiveStartKey:         start,
		Limit:                     aws.Int32(int32(limit)), // #nosec G115 -- callers ask for a page, some tens
		ScanIndexForward:          new(false),
	})
	if err != nil {
		return nil, "", fmt.Errorf("dynamodb: list sessions: %w", err)
	}
	ids := make([]oauth.SessionID, len(out.Items))
	for i := range out.Items {
		r := &reader{item: out.Items[i]}
		if ids[i] = readID(r); r.err != nil {
			return nil, "", r.err
		}
	}
	next, err := cursorAfter(out.LastEvaluatedKey)
	return ids, next, err
}

func cursorAfter(last item) (string, error) {
	if len(last) == 0 {
		return "", nil
	}
	r := &reader{item: last}
	cursor := oauth.Cursor{ID: readID(r), Created: r.milli(attrCreated)}
	return cursor.String(), r.err
}

var errBusy = errors.New("dynamodb: the table left sessions unread again and again")

// batchRounds bounds how often what a BatchGetItem left out is asked for again.
const batchRounds = 4

// sessions reads the sessions of ids that are there, strongly consistent.
func (s *Store) sessions(ctx context.Context, ids []oauth.SessionID) (map[oauth.SessionID]oauth.Session, error) {
	found := make(map[oauth.SessionID]oauth.Session, len(ids))
	keys := make([]map[string]types.AttributeValue, len(ids))
	for i := range ids {
		keys[i] = sessionKey(ids[i])
	}
	for round := 0; len(keys) > 0; round++ {
		if err := pause(ctx, round); err != nil {
			return nil, err
		}
		out, err := s.batch(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, stored := range out.Responses[s.tables.Sessions] {
			session, err := parseSession(stored)
			if err != nil {
				return nil, err
			}
			found[session.ID] = session
		}
		keys = out.UnprocessedKeys[s.tables.Sessions].Keys
	}
	return found, nil
}

func (s *Store) batch(ctx context.Context, keys []map[string]types.AttributeValue) (*sdk.BatchGetItemOutput, error) {
	out, err := s.client.BatchGetItem(ctx, &sdk.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{
			s.tables.Sessions: {Keys: keys, ConsistentRead: new(true)},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("dynamodb: read sessions: %w", err)
	}
	return out, nil
}

// pause waits before a later round, a little longer each time, and fails when
// there have been enough.
func pause(ctx context.Context, round int) error {
	switch round {
	case 0:
		return nil
	case batchRounds:
		return errBusy
	}
	select {
	case <-time.After(longestBackoff << (round - 1)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
