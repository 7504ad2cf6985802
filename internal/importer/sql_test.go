package importer

import (
	"strings"
	"testing"
)

// What is SQL in these dumps was text at the older provider, that anybody wrote
// who had an app there.
const (
	goodRows = "INSERT INTO oauth_consumer_tokens VALUES (1, 'goodkey', 'goodsecret', 1356998400);\n" +
		"INSERT INTO oauth_user_tokens VALUES (1, 'bob', 'bobtoken', 'bobsecret', 1356998400);\n"
	evilRows = "INSERT INTO oauth_user_tokens VALUES (1,6,66,666,1356998400); --"
)

func goodRecords() []string {
	return []string{`client goodkey goodsecret "" [xauth] [read]`, "token bobtoken bobsecret goodkey bob  [] 1356998400 "}
}

func TestTextsAreNoSQL(t *testing.T) {
	for _, test := range []struct{ what, text string }{
		{"an app that passes for a MySQL dump", "--\n-- PostgreSQL database dump\n--\n\n" +
			`INSERT INTO public.oauth_apps VALUES (2,'Evil','Imports any MySQL dump \', ',z,z,z); ` + evilRows + `','u',1);` + "\n"},
		{"one that has a backtick", "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n" +
			"INSERT INTO oauth_apps VALUES (2,'Evil','a ` tick \\', ',z,z,z); " + evilRows + "','u',1);\n"},
		{"one that passes for a PostgreSQL dump", "-- MySQL dump 10.13\n" +
			`INSERT INTO oauth_apps VALUES (2,'PostgreSQL database dump','\',z,z,z,z); ` + evilRows + ` ','p','u',1);` + "\n"},
		{"a compact dump of MySQL", "/*!40101 SET @saved_cs_client = @@character_set_client */;\n" +
			`INSERT INTO oauth_apps VALUES (2,'-- PostgreSQL database dump','\',z,z,z,z); ` + evilRows + ` ','p','u',1);` + "\n"},
		{"functions of PostgreSQL", "-- PostgreSQL database dump\nCREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ it's\n; $q$ $$;\n" +
			"CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $übung1$ it's $q$ ; $übung1$;\n" +
			`INSERT INTO oauth_apps VALUES (2,' (1,2,3,4,5,6); ` + evilRows + `','d','p','u',1);` + "\n"},
		{"strings with escapes", "-- PostgreSQL database dump\nSELECT E'it\\'s ';\n" +
			`INSERT INTO oauth_apps VALUES (2,' (1,2,3,4,5,6); ` + evilRows + `','d','p','u',1);` + "\n"},
		{"routines of MySQL", "-- MySQL dump 10.13\nDELIMITER ;;\nCREATE PROCEDURE p() BEGIN # it's\n " + evilRows + "\nEND ;;\nDELIMITER ;\n# it's\n"},
	} {
		in := read(t, "", "x.sql", test.text+goodRows)
		var got []string
		for _, line := range listed(in) {
			_, record, _ := strings.Cut(line, " ")
			got = append(got, record)
		}
		same(t, test.what, got, goodRecords())
		same(t, test.what, refusals(in), nil)
	}
}

// Where nothing says what a backslash is, the file is not read.
func TestDialectIsNotGuessed(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO oauth_apps VALUES (2,'MySQL dump \\', ');\n" + goodRows:               "x.sql: line 1: a backslash is in a string, and the file does not begin as a dump does",
		"CREATE TABLE `t` (a INT);\nINSERT INTO t VALUES (\"\\\");\n" + goodRows:           "x.sql: line 2: a backslash is in a string",
		"SELECT 1; -- MySQL dump\nINSERT INTO t VALUES ('\\');\n" + goodRows:               "x.sql: line 2: a backslash is in a string",
		"-- PostgreSQL database dump\nSET standard_conforming_strings = off;\n" + goodRows: "x.sql: line 2: the dump was made with standard_conforming_strings off",
		"-- PostgreSQL database dump\nSELECT $$it's $q$;\n" + goodRows:                     "x.sql: line 2: a string has no end",
		"-- MySQL dump 10.13\nDELIMITER ;;\nCREATE PROCEDURE p() SELECT 1;;\n" + goodRows:  "x.sql: line 6: routines have no line DELIMITER ;",
	} {
		_, err := Read([]Source{{Name: "x.sql", Text: []byte(text), Format: SQL}}, Defaults{})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	in := read(t, "", "x.sql", goodRows)
	if len(in.records) != 2 {
		t.Errorf("rows alone, in which no backslash is: %v", listed(in))
	}
}

// A part of an expression in place of its value would be a token or a secret that
// anybody can guess.
func TestValues(t *testing.T) {
	for value, want := range map[string]string{
		"'tok'": "tok", "12": "12", "-12": "-12", "NULL": "", "null": "", "_binary 'tok'": "tok", "_utf8mb4'tok'": "tok", "N'tok'": "tok",
		"X'746f6b'": "tok", "x'746F6B'": "tok", "0x746f6b": "tok", "E'to\\\\k\\'n'": "to\\k'n", "$$tok$$": "tok",
		"_binary": "!", "X": "!", "X'7'": "!", "0x7": "!", "0xzz": "!", "tok": "!", "TRUE": "!", `"tok"`: "!", "`tok`": "!", "": "!", "1.5": "!", "'a' 'b'": "!",
		"replace('a\\nb','\\n',char(10))": "!", "unistr('tok')": "!", "'tok'::text": "!", "('tok')": "!", "E'\\x41'": "!", "E'\\101'": "!", "e'\\u0041'": "!", "U&'tok'": "!", "CURRENT_USER": "!",
	} {
		in := read(t, "", "x.sql", "PRAGMA foreign_keys=OFF;\nINSERT INTO oauth_consumer_tokens VALUES (1,'k',"+value+",1);\n")
		switch {
		case want == "!":
			same(t, value, listed(in), nil)
			same(t, value, refusals(in), []string{"x.sql:2: cons_sec: has an expression, where a string, a number or NULL can be read"})
		case want == "":
			same(t, value, refusals(in), []string{"x.sql:2: client k cons_sec: is missing: a client that comes from elsewhere has one, or is public"})
		default:
			same(t, value, listed(in), []string{"2 client k " + want + ` "" [xauth] [read]`})
		}
	}
	in := read(t, "", "x.sql", "INSERT INTO oauth_apps VALUES (1,'App',replace('a','b',char(10)),NULL,now(),1);\nINSERT INTO oauth_consumer_tokens VALUES (1,'k','s',1);\n")
	same(t, "columns that nobody needs", listed(in), []string{`2 client k s "App" [xauth] [read]`})
	same(t, "columns that nobody needs", refusals(in), nil)
}
