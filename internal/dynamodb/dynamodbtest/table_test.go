package dynamodbtest

import (
	"context"
	"crypto/rand"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// table is a table of one key, with an index by user that holds keys only.
type table struct {
	*dynamodb.Client
	name *string
}

// tableOf makes a table that goes with the test; transport sees all that is
// done to it.
func tableOf(t *testing.T, transport http.RoundTripper) table {
	t.Helper()
	db := table{Client(t, transport), aws.String("test-" + rand.Text())}
	_, err := db.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:            db.name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{stringAttribute("id"), stringAttribute("user")},
		KeySchema:            partitionedBy("id"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-user"), KeySchema: partitionedBy("user"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: db.name})
		check(t, err)
	})
	return db
}

func stringAttribute(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func partitionedBy(name string) []types.KeySchemaElement {
	return []types.KeySchemaElement{{AttributeName: &name, KeyType: types.KeyTypeHash}}
}

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func key(id string) item { return item{"id": text(id)} }

func (db table) put(id, user string) error {
	all := key(id)
	if user != "" {
		all["user"] = text(user)
	}
	_, err := db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: db.name, Item: all})
	return err
}

func (db table) putNew(id string) error {
	_, err := db.PutItem(context.Background(), &dynamodb.PutItemInput{
		TableName: db.name, Item: key(id), ConditionExpression: aws.String("attribute_not_exists(id)"),
	})
	return err
}

func (db table) count(id string) error {
	_, err := db.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: db.name, Key: key(id), UpdateExpression: aws.String("ADD uses :one"),
		ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	return err
}

func (db table) get(id string, strong bool) error {
	_, err := db.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: db.name, Key: key(id), ConsistentRead: &strong,
	})
	return err
}

func (db table) getAll(ids ...string) error {
	var keys []item
	for _, id := range ids {
		keys = append(keys, key(id))
	}
	_, err := db.BatchGetItem(context.Background(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{*db.name: {Keys: keys}},
	})
	return err
}

func (db table) byUser(user string) error {
	_, err := db.Query(context.Background(), &dynamodb.QueryInput{
		TableName: db.name, IndexName: aws.String("by-user"),
		KeyConditionExpression:    aws.String("#user = :user"),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: item{":user": text(user)},
	})
	return err
}

func (db table) deleteTogether(ids ...string) error {
	var deletes []types.TransactWriteItem
	for _, id := range ids {
		deletes = append(deletes, types.TransactWriteItem{Delete: &types.Delete{TableName: db.name, Key: key(id)}})
	}
	_, err := db.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: deletes})
	return err
}

func (db table) describe() error {
	_, err := db.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: db.name})
	return err
}
