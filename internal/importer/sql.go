package importer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/internal/seed"
)

// sql reads the rows of the provider's tables from the text of a dump: INSERT
// statements, as mysqldump, sqlite3 .dump and pg_dump --inserts write them, and
// COPY ... FROM stdin, as pg_dump does. What is of other tables is passed over.
func (r *reader) sql(name string, text []byte) error {
	s := &sqlReader{reader: r, name: name, columns: map[string][]string{}}
	s.lexer = sqlLexer{text: text, line: 1, dialect: dialectOf(text)}
	for {
		token, err := s.lexer.next()
		if err != nil {
			return fmt.Errorf("line %d: %w", token.line, err)
		}
		switch {
		case token.kind == sqlEnd && s.found == 0:
			return fmt.Errorf("it has no rows of %s", strings.Join(tableNames(), ", "))
		case token.kind == sqlEnd:
			return nil
		case token.is("create"):
			err = s.create()
		case token.is("insert"), token.is("replace"):
			err = s.insert()
		case token.is("copy"):
			err = s.copied()
		case token.is("set"):
			err = s.set()
		case token.is("delimiter"):
			err = s.routines()
		case !token.is(";"):
			err = s.pass()
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", s.lexer.line, err)
		}
	}
}

// sqlReader reads one dump.
type sqlReader struct {
	*reader
	name    string
	lexer   sqlLexer
	columns map[string][]string // of tables that the dump creates, in their order
	found   int                 // rows
}

// set is SET; with standard_conforming_strings off a backslash would escape.
func (s *sqlReader) set() error {
	token, err := s.lexer.next()
	if err != nil || !token.is("standard_conforming_strings") {
		return errors.Join(err, s.passAfter(token))
	}
	for err == nil && !token.is(";") && token.kind != sqlEnd {
		if token, err = s.lexer.next(); token.is("off") {
			return errors.New("the dump was made with standard_conforming_strings off: make it with on")
		}
	}
	return err
}

// routines skips what is between DELIMITER and the one that takes it back: the
// statements in there are run by nobody but a routine.
func (s *sqlReader) routines() error {
	rest, _, _ := bytes.Cut(s.lexer.text[s.lexer.at:], []byte("\n"))
	if string(bytes.TrimSpace(rest)) == ";" {
		return nil
	}
	if s.lexer.skipTo("\nDELIMITER ;\n"); s.lexer.at == len(s.lexer.text) {
		return errors.New("routines have no line DELIMITER ; at their end")
	}
	return nil
}

// pass skips to the end of the statement.
func (s *sqlReader) pass() error {
	for {
		token, err := s.lexer.next()
		if err != nil || token.kind == sqlEnd || token.is(";") {
			return err
		}
	}
}

// table reads the name of a table, with or without its schema, and the token
// after it.
func (s *sqlReader) table() (name string, after sqlToken, err error) {
	token, err := s.lexer.next()
	for err == nil {
		name = token.text
		if after, err = s.lexer.next(); err != nil || !after.is(".") {
			break
		}
		token, err = s.lexer.next()
	}
	return strings.ToLower(name), after, err
}

// create learns the columns of a table, since an INSERT may not name them.
func (s *sqlReader) create() error {
	token, err := s.lexer.next()
	if err != nil || !token.is("table") {
		return errors.Join(err, s.passAfter(token))
	}
	name, after, err := s.table()
	if err == nil && name == "if" && after.is("not") {
		if _, err = s.lexer.next(); err == nil { // EXISTS
			name, after, err = s.table()
		}
	}
	if err != nil || !after.is("(") || !slices.Contains(tableNames(), name) {
		return errors.Join(err, s.passAfter(after))
	}
	definitions, err := s.list()
	for _, definition := range definitions {
		if len(definition) > 0 && !isConstraint(definition[0]) {
			s.columns[name] = append(s.columns[name], strings.ToLower(definition[0].text))
		}
	}
	return errors.Join(err, s.pass())
}

// passAfter skips to the end of the statement, unless token is it.
func (s *sqlReader) passAfter(token sqlToken) error {
	if token.is(";") || token.kind == sqlEnd {
		return nil
	}
	return s.pass()
}

func isConstraint(token sqlToken) bool {
	return slices.ContainsFunc([]string{"primary", "unique", "key", "constraint", "index", "foreign", "check", "fulltext"}, token.is)
}

// list reads the parts of a list in parentheses, the first of which was read,
// each as its tokens.
func (s *sqlReader) list() (parts [][]sqlToken, err error) {
	var part []sqlToken
	for depth := 1; ; {
		token, err := s.lexer.next()
		switch {
		case err != nil:
			return nil, err
		case token.kind == sqlEnd:
			return nil, errors.New("a list has no end")
		case token.is("("):
			depth++
		case token.is(")"):
			depth--
		}
		if depth == 0 || depth == 1 && token.is(",") {
			parts, part = append(parts, part), nil
		} else {
			part = append(part, token)
		}
		if depth == 0 {
			return parts, nil
		}
	}
}

// insert reads INSERT INTO table (columns) VALUES (...), (...);
func (s *sqlReader) insert() error {
	token, err := s.lexer.next()
	for err == nil && !token.is("into") {
		if token.is(";") || token.kind == sqlEnd {
			return nil
		}
		token, err = s.lexer.next()
	}
	if err != nil {
		return err
	}
	name, after, err := s.table()
	if err != nil || !slices.Contains(tableNames(), name) {
		return errors.Join(err, s.passAfter(after))
	}
	columns := s.columnsOf(name)
	if after.is("(") {
		if columns, err = s.names(); err != nil {
			return err
		}
		if after, err = s.lexer.next(); err != nil {
			return err
		}
	}
	if !after.is("values") {
		return s.passAfter(after)
	}
	return s.values(name, columns)
}

func (s *sqlReader) columnsOf(table string) []string {
	if columns := s.columns[table]; columns != nil {
		return columns
	}
	return columnsOf(table)
}

// names reads a list of columns.
func (s *sqlReader) names() ([]string, error) {
	parts, err := s.list()
	var names []string
	for _, part := range parts {
		if len(part) != 1 {
			return nil, errors.New("a list of columns has something else in it")
		}
		names = append(names, strings.ToLower(part[0].text))
	}
	return names, err
}

// values reads the rows of an INSERT.
func (s *sqlReader) values(table string, columns []string) error {
	for {
		token, err := s.lexer.next()
		switch {
		case err != nil || token.is(";") || token.kind == sqlEnd:
			return err
		case token.is(","):
			continue
		case !token.is("("):
			return s.pass() // ON CONFLICT and the like
		}
		parts, err := s.list()
		if err != nil {
			return err
		}
		values := make([]string, len(parts))
		at, whole := Place{File: s.name, Line: token.line}, true
		for i, part := range parts {
			var err error
			if values[i], err = valueOf(part); err != nil && whole && i < len(columns) && isUsed(columns[i]) {
				s.found, whole = s.found+1, false
				s.refuse(at, &seed.FieldError{Field: columns[i], Reason: "has an expression, where a string, a number or NULL can be read"})
			}
		}
		if whole {
			s.row(at, table, columns, values)
		}
	}
}

// copied reads COPY table (columns) FROM stdin; and the lines after it.
func (s *sqlReader) copied() error {
	name, after, err := s.table()
	columns := s.columnsOf(name)
	if err == nil && after.is("(") {
		columns, err = s.names()
	}
	if err = errors.Join(err, s.passAfter(after)); err != nil {
		return err
	}
	s.lexer.skipTo("\n")
	for s.lexer.at < len(s.lexer.text) {
		at := Place{File: s.name, Line: s.lexer.line}
		line, _, _ := bytes.Cut(s.lexer.text[s.lexer.at:], []byte("\n"))
		s.lexer.skipTo("\n")
		if line = bytes.TrimSuffix(line, []byte("\r")); string(line) == `\.` {
			return nil
		}
		if slices.Contains(tableNames(), name) {
			s.row(at, name, columns, copiedValues(line))
		}
	}
	return errors.New(`the rows of a COPY have no line \. at their end`)
}

// copiedValues are those of a line of COPY: between tabs, \N for none.
func copiedValues(line []byte) []string {
	fields := bytes.Split(line, []byte("\t"))
	values := make([]string, len(fields))
	for i, field := range fields {
		if string(field) == `\N` {
			continue
		}
		var value []byte
		for at := 0; at < len(field); at++ {
			if field[at] == '\\' && at+1 < len(field) {
				at++
				value = append(value, unescaped(field[at]))
			} else {
				value = append(value, field[at])
			}
		}
		values[i] = string(value)
	}
	return values
}

func (s *sqlReader) row(at Place, table string, columns, values []string) {
	s.found++
	if len(columns) != len(values) {
		s.refuse(at, fmt.Errorf("a row of %s has %d values for %d columns", table, len(values), len(columns)))
		return
	}
	s.tables.add(table, row{at, rowOf(columns, values)})
}
