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

// deleteExpired begins to delete, and returns what ends that and tells how much
// was deleted.
func (l *load) deleteExpired(t *testing.T) (stop func() int) {
	t.Helper()
	j := &janitor{l, dynamodbtest.Client(t, nil), rand.New(rand.NewPCG(1, 4))}
	ctx, cancel := context.WithCancel(t.Context())
	deleted := 0
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			for _, table := range []struct{ name, key string }{{l.tables.Sessions, "id"}, {l.tables.Replay, "pk"}} {
				n, err := j.sweep(ctx, table.name, table.key)
				if deleted += n; err != nil && ctx.Err() == nil {
					t.Errorf("delete what has expired: %v", err)
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
	return func() int {
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
			if _, again := errors.AsType[*types.ConditionalCheckFailedException](err); err != nil && !again {
				return deleted, err
			}
			deleted++
		}
	}
	return deleted, nil
}
