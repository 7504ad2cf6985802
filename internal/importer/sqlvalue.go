package importer

import (
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
)

var (
	sqlNumber = regexp.MustCompile(`^[-+]?[0-9]+$`)
	sqlHex    = regexp.MustCompile(`^0x([0-9A-Fa-f]{2})+$`)

	errExpression = errors.New("a value is an expression")
)

// valueOf is the text of a value: a string, a number, or NULL, which is none. What
// else there is would have to be worked out, and a part of it in its place would
// be a token or a secret that anybody can guess.
func valueOf(part []sqlToken) (string, error) {
	switch {
	case len(part) == 1 && part[0].kind == sqlText:
		return part[0].text, nil
	case len(part) == 1 && part[0].is("null"):
		return "", nil
	case len(part) == 1 && part[0].kind == sqlWord && sqlNumber.MatchString(part[0].text):
		return part[0].text, nil
	case len(part) == 1 && part[0].kind == sqlWord && sqlHex.MatchString(part[0].text): // of mysqldump --hex-blob
		return decodedHex(part[0].text[2:])
	case len(part) == 2 && part[1].kind == sqlText && part[0].is("x"):
		return decodedHex(part[1].text)
	case len(part) == 2 && part[1].kind == sqlText && part[0].kind == sqlWord && (strings.HasPrefix(part[0].text, "_") || part[0].is("n")): // its character set
		return part[1].text, nil
	}
	return "", errExpression
}

func decodedHex(text string) (string, error) {
	value, err := hex.DecodeString(text)
	if err != nil {
		return "", errExpression
	}
	return string(value), nil
}

// isUsed: what is in the other columns is passed over, whatever it is.
func isUsed(column string) bool {
	return slices.Contains([]string{"app_id", "app_name", "cons_key", "cons_sec", "user_id", "user_key", "user_sec", "created"}, column)
}

// dialect is which program wrote a dump. A dump that says so in its first lines
// can be read; what is in it must not tell, since strangers wrote that: the name
// of an app that passed for a dump of another kind could be read as statements.
type dialect int

const (
	dialectUnknown  dialect = iota
	dialectMySQL            // a backslash escapes the next character of a string
	dialectStandard         // it stands for itself: PostgreSQL, SQLite
)

var errDialect = errors.New("a backslash is in a string, and the file does not begin as a dump does: " +
	"put a line before it that is -- MySQL dump, -- PostgreSQL database dump, or PRAGMA foreign_keys=OFF;")

// dialectOf reads the lines before the first statement, and its first word.
func dialectOf(text []byte) dialect {
	for line := range strings.Lines(string(text[:min(len(text), 4096)])) {
		begins := func(with string) bool { return strings.HasPrefix(line, with) }
		switch {
		case begins("-- MySQL dump"), begins("-- MariaDB dump"), begins("/*!"), begins("/*M!"):
			return dialectMySQL
		case begins("-- PostgreSQL database"), begins("PRAGMA "):
			return dialectStandard
		case !begins("--") && strings.TrimSpace(line) != "":
			return dialectUnknown
		}
	}
	return dialectUnknown
}
