package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/seed"
)

// json reads a seed file, or a record on each line: an object whose type is
// client, user or token, and whose other fields are those of a seed file; or a
// hash of Redis, as {"hash": its key, "fields": {...}}.
func (r *reader) json(name string, text []byte) error {
	var file struct{ Clients, Users, Tokens []json.RawMessage }
	if json.Unmarshal(text, &file) == nil && len(file.Clients)+len(file.Users)+len(file.Tokens) > 0 {
		for _, list := range []struct {
			kind Kind
			all  []json.RawMessage
		}{{Client, file.Clients}, {User, file.Users}, {Token, file.Tokens}} {
			at, rest := Place{File: name, Line: 1}, text
			for i, one := range list.all {
				before, _, _ := bytes.Cut(rest, one)
				at.Line += bytes.Count(before, []byte("\n"))
				rest = rest[len(before):]
				r.add(at, list.kind, one, fmt.Sprintf("%ss[%d]", list.kind, i))
				at.Line += bytes.Count(one, []byte("\n"))
				rest = rest[len(one):]
			}
		}
		return nil
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return errors.New("it is empty")
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			r.line(Place{File: name, Line: i + 1}, line)
		}
	}
	return nil
}

// line reads one object.
func (r *reader) line(at Place, text []byte) {
	var object struct {
		Type   Kind            `json:"type"`
		Hash   string          `json:"hash"`
		Fields json.RawMessage `json:"fields"`
	}
	err := json.Unmarshal(text, &object)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		r.refuse(at, fmt.Errorf("it is not JSON, from byte %d of the line on", syntax.Offset))
	case err == nil && object.Hash != "":
		r.hash(at, object.Hash, object.Fields)
	default:
		r.add(at, object.Type, text, "")
	}
}

// add reads a record of a kind from an object, strictly.
func (r *reader) add(at Place, kind Kind, text []byte, place string) {
	one := record{Place: at}
	var err error
	switch kind {
	case Client:
		var read struct {
			Type Kind `json:"type"`
			seed.Client
		}
		err = seed.Decode(text, &read)
		one.client = &read.Client
	case User:
		var read struct {
			Type Kind `json:"type"`
			seed.User
		}
		err = seed.Decode(text, &read)
		one.user = &read.User
	case Token:
		var read struct {
			Type Kind `json:"type"`
			seed.Token
		}
		err = seed.Decode(text, &read)
		one.token = &read.Token
	default:
		err = &seed.FieldError{Field: "type", Reason: "takes client, user or token"}
	}
	if err != nil {
		r.refuseOf(at, kind, err)
		if last := &r.Refused[len(r.Refused)-1]; place != "" {
			last.Field = strings.TrimSuffix(place+"."+last.Field, ".")
		}
		return
	}
	r.records = append(r.records, one)
}

func (r *reader) refuse(at Place, err error) { r.refuseOf(at, "", err) }

// refuseOf refuses a record of a kind; of none, where that is no kind at all: it
// could be anything, of a file whose columns are mixed up also a secret.
func (r *reader) refuseOf(at Place, kind Kind, err error) {
	refusal := asRefusal(at, err)
	if slices.Contains(Kinds(), kind) {
		refusal.Kind = kind
	}
	r.Refused = append(r.Refused, refusal)
}
