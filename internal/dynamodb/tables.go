package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tableWait is how long a new table may take.
const tableWait = time.Minute

// CreateTables creates the tables that are not there, as the template declares
// them, for a local engine or a test. It returns once they can be used; done
// twice it changes nothing.
func (s *Store) CreateTables(ctx context.Context) error {
	for _, table := range []*sdk.CreateTableInput{
		sessionsTable(s.tables.Sessions), keyedTable(s.tables.Replay), keyedTable(s.tables.Registry),
	} {
		if err := s.createTable(ctx, table); err != nil {
			return fmt.Errorf("dynamodb: create table %s: %w", *table.TableName, err)
		}
	}
	return nil
}

func sessionsTable(name string) *sdk.CreateTableInput {
	return &sdk.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: new(attrID), AttributeType: types.ScalarAttributeTypeB},
			{AttributeName: new(attrUser), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: new(attrCreated), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: new(attrID), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: new(userIndex),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: new(attrUser), KeyType: types.KeyTypeHash},
				{AttributeName: new(attrCreated), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	}
}

// keyedTable is a table with nothing but a key.
func keyedTable(name string) *sdk.CreateTableInput {
	return &sdk.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: new(attrKey), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: new(attrKey), KeyType: types.KeyTypeHash}},
	}
}

func (s *Store) createTable(ctx context.Context, table *sdk.CreateTableInput) error {
	_, err := s.client.CreateTable(ctx, table)
	if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
		return err
	}
	waiter := sdk.NewTableExistsWaiter(s.client, func(o *sdk.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	if err := waiter.Wait(ctx, &sdk.DescribeTableInput{TableName: table.TableName}, tableWait); err != nil {
		return err
	}
	return s.enableTTL(ctx, table.TableName)
}

// enableTTL turns the TTL on where it is off: turning it on twice is an error.
func (s *Store) enableTTL(ctx context.Context, table *string) error {
	out, err := s.client.DescribeTimeToLive(ctx, &sdk.DescribeTimeToLiveInput{TableName: table})
	if err != nil || out.TimeToLiveDescription.TimeToLiveStatus != types.TimeToLiveStatusDisabled {
		return err
	}
	_, err = s.client.UpdateTimeToLive(ctx, &sdk.UpdateTimeToLiveInput{
		TableName:               table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: new(attrExpires), Enabled: new(true)},
	})
	return err
}
