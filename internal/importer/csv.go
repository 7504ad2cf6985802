package importer

import (
	"bytes"
	"encoding/csv"
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
	lines := csv.NewReader(bytes.NewReader(text))
	header, err := lines.Read()
	if err != nil {
		return fmt.Errorf("the line with the names of the columns: %w", err)
	}
	table := tableOf(header)
	if table == "" && kind == "" && !slices.Contains(header, "type") {
		return fmt.Errorf("its columns are %s: there is none called type, so say of which type the records are", oneLine(strings.Join(header, ", ")))
	}
	for {
		values, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := lines.FieldPos(0)
		at := Place{name, line}
		var malformed *csv.ParseError
		switch {
		case errors.As(err, &malformed):
			at.Line = malformed.StartLine
			r.refuse(at, malformed.Err)
			if !errors.Is(malformed.Err, csv.ErrFieldCount) { // the reader has lost its place
				return nil
			}
		case err != nil:
			return err
		case table != "":
			r.tables.add(table, row{at, rowOf(header, values)})
		default:
			r.csvRecord(at, kind, rowOf(header, values))
		}
	}
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
				refusal := asRefusal(at, &seed.FieldError{Field: column, Reason: "takes true or false"})
				refusal.Kind = kind
				r.Refused = append(r.Refused, refusal)
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
