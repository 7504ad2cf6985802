// Command fositehello is a Lambda function that checks a bearer token with
// github.com/ory/fosite, without a database.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/storage"
)

func main() {
	ctx := context.Background()
	config := &fosite.Config{GlobalSecret: []byte("32 bytes that are no secret here")}
	store, strategy := storage.NewMemoryStore(), compose.NewOAuth2HMACStrategy(config)
	session := &fosite.DefaultSession{ExpiresAt: map[fosite.TokenType]time.Time{fosite.AccessToken: time.Now().Add(time.Hour)}}
	request := &fosite.Request{Client: &fosite.DefaultClient{ID: "mobile"}, Session: session}
	token, signature, err := strategy.GenerateAccessToken(ctx, request)
	if err != nil {
		log.Fatal(err)
	}
	if err := store.CreateAccessTokenSession(ctx, signature, request); err != nil {
		log.Fatal(err)
	}
	provider := compose.Compose(config, store, strategy, compose.OAuth2TokenIntrospectionFactory)
	lambda.Start(func(ctx context.Context, _ json.RawMessage) (map[string]string, error) {
		if _, _, err := provider.IntrospectToken(ctx, token, fosite.AccessToken, &fosite.DefaultSession{}); err != nil {
			return nil, errors.New("Unauthorized")
		}
		return map[string]string{"Effect": "Allow"}, nil
	})
}
