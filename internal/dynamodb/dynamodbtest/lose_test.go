package dynamodbtest

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What a conditional put of ours meets after a lost answer is itself.
func TestARetryAfterALostAnswerMeetsItsOwnWrite(t *testing.T) {
	name := tableOf(t, nil).name
	c := &Counter{}
	db := table{Client(t, Lose(c, 1)), name}
	refused := &types.ConditionalCheckFailedException{}
	if err := db.putNew("a"); !errors.As(err, &refused) {
		t.Errorf("got %v, want %T", err, refused)
	}
	if got, want := c.Usage(), (Usage{2, 2, 0, 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestALostAnswerOfAPlainPutIsRetriedUnseen(t *testing.T) {
	name := tableOf(t, nil).name
	db := table{Client(t, Lose(nil, 2)), name}
	check(t, db.put("a", ""))
	check(t, db.put("b", ""))
}

func TestWithoutARetryALostAnswerIsAnErrorAndTheWorkIsDone(t *testing.T) {
	plain := tableOf(t, nil)
	losing := Client(t, Lose(nil, 1))
	_, err := losing.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: plain.name, Item: key("a")},
		func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	if !errors.Is(err, ErrLost) {
		t.Errorf("got %v, want %v", err, ErrLost)
	}
	found, err := plain.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: plain.name, Key: key("a")})
	if err != nil || len(found.Item) == 0 {
		t.Errorf("the item is not there: %v", err)
	}
}
