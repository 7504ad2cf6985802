// Package authenticator has somebody else check passwords: a Lambda function of
// the operator's, or an HTTPS webhook. Both are asked and answer alike, in JSON:
//
//	{"username":"alice","password":"…","address":"192.0.2.1","client":"mobile"}
//	{"user":{"id":"42","name":"Alice"}}    the password is right
//	{"user":null}                          it is not, or there is no such user
//
// Anything else, and an object that has a field twice, is a failure of who was
// asked: nobody is let in, and nobody is told that the password was wrong. Errors
// are for the log, and hold nothing of question and answer.
package authenticator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// maxAnswer is in bytes.
const maxAnswer = 64 << 10

// The most bytes of a user's id and name, as of those in the Registry.
const (
	maxID   = 128
	maxName = 256
)

var (
	errTooLarge = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	errAnswer   = errors.New(`the answer is not a JSON object like {"user":{"id":"42","name":"Alice"}} or {"user":null}, each field once`)
	errID       = fmt.Errorf("the user's id is not 1 to %d characters of printable ASCII", maxID)
	errName     = fmt.Errorf("the user's name is longer than %d bytes, or has control characters", maxName)
)

// Question encodes a try to sign in.
func Question(s oauth.SignIn) ([]byte, error) {
	address := ""
	if s.Source.IsValid() {
		address = s.Source.Unmap().String()
	}
	return json.Marshal(struct { // #nosec G117 -- to ask whether it is right is what this is for
		Username string `json:"username"`
		Password string `json:"password"`
		Address  string `json:"address"`
		Client   string `json:"client"`
	}{s.Name, s.Password.Reveal(), address, s.Client})
}

// Answered reads an answer about the user who typed name. An answer that says
// nothing of a user is none: a forgotten field must not look like a wrong
// password. Fields that are not known are passed over.
func Answered(text []byte, name string) (user oauth.User, right bool, err error) {
	if len(text) > maxAnswer {
		return oauth.User{}, false, errTooLarge
	}
	fields, proper := object(text)
	if !proper || !utf8.Valid(text) || fields["user"] == nil {
		return oauth.User{}, false, errAnswer
	}
	if string(fields["user"]) == "null" {
		return oauth.User{}, false, nil
	}
	known, proper := object(fields["user"])
	if !proper || !texts(known, "id", &user.ID) || !texts(known, "name", &user.Name) {
		return oauth.User{}, false, errAnswer
	}
	if user.Name == "" {
		user.Name = name
	}
	switch {
	case user.ID == "" || len(user.ID) > maxID || strings.ContainsFunc(user.ID, func(r rune) bool { return r < ' ' || r > '~' }):
		return oauth.User{}, false, errID
	case len(user.Name) > maxName || strings.ContainsFunc(user.Name, unicode.IsControl):
		return oauth.User{}, false, errName
	}
	return user, true, nil
}

// object reads the fields of a JSON object. One that has a field twice is not
// proper: readers differ on which of the two holds.
func object(text []byte) (fields map[string]json.RawMessage, proper bool) {
	if json.Unmarshal(text, &fields) != nil {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	there := 0
	_, err := decoder.Token() // the brace
	for ; err == nil && decoder.More(); there++ {
		var value json.RawMessage
		if _, err = decoder.Token(); err == nil {
			err = decoder.Decode(&value)
		}
	}
	return fields, err == nil && there == len(fields)
}

// texts reads a field that is a string or not there.
func texts(fields map[string]json.RawMessage, name string, into *string) bool {
	raw, there := fields[name]
	return !there || raw[0] == '"' && json.Unmarshal(raw, into) == nil
}
