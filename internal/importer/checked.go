package importer

import (
	"bytes"
	"errors"
	"fmt"

	"gatehouse/internal/seed"
)

// firsts are the records by what may be there once: what they are called, and the
// ids of users.
type firsts struct {
	called  map[Kind]map[string]*record
	userIDs map[string]*record
}

// errRepeated is of a record that is there before, the same.
var errRepeated = errors.New("is there twice")

// add is nil for a record that is new, or why it may not be there.
func (f *firsts) add(one *record) error {
	if before := f.called[one.kind()][one.id()]; before != nil {
		if one.same(before) {
			return errRepeated
		}
		return fmt.Errorf("is already at %s", before.Place)
	}
	f.called[one.kind()][one.id()] = one
	if one.user == nil || one.user.ID == "" {
		return nil
	}
	if before := f.userIDs[one.user.ID]; before != nil {
		return &seed.FieldError{Field: "id", Reason: fmt.Sprintf("is that of the user at %s", before.Place)}
	}
	f.userIDs[one.user.ID] = one
	return nil
}

// same reports whether two records say the same, wherever they are.
func (r *record) same(other *record) bool {
	text, err := r.content()
	others, errOthers := other.content()
	return err == nil && errOthers == nil && bytes.Equal(text, others)
}

// checked takes out what is wrong, and what is there twice: exports of one
// provider may overlap.
func (r *reader) checked(defaults Defaults) *Input {
	in := &Input{Refused: r.Refused, repeated: map[Kind]int{}}
	first := firsts{map[Kind]map[string]*record{Client: {}, User: {}, Token: {}}, map[string]*record{}}
	for i := range r.records {
		one := &r.records[i]
		one.fill(defaults)
		err := one.check()
		if err == nil {
			err = first.add(one)
		}
		switch {
		case errors.Is(err, errRepeated):
			in.repeated[one.kind()]++
		case err != nil:
			in.Refused = append(in.Refused, one.refuse(err))
		default:
			in.records = append(in.records, *one)
		}
	}
	return in
}

// fill gives a client what it came without.
func (r *record) fill(defaults Defaults) {
	if r.client == nil {
		return
	}
	if len(r.client.Grants) == 0 {
		r.client.Grants = defaults.Grants
	}
	if len(r.client.Scopes) == 0 {
		r.client.Scopes = defaults.Scopes
	}
}
