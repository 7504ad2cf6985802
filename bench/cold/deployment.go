package cold

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const keyring = `{"current":"1","1":"a key for measurements that nobody must ever use"}`

// Deployment has all that a function of ours needs: tables with a client and a
// session, a keyring, and the session's token.
type Deployment struct {
	Env   []string
	Token string
	Close func()
}

// Deploy serves the stand-in of AWS and fills it.
func Deploy(ctx context.Context) (*Deployment, error) {
	at, end, err := Serve(&AWS{Secret: keyring})
	if err != nil {
		return nil, err
	}
	url := "http://" + at
	keys, err := seal.ParseKeyring([]byte(keyring))
	if err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	tables := dynamodb.Tables{Sessions: "sessions", Replay: "replay", Registry: "registry"}
	store := dynamodb.Open(aws.Config{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}, tables)
	if err := store.CreateClient(ctx, oauth.Client{ID: "mobile", SecretKey: 1}); err != nil {
		return nil, fmt.Errorf("create the client: %w", err)
	}
	now := time.Now()
	session := oauth.Session{ID: oauth.SessionID{1, 2, 3}, Protocol: oauth.OAuth2, Client: "mobile", User: "u1", Scope: []string{"read"},
		Generation: 3, Created: now, Renewed: now, Expires: now.Add(24 * time.Hour), AccessExpires: now.Add(24 * time.Hour)}.Kept()
	if err := store.Create(ctx, session); err != nil {
		return nil, fmt.Errorf("create the session: %w", err)
	}
	return &Deployment{
		Env: []string{"SESSIONS_TABLE=" + tables.Sessions, "REPLAY_TABLE=" + tables.Replay, "REGISTRY_TABLE=" + tables.Registry,
			"AWS_ENDPOINT_URL_DYNAMODB=" + url, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + url, "AWS_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID=anyone", "AWS_SECRET_ACCESS_KEY=anything", "KEYS_SECRET_ARN=keys"},
		Token: keys.Mint(seal.AccessToken, session.ID, session.Generation).Reveal(),
		Close: end,
	}, nil
}

// Allows reports whether an answer lets a request through.
func (a Answer) Allows() bool {
	return !a.Failed && strings.Contains(string(a.Payload), `"Effect":"Allow"`)
}
