package deployment

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// sdk is the SDK's configuration by what Lambda puts into the environment, and
// the SDK's own variables for endpoints. config.LoadDefaultConfig finds the
// same; but to look where Lambda has nothing, it links single sign-on, STS and
// the metadata of machines, which is 2 MB and a fifth of each start.
func (e *environment) sdk() aws.Config {
	cfg := aws.Config{
		Region: e.ofLambda("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(e.ofLambda("AWS_ACCESS_KEY_ID"),
			e.ofLambda("AWS_SECRET_ACCESS_KEY"), e.get("AWS_SESSION_TOKEN")),
		ConfigSources: []any{endpoints{get: e.get, fips: e.flag("AWS_USE_FIPS_ENDPOINT"), dualStack: e.flag("AWS_USE_DUALSTACK_ENDPOINT")}},
	}
	if url := e.get("AWS_ENDPOINT_URL"); url != "" {
		cfg.BaseEndpoint = &url
	}
	return cfg
}

// ofLambda is a variable that Lambda gives to every function.
func (e *environment) ofLambda(name string) string {
	value := e.get(name)
	if value == "" {
		e.fault(name, "is not set; Lambda sets it")
	}
	return value
}

func (e *environment) flag(name string) bool {
	text := e.get(name)
	if text != "" && text != "true" && text != "false" {
		e.fault(name, fmt.Sprintf("takes true or false, not %q", text))
	}
	return text == "true"
}

// endpoints tell the clients of the SDK where their services are, by the names
// of methods that it looks for.
type endpoints struct {
	get             func(string) string
	fips, dualStack bool
}

// GetServiceBaseEndpoint is the URL that an operator gave for one service, such
// as AWS_ENDPOINT_URL_SECRETS_MANAGER.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	url := e.get("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}

// GetUseFIPSEndpoint is AWS_USE_FIPS_ENDPOINT.
func (e endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateEnabled, e.fips, nil
}

// GetUseDualStackEndpoint is AWS_USE_DUALSTACK_ENDPOINT.
func (e endpoints) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return aws.DualStackEndpointStateEnabled, e.dualStack, nil
}
