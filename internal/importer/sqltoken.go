package importer

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
)

// sqlKind is what a token of a dump is.
type sqlKind int

const (
	sqlEnd    sqlKind = iota
	sqlWord           // a keyword, a name or a number, as it is written
	sqlName           // a name in quotes
	sqlText           // a string, decoded
	sqlOther          // a string that only the database can decode
	sqlSymbol         // one character
)

// sqlToken is one token, and the line it begins on.
type sqlToken struct {
	kind sqlKind
	text string
	line int
}

// is reports whether the token is a keyword or a symbol.
func (t sqlToken) is(word string) bool {
	return (t.kind == sqlWord || t.kind == sqlSymbol) && strings.EqualFold(t.text, word)
}

// sqlLexer cuts a dump into tokens.
type sqlLexer struct {
	text    []byte
	at      int
	line    int
	dialect dialect
}

var errSQLText = errors.New("a string has no end")

// next returns the next token, and skips white space and comments.
func (l *sqlLexer) next() (sqlToken, error) {
	l.skipBlank()
	if l.at >= len(l.text) {
		return sqlToken{kind: sqlEnd, line: l.line}, nil
	}
	line, c := l.line, l.text[l.at]
	switch {
	case c == '\'' || c == '"' && l.dialect == dialectMySQL: // which has strings like this too
		text, err := l.quoted(c, l.dialect)
		return sqlToken{sqlText, text, line}, err
	case c == '"':
		text, err := l.quoted(c, l.dialect)
		return sqlToken{sqlName, text, line}, err
	case c == '`':
		text, err := l.quoted(c, dialectStandard)
		return sqlToken{sqlName, text, line}, err
	case c == '$' && l.dialect != dialectMySQL && dollarQuote.Match(l.text[l.at:]):
		text, err := l.dollarQuoted()
		return sqlToken{sqlText, text, line}, err
	case (c == 'E' || c == 'e') && bytes.HasPrefix(l.text[l.at+1:], []byte("'")):
		return l.escaped()
	case isNameByte(c):
		begin := l.at
		for l.at < len(l.text) && isNameByte(l.text[l.at]) {
			l.at++
		}
		return sqlToken{sqlWord, string(l.text[begin:l.at]), line}, nil
	}
	l.at++
	return sqlToken{sqlSymbol, string(c), line}, nil
}

// isNameByte: a number may have a sign and a point.
func isNameByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c == '-' || c == '+' || c >= 0x80
}

// skipBlank skips white space and comments.
func (l *sqlLexer) skipBlank() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case bytes.HasPrefix(rest, []byte("--")), rest[0] == '#' && l.dialect == dialectMySQL:
			l.skipTo("\n")
		case bytes.HasPrefix(rest, []byte("/*")):
			l.skipTo("*/")
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			if rest[0] == '\n' {
				l.line++
			}
			l.at++
		default:
			return
		}
	}
}

// skipTo skips what ends with end.
func (l *sqlLexer) skipTo(end string) {
	before, _, found := bytes.Cut(l.text[l.at:], []byte(end))
	skipped := len(before)
	if found {
		skipped += len(end)
	}
	l.line += bytes.Count(l.text[l.at:l.at+skipped], []byte("\n"))
	l.at += skipped
}

// quoted reads a string or a name up to its quote, which stands for itself where
// it is there twice.
func (l *sqlLexer) quoted(quote byte, as dialect) (string, error) {
	var text []byte
	for l.at++; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		switch {
		case c == '\n':
			l.line++
		case c == '\\' && as == dialectUnknown:
			return "", errDialect
		case c == '\\' && as == dialectMySQL && l.at+1 < len(l.text):
			l.at++
			c = unescaped(l.text[l.at])
		case c == quote && l.at+1 < len(l.text) && l.text[l.at+1] == quote:
			l.at++
		case c == quote:
			l.at++
			return string(text), nil
		}
		text = append(text, c)
	}
	return "", errSQLText
}

// dollarQuote begins a string of PostgreSQL that ends as it begins.
var dollarQuote = regexp.MustCompile(`^\$([A-Za-z_[:^ascii:]][A-Za-z0-9_[:^ascii:]]*)?\$`)

func (l *sqlLexer) dollarQuoted() (string, error) {
	quote := dollarQuote.Find(l.text[l.at:])
	l.at += len(quote)
	text, _, found := bytes.Cut(l.text[l.at:], quote)
	if !found {
		return "", errSQLText
	}
	l.skipTo(string(quote))
	return string(text), nil
}

// simpleEscapes are those of PostgreSQL that unescaped knows.
var simpleEscapes = regexp.MustCompile(`^([^\\]|\\[\\'nrtb])*$`)

// escaped reads E'...', in which PostgreSQL has escapes.
func (l *sqlLexer) escaped() (sqlToken, error) {
	line := l.line
	l.at++
	begin := l.at
	text, err := l.quoted('\'', dialectMySQL)
	if err == nil && !simpleEscapes.Match(l.text[begin:l.at]) {
		return sqlToken{kind: sqlOther, line: line}, nil
	}
	return sqlToken{sqlText, text, line}, err
}

// unescaped is the character that stands behind a backslash in a string of MySQL
// or a line of COPY.
func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case '0':
		return 0
	case 'Z':
		return 26
	}
	return c
}
