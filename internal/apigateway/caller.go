package apigateway

import (
	"encoding/json"
	"math"
	"strconv"

	"gatehouse/internal/oauth"
)

// callerContext is what a policy says of the request to whatever the gateway
// calls next. Values may only be strings, numbers and booleans.
type callerContext struct {
	Client   string `json:"client"`
	User     string `json:"user"`
	UserName string `json:"user_name"`
	Scope    string `json:"scope"` // separated by spaces
	Session  string `json:"session"`
	Protocol string `json:"protocol"`
	Expiry   int64  `json:"expiry"` // epoch seconds; 0: never

	// Set where the policy denies some routes: it is the same context that a
	// gateway response sees there. Elsewhere it means nothing.
	denyContext
}

func newCallerContext(s *oauth.Session) callerContext {
	var expiry int64
	if ends := s.TokenExpires(); !ends.IsZero() {
		expiry = ends.Unix()
	}
	return callerContext{Client: s.Client, User: s.User, UserName: s.UserName,
		Scope: oauth.FormatScope(s.TokenScope()), Session: s.ID.String(),
		Protocol: string(s.Protocol), Expiry: expiry}
}

// authorizer is requestContext.authorizer: a REST API puts the context there,
// an HTTP API one level below.
type authorizer struct {
	receivedContext
	Lambda receivedContext `json:"lambda"`
}

// receivedContext is a callerContext as it arrives, and whatever other
// authorizers put there.
type receivedContext struct {
	Client   scalar `json:"client"`
	User     scalar `json:"user"`
	UserName scalar `json:"user_name"`
	Scope    scalar `json:"scope"`
	Session  scalar `json:"session"`
	Protocol scalar `json:"protocol"`
	Expiry   scalar `json:"expiry"`
}

// scalar is the text of a string, number or boolean; a REST API makes strings
// of all three. Any other value is wrong, but no error when it is decoded: the
// context may be another authorizer's.
type scalar struct {
	text  string
	wrong bool
}

// UnmarshalJSON takes any JSON value and never fails. null is as no value.
func (s *scalar) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		s.wrong = json.Unmarshal(data, &s.text) != nil
	case '{', '[':
		s.wrong = true
	case 'n':
	default:
		s.text = string(data)
	}
	return nil
}

// caller returns what the authorizer said of the request, nil unless that is
// complete and valid.
func (e *event) caller() *oauth.Caller {
	received := &e.Context.Authorizer.receivedContext
	if e.payload2() {
		received = &e.Context.Authorizer.Lambda
	}
	return received.caller()
}

// caller takes an absent user or scope for an empty one, since a gateway may
// drop empty values; everything else must be there.
func (c *receivedContext) caller() *oauth.Caller {
	session, err := oauth.ParseSessionID(c.Session.text)
	scope, scopeOK := oauth.ParseScope(c.Scope.text)
	expiry, expiryOK := parseExpiry(c.Expiry.text)
	protocol := oauth.Protocol(c.Protocol.text)
	switch {
	case c.anyWrong() || c.Client.text == "":
	case c.User.text == "" && c.UserName.text != "":
	case err != nil || !scopeOK || !expiryOK:
	case protocol != oauth.OAuth1 && protocol != oauth.OAuth2:
	default:
		return &oauth.Caller{Session: session, Client: c.Client.text, User: c.User.text,
			UserName: c.UserName.text, Scope: scope, Protocol: protocol, Expiry: expiry}
	}
	return nil
}

func (c *receivedContext) anyWrong() bool {
	return c.Client.wrong || c.User.wrong || c.UserName.wrong || c.Scope.wrong ||
		c.Session.wrong || c.Protocol.wrong || c.Expiry.wrong
}

// parseExpiry reads epoch seconds. A gateway that makes a string of a number
// may write it as 1.7E9, so all spellings of a whole number are taken.
func parseExpiry(text string) (seconds int64, ok bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return seconds, seconds >= 0
	}
	number, err := strconv.ParseFloat(text, 64)
	const exact = 1 << 53
	if err != nil || number != math.Trunc(number) || number < 0 || number > exact {
		return 0, false
	}
	return int64(number), true
}
