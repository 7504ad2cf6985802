package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"gatehouse/bench/engine"
	"gatehouse/bench/sample"
	"gatehouse/internal/oauth"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The limits at the functions: what the engine gives to the SDK alone.
const (
	readName  = "GetItem"
	writeName = "PutItem"
)

// sdk has a connection for each caller.
func (f *functions) sdk() *dynamodb.Client {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = mostCallers })
	return dynamodb.NewFromConfig(engine.Config(f.url, client))
}

// read reads the session that bearer tokens are of.
func (f *functions) read(context.Context) (subject, error) {
	id := sample.Session(0, oauth.OAuth2, time.Time{}).ID
	client := f.sdk()
	return subject{what: readName, ask: func(int) error {
		out, err := client.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &f.tables.Sessions,
			Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberB{Value: id[:]}}})
		if err == nil && len(out.Item) == 0 {
			err = fmt.Errorf("there is no session %s", id)
		}
		return err
	}}, nil
}

// write puts an item where there is none, as a nonce is spent.
func (f *functions) write(context.Context) (subject, error) {
	var count atomic.Int64
	client, condition := f.sdk(), "attribute_not_exists(pk)"
	return subject{what: writeName, ask: func(int) error {
		key := "bench#" + strconv.FormatInt(count.Add(1), 10)
		_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &f.tables.Replay, ConditionExpression: &condition,
			Item: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: key}, "exp": &types.AttributeValueMemberN{Value: "2062345678"}}})
		return err
	}}, nil
}
