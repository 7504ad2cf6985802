// Command limit does only what no other program can do without, as a measure for
// them.
package main

import (
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- of HMAC-SHA1, which is what is measured
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"gatehouse/bench/contender"

	"github.com/aws/aws-lambda-go/events"
)

func main() { contender.Main(makers()) }

func makers() contender.Makers {
	return contender.Makers{contender.SignedGet: signed, contender.SignedForm: signed,
		contender.Bearer: bearer, contender.Authorizer: authorizer, contender.SlowStore: slowest}
}

// signed is the HMAC of the base string by a key not seen before, in base64.
func signed(t *contender.Turn) (*contender.Subject, error) {
	base, key := []byte(t.Base), []byte(url.QueryEscape(t.ClientSecret)+"&"+url.QueryEscape(t.TokenSecret))
	return &contender.Subject{Bare: true, Right: func(int) bool {
		mac := hmac.New(sha1.New, key)
		mac.Write(base)
		return base64.StdEncoding.EncodeToString(mac.Sum(nil)) != ""
	}}, nil
}

// bearer is the HMAC of 64 bytes by a key whose state is at hand.
func bearer(t *contender.Turn) (*contender.Subject, error) {
	mac := hmac.New(sha256.New, []byte(t.ClientSecret))
	message, sum := make([]byte, 64), make([]byte, 0, sha256.Size)
	return &contender.Subject{Bare: true, Right: func(int) bool {
		mac.Reset()
		mac.Write(message)
		return len(mac.Sum(sum)) == sha256.Size
	}}, nil
}

// authorizer decodes the event and encodes a policy, in the types that every
// function in Go has for them.
func authorizer(t *contender.Turn) (*contender.Subject, error) {
	event := []byte(t.Event)
	policy := events.APIGatewayCustomAuthorizerResponse{PrincipalID: "u1",
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{"arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*"}}}},
		Context: map[string]any{"client": "mobile", "user": "u1", "user_name": "", "scope": "read", "session": "AQIDAAAAAAAAAAAAAAAAAA",
			"protocol": "oauth2", "expiry": 2051323505}}
	return &contender.Subject{Bare: true, Right: func(int) bool {
		var asked events.APIGatewayCustomAuthorizerRequestTypeRequest
		if err := json.Unmarshal(event, &asked); err != nil {
			return false
		}
		answer, err := json.Marshal(&policy)
		return err == nil && len(answer) > 0
	}}, nil
}

// slowest is the slower of the two calls that a check makes of its store.
func slowest(*contender.Turn) (*contender.Subject, error) {
	return &contender.Subject{Bare: true, Passing: true, Batch: 16, Right: func(int) bool {
		time.Sleep(max(contender.SlowRead, contender.SlowWrite))
		return true
	}}, nil
}
