package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// fate is what becomes of an item.
type fate int

const (
	putBack fate = iota
	wasThere
	hasEnded
	hasExpired
	fates
)

// sideBySide is how many writes are under way at once.
const sideBySide = 16

// transfer is one run from a table to another with the same key.
type transfer struct {
	client   *dynamodb.Client
	from, to string
	ended    map[string]bool // ids of sessions and of users
	now      time.Time

	mu   sync.Mutex
	done [fates]int
	err  error // the first
}

// all goes through the table, page by page, to its end or the first error. What
// was put back before an error stays.
func (t *transfer) all(ctx context.Context, key kind) error {
	absent := "attribute_not_exists(" + string(key) + ")"
	pages := dynamodb.NewScanPaginator(t.client, &dynamodb.ScanInput{TableName: &t.from})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read %s: %w", t.from, plain(err))
		}
		if err := t.page(ctx, page.Items, absent); err != nil {
			return fmt.Errorf("write to %s: %w", t.to, plain(err))
		}
	}
	return nil
}

func (t *transfer) page(ctx context.Context, items []map[string]types.AttributeValue, absent string) error {
	work, workers := make(chan map[string]types.AttributeValue), sync.WaitGroup{}
	for range sideBySide {
		workers.Go(func() {
			for item := range work {
				became, err := t.item(ctx, item, absent)
				t.note(became, err)
			}
		})
	}
	for _, item := range items {
		if t.failed() {
			break
		}
		work <- item
	}
	close(work)
	workers.Wait()
	return t.err
}

func (t *transfer) note(became fate, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.err = cmp.Or(t.err, err)
		return
	}
	t.done[became]++
}

func (t *transfer) failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err != nil
}

func (t *transfer) item(ctx context.Context, item map[string]types.AttributeValue, absent string) (fate, error) {
	switch {
	case t.over(item):
		return hasEnded, nil
	case t.expired(item):
		return hasExpired, nil
	}
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &t.to, Item: item, ConditionExpression: &absent})
	if _, there := errors.AsType[*types.ConditionalCheckFailedException](err); there {
		return wasThere, nil
	}
	return putBack, err
}

// over reports whether an item is a session that ended, or one of a user whose
// sessions all did.
func (t *transfer) over(item map[string]types.AttributeValue) bool {
	id, session := item["id"].(*types.AttributeValueMemberB)
	user, owned := item["user"].(*types.AttributeValueMemberS)
	return session && t.ended[base64.RawURLEncoding.EncodeToString(id.Value)] || owned && t.ended[user.Value]
}

// expired compares the end of an item, in epoch seconds, where it has one.
func (t *transfer) expired(item map[string]types.AttributeValue) bool {
	exp, ok := item["exp"].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	end, err := strconv.ParseInt(exp.Value, 10, 64)
	return err == nil && end <= t.now.Unix()
}
