package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"gatehouse/internal/oauth"
)

// The fields of a keyring that are no keys.
const (
	markCurrent  = "current"
	markNext     = "next"
	markNextFrom = "next_from"
)

func isMark(name string) bool { return name == markCurrent || name == markNext || name == markNextFrom }

// What keeps a keyring from being changed.
var (
	ErrTakingOver = errors.New("seal: another key is yet to take over")
	ErrKeyInUse   = errors.New("seal: the key is the current or the next one")
	ErrNoKeyID    = errors.New("seal: there is no higher key id")
)

// lastSecond is the end of the year 9999. What is later was meant in another
// unit.
const lastSecond = 253_402_300_799

// readFields reads an object of strings. A name that is there twice is refused:
// readers differ on which one holds.
func readFields(text []byte) (map[string]string, error) {
	var fields map[string]string
	if json.Unmarshal(text, &fields) != nil {
		return nil, errors.New(`seal: the keyring is not a JSON object of strings, like {"current":"1","1":"…"}`)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	tokens := 0
	for _, err := decoder.Token(); err == nil; _, err = decoder.Token() {
		tokens++
	}
	if fields != nil && tokens != 2+2*len(fields) { // with the two braces
		return nil, errors.New("seal: the keyring has a field twice")
	}
	return fields, nil
}

// readNext reads which key takes over, and when.
func (r *ring) readNext(fields map[string]string) error {
	name, named := fields[markNext]
	text, dated := fields[markNextFrom]
	if !named && !dated {
		return nil
	}
	next, err := ParseKeyID(name)
	switch {
	case !named:
		return errors.New(`seal: field "next_from" of the keyring is there without "next"`)
	case err != nil || r.keys[next] == nil:
		return errors.New(`seal: field "next" of the keyring does not name one of its keys`)
	case next == r.current:
		return errors.New(`seal: field "next" of the keyring names the current key`)
	case !dated:
		return errors.New(`seal: field "next" of the keyring is there without "next_from"`)
	}
	from, err := strconv.ParseInt(text, 10, 64)
	if err != nil || from <= 0 || from > lastSecond || strconv.FormatInt(from, 10) != text {
		return errors.New(`seal: field "next_from" of the keyring is not a time in epoch seconds`)
	}
	r.next, r.nextFrom = next, time.Unix(from, 0).UTC()
	return nil
}

// Activate makes the next key the current one once its time has come, for
// everybody who uses k. Nothing is written: whoever reads the same keyring does
// the same at the same time.
func (k *Keyring) Activate(now time.Time) {
	held := k.held.Load()
	if held.next == 0 || now.Before(held.nextFrom) {
		return
	}
	activated := *held
	activated.current, activated.next, activated.nextFrom = held.next, 0, time.Time{}
	k.held.CompareAndSwap(held, &activated) // what replaced it meanwhile is newer
}

// Next returns the key that is to take over, and when; zero when there is none.
func (k *Keyring) Next() (KeyID, time.Time) {
	held := k.held.Load()
	return held.next, held.nextFrom
}

// IDs returns the ids of all keys in their order.
func (k *Keyring) IDs() []KeyID { return slices.Sorted(maps.Keys(k.held.Load().keys)) }

// AddKey returns the text of a keyring with one key more, and the id of that
// one, which takes over at from; at once when that is not after now.
// ErrTakingOver when another key is still to do so, ErrNoKeyID when ids are used
// up: one that was retired must not come again.
func AddKey(text []byte, key oauth.Secret, now, from time.Time) (newer []byte, id KeyID, err error) {
	fields, keys, err := advance(text, now)
	if err != nil {
		return nil, 0, err
	}
	ids := keys.IDs()
	highest := ids[len(ids)-1]
	if next, _ := keys.Next(); next != 0 {
		return nil, 0, ErrTakingOver
	}
	if highest == math.MaxUint32 {
		return nil, 0, ErrNoKeyID
	}
	id = highest + 1
	fields[id.String()] = key.Reveal()
	if from.After(now) {
		fields[markNext], fields[markNextFrom] = id.String(), strconv.FormatInt(from.Unix(), 10)
	} else {
		fields[markCurrent] = id.String()
	}
	newer, err = written(fields)
	return newer, id, err
}

// RemoveKey returns the text of a keyring without the key id. ErrUnknownKey when
// it has none of that id, ErrKeyInUse when it is the current or the next one.
func RemoveKey(text []byte, id KeyID, now time.Time) (newer []byte, err error) {
	fields, keys, err := advance(text, now)
	if err != nil {
		return nil, err
	}
	next, _ := keys.Next()
	switch {
	case !slices.Contains(keys.IDs(), id):
		return nil, fmt.Errorf("%w: %d", ErrUnknownKey, id)
	case id == keys.Current() || id == next:
		return nil, fmt.Errorf("%w: %d", ErrKeyInUse, id)
	}
	delete(fields, id.String())
	return written(fields)
}

// Advance returns the text of a keyring in which what has taken over by now is
// the current key.
func Advance(text []byte, now time.Time) ([]byte, error) {
	fields, _, err := advance(text, now)
	if err != nil {
		return nil, err
	}
	return written(fields)
}

func advance(text []byte, now time.Time) (map[string]string, *Keyring, error) {
	keys, err := ParseKeyring(text)
	if err != nil {
		return nil, nil, err
	}
	fields, err := readFields(text)
	if err != nil {
		return nil, nil, err
	}
	keys.Activate(now)
	if next, _ := keys.Next(); next == 0 {
		fields[markCurrent] = keys.Current().String()
		delete(fields, markNext)
		delete(fields, markNextFrom)
	}
	return fields, keys, nil
}

// written is the text of fields, which must be a keyring: what nobody can read
// is worse than what there was.
func written(fields map[string]string) ([]byte, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	_, err = ParseKeyring(text)
	return text, err
}
