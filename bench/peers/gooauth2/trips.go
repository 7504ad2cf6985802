package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/store"
)

// counted is a store in memory that counts what github.com/contamobi/go-oauth2-dynamodb,
// at b3af9cf, would ask of DynamoDB for each call, all one after another. That
// one knows an older interface, and cannot be had as a module.
type counted struct {
	oauth2.TokenStore
	trips int
}

// Create puts the token's data, and one item for each token that leads to it; a
// code is the key of the data itself.
func (c *counted) Create(ctx context.Context, info oauth2.TokenInfo) error {
	switch {
	case info.GetCode() != "":
		c.trips++
	case info.GetRefresh() != "":
		c.trips += 3
	default:
		c.trips += 2
	}
	return c.TokenStore.Create(ctx, info)
}

// GetByCode is one read.
func (c *counted) GetByCode(ctx context.Context, code string) (oauth2.TokenInfo, error) {
	c.trips++
	return c.TokenStore.GetByCode(ctx, code)
}

// GetByAccess reads what the token leads to, then the data.
func (c *counted) GetByAccess(ctx context.Context, access string) (oauth2.TokenInfo, error) {
	c.trips += 2
	return c.TokenStore.GetByAccess(ctx, access)
}

// GetByRefresh does the same.
func (c *counted) GetByRefresh(ctx context.Context, refresh string) (oauth2.TokenInfo, error) {
	c.trips += 2
	return c.TokenStore.GetByRefresh(ctx, refresh)
}

// RemoveByCode is one deletion, as the others are.
func (c *counted) RemoveByCode(ctx context.Context, code string) error {
	c.trips++
	return c.TokenStore.RemoveByCode(ctx, code)
}

// RemoveByAccess deletes one item.
func (c *counted) RemoveByAccess(ctx context.Context, access string) error {
	c.trips++
	return c.TokenStore.RemoveByAccess(ctx, access)
}

// RemoveByRefresh deletes one item.
func (c *counted) RemoveByRefresh(ctx context.Context, refresh string) error {
	c.trips++
	return c.TokenStore.RemoveByRefresh(ctx, refresh)
}

// roundTrips counts those of a code redeemed, its token checked, and a refresh.
func roundTrips() (map[string]int, error) {
	ctx, took := context.Background(), map[string]int{}
	manager, counter, err := newManager()
	if err != nil {
		return nil, err
	}
	asked := &oauth2.TokenGenerateRequest{ClientID: "mobile", ClientSecret: "secret", UserID: "u1", RedirectURI: "https://app.example/back",
		AccessTokenExp: time.Hour}
	code, err := manager.GenerateAuthToken(ctx, oauth2.Code, asked)
	if err != nil {
		return nil, fmt.Errorf("make a code: %w", err)
	}
	since := func() int { n := counter.trips; counter.trips = 0; return n }
	since()
	asked.Code = code.GetCode()
	issued, err := manager.GenerateAccessToken(ctx, oauth2.AuthorizationCode, asked)
	if err != nil {
		return nil, fmt.Errorf("redeem the code: %w", err)
	}
	took["code"] = since()
	if _, err := manager.LoadAccessToken(ctx, issued.GetAccess()); err != nil {
		return nil, fmt.Errorf("check the token: %w", err)
	}
	took["bearer check"] = since()
	asked.Refresh = issued.GetRefresh()
	if _, err := manager.RefreshAccessToken(ctx, asked); err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	took["refresh"] = since()
	return took, nil
}

// newManager is one on a counted store, with a client.
func newManager() (*manage.Manager, *counted, error) {
	tokens, err := store.NewMemoryTokenStore()
	if err != nil {
		return nil, nil, fmt.Errorf("make a store: %w", err)
	}
	counter, clients := &counted{TokenStore: tokens}, store.NewClientStore()
	if err := clients.Set("mobile", &models.Client{ID: "mobile", Secret: "secret", Domain: "https://app.example"}); err != nil {
		return nil, nil, fmt.Errorf("make a client: %w", err)
	}
	manager := manage.NewDefaultManager()
	manager.MapTokenStorage(counter)
	manager.MapClientStorage(clients)
	return manager, counter, nil
}
