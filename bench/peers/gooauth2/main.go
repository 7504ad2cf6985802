// Command gooauth2 checks bearer tokens with github.com/go-oauth2/oauth2, with
// its store in memory.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"gatehouse/bench/contender"

	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"
	"github.com/go-oauth2/oauth2/v4/store"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "round-trips" {
		contender.Main(makers())
		return
	}
	took, err := roundTrips()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(took)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func makers() contender.Makers { return contender.Makers{contender.Bearer: bearer} }

func bearer(*contender.Turn) (*contender.Subject, error) {
	tokens, err := store.NewMemoryTokenStore()
	if err != nil {
		return nil, fmt.Errorf("make a store: %w", err)
	}
	const token = "MTQ0NJKWMJMTZDE0OC0ZNZBLLTKWNZATMJUYYJDJNTCXMZI2"
	issued := &models.Token{ClientID: "mobile", UserID: "u1", Scope: "read", Access: token,
		AccessCreateAt: time.Now(), AccessExpiresIn: time.Hour}
	if err := tokens.Create(context.Background(), issued); err != nil {
		return nil, fmt.Errorf("keep: %w", err)
	}
	manager := manage.NewDefaultManager()
	manager.MapTokenStorage(tokens)
	s := server.NewDefaultServer(manager)
	ask := func(token string) func() bool {
		r := &http.Request{Method: http.MethodGet, Header: http.Header{"Authorization": {"Bearer " + token}}}
		return func() bool {
			found, err := s.ValidationBearerToken(r)
			return err == nil && found.GetClientID() == "mobile"
		}
	}
	return contender.Presenting(ask, token, "x"+token), nil
}
