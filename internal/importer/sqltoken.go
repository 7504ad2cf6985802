package importer

import (
	"bytes"
	"errors"
	"strings"
)

// sqlKind is what a token of a dump is.
type sqlKind int

const (
	sqlEnd    sqlKind = iota
	sqlWord           // a keyword, a name or a number, as it is written
	sqlText           // a string, decoded
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

// sqlLexer cuts a dump into tokens. Where escapes is set, which is as MySQL has
// it, a backslash escapes the next character of a string.
type sqlLexer struct {
	text    []byte
	at      int
	line    int
	escapes bool
}

var errSQLText = errors.New("a string has no end")

// next returns the next token, and skips white space and comments.
func (l *sqlLexer) next() (sqlToken, error) {
	l.skip()
	if l.at >= len(l.text) {
		return sqlToken{kind: sqlEnd, line: l.line}, nil
	}
	line, c := l.line, l.text[l.at]
	switch {
	case c == '\'':
		text, err := l.quoted('\'', l.escapes)
		return sqlToken{sqlText, text, line}, err
	case c == '"' || c == '`':
		kind := sqlWord
		if c == '"' && l.escapes { // MySQL has strings like this too
			kind = sqlText
		}
		text, err := l.quoted(c, l.escapes && c == '"')
		return sqlToken{kind, text, line}, err
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

func (l *sqlLexer) skip() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case bytes.HasPrefix(rest, []byte("--")):
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
func (l *sqlLexer) quoted(quote byte, escapes bool) (string, error) {
	var text []byte
	for l.at++; l.at < len(l.text); l.at++ {
		c := l.text[l.at]
		switch {
		case c == '\n':
			l.line++
		case c == '\\' && escapes && l.at+1 < len(l.text):
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
