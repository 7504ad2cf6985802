package dynamodb

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/oauth"
)

// maxUsers is how many items of the registry a page of users looks at.
const maxUsers = 1000

// ListUsers returns one page of the users; see oauth.UserList. A page is limit
// items of the registry, of which clients are left out, so that it costs what it
// returns: half a read unit for each 4 KB.
func (s *Store) ListUsers(ctx context.Context, after string, limit int) (page []oauth.User, next string, err error) {
	start, err := registryPlace(after)
	if err != nil {
		return nil, "", err
	}
	out, err := s.client.Scan(ctx, &sdk.ScanInput{
		TableName:                 &s.tables.Registry,
		FilterExpression:          new("begins_with(#key, :user)"),
		ExpressionAttributeNames:  map[string]string{"#key": attrKey},
		ExpressionAttributeValues: item{":user": text(userPrefix)},
		ExclusiveStartKey:         start,
		Limit:                     aws.Int32(int32(min(max(limit, 1), maxUsers))), // #nosec G115 -- at most a thousand
	})
	if err != nil {
		return nil, "", fmt.Errorf("dynamodb: list users: %w", err)
	}
	for _, stored := range out.Items {
		name := strings.TrimPrefix((&reader{item: stored}).text(attrKey), userPrefix)
		user, err := parseUser(name, stored)
		if err != nil {
			return nil, "", fmt.Errorf("user %q: %w", name, err)
		}
		page = append(page, user)
	}
	if last := (&reader{item: out.LastEvaluatedKey}).text(attrKey); last != "" {
		next = oauth.KeyCursor(last)
	}
	return page, next, nil
}

// registryPlace is where a page of the registry begins, nil at the first.
func registryPlace(after string) (item, error) {
	if after == "" {
		return nil, nil
	}
	key, err := oauth.ParseKeyCursor(after)
	if err != nil || !strings.HasPrefix(key, userPrefix) && !strings.HasPrefix(key, clientPrefix) {
		return nil, oauth.ErrNotFound
	}
	return item{attrKey: text(key)}, nil
}
