// Package function asks a Lambda function of the operator's whether a password
// is right. It is apart from package authenticator so that the functions in
// which nobody signs in are built without the client that it needs.
package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"gatehouse/internal/authenticator"
	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/password"
)

// Function implements password.Elsewhere. It holds the one method of the client
// that it calls, and with it not all the others.
type Function struct {
	invoke  func(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
	arn     string
	timeout time.Duration
}

// A call that meets a connection which had ended is tried once more, within the
// time there is.
const (
	attempts       = 2
	longestBackoff = 50 * time.Millisecond
)

// New returns the function of an ARN that authenticator.ParseARN found good, which
// has timeout for its whole answer.
func New(cfg aws.Config, arn string, timeout time.Duration) password.Elsewhere {
	client := lambda.NewFromConfig(cfg, func(o *lambda.Options) {
		o.Region = strings.Split(arn, ":")[3]
		o.HTTPClient = &http.Client{Transport: authenticator.NewTransport(), CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = attempts
			o.MaxBackoff = longestBackoff
		})
	})
	return &Function{client.Invoke, arn, timeout}
}

// Check asks the function; see password.Elsewhere.
func (f *Function) Check(ctx context.Context, s oauth.SignIn) (oauth.User, bool, error) {
	user, right, err := f.ask(ctx, s)
	if err != nil {
		return oauth.User{}, false, fmt.Errorf("authenticator: function %s: %w", f.arn, err)
	}
	return user, right, nil
}

func (f *Function) ask(ctx context.Context, s oauth.SignIn) (oauth.User, bool, error) {
	payload, err := authenticator.Question(s)
	if err != nil {
		return oauth.User{}, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	out, err := f.invoke(ctx, &lambda.InvokeInput{FunctionName: &f.arn, InvocationType: types.InvocationTypeRequestResponse, Payload: payload})
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return oauth.User{}, false, fmt.Errorf("no answer in %v: %w", f.timeout, err)
	case err != nil:
		return oauth.User{}, false, err
	case out.FunctionError != nil:
		// What it said may repeat the password: its own log has it.
		return oauth.User{}, false, fmt.Errorf("it failed (%.20q), see its log", *out.FunctionError)
	}
	return authenticator.Answered(out.Payload, s.Name)
}
