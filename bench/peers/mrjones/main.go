// Command mrjones verifies with the provider of github.com/mrjones/oauth. It
// knows requests signed with the client's secret alone, and no nonces, which are
// kept here as its users must.
package main

import (
	"errors"
	"net/http"
	"strings"

	"gatehouse/bench/contender"

	"github.com/mrjones/oauth"
)

func main() { contender.Main(makers()) }

func makers() contender.Makers {
	return contender.Makers{contender.SignedGet: signed, contender.SignedForm: signed}
}

func signed(t *contender.Turn) (*contender.Subject, error) {
	var nonces map[string]bool
	renew := func() { nonces = map[string]bool{} }
	renew()
	var nonce string
	consumer := oauth.NewConsumer(t.Client, t.ClientSecret, oauth.ServiceProvider{})
	provider := oauth.NewProvider(func(key string, params map[string]string) (*oauth.Consumer, error) {
		if key != t.Client || params["oauth_token"] != t.Token {
			return nil, errors.New("unknown")
		}
		nonce = strings.Join([]string{key, params["oauth_token"], params["oauth_timestamp"], params["oauth_nonce"]}, "\n")
		return consumer, nil
	})
	prepare := func(r *contender.Request) (*http.Request, error) { return r.HTTP(r.TwoLegged) }
	verify := func(r *http.Request) bool {
		if _, err := provider.IsAuthorized(r); err != nil || nonces[nonce] {
			return false
		}
		nonces[nonce] = true
		return true
	}
	return contender.Signed(t, prepare, verify, renew)
}
