// Command client signs a user in by password, calls the API, refreshes and signs out.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/oauth2"
)

func main() {
	ctx, address := context.Background(), os.Getenv("GATEHOUSE_URL")
	config := &oauth2.Config{ClientID: os.Getenv("GATEHOUSE_CLIENT"), ClientSecret: os.Getenv("GATEHOUSE_SECRET"),
		Endpoint: oauth2.Endpoint{TokenURL: address + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader}}
	token, err := config.PasswordCredentialsToken(ctx, os.Getenv("GATEHOUSE_USER"), os.Getenv("GATEHOUSE_PASSWORD"))
	if err != nil {
		log.Fatal(err) // *oauth2.RetrieveError; its ErrorCode is invalid_grant for a wrong name or password
	}
	fmt.Println("signed in:", call(config.Client(ctx, token), address+"/oauth/session"))

	// This client refreshes by itself a little before its token runs out; here, at once.
	// Have the tokens from the source, and store them, after each call: the last refresh
	// token is the one that works.
	token.Expiry = time.Now().Add(-time.Minute)
	source := config.TokenSource(ctx, token)
	client := oauth2.NewClient(ctx, source)
	fmt.Println("refreshed:", call(client, address+"/oauth/session"))
	if token, err = source.Token(); err != nil {
		log.Fatal(err)
	}

	revoke(config, address+"/oauth/revoke", token.RefreshToken)
	fmt.Println("signed out:", call(client, address+"/oauth/session"))
}

// call GETs a route of the API: its body, or the status where it is no success.
func call(client *http.Client, address string) string {
	answer, err := client.Get(address)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.StatusCode)
	}
	return string(body)
}

// revoke ends the session of a token (RFC 7009), for which the library has no word.
func revoke(config *oauth2.Config, address, token string) {
	answer, err := http.PostForm(address, url.Values{"token": {token}, "client_id": {config.ClientID}, "client_secret": {config.ClientSecret}})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatalf("%s is still signed in: %s", config.ClientID, answer.Status)
	}
}
