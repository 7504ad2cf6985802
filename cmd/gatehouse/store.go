package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/memory"
)

func openMemory(s *opened) {
	s.store, s.local, s.fleeting = memory.New(), true, true
	s.storeName = "keeps everything in memory"
}

// reach is how long DynamoDB may take to answer at the start.
const reach = 5 * time.Second

// openDynamoDB reaches DynamoDB and creates the tables that are not there.
func (p *program) openDynamoDB(ctx context.Context, s *opened) error {
	cfg, err := p.awsConfig(ctx)
	if err != nil {
		return err
	}
	name := p.endpointName(cfg)
	tables := p.tables()
	dynamo := dynamodb.Open(cfg, tables)
	var missing *types.ResourceNotFoundException
	if err := contact(ctx, dynamo); err != nil && !errors.As(err, &missing) {
		return fmt.Errorf("DynamoDB at %s cannot be used: %w", name, rootCause(err))
	}
	if err := dynamo.CreateTables(ctx); err != nil {
		return fmt.Errorf("DynamoDB at %s: %w", name, err)
	}
	s.store, s.local = dynamo, p.localEndpoint()
	s.storeName = fmt.Sprintf("keeps everything in %s, %s and %s of DynamoDB at %s", tables.Sessions, tables.Replay, tables.Registry, name)
	return nil
}

// contact makes the first call, which shows what is wrong with network and
// tables.
func contact(ctx context.Context, store *dynamodb.Store) error {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	err := store.Ping(ctx)
	var network net.Error
	var refused smithy.APIError
	var broken *smithy.DeserializationError
	switch {
	case errors.As(err, &network) && network.Timeout():
		return errNoAnswer
	case errors.As(err, &broken), errors.As(err, &refused) && refused.ErrorCode() == "UnknownError":
		return errNotDynamoDB
	}
	return err
}

var (
	errNoCredentials = errors.New("there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	errNoAnswer      = errors.New("no answer in time")
	errNotDynamoDB   = errors.New("what answers there is not DynamoDB")
)

// tables are named by the variables that the functions have.
func (p *program) tables() dynamodb.Tables {
	named := func(variable, otherwise string) string {
		if name := p.env(variable); name != "" {
			return name
		}
		return otherwise
	}
	return dynamodb.Tables{
		Sessions: named("SESSIONS_TABLE", "gatehouse-sessions"),
		Replay:   named("REPLAY_TABLE", "gatehouse-replay"),
		Registry: named("REGISTRY_TABLE", "gatehouse-registry"),
	}
}

// awsConfig is the SDK's own. An engine on this machine wants credentials and
// a region and does not care which, so it gets some where none are set.
func (p *program) awsConfig(ctx context.Context) (aws.Config, error) {
	if err := p.checkEndpoints(); err != nil {
		return aws.Config{}, err
	}
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})} // errors say it all
	if p.localEndpoint() {
		if p.env("AWS_ACCESS_KEY_ID") == "" && p.env("AWS_PROFILE") == "" {
			options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
		}
		options = append(options, config.WithDefaultRegion("us-east-1"))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("no AWS region: set AWS_REGION, or AWS_ENDPOINT_URL_DYNAMODB for an engine on this machine")
	}
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, errNoCredentials
	}
	return cfg, nil
}

// checkEndpoints finds what the SDK would take for no endpoint or for one that
// is elsewhere.
func (p *program) checkEndpoints() error {
	for _, variable := range []string{"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"} {
		if text := p.env(variable); text != "" && parseURL(text) == nil {
			return fmt.Errorf("%s takes a URL like http://127.0.0.1:8000, not %q", variable, text)
		}
	}
	return nil
}

// parseURL returns nil for what is no URL of HTTP.
func parseURL(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil
	}
	return u
}

func (p *program) endpoint() string {
	if endpoint := p.env("AWS_ENDPOINT_URL_DYNAMODB"); endpoint != "" {
		return endpoint
	}
	return p.env("AWS_ENDPOINT_URL")
}

// localEndpoint reports whether DynamoDB is an engine on this machine.
func (p *program) localEndpoint() bool {
	endpoint := parseURL(p.endpoint())
	if endpoint == nil {
		return false
	}
	addr, err := netip.ParseAddr(endpoint.Hostname())
	return endpoint.Hostname() == "localhost" || err == nil && addr.IsLoopback()
}

// endpointName says for people where DynamoDB is.
func (p *program) endpointName(cfg aws.Config) string {
	if endpoint := p.endpoint(); endpoint != "" {
		return endpoint
	}
	return "AWS, region " + cfg.Region
}
