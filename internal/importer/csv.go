package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gatehouse/internal/seed"
)

// csv reads a file whose first line names its columns: the fields of a seed file,
// and type where the file has several, or else kind says; or those of a table of
// the older xAuth provider.
func (r *reader) csv(name string, text []byte, kind Kind) error {
	lines := csvLines{name: name, text: text, line: 1, comma: separator(text)}
	header, at, err := lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty: its first line is to name the columns")
	case err != nil:
		return fmt.Errorf("line %d: %w", at.Line, err)
	}
	table := tableOf(header)
	if err := checkHeader(table, kind, header); err != nil {
		return err
	}
	for {
		values, at, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errBackslash):
			return fmt.Errorf("line %d: %w", at.Line, err)
		case err != nil:
			r.refuse(at, err)
		case len(values) != len(header):
			r.refuse(at, fmt.Errorf("it has %d values for %d columns", len(values), len(header)))
		case table != "":
			r.tables.add(table, row{at, rowOf(header, values)})
		default:
			r.csvRecord(at, kind, rowOf(header, values))
		}
	}
}

// separator is what the first line has most of: spreadsheets write semicolons
// where numbers have a decimal comma.
func separator(text []byte) byte {
	header, most := lineOf(text), byte(',')
	for _, other := range []byte(";\t") {
		if bytes.Count(header, []byte{other}) > bytes.Count(header, []byte{most}) {
			most = other
		}
	}
	return most
}

// checkHeader finds what is wrong with the names of the columns, which is so for
// every record. A name is told only where others are as they should be: else that
// line is a record, and has a secret in it.
func checkHeader(table string, kind Kind, header []string) error {
	if table == "" && kind == "" && !slices.Contains(header, "type") {
		return fmt.Errorf("none of its %d columns is called type, so say with --type of which type the records are", len(header))
	}
	if slices.Contains(header, "type") {
		kind = "" // each record says its own
	}
	known := columns(kind)
	isKnown := func(name string) bool { return name == "" || slices.Contains(known, name) }
	strange := slices.DeleteFunc(slices.Clone(header), isKnown)
	if table == "" && len(header)-len(strange) < 2 && len(strange) > 0 {
		return fmt.Errorf("its first line does not name the columns, which are %s", strings.Join(known, ", "))
	}
	if table == "" && len(strange) > 0 {
		return fmt.Errorf("its column %s is none of %s", oneLine(strange[0]), strings.Join(known, ", "))
	}
	for i, name := range header {
		if name != "" && slices.Contains(header[:i], name) {
			return fmt.Errorf("its column %s is there twice", oneLine(name))
		}
	}
	return nil
}

// columns are those that records of a kind may have; of any, where it is empty.
func columns(kind Kind) []string {
	all := []string{"type"}
	for _, of := range []struct {
		kind   Kind
		record any
	}{{Client, seed.Client{}}, {User, seed.User{}}, {Token, seed.Token{}}} {
		if kind == "" || kind == of.kind {
			all = append(all, seed.FieldNames(of.record)...)
		}
	}
	slices.Sort(all[1:])
	return slices.Compact(all)
}

func rowOf(header, values []string) map[string]string {
	row := make(map[string]string, len(header))
	for i, column := range header {
		row[column] = values[i]
	}
	return row
}

// csvRecord reads a row as the object that it stands for: what is empty is not
// there, lists are separated by spaces.
func (r *reader) csvRecord(at Place, kind Kind, row map[string]string) {
	if said := row["type"]; said != "" {
		kind = Kind(said)
	}
	object := map[string]any{}
	for column, value := range row {
		switch {
		case value == "":
		case slices.Contains(listColumns(), column):
			object[column] = strings.Fields(value)
		case slices.Contains(truthColumns(), column):
			truth, known := map[string]bool{"true": true, "1": true, "false": false, "0": false}[strings.ToLower(value)]
			if !known {
				r.refuseOf(at, kind, &seed.FieldError{Field: column, Reason: "takes true or false"})
				return
			}
			object[column] = truth
		default:
			object[column] = value
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		r.refuse(at, err)
		return
	}
	r.add(at, kind, text, "")
}

func listColumns() []string {
	return []string{"grants", "scopes", "redirect_uris", "signature_methods", "origins", "linked_clients"}
}

func truthColumns() []string { return []string{"public", "diagnose", "imported", "disabled"} }
