package stress

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"gatehouse/internal/dynamodb/dynamodbtest"
)

// janitor deletes some of what has expired, at random, as a table's TTL does
// some time later.
type janitor struct {
	*load
	client *sdk.Client
	random *rand.Rand
}

// deletions are how many items were deleted.
type deletions struct{ sessions, spendings int }

// deleteExpired begins to delete, and returns what ends that and tells how much
// was deleted.
func (l *load) deleteExpired(t *testing.T) (stop func() deletions) {
	t.Helper()
	j := &janitor{l, dynamodbtest.Client(t, nil), rand.New(rand.NewPCG(1, 4))}
	ctx, cancel := context.WithCancel(t.Context())
	var deleted deletions
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			for _, table := range []struct {
				name, key string
				deleted   *int
			}{{l.tables.Sessions, "id", &deleted.sessions}, {l.tables.Replay, "pk", &deleted.spendings}} {
				n, err := j.sweep(ctx, table.name, table.key)
				if *table.deleted += n; err != nil && ctx.Err() == nil {
					t.Errorf("delete what has expired: %v", err)
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
	return func() deletions {
		cancel()
		done.Wait()
		return deleted
	}
}

// sweep deletes one of two that have expired, on the condition that they have
// still.
func (j *janitor) sweep(ctx context.Context, table, key string) (deleted int, err error) {
	now := map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: fmt.Sprint(j.clock.Now().Unix())}}
	pages := sdk.NewScanPaginator(j.client, &sdk.ScanInput{TableName: &table, FilterExpression: aws.String("#exp <= :now"),
		ProjectionExpression: aws.String("#key"), ExpressionAttributeNames: map[string]string{"#exp": "exp", "#key": key}, ExpressionAttributeValues: now})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return deleted, err
		}
		for _, item := range page.Items {
			if j.random.IntN(2) == 0 {
				continue
			}
			_, err := j.client.DeleteItem(ctx, &sdk.DeleteItemInput{TableName: &table, Key: item, ConditionExpression: aws.String("#exp <= :now"),
				ExpressionAttributeNames: map[string]string{"#exp": "exp"}, ExpressionAttributeValues: now})
			switch _, again := errors.AsType[*types.ConditionalCheckFailedException](err); {
			case err == nil:
				deleted++
			case !again:
				return deleted, err
			}
		}
	}
	return deleted, nil
}
