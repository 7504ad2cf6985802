package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// longestRecord is on how many lines a record may be. A quote that nobody closed
// would else have all up to the next one.
const longestRecord = 100

var (
	errQuote    = errors.New(`a quote is within a field that has none around it: put quotes around it, and write those within twice`)
	errNoEnd    = fmt.Errorf("a field in quotes has no end within %d lines", longestRecord)
	errAfterEnd = errors.New("a field goes on after the quote that ends it: write quotes within a field twice")

	// errBackslash is of the whole file: where a backslash escapes what is after
	// it, as MySQL writes CSV, lines of a text that a stranger wrote would pass for
	// records.
	errBackslash = errors.New(`a backslash is before the end of a field, and CSV has none that escapes: ` +
		`export it with quotes that are written twice (RFC 4180), or as JSON`)
)

// csvLines cuts CSV into records (RFC 4180). What is broken costs one line, so
// that a stray quote does not hide the records after it, as it does for
// encoding/csv.
type csvLines struct {
	name  string // of the file
	text  []byte // that is left
	line  int    // that it begins on
	comma byte
}

// next returns the values of the next record, past lines that are empty, and its
// place. io.EOF is the end of the text, and errBackslash of the file; after any other
// error the next line is next.
func (c *csvLines) next() ([]string, Place, error) {
	for ; len(c.text) > 0 && len(lineOf(c.text)) == 0; c.line++ {
		_, c.text, _ = bytes.Cut(c.text, []byte("\n"))
	}
	at := Place{File: c.name, Line: c.line}
	if len(c.text) == 0 {
		return nil, at, io.EOF
	}
	var values []string
	for rest := c.text; ; rest = rest[1:] {
		value, after, err := c.field(rest)
		if err != nil {
			_, c.text, _ = bytes.Cut(c.text, []byte("\n"))
			c.line++
			return nil, at, err
		}
		values, rest = append(values, value), after
		if len(rest) > 0 && rest[0] == c.comma {
			continue
		}
		if end := c.line + bytes.Count(c.text[:len(c.text)-len(rest)], []byte("\n")); end > c.line {
			at.Through, c.line = end, end
		}
		_, c.text, _ = bytes.Cut(rest, []byte("\n"))
		c.line++
		return values, at, nil
	}
}

// lineOf is the first line of text.
func lineOf(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

// field reads one field, and returns what is after it, which begins with a comma
// or an end of line, if there is anything.
func (c *csvLines) field(text []byte) (value string, after []byte, err error) {
	if len(text) > 0 && text[0] == '"' {
		return c.quoted(text[1:])
	}
	end := bytes.IndexAny(text, string(rune(c.comma))+"\n")
	if end < 0 {
		end = len(text)
	}
	field := text[:end]
	if end == len(text) || text[end] == '\n' {
		field = bytes.TrimSuffix(field, []byte("\r"))
	}
	switch {
	case bytes.HasSuffix(field, []byte(`\`)), bytes.Contains(field, []byte(`\"`)):
		return "", nil, errBackslash
	case bytes.IndexByte(field, '"') >= 0:
		return "", nil, errQuote
	}
	return string(field), text[end:], nil
}

// quoted reads the rest of a field that a quote began.
func (c *csvLines) quoted(text []byte) (value string, after []byte, err error) {
	var field []byte
	for lines := 1; ; {
		part, rest, ends := bytes.Cut(text, []byte(`"`))
		if lines += bytes.Count(part, []byte("\n")); !ends || lines > longestRecord {
			return "", nil, errNoEnd
		}
		if bytes.HasSuffix(part, []byte(`\`)) {
			return "", nil, errBackslash
		}
		field = append(field, part...)
		if len(rest) == 0 || rest[0] != '"' {
			if after = rest; string(rest) == "\r" || bytes.HasPrefix(rest, []byte("\r\n")) {
				after = rest[1:]
			}
			if len(after) > 0 && after[0] != c.comma && after[0] != '\n' {
				return "", nil, errAfterEnd
			}
			return string(field), after, nil
		}
		field, text = append(field, '"'), rest[1:]
	}
}
