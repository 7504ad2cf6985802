// Command fosite checks bearer tokens with github.com/ory/fosite, with its store
// in memory and its HMAC tokens.
package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gatehouse/bench/contender"

	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/storage"
)

func main() { contender.Main(makers()) }

func makers() contender.Makers { return contender.Makers{contender.Bearer: bearer} }

func bearer(*contender.Turn) (*contender.Subject, error) {
	ctx := context.Background()
	config := &fosite.Config{GlobalSecret: []byte("32 bytes that are no secret here")}
	store, strategy := storage.NewMemoryStore(), compose.NewOAuth2HMACStrategy(config)
	client := &fosite.DefaultClient{ID: "mobile", Scopes: []string{"read"}}
	store.Clients[client.ID] = client
	session := &fosite.DefaultSession{Username: "u1", ExpiresAt: map[fosite.TokenType]time.Time{fosite.AccessToken: time.Now().Add(time.Hour)}}
	request := &fosite.Request{ID: "1", Client: client, Session: session, RequestedAt: time.Now(), GrantedScope: fosite.Arguments{"read"}}
	token, signature, err := strategy.GenerateAccessToken(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("mint: %w", err)
	}
	if err := store.CreateAccessTokenSession(ctx, signature, request); err != nil {
		return nil, fmt.Errorf("keep: %w", err)
	}
	provider := compose.Compose(config, store, strategy, compose.OAuth2TokenIntrospectionFactory)
	ask := func(token string) func() bool {
		r := &http.Request{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + token}}}
		return func() bool {
			presented := fosite.AccessTokenFromRequest(r)
			_, found, err := provider.IntrospectToken(ctx, presented, fosite.AccessToken, &fosite.DefaultSession{})
			return err == nil && found.GetClient().GetID() == client.ID
		}
	}
	return contender.Presenting(ask, token, "x"+token, token+"x"), nil
}
