package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"gatehouse/internal/oauth/seal"
)

// keptKeys is a keyring with where it was read from, to be changed there.
type keptKeys struct {
	where place         // whose they are; nil: they are in a file
	keys  *seal.Keyring // what has taken over by now is current
	text  []byte
	now   time.Time                                    // by the clock of where it is
	write func(ctx context.Context, text []byte) error // errChanged when it is another by now
}

var errChanged = errors.New("the keyring was changed meanwhile: look at it with key list, and try again")

func newKeptKeys(name string, text []byte, now time.Time) (*keptKeys, error) {
	keys, err := seal.ParseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	keys.Activate(now)
	return &keptKeys{keys: keys, text: text, now: now}, nil
}

// keysOfFile reads the keyring of a file.
func (p *program) keysOfFile(path string) (*keptKeys, error) {
	text, err := readKeysFile(path)
	if err != nil {
		return nil, err
	}
	kept, err := newKeptKeys(path, text, p.clock())
	if err != nil {
		return nil, err
	}
	kept.write = func(_ context.Context, newer []byte) error { return replaceFile(path, text, newer) }
	return kept, nil
}

func readKeysFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- the file that its user names
	if err != nil {
		return nil, fmt.Errorf("the keys file: %w", err)
	}
	return text, nil
}

// replaceFile puts newer in the place of older in one step, for its owner
// alone. The name of the new file keeps out whoever does the same meanwhile.
func replaceFile(path string, older, newer []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("the keys file: %w", err)
	}
	beside := path + ".new"
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- beside the file that its user names
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there: another command is changing the keys, or was ended while it did; if none runs, remove that file", beside)
	}
	if err != nil {
		return fmt.Errorf("the keys file: %w", err)
	}
	_, err = file.Write(append(newer, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if found, readErr := os.ReadFile(path); err == nil && (readErr != nil || !bytes.Equal(found, older)) {
		err = errors.Join(errChanged, readErr)
	}
	if err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return nil
}

// keysOfSecret reads the keyring of the deployment's secret. The time is that of
// Secrets Manager: the clocks of the functions are right, this one may not be.
func (p *program) keysOfSecret(ctx context.Context, d *deployed) (*keptKeys, error) {
	client := secretsmanager.NewFromConfig(d.cfg)
	value, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &d.secret})
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", d.secret, rootCause(err))
	}
	now, known := middleware.GetServerTime(value.ResultMetadata)
	if !known {
		now = p.clock()
	}
	kept, err := newKeptKeys("secret "+d.secret, []byte(aws.ToString(value.SecretString)), now)
	if err != nil {
		return nil, err
	}
	change := &secretChange{client: client, secret: d.secret, from: aws.ToString(value.VersionId), rand: p.rand}
	kept.write = change.write
	return kept, nil
}

// secretChange is one change of a secret, from the version that was read.
type secretChange struct {
	client       *secretsmanager.Client
	secret, from string
	rand         io.Reader
}

// The staging labels: functions read the version with the first; a version that
// is to become it has the other until then.
const (
	labelCurrent = "AWSCURRENT"
	labelWaiting = "GATEHOUSE_NEXT"
)

// write makes a version of the secret and then moves the label to it. The first
// step alone would write over what another made meanwhile; the second is
// refused when the label has left the version that was read.
func (s *secretChange) write(ctx context.Context, text []byte) error {
	var random [16]byte
	if _, err := io.ReadFull(s.rand, random[:]); err != nil {
		return fmt.Errorf("a random version: %w", err)
	}
	version := hex.EncodeToString(random[:])
	_, err := s.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &s.secret,
		ClientRequestToken: &version, SecretString: aws.String(string(text)), VersionStages: []string{labelWaiting}})
	if err != nil {
		return fmt.Errorf("secret %s: %w", s.secret, rootCause(err))
	}
	_, err = s.client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: &s.secret,
		VersionStage: aws.String(labelCurrent), RemoveFromVersionId: &s.from, MoveToVersionId: &version})
	if err != nil {
		return s.judge(ctx, version, err)
	}
	return nil
}

// judge finds out what became of a move that failed: where its answer was lost,
// a retry is refused because of the move itself.
func (s *secretChange) judge(ctx context.Context, version string, fault error) error {
	value, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.secret})
	switch {
	case err == nil && aws.ToString(value.VersionId) == version:
		return nil
	case err == nil && aws.ToString(value.VersionId) != s.from:
		return errChanged
	}
	return fmt.Errorf("secret %s: %w", s.secret, rootCause(fault))
}
