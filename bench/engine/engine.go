// Package engine is the DynamoDB engine that the tests use, for what measures.
package engine

import (
	"context"
	"fmt"
	"path/filepath"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/dynamodb/dynamodbtest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Engine is one that runs. Nothing but End ends it before this process does.
type Engine struct {
	URL string
	End func()
}

// Start starts one, or takes that of AWS_ENDPOINT_URL_DYNAMODB. root is the folder
// of the product, which keeps the program.
func Start(root string) (*Engine, error) {
	url, end, err := dynamodbtest.Start(filepath.Join(root, ".cache"))
	if err != nil {
		return nil, err
	}
	return &Engine{url, end}, nil
}

// Config is what the SDK needs to reach the engine at url by client, or by its
// own where that is nil.
func Config(url string, client aws.HTTPClient) aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &url, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}
}

// Tables are those whose names begin with prefix.
func Tables(prefix string) dynamodb.Tables {
	return dynamodb.Tables{Sessions: prefix + "-sessions", Replay: prefix + "-replay", Registry: prefix + "-registry"}
}

// Create makes the tables.
func Create(ctx context.Context, cfg aws.Config, tables dynamodb.Tables) (*dynamodb.Store, error) {
	store := dynamodb.Open(cfg, tables)
	if err := store.CreateTables(ctx); err != nil {
		return nil, fmt.Errorf("make the tables: %w", err)
	}
	return store, nil
}
