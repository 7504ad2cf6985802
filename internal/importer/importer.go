// Package importer brings clients, users and OAuth 1.0 tokens of older providers
// into a deployment: it reads them from CSV, JSON, SQL dumps and Redis, and
// writes them so that it may be ended at any time and begun again.
//
// What is wrong with a record is said by its line and field, never by what is in
// it: secrets are.
package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

// Kind is what a record is.
type Kind string

// The kinds of records, in the order in which they are written.
const (
	Client Kind = "client"
	User   Kind = "user"
	Token  Kind = "token"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Client, User, Token} }

// Format is how a file is written.
type Format string

// The formats. JSON is a record on each line, or a seed file.
const (
	CSV  Format = "csv"
	JSON Format = "json"
	SQL  Format = "sql"
)

// Formats are all of them.
func Formats() []Format { return []Format{CSV, JSON, SQL} }

// FormatOf tells the format by the name of a file; empty where it does not.
func FormatOf(name string) Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return CSV
	case ".json", ".jsonl", ".ndjson":
		return JSON
	case ".sql", ".dump":
		return SQL
	}
	return ""
}

// Source is a file that was read.
type Source struct {
	Name   string
	Text   []byte
	Format Format
	Kind   Kind // of the records of a CSV file that does not say; empty: it does
}

// Defaults are given to clients that come without.
type Defaults struct {
	Grants []oauth.Grant
	Scopes []string
}

// Check finds the first that no client may have, as a *seed.FieldError of grants
// or scopes. None are fine.
func (d Defaults) Check() error {
	client := seed.Client{ID: "any", Grants: d.Grants, Scopes: d.Scopes}
	if len(d.Grants) == 0 {
		client.Grants = []oauth.Grant{oauth.GrantXAuth}
	}
	var fault *seed.FieldError
	err := client.Check()
	if errors.As(err, &fault) && (strings.HasPrefix(fault.Field, "grants") || strings.HasPrefix(fault.Field, "scopes")) {
		return err
	}
	return nil // such as redirect_uris, which are a client's own
}

// Place is where a record was.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1
	// Through is the last line of a record of CSV that is on several; else 0.
	Through int `json:"through,omitempty"`
}

// String is the place as compilers write it.
func (p Place) String() string {
	if p.Through > 0 {
		return fmt.Sprintf("%s:%d-%d", oneLine(p.File), p.Line, p.Through)
	}
	return fmt.Sprintf("%s:%d", oneLine(p.File), p.Line)
}

// Refusal is a record that was not written, and why.
type Refusal struct {
	Place
	Kind   Kind   `json:"type,omitempty"`  // empty: it could not be read as far
	ID     string `json:"id,omitempty"`    // of the client, name of the user, id of the token's session
	Field  string `json:"field,omitempty"` // empty: the whole record
	Reason string `json:"reason"`
}

// String is the refusal in one line for people.
func (r Refusal) String() string {
	parts := []string{r.Place.String() + ":", string(r.Kind), r.ID, r.Field + ":", r.Reason}
	if r.Field == "" {
		parts[3] = ""
	}
	return oneLine(strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " "))
}

// oneLine is text without what would move a terminal's cursor.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return '?'
		}
		return c
	}, strings.ToValidUTF8(text, "?"))
}

// record is one of what seed reads, and where it was.
type record struct {
	Place
	columns map[string]string // of fields that have other names where it came from
	client  *seed.Client
	user    *seed.User
	token   *seed.Token
}

func (r *record) kind() Kind {
	switch {
	case r.client != nil:
		return Client
	case r.user != nil:
		return User
	}
	return Token
}

// id names the record and tells no secret.
func (r *record) id() string {
	switch {
	case r.client != nil:
		return r.client.ID
	case r.user != nil:
		return r.user.Name
	}
	token, _ := seal.Imported(r.token.Token)
	return token.Session.String()
}

// content is all that the record says, wherever it was.
func (r *record) content() ([]byte, error) { return json.Marshal([]any{r.client, r.user, r.token}) }

func (r *record) check() error {
	switch {
	case r.client != nil:
		if !r.client.Public && r.client.Secret == "" {
			return &seed.FieldError{Field: "secret", Reason: "is missing: a client that comes from elsewhere has one, or is public"}
		}
		return r.client.Check()
	case r.user != nil:
		return r.user.Check()
	}
	return r.token.Check()
}

// refuse words what is wrong with the record, by the names that its file has.
func (r *record) refuse(err error) Refusal {
	refusal := asRefusal(r.Place, err)
	refusal.Kind, refusal.ID = r.kind(), oneLine(r.id())
	field, _, _ := strings.Cut(refusal.Field, "[")
	refusal.Field = cmp.Or(r.columns[field], refusal.Field)
	return refusal
}

func asRefusal(at Place, err error) Refusal {
	var fault *seed.FieldError
	switch {
	case errors.As(err, &fault) && fault.Field == seed.WholeFile:
		return Refusal{Place: at, Reason: oneLine(fault.Reason)}
	case errors.As(err, &fault):
		return Refusal{Place: at, Field: oneLine(fault.Field), Reason: oneLine(fault.Reason)}
	}
	return Refusal{Place: at, Reason: oneLine(err.Error())}
}

// Input is what was read: records in their order, and what was refused.
type Input struct {
	records  []record
	repeated map[Kind]int // that are there once more, the same
	Refused  []Refusal
}

// Total is how many records there are, refused ones included.
func (in *Input) Total() int {
	total := len(in.records) + len(in.Refused)
	for _, repeats := range in.repeated {
		total += repeats
	}
	return total
}

// reader gathers what is in the sources.
type reader struct {
	Input
	tables tables
}

// Read reads all sources together: tables that belong together may be in files of
// their own. The error is of a file that can't be read at all.
func Read(sources []Source, defaults Defaults) (*Input, error) {
	r := &reader{}
	for _, source := range sources {
		text := bytes.TrimPrefix(source.Text, []byte("\ufeff"))
		var err error
		switch source.Format {
		case CSV:
			err = r.csv(source.Name, text, source.Kind)
		case JSON:
			err = r.json(source.Name, text)
		case SQL:
			err = r.sql(source.Name, text)
		default:
			err = errors.New("it is of no known format: csv, json or sql")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", oneLine(source.Name), err)
		}
	}
	r.join()
	return r.checked(defaults), nil
}
