package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"gatehouse/internal/audit"
)

// trail is the log group of a stack in which operators' acts are.
type trail struct {
	logs  *cloudwatchlogs.Client
	group string
	actor string // the ARN of whoever calls
}

// trailStream is the one stream of the group. Any number may write to it at once.
const trailStream = "gatehouse"

// openTrail asks AWS who calls, which nobody can be denied.
func openTrail(ctx context.Context, cfg aws.Config, group string) (*trail, error) {
	caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("ask AWS who you are: %w", rootCause(err))
	}
	return &trail{cloudwatchlogs.NewFromConfig(cfg), group, aws.ToString(caller.Arn)}, nil
}

// errClock is what CloudWatch says of an event and takes no notice of.
var errClock = errors.New("CloudWatch did not take it: the clock of this machine is off by hours")

// write writes an event, into a stream that is made where it is not there.
func (t *trail) write(ctx context.Context, event audit.Event) error {
	event.Actor = t.actor
	line, err := event.Line()
	if err != nil {
		return err
	}
	err = t.put(ctx, event.Time.UnixMilli(), string(line))
	if _, absent := errors.AsType[*types.ResourceNotFoundException](err); absent {
		_, err = t.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &t.group, LogStreamName: aws.String(trailStream)})
		if _, exists := errors.AsType[*types.ResourceAlreadyExistsException](err); err == nil || exists {
			err = t.put(ctx, event.Time.UnixMilli(), string(line))
		}
	}
	if err != nil {
		return fmt.Errorf("log group %s: %w", t.group, rootCause(err))
	}
	return nil
}

func (t *trail) put(ctx context.Context, at int64, line string) error {
	answer, err := t.logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: &t.group, LogStreamName: aws.String(trailStream),
		LogEvents: []types.InputLogEvent{{Timestamp: &at, Message: &line}}})
	if err == nil && answer.RejectedLogEventsInfo != nil {
		return errClock
	}
	return err
}
