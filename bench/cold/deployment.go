package cold

import (
	"context"
	"strings"

	"gatehouse/bench/sample"
	"gatehouse/internal/dynamodb"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Deployment has all that a function of ours needs: tables with a client and a
// session, a keyring, and the session's token.
type Deployment struct {
	Env   []string
	Token string
	Close func()
}

// Deploy serves the stand-in of AWS and fills it.
func Deploy(ctx context.Context) (*Deployment, error) {
	at, end, err := Serve(&AWS{Secret: sample.Keyring})
	if err != nil {
		return nil, err
	}
	url := "http://" + at
	tables := dynamodb.Tables{Sessions: "sessions", Replay: "replay", Registry: "registry"}
	store := dynamodb.Open(aws.Config{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}, tables)
	_, token, err := sample.Put(ctx, store)
	if err != nil {
		end()
		return nil, err
	}
	return &Deployment{
		Env: []string{"SESSIONS_TABLE=" + tables.Sessions, "REPLAY_TABLE=" + tables.Replay, "REGISTRY_TABLE=" + tables.Registry,
			"AWS_ENDPOINT_URL_DYNAMODB=" + url, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + url, "AWS_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID=anyone", "AWS_SECRET_ACCESS_KEY=anything", "KEYS_SECRET_ARN=keys"},
		Token: token,
		Close: end,
	}, nil
}

// Allows reports whether an answer lets a request through.
func (a Answer) Allows() bool {
	return !a.Failed && strings.Contains(string(a.Payload), `"Effect":"Allow"`)
}
