package deployment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gatehouse/internal/apigateway"
	"gatehouse/internal/audit"
	"gatehouse/internal/dynamodb"
	"gatehouse/internal/oauth/seal"
)

// initTimeout is below the ten seconds that Lambda gives the init phase.
const initTimeout = 8 * time.Second

// Run is the whole of a function's main: it loads the deployment, makes the
// handler and serves Lambda until the environment ends. A deployment that
// cannot be loaded is one clear line in the log, and exit code 1.
func Run(handler func(*Deployment) (apigateway.Handler, error)) {
	deepen()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	serve, err := start(log, handler)
	if err != nil {
		log.Error("the function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(serve)
}

// deepen makes the stack of its goroutine at once as deep as the SDK will need it.
// By itself it grows by doubling, and each time all that is on it is looked
// through: 3 % of a start.
//
//go:noinline
func deepen() {
	var room [56 << 10]byte
	runtime.KeepAlive(&room)
}

func start(log *slog.Logger, handler func(*Deployment) (apigateway.Handler, error)) (apigateway.Handler, error) {
	ctx, cancel := context.WithTimeout(context.Background(), initTimeout)
	defer cancel()
	d, err := Load(ctx, os.Getenv, log)
	if err != nil {
		return nil, err
	}
	d.Audit = audit.NewLog(os.Stderr)
	return handler(d)
}

// Load makes a deployment out of environment variables: keyring and store are
// reached side by side, so that the first request finds both connections made.
func Load(ctx context.Context, get func(string) string, log *slog.Logger) (*Deployment, error) {
	settings, err := ReadSettings(get)
	e := &environment{get: get}
	tables := dynamodb.Tables{
		Sessions: e.required("SESSIONS_TABLE"),
		Replay:   e.required("REPLAY_TABLE"),
		Registry: e.required("REGISTRY_TABLE"),
	}
	secret := e.required("KEYS_SECRET_ARN")
	sdk := e.sdk()
	if err := errors.Join(append(e.faults, err)...); err != nil {
		return nil, err
	}
	store := dynamodb.Open(sdk, tables)
	reached := make(chan error, 1)
	go func() {
		deepen()
		reached <- store.Ping(ctx)
	}()
	readKeys := keyringReader(secretsmanager.NewFromConfig(sdk, withoutKeptConnections), secret)
	keys, err := readKeys(ctx)
	if err := errors.Join(err, <-reached); err != nil {
		return nil, err
	}
	return &Deployment{Name: get("AWS_LAMBDA_FUNCTION_NAME"), Settings: settings, Keys: keys, ReadKeys: readKeys, Store: store,
		Clock: time.Now, Rand: rand.Reader, Log: log, AWS: sdk}, nil
}

// withoutKeptConnections: the next reading is minutes away, and a connection
// that was frozen with the function in between is dead without showing it.
func withoutKeptConnections(o *secretsmanager.Options) {
	if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
		o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	}
}

// keyringReader returns a function that reads the keyring from its one secret,
// named by ARN or name.
func keyringReader(client *secretsmanager.Client, secret string) func(context.Context) (*seal.Keyring, error) {
	return func(ctx context.Context) (*seal.Keyring, error) {
		value, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret})
		if err != nil {
			return nil, fmt.Errorf("read the keyring secret %s: %w", secret, err)
		}
		keys, err := seal.ParseKeyring([]byte(aws.ToString(value.SecretString)))
		if err != nil {
			return nil, fmt.Errorf("the keyring secret %s: %w", secret, err)
		}
		return keys, nil
	}
}
