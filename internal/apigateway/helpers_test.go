package apigateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/oauth"
)

var now = time.Date(2024, 10, 14, 13, 38, 2, 0, time.UTC)

// newGateway returns a gateway whose clock moves on 1.5 ms with each reading,
// and its log.
func newGateway(t testing.TB, baseURL string) (*apigateway.Gateway, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	at := now
	g := &apigateway.Gateway{
		Log:   slog.New(slog.NewJSONHandler(&log, nil)),
		Clock: func() time.Time { at = at.Add(1500 * time.Microsecond); return at },
	}
	if baseURL != "" {
		base, err := apigateway.ParseBaseURL(baseURL)
		if err != nil {
			t.Fatal(err)
		}
		g.BaseURL = base
	}
	return g, &log
}

func readEvent(t testing.TB, name string) []byte {
	t.Helper()
	event, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// editEvent returns the event called name after edit changed it.
func editEvent(t testing.TB, name string, edit func(event map[string]any)) []byte {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(readEvent(t, name), &event); err != nil {
		t.Fatal(err)
	}
	edit(event)
	out, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// requestOf returns the request that event becomes, whatever its kind.
func requestOf(t testing.TB, g *apigateway.Gateway, event []byte) *oauth.Request {
	t.Helper()
	var got *oauth.Request
	serve := func(_ context.Context, r *oauth.Request) (oauth.Response, error) {
		got = r
		return oauth.Response{Status: 200}, nil
	}
	check := func(_ context.Context, r *oauth.Request) (oauth.Verdict, error) {
		got = r
		return allowed, nil
	}
	if _, err := g.Proxy(serve).Invoke(context.Background(), event); err == nil {
		return got
	}
	if _, err := g.Authorizer(check).Invoke(context.Background(), event); err != nil {
		t.Fatalf("neither proxy nor authorizer took the event: %v", err)
	}
	return got
}

var sessionID = oauth.SessionID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

var allowed = oauth.Verdict{Allowed: true, Session: oauth.Session{
	ID: sessionID, Protocol: oauth.OAuth2, Client: "mobile", User: "u-alice", UserName: "alice",
	Scope: []string{"read", "write"}, Expires: time.Unix(1728999482, 0),
}}

// decodeJSON decodes data into a T and fails on names that T does not have.
func decodeJSON[T any](t testing.TB, data []byte) T {
	t.Helper()
	var value T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return value
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func clock() time.Time { return now }
