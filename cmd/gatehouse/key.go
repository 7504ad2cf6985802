package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/audit"
	"gatehouse/internal/deployment"
	"gatehouse/internal/oauth/seal"
)

// openKept reads the keyring of a file, or else of a deployment's secret.
func (p *program) openKept(ctx context.Context, t target) (*keptKeys, error) {
	if t.keys != "" {
		return p.keysOfFile(t.keys)
	}
	where, err := p.locate(ctx, t, t.secret()...)
	if err != nil {
		return nil, err
	}
	kept, err := where.openKeys(ctx)
	if err != nil {
		return nil, err
	}
	kept.where = where
	return kept, nil
}

// changeKeys writes the keyring anew, and what was done to which key.
func (p *program) changeKeys(ctx context.Context, kept *keptKeys, newer []byte, did audit.Name, what string) error {
	if err := kept.write(ctx, newer); err != nil {
		return err
	}
	p.audit(ctx, kept.where, audit.Event{Name: did, Reason: what})
	return nil
}

func (p *program) openRegistry(ctx context.Context, t target) (records, error) {
	where, err := p.locate(ctx, t, t.variables()...)
	if err != nil {
		return nil, err
	}
	return where.open(ctx)
}

// state says to people what the key id is for.
func (k *keptKeys) state(id seal.KeyID) string {
	view := k.viewOf(id)
	return view.stateText()
}

// The states of keys.
const (
	keyCurrent = "current"
	keyNext    = "next"
	keyOlder   = "older"
	keyMissing = "missing" // not in the keyring
)

func (k *keptKeys) stateName(id seal.KeyID) string {
	next, _ := k.keys.Next()
	switch {
	case id == k.keys.Current():
		return keyCurrent
	case id == next:
		return keyNext
	case !slices.Contains(k.keys.IDs(), id):
		return keyMissing
	}
	return keyOlder
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (p *program) keyRotateCommand() *cobra.Command {
	var t target
	var atOnce, asJSON bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Add a key, which takes over when every function knows it",
		Long: `Add a random key to the keyring. It takes over in ` + spoken(deployment.TakeoverWait) + `: functions that run read
the keyring again within ` + spoken(deployment.KeysAge) + `, so that none meets a token of a key that it has
yet to learn of. What older keys made stays good, until they are retired.

--now is for an emergency: the key takes over at once, and so does one that waits
to. A function that has yet to learn of it may refuse what it made for up to half a
minute.

Whoever calls it needs to read the secret, to put versions of it and to move their
labels: secretsmanager:GetSecretValue, PutSecretValue and UpdateSecretVersionStage.
` + targetHelp + keysHelp,
		Example: `  gatehouse key rotate --stack gatehouse
  gatehouse key rotate --keys gatehouse-keys.json`,
		Args: exactly(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return p.rotateKeys(c.Context(), t, atOnce, asJSON) },
	}
	t.addKeysFlags(c)
	c.Flags().BoolVar(&atOnce, "now", false, "take over at once, in an emergency")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON: key, state, and from when")
	return c
}

// spoken is a number of minutes for people.
func spoken(d time.Duration) string {
	if d == time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%.0f minutes", d.Minutes())
}

func (p *program) rotateKeys(ctx context.Context, t target, atOnce, asJSON bool) error {
	kept, err := p.openKept(ctx, t)
	if err != nil {
		return err
	}
	if next, from := kept.keys.Next(); next != 0 {
		if atOnce {
			return p.hasten(ctx, kept, next, from, asJSON)
		}
		return fmt.Errorf("key %s is yet to take over, at %s: wait for that, or let it take over with --now", next, moment(from))
	}
	key, err := p.newKey()
	if err != nil {
		return err
	}
	from := kept.now
	if !atOnce {
		from = from.Add(deployment.TakeoverWait)
	}
	text, id, err := seal.AddKey(kept.text, key, kept.now, from)
	if errors.Is(err, seal.ErrNoKeyID) {
		return errors.New("the keyring has a key of the highest id there is, so none can follow it")
	}
	if err != nil {
		return err
	}
	if err := p.changeKeys(ctx, kept, text, audit.KeyRotated, fmt.Sprintf("key %s from %s", id, moment(from))); err != nil {
		return err
	}
	switch {
	case atOnce:
		return p.sayTakenOver(id, asJSON)
	case asJSON:
		return p.printJSON(keyView{Key: id.String(), State: keyNext, From: instant(from.Truncate(time.Second))})
	}
	_, err = fmt.Fprintf(p.out, "key %s\nIt takes over from key %s at %s, in %s, when every function knows it.\n"+
		"What older keys made stays good until you retire them: see gatehouse key retire --help\n",
		id, kept.keys.Current(), moment(from), spoken(deployment.TakeoverWait))
	return err
}

// hasten lets the next key take over before its time.
func (p *program) hasten(ctx context.Context, kept *keptKeys, next seal.KeyID, from time.Time, asJSON bool) error {
	text, err := seal.Advance(kept.text, from)
	if err != nil {
		return err
	}
	if err := p.changeKeys(ctx, kept, text, audit.KeyRotated, fmt.Sprintf("key %s from %s", next, moment(kept.now))); err != nil {
		return err
	}
	return p.sayTakenOver(next, asJSON)
}

func (p *program) sayTakenOver(id seal.KeyID, asJSON bool) error {
	if asJSON {
		return p.printJSON(keyView{Key: id.String(), State: keyCurrent})
	}
	_, err := fmt.Fprintf(p.out, "key %s\nIt is the current key. Functions that run use it within %s.\n", id, spoken(deployment.KeysAge))
	return err
}
