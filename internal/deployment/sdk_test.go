package deployment

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// lambdaVariables are what Lambda sets for a function.
func lambdaVariables() map[string]string {
	return map[string]string{"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id",
		"AWS_SECRET_ACCESS_KEY": "key", "AWS_SESSION_TOKEN": "token"}
}

// resolved is what clients make of a configuration.
type resolved struct {
	region, access, secret, session string
	store, keys                     string // endpoints; empty: the region's
	fips                            aws.FIPSEndpointState
	dualStack                       aws.DualStackEndpointState
}

func resolve(t *testing.T, cfg aws.Config) resolved {
	t.Helper()
	identity, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store, keys := dynamodb.NewFromConfig(cfg).Options(), secretsmanager.NewFromConfig(cfg).Options()
	if store.EndpointOptions.UseFIPSEndpoint != keys.EndpointOptions.UseFIPSEndpoint {
		t.Error("only one client is for FIPS")
	}
	return resolved{cfg.Region, identity.AccessKeyID, identity.SecretAccessKey, identity.SessionToken, aws.ToString(store.BaseEndpoint),
		aws.ToString(keys.BaseEndpoint), store.EndpointOptions.UseFIPSEndpoint, store.EndpointOptions.UseDualStackEndpoint}
}

// A function's configuration is what the SDK itself would find on Lambda.
func TestConfigurationIsThatOfTheSDK(t *testing.T) {
	for name, more := range map[string]map[string]string{
		"Lambda as it is":   {},
		"an endpoint each":  {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000", "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://127.0.0.1:8001"},
		"one for all":       {"AWS_ENDPOINT_URL": "http://127.0.0.1:8000"},
		"one for all but":   {"AWS_ENDPOINT_URL": "http://127.0.0.1:8000", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8001"},
		"FIPS":              {"AWS_USE_FIPS_ENDPOINT": "true"},
		"dual stack":        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
		"without a session": {"AWS_SESSION_TOKEN": ""},
	} {
		t.Run(name, func(t *testing.T) {
			variables := lambdaVariables()
			for name, value := range more {
				variables[name] = value
			}
			for name, value := range variables {
				t.Setenv(name, value)
			}
			t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
			theirs, err := config.LoadDefaultConfig(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			e := &environment{get: from(variables)}
			if got, want := resolve(t, e.sdk()), resolve(t, theirs); got != want || e.faults != nil {
				t.Errorf("got %+v, %v, want %+v", got, e.faults, want)
			}
		})
	}
}

// What stands for another endpoint than it seems to is refused.
func TestBadEndpointFlags(t *testing.T) {
	for _, name := range []string{"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		variables := lambdaVariables()
		variables[name] = "yes"
		e := &environment{get: from(variables)}
		if e.sdk(); len(e.faults) != 1 {
			t.Errorf("%s=yes: %v", name, e.faults)
		}
	}
}
