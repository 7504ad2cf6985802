package deployment

import (
	"errors"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/authenticator"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/consent"
	"gatehouse/internal/oauth/password"
)

// NewFunction makes the authenticator that is a Lambda function, given its ARN
// and how long its answer may take. It is function.New, named by the programs in
// which somebody signs in, so that the others are built without it.
type NewFunction func(cfg aws.Config, arn string, timeout time.Duration) password.Elsewhere

// Asking is handler in a program that can ask a Lambda function who signs in.
func Asking(ask NewFunction, handler func(*Deployment) (apigateway.Handler, error)) func(*Deployment) (apigateway.Handler, error) {
	return func(d *Deployment) (apigateway.Handler, error) {
		d.Function = ask
		return handler(d)
	}
}

var errNoFunction = errors.New("environment variable AUTHENTICATOR_FUNCTION_ARN: this program asks no Lambda function")

// users are who signs in, and accounts what is known of them afterwards: those
// of the Registry, unless the operator named somebody else to ask.
func (d *Deployment) users() (oauth.Authenticator, consent.Accounts, error) {
	var elsewhere password.Elsewhere
	switch asked := d.Settings; {
	case asked.AuthWebhook != nil:
		elsewhere = &authenticator.Webhook{URL: asked.AuthWebhook, Keys: d.Keys, Transport: authenticator.NewTransport(),
			Rand: d.Rand, Timeout: asked.AuthTimeout}
	case asked.AuthFunction == "":
		users, err := password.NewRegistry(d.Store, d.guard(), d.Settings.Password, d.Rand)
		return users, consent.Here{Users: d.Store}, err
	case d.Function == nil:
		return nil, nil, errNoFunction
	default:
		elsewhere = d.Function(d.AWS, asked.AuthFunction, asked.AuthTimeout)
	}
	return password.NewDelegated(elsewhere, d.guard()), consent.Elsewhere{}, nil
}

// guard counts tries to sign in.
func (d *Deployment) guard() password.Guard {
	return password.Guard{Throttle: d.Store, Key: d.Keys.ThrottleKey, Log: d.Log}
}

// webhook is the URL of a webhook, where no function is asked.
func (e *environment) webhook(name, other string) *url.URL {
	webhook := e.url(name, authenticator.ParseURL)
	if e.get(name) != "" && e.get(other) != "" {
		e.fault(name, "is set, and "+other+" too: one of them is asked, so leave the other empty")
	}
	return webhook
}

func (e *environment) function(name string) string {
	text := e.get(name)
	if text == "" {
		return ""
	}
	arn, err := authenticator.ParseARN(text)
	e.parsed(name, err)
	return arn
}
