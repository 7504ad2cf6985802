package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// kind is which of a stack's tables one is, by the name of its key.
type kind string

const (
	ofSessions kind = "id"
	ofRegistry kind = "pk" // and of nonces, which are not restored
)

// kind is that of both tables. It is an error when they are not of one kind, or
// not of those that are worth it.
func (t *transfer) kind(ctx context.Context) (kind, error) {
	from, err := t.kindOf(ctx, t.from)
	if err != nil {
		return "", err
	}
	to, err := t.kindOf(ctx, t.to)
	if err == nil && from != to {
		err = fmt.Errorf("%s and %s are not tables of one kind: their keys are %s and %s", t.from, t.to, from, to)
	}
	return to, err
}

func (t *transfer) kindOf(ctx context.Context, name string) (kind, error) {
	described, err := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return "", fmt.Errorf("there is no table %s in this account and Region", name)
	}
	if err != nil {
		return "", fmt.Errorf("table %s: %w", name, plain(err))
	}
	key := kind(aws.ToString(described.Table.KeySchema[0].AttributeName))
	if key != ofSessions && key != ofRegistry {
		return "", fmt.Errorf("%s is no table of sessions, nor of clients and users: its key is %s", name, key)
	}
	if key == ofRegistry {
		err = t.refuseNonces(ctx, name)
	}
	return key, err
}

// refuseNonces tells a table of nonces from one of clients and users by what is
// in it: they have the same key. An empty one may be either.
func (t *transfer) refuseNonces(ctx context.Context, name string) error {
	page, err := t.client.Scan(ctx, &dynamodb.ScanInput{TableName: &name, Limit: aws.Int32(1)})
	if err != nil {
		return fmt.Errorf("read %s: %w", name, plain(err))
	}
	for _, item := range page.Items {
		key, _ := item[string(ofRegistry)].(*types.AttributeValueMemberS)
		if key != nil && (strings.HasPrefix(key.Value, "spent#") || strings.HasPrefix(key.Value, "tries#")) {
			return fmt.Errorf("%s is a table of nonces and tries, which is not worth restoring", name)
		}
	}
	return nil
}

// plain is what AWS says, without the call that it says it of.
func plain(err error) error {
	if said, ok := errors.AsType[smithy.APIError](err); ok {
		return fmt.Errorf("%s: %s", said.ErrorCode(), said.ErrorMessage())
	}
	return err
}
