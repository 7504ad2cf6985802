package importer

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"gatehouse/internal/oauth/seal"
)

// State remembers which records were done and what was in them, as a file of lines
// that later runs read. What is in a record it has as a MAC alone, whose key the
// deployment's keyring seals. A nil State knows of none.
type State struct {
	mu    sync.Mutex
	out   io.Writer
	key   []byte // of the MACs
	begin []byte // is to be written before the first line
	done  map[name]sums
}

// Owner is whose state it is.
type Owner struct {
	Deployment string // a name for people, which tells it from the others
	Keys       *seal.Keyring
	Rand       io.Reader
}

// stateHead is the first line of a state file.
type stateHead struct {
	Version    int    `json:"gatehouse_import_state"`
	Deployment string `json:"deployment"`
	Key        string `json:"key"` // of the MACs, sealed
}

const (
	stateVersion = 1
	statePurpose = "key of the state of an import"
)

// name is what a record is called, and tells no secret.
type name struct {
	Kind Kind   `json:"type"`
	ID   string `json:"id"`
}

// sums are MACs of a record that was done.
type sums struct {
	Content string `json:"content"`
	Hash    string `json:"hash,omitempty"` // of the password hash that a user was given, or had
}

// done is a line of a state file but the first.
type done struct {
	name
	sums
}

// What NewState finds wrong with a file.
var (
	ErrNoState      = errors.New("it is not empty, and no state file of an import")
	ErrStateRetired = errors.New("the key of the keyring that it was begun with was retired: begin another, with which what was revoked or deleted since is created again")
)

// NewState reads the lines that are there, and writes further ones to out. What
// is empty begins with the first record that is done; what is another
// deployment's, or no state file, is refused. A last line that was not written
// whole is as none.
func NewState(there io.Reader, out io.Writer, owner Owner) (*State, error) {
	text, err := io.ReadAll(there)
	if err != nil {
		return nil, fmt.Errorf("what an earlier run did: %w", err)
	}
	s := &State{out: out, done: map[name]sums{}}
	if len(text) == 0 {
		return s, s.start(owner)
	}
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if err := s.open(first, owner); err != nil {
		return nil, err
	}
	for line := range bytes.Lines(rest) {
		var one done
		if json.Unmarshal(line, &one) == nil && one.ID != "" {
			s.done[one.name] = one.sums
		}
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		s.begin = []byte("\n")
	}
	return s, nil
}

// start makes the first line of a new file.
func (s *State) start(owner Owner) error {
	s.key = make([]byte, sha256.Size)
	if _, err := io.ReadFull(owner.Rand, s.key); err != nil {
		return fmt.Errorf("random key of the state: %w", err)
	}
	sealed, err := owner.Keys.Seal(statePurpose, s.key, time.Time{})
	if err != nil {
		return err
	}
	line, err := json.Marshal(stateHead{stateVersion, owner.Deployment, sealed})
	s.begin = append(line, '\n')
	return err
}

// open reads the first line. The name tells people which deployment it is of, and
// the key proves it: what is called the same elsewhere has another keyring.
func (s *State) open(line []byte, owner Owner) error {
	var head stateHead
	if err := json.Unmarshal(line, &head); err != nil || head.Version == 0 {
		return ErrNoState
	}
	if head.Version != stateVersion {
		return fmt.Errorf("it is of version %d, and this program knows %d", head.Version, stateVersion)
	}
	if head.Deployment != owner.Deployment {
		return fmt.Errorf("it is of another deployment, %s, and this one is %s", oneLine(head.Deployment), oneLine(owner.Deployment))
	}
	key, err := owner.Keys.Unseal(statePurpose, head.Key, time.Time{})
	switch {
	case errors.Is(err, seal.ErrUnknownKey):
		return ErrStateRetired
	case err != nil:
		return errors.New("it is of another deployment, which has the same name and another keyring")
	}
	s.key = key
	return nil
}

// find returns what is known of a record, and whether it is as it was then.
func (s *State) find(one *record) (before sums, known, same bool) {
	if s == nil {
		return sums{}, false, false
	}
	s.mu.Lock()
	before, known = s.done[name{one.kind(), one.id()}]
	s.mu.Unlock()
	return before, known, known && before.Content == s.content(one)
}

// note writes down that a record is done; hash is the password hash that a user
// has by now, and empty of others.
func (s *State) note(one *record, hash string) error {
	if s == nil {
		return nil
	}
	now := done{name{one.kind(), one.id()}, sums{Content: s.content(one)}}
	if hash != "" {
		now.Hash = s.mac("hash", []byte(hash))
	}
	line, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("what is done: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done[now.name] == now.sums {
		return nil
	}
	if _, err := s.out.Write(append(append(s.begin, line...), '\n')); err != nil {
		return fmt.Errorf("note what is done: %w", err)
	}
	s.begin, s.done[now.name] = nil, now.sums
	return nil
}

// content is a MAC of all that is in a record.
func (s *State) content(one *record) string {
	text, err := one.content()
	if err != nil {
		return "" // no such record can be, and what has no sum is looked at again
	}
	return s.mac("content", text)
}

func (s *State) mac(what string, text []byte) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(what + "\x00"))
	mac.Write(text)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
