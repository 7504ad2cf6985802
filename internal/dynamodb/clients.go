package dynamodb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"gatehouse/internal/oauth"
)

// scanPage is how many items of the registry one request looks at: users are
// among them, and a page of clients is to come within attemptTimeout.
const scanPage = 500

// AllClients returns every client; see oauth.ClientList. One read unit for each
// 4 KB of the registry.
func (s *Store) AllClients(ctx context.Context) ([]oauth.Client, error) {
	return s.scanClients(ctx, scanPage)
}

func (s *Store) scanClients(ctx context.Context, page int32) (all []oauth.Client, err error) {
	pages := sdk.NewScanPaginator(s.client, &sdk.ScanInput{
		TableName:                 &s.tables.Registry,
		ConsistentRead:            new(true),
		FilterExpression:          new("begins_with(#key, :client)"),
		ExpressionAttributeNames:  map[string]string{"#key": attrKey},
		ExpressionAttributeValues: item{":client": text(clientPrefix)},
		Limit:                     aws.Int32(page),
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("dynamodb: list clients: %w", err)
		}
		for _, stored := range out.Items {
			id := strings.TrimPrefix((&reader{item: stored}).text(attrKey), clientPrefix)
			client, err := parseClient(id, stored)
			if err != nil {
				return nil, fmt.Errorf("client %q: %w", id, err)
			}
			all = append(all, client)
		}
	}
	slices.SortFunc(all, func(a, b oauth.Client) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
