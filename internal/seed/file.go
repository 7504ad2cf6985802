// Package seed reads clients, users and tokens of older providers that people
// wrote down, checks them and puts them where they belong.
package seed

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gatehouse/internal/oauth"
)

// File is a seed file: what a registry begins with.
type File struct {
	Clients []Client
	Users   []User
	Tokens  []Token
}

// FieldError says which field is wrong, such as clients[0].grants[1], and what
// it takes.
type FieldError struct{ Field, Reason string }

// Error returns the field and the reason.
func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// maxReason bounds how much of a wrong value a reason repeats, in bytes.
const maxReason = 500

func fault(field, format string, args ...any) error {
	reason := fmt.Sprintf(format, args...)
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "..."
	}
	return &FieldError{field, reason}
}

// within puts the name of the enclosing field before that of a FieldError.
func within(outer string, err error) error {
	var inner *FieldError
	if errors.As(err, &inner) && outer != WholeFile {
		return &FieldError{outer + "." + inner.Field, inner.Reason}
	}
	return err
}

// WholeFile stands for the name of the outermost object, which has none.
const WholeFile = "the file"

// Parse reads a seed file and checks every field. The error is one line: of a
// *FieldError, or of JSON that can't be read, with the line it is on.
func Parse(text []byte) (*File, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // RFC 8259 §8.1: a parser may ignore it
	var raw struct {
		Clients []json.RawMessage `json:"clients"`
		Users   []json.RawMessage `json:"users"`
		Tokens  []json.RawMessage `json:"tokens"`
	}
	if err := checkJSON(text); err != nil {
		return nil, err
	}
	if err := decode(WholeFile, text, &raw); err != nil {
		return nil, err
	}
	var file File
	err := cmp.Or(decodeAll("clients", raw.Clients, &file.Clients), decodeAll("users", raw.Users, &file.Users),
		decodeAll("tokens", raw.Tokens, &file.Tokens))
	if err != nil {
		return nil, err
	}
	return &file, file.check()
}

// decodeAll reads a list of objects, each strictly.
func decodeAll[T any](at string, texts []json.RawMessage, into *[]T) error {
	if len(texts) == 0 {
		return nil
	}
	*into = make([]T, len(texts))
	for i := range texts {
		if err := decode(fmt.Sprintf("%s[%d]", at, i), texts[i], &(*into)[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkJSON says on which line the text ceases to make sense.
func checkJSON(text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return errors.New("it is empty; {} stands for no clients and no users")
	}
	if !utf8.Valid(text) {
		return fmt.Errorf("line %d: it is not UTF-8", line(text, bytes.IndexRune(text, utf8.RuneError)))
	}
	err := json.Unmarshal(text, &json.RawMessage{})
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: it is not JSON: %s", line(text, int(syntax.Offset)), misplaced(text[:min(int(syntax.Offset), len(text))], syntax))
	}
	return err
}

// misplaced says what ends a text that is JSON until then.
func misplaced(until []byte, err *json.SyntaxError) string {
	last, _ := utf8.DecodeLastRune(until)
	if strings.HasPrefix(err.Error(), "unexpected end") || last == utf8.RuneError {
		return "it stops in the middle"
	}
	return fmt.Sprintf("%q cannot be there", last)
}

// line is the number of the line that the byte at offset is on.
func line(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(offset, len(text))], []byte("\n"))
}

// decode reads one object strictly: no field twice and none that is not known.
func decode(at string, text []byte, into any) error {
	if name := repeated(text); name != "" {
		return within(at, fault(name, "is there twice"))
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")):
		return nil
	case err == nil:
		return fault(at, "takes an object")
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return within(at, fault(wrongType.Field[strings.LastIndex(wrongType.Field, ".")+1:], "takes %s, not a JSON %s", article(wrongType.Type.String()), wrongType.Value))
	case errors.As(err, &wrongType):
		return fault(at, "takes an object, not a JSON %s", wrongType.Value)
	}
	return fault(at, "%s; the fields are %s", strings.TrimPrefix(err.Error(), "json: "), strings.Join(FieldNames(into), ", "))
}

// FieldNames are those of the JSON object that value is.
func FieldNames(value any) []string {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return namesOf(text)
}

// namesOf are the names of a JSON object, each as often as it is there; none of
// what is no object.
func namesOf(text []byte) (names []string) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if brace, err := decoder.Token(); err != nil || brace != json.Delim('{') {
		return nil
	}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok || decoder.Decode(&json.RawMessage{}) != nil {
			return names // not JSON, which is found elsewhere
		}
		names = append(names, name)
	}
	return names
}

// repeated returns the name of a field that an object has twice, regardless of
// case: encoding/json would take the last and say nothing.
func repeated(text []byte) string {
	there := map[string]bool{}
	for _, name := range namesOf(text) {
		if there[strings.ToLower(name)] {
			return oauth.Printable(name)
		}
		there[strings.ToLower(name)] = true
	}
	return ""
}

// article words a Go type for people.
func article(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]json"):
		return "a list of objects"
	case strings.HasPrefix(goType, "[]"):
		return "a list of strings"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a number"
	}
	return "a string"
}

func (f *File) check() error {
	ids, names, userIDs := seen{}, seen{}, seen{}
	for i := range f.Clients {
		at := fmt.Sprintf("clients[%d]", i)
		if err := f.Clients[i].Check(); err != nil {
			return within(at, err)
		}
		if err := ids.add(at, "id", f.Clients[i].ID); err != nil {
			return err
		}
	}
	for i := range f.Users {
		at := fmt.Sprintf("users[%d]", i)
		user := &f.Users[i]
		if err := user.Check(); err != nil {
			return within(at, err)
		}
		if err := names.add(at, "name", user.Name); err != nil {
			return err
		}
		if err := userIDs.add(at, "id", user.ID); err != nil {
			return err
		}
	}
	return f.checkTokens()
}

// checkTokens: the client of a token is one of the file, and says that it has
// such tokens.
func (f *File) checkTokens() error {
	tokens := seen{}
	for i := range f.Tokens {
		token, at := &f.Tokens[i], fmt.Sprintf("tokens[%d]", i)
		if err := token.Check(); err != nil {
			return within(at, err)
		}
		if first, twice := tokens[token.Token]; twice { // which the reason does not repeat
			return fault(at+".token", "is already that of %s", first)
		}
		tokens[token.Token] = at
		if !slices.ContainsFunc(f.Clients, func(c Client) bool { return c.ID == token.Client && c.Imported }) {
			return fault(at+".client", `%q is no client of the file that says "imported": true`, token.Client)
		}
	}
	return nil
}

// seen remembers where a value was first.
type seen map[string]string

func (s seen) add(at, field, value string) error {
	if first, twice := s[value]; twice && value != "" {
		return fault(at+"."+field, "%q is already that of %s", value, first)
	}
	s[value] = at
	return nil
}
