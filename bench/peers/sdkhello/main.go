// Command sdkhello is a Lambda function that reads an item of DynamoDB with the
// SDK as its guide has it.
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
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (map[string]string, error) {
		if _, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key}); err != nil {
			return nil, err
		}
		return map[string]string{"Effect": "Allow"}, nil
	})
}
