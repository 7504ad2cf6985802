// Package dynamodb is the store of every deployment.
//
// Every operation but List and AllClients is one request, and each is safe to
// send twice: the SDK may repeat one whose answer was lost. Nothing is deleted by
// being read: what has expired stays until the table's TTL deletes it, which may
// take days, and is told apart by its end.
package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Tables are the names of the tables.
type Tables struct {
	Sessions string // by id, index by user
	Replay   string // what is spent, and counters
	Registry string // clients and users
}

// Store keeps every contract of package oauth and may be used by any number of
// goroutines.
type Store struct {
	client *sdk.Client
	tables Tables
}

// New returns the store of tables behind client.
func New(client *sdk.Client, tables Tables) *Store {
	return &Store{client: client, tables: tables}
}

// A caller of a Lambda function waits for this store, so a call that hangs is
// given up and tried once more rather than waited for.
const (
	attemptTimeout = time.Second
	attempts       = 2
	longestBackoff = 50 * time.Millisecond
	connections    = 100 // kept alive, as many as may be used side by side
)

// Open returns the store of tables with a client of its own, made from the
// SDK's configuration: region, credentials, AWS_ENDPOINT_URL_DYNAMODB and so
// on. It sends nothing; see Ping.
func Open(cfg aws.Config, tables Tables) *Store {
	return New(sdk.NewFromConfig(cfg, tune), tables)
}

// tune bounds how long a call may take, and lets no damaged answer through.
func tune(o *sdk.Options) {
	o.HTTPClient = whole{bounded(o.HTTPClient)}
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = longestBackoff
	})
}

// bounded is client with the timeout of an attempt. The SDK's own has its
// certificates and proxies; the one of Go's library is there where somebody has
// put it in its place.
func bounded(client sdk.HTTPClient) sdk.HTTPClient {
	switch client := client.(type) {
	case *awshttp.BuildableClient:
		return client.WithTimeout(attemptTimeout).WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = connections
		})
	case *http.Client:
		timed := *client
		timed.Timeout = attemptTimeout
		return &timed
	}
	return client
}

// Ping asks for a client that does not exist: the cheapest call that every
// function may make. Made during init, it pays for TLS and credentials before
// the first request does. The error says that the table can't be read.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.get(ctx, s.tables.Registry, item{attrKey: text("ping")}, false)
	return err
}

// get reads one item of table; nil when there is none.
func (s *Store) get(ctx context.Context, table string, key item, strong bool) (item, error) {
	out, err := s.client.GetItem(ctx, &sdk.GetItemInput{
		TableName:      &table,
		Key:            key,
		ConsistentRead: aws.Bool(strong),
	})
	if err != nil {
		return nil, fmt.Errorf("dynamodb: read from %s: %w", table, err)
	}
	return out.Item, nil
}

// conditionFailed reports whether err is a refused condition, and returns the
// item that refused it: nil when there was none, or when it was not asked for.
func conditionFailed(err error) (old item, failed bool) {
	if refused, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return refused.Item, true
	}
	return nil, false
}

// written is what a conditional write comes to, of which no more is asked than
// whether it was made: refused where its condition failed, and else the error
// that what was tried met.
func written(what string, err, refused error) error {
	if _, failed := conditionFailed(err); failed {
		return refused
	}
	if err != nil {
		return fmt.Errorf("dynamodb: %s: %w", what, err)
	}
	return nil
}
