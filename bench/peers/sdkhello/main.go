// Command sdkhello is a Lambda function that reads an item of DynamoDB with the
// SDK as its guide has it. With FIRST_CALL=init it reads one before, too, as who
// knows what the first call takes will have it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	client, table := dynamodb.NewFromConfig(loaded), os.Getenv("SESSIONS_TABLE")
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "1"}}
	read := func(ctx context.Context) error {
		_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key})
		return err
	}
	if os.Getenv("FIRST_CALL") == "init" {
		if err := read(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (map[string]string, error) {
		if err := read(ctx); err != nil {
			return nil, err
		}
		return map[string]string{"Effect": "Allow"}, nil
	})
}
