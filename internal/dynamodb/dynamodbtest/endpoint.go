// Package dynamodbtest gives tests a real DynamoDB engine, counts what each
// operation costs there, and loses answers on purpose.
package dynamodbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// endpointVariable is the variable that the AWS SDKs read as well.
const endpointVariable = "AWS_ENDPOINT_URL_DYNAMODB"

// Endpoint returns the base URL of a DynamoDB engine: the one that
// AWS_ENDPOINT_URL_DYNAMODB names; else dynoxide, fetched with npm; else
// DynamoDB Local in Docker. An engine of ours is started once for each test
// process, begins empty and ends with the process. It takes any credentials.
// Without an engine the test fails with a message that names the three ways.
func Endpoint(tb testing.TB) string {
	tb.Helper()
	e, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return e.url
}

// Start starts an engine as Endpoint does, for a program that is no test and has
// the folder cache for what is fetched. It returns the base URL, and what ends
// the engine where it is ours.
func Start(cache string) (url string, end func(), err error) {
	e, err := open(cache)
	if err != nil {
		return "", nil, err
	}
	return e.url, func() {
		if e.leash != nil {
			_ = e.leash.Close()
		}
	}, nil
}

// Client returns an SDK client of the engine at Endpoint whose requests pass
// through transport; nil means http.DefaultTransport. It retries as the SDK
// does, but without waiting long.
func Client(tb testing.TB, transport http.RoundTripper) *dynamodb.Client {
	tb.Helper()
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(Endpoint(tb)),
		Region:       "us-east-1",
		Credentials:  aws.CredentialsProviderFunc(anyone),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond }),
	})
}

// anyone is nobody in particular. DynamoDB Local takes only letters and digits.
func anyone(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "anyone", SecretAccessKey: "anything"}, nil
}

// shared is the engine of this process. Keeping it here keeps the engine's
// leash from being collected, which would end the engine.
var shared = sync.OnceValues(func() (engine, error) {
	root, err := moduleRoot()
	if err != nil {
		return engine{}, err
	}
	return open(filepath.Join(root, ".cache"))
})

// open tries the three ways in order. An npm package that is not the one
// pinned ends the search: it must be seen, not worked around.
func open(cache string) (engine, error) {
	if url := os.Getenv(endpointVariable); url != "" {
		if err := awaitAnswer(url, 2*time.Second); err != nil {
			return engine{}, noEngine(err, "not tried", "not tried")
		}
		return engine{url: url}, nil
	}
	e, npm := startDynoxide(cache)
	if npm == nil || errors.Is(npm, errIntegrity) {
		return e, npm
	}
	e, docker := startDocker()
	if docker == nil {
		return e, nil
	}
	return engine{}, noEngine("not set", npm, docker)
}

func noEngine(given, npm, docker any) error {
	return fmt.Errorf(`there is no DynamoDB to test against; any of these will do:
  %s=http://HOST:PORT of an engine that runs (%v)
  npm, which fetches dynoxide %s (%v)
  Docker, which runs %s (%v)`, endpointVariable, given, dynoxideVersion, npm, localImage, docker)
}

// moduleRoot returns the folder of the go.mod that is nearest above.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod in any folder above")
		}
		dir = parent
	}
}
