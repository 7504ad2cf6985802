package cold

import (
	"context"
	"errors"
	"os"
	"strings"

	"gatehouse/bench/sample"
	"gatehouse/internal/dynamodb"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Deployment has all that a function of ours needs: tables with a client and a
// session, a keyring, and the session's token.
type Deployment struct {
	Env   []string
	Token string
	Close func()

	aws *AWS
}

var tables = dynamodb.Tables{Sessions: "sessions", Replay: "replay", Registry: "registry"}

// Deploy serves the stand-in of AWS and fills it.
func Deploy(ctx context.Context) (*Deployment, error) {
	standIn := &AWS{Secret: sample.Keyring}
	at, end, err := Serve(standIn)
	if err != nil {
		return nil, err
	}
	url := "http://" + at
	store := dynamodb.Open(aws.Config{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("anyone", "anything", "")}, tables)
	_, token, err := sample.Put(ctx, store)
	if err != nil {
		end()
		return nil, err
	}
	return &Deployment{Env: environment(url), Token: token, Close: end, aws: standIn}, nil
}

// environment is that of a function whose AWS is at url.
func environment(url string) []string {
	return []string{"SESSIONS_TABLE=" + tables.Sessions, "REPLAY_TABLE=" + tables.Replay, "REGISTRY_TABLE=" + tables.Registry,
		"AWS_ENDPOINT_URL_DYNAMODB=" + url, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=anyone", "AWS_SECRET_ACCESS_KEY=anything", "KEYS_SECRET_ARN=keys"}
}

// Secure is the same deployment reached by TLS, by certificates of an authority
// that functions trust beside the machine's. Its Close ends this way to it alone.
func (d *Deployment) Secure() (*Deployment, error) {
	secured, file, err := newCertificate()
	if err != nil {
		return nil, err
	}
	at, end, err := serve(d.aws, secured)
	if err != nil {
		return nil, errors.Join(err, os.Remove(file))
	}
	return &Deployment{Env: append(environment("https://"+at), "SSL_CERT_FILE="+file), Token: d.Token,
		Close: func() { end(); _ = os.Remove(file) }, aws: d.aws}, nil
}

// Reads is how many items were asked for until now, by whoever.
func (d *Deployment) Reads() int {
	d.aws.mu.Lock()
	defer d.aws.mu.Unlock()
	return d.aws.reads
}

// Allows reports whether an answer lets a request through.
func (a Answer) Allows() bool {
	return !a.Failed && strings.Contains(string(a.Payload), `"Effect":"Allow"`)
}
