package importer

import (
	"fmt"
	"strings"
	"testing"
)

// What is broken costs its own line, and no record after it goes unread.
func TestBrokenCSV(t *testing.T) {
	const after = "client,b,sssss\n\nclient,c,\"sec\"\"ret\"\n"
	for _, test := range []struct {
		what, broken, want string
		lines              int // that it takes
	}{
		{"a quote within a field", "client,a,re\"ad\n", "x.csv:2: " + errQuote.Error(), 1},
		{"a quote at the end of a field", "client,a,read\"\n", "x.csv:2: " + errQuote.Error(), 1},
		{"a quote that nobody closes", "client,\"a,read\n", "x.csv:2: " + errAfterEnd.Error(), 1}, // the one of the next field ends it
		{"one that closes too early", "client,a,\"re\"ad\"\n", "x.csv:2: " + errAfterEnd.Error(), 1},
		{"one that hides a comma", "client,\"a,read\"\n", "x.csv:2: it has 2 values for 3 columns", 1},
		{"one that hides a line", "client,a,\"re\nclient,x,ad\"\n", "x.csv:2-3: client a secret: takes 1 to 256 characters", 2},
		{"too many values", "client,a,s,s\n", "x.csv:2: it has 4 values for 3 columns", 1},
		{"a carriage return after a field", "client,a,\"s\"\rx\n", "x.csv:2: " + errAfterEnd.Error(), 1},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			text := strings.ReplaceAll("type,id,secret\n"+test.broken+after, "\n", end)
			in := read(t, "", "x.csv", text)
			same(t, test.what, listed(in), []string{fmt.Sprintf(`%d client b sssss "" [xauth] [read]`, 2+test.lines),
				fmt.Sprintf(`%d client c sec"ret "" [xauth] [read]`, 4+test.lines)})
			if got := refusals(in); len(got) != 1 || !strings.HasPrefix(got[0], test.want) {
				t.Errorf("%s: %q, want %q", test.what, got, test.want)
			}
		}
	}
}

// MySQL escapes by backslashes what a stranger wrote: its lines are no records.
func TestBackslashesInCSV(t *testing.T) {
	for _, broken := range []string{
		"user,\"x\\\",y\\\nclient,evil,evilsec\\\n\",s\n", "user,\"x\\\"\",y\n", "user,\"x\\\"\nclient,evil,evilsec\n\"\n",
		"user,x\\\nclient,evil,evilsec\n", "user,x\\,y,s\n", "user,x\\\"y,s\n", "user,x\\\r\nclient,evil,evilsec\r\n", "user,\"C:\\\",s\n",
	} {
		_, err := Read([]Source{{Name: "x.csv", Text: []byte("type,id,secret\nclient,a,s\n" + broken), Format: CSV}}, Defaults{})
		if err == nil || err.Error() != "x.csv: line 3: "+errBackslash.Error() {
			t.Errorf("%q: %v", broken, err)
		}
	}
	in := read(t, "", "x.csv", "type,id,secret\nclient,a,\"s\\e\"\"c\"\nclient,b,\\s\n")
	same(t, "within a field", listed(in), []string{`2 client a s\e"c "" [xauth] [read]`, `3 client b \s "" [xauth] [read]`})
}

func TestQuoteWithoutEnd(t *testing.T) {
	for _, lines := range []int{1, longestRecord, longestRecord + 1, 3 * longestRecord} {
		text := "type,id,secret\nclient,\"a,s\n"
		for i := range lines {
			text += fmt.Sprintf("client,b%d,s\n", i)
		}
		in := read(t, "", "x.csv", text+"client,c,\"s\"\nclient,d,\"s")
		if len(in.records) != lines+1 {
			t.Errorf("%d records, want %d", len(in.records), lines+1)
		}
		if got := refusals(in); len(got) != 2 || got[1] != fmt.Sprintf("x.csv:%d: %s", lines+4, errNoEnd) || !strings.HasPrefix(got[0], "x.csv:2: a field ") {
			t.Errorf("%q", got)
		}
	}
}

// Descriptions of apps may be on several lines, and what is in them stays in
// them, though it looks like a record.
func TestLinesInQuotes(t *testing.T) {
	in := read(t, "", "apps.csv", "app_id,app_name,app_desc\r\n1,Phone,\"It is\r\n2,Evil,\"\"x\"\"\r\n\"\r\n3,\"Tablet\",\r\n",
		"consumers.csv", "app_id,cons_key,cons_sec\n1,phone,s1\n2,evil,s2\n3,tablet,s3\n")
	same(t, "records", listed(in), []string{`2 client phone s1 "Phone" [xauth] [read]`, `3 client evil s2 "" [xauth] [read]`, `4 client tablet s3 "Tablet" [xauth] [read]`})
	same(t, "refused", refusals(in), nil)
	in = read(t, "", "x.csv", "type,id,secret,name\nclient,a,s,\"x\nclient,evil,s,x\"\nclient,b,s,\"x\nclient,evil,s,x\",\n")
	same(t, "records", listed(in), nil)
	same(t, "refused", refusals(in), []string{"x.csv:4-5: it has 5 values for 4 columns",
		"x.csv:2-3: client a name: takes at most 256 bytes without control characters"})
}

func TestOtherSeparators(t *testing.T) {
	for _, separator := range []string{",", ";", "\t"} {
		text := strings.ReplaceAll("type|id|secret|name|scopes\nclient|a|s|\"A, b; c\"|x y\n", "|", separator)
		same(t, separator, listed(read(t, "", "x.csv", text)), []string{`2 client a s "A, b; c" [xauth] [x y]`})
	}
}

// A name of a column is told once for the whole file, and nothing of a first line
// that is a record.
func TestHeaders(t *testing.T) {
	for _, test := range []struct{ kind, header, want string }{
		{"user", "name,password_hash,email", "x.csv: its column email is none of type, id, name, password, password_hash"},
		{"token", "token,secret,client,user_id,name", "x.csv: its column name is none of type, client"},
		{"", "type,id,secret,hidden2", "x.csv: its column hidden2 is none of type, "},
		{"", "type,id,\"sec\nret\"", "x.csv: its column sec?ret is none of type, "},
		{"", "type,id,secret,id", "x.csv: its column id is there twice"},
		{"", "app_id,cons_key,cons_sec,cons_key", "x.csv: its column cons_key is there twice"},
		{"", "type,id,sec\"ret", "x.csv: line 1: a quote is within a field"},
		{"", "goodkey,tokA,hidden,7", "x.csv: none of its 4 columns is called type"},
		{"", "client;app;hidden", "x.csv: none of its 3 columns is called type"},
		{"token", "goodkey,tokA,hidden,7", "x.csv: its first line does not name the columns, which are type, client"},
		{"token", "token,tokA,hidden,app", "x.csv: its first line does not name the columns, which are type, client"},
	} {
		_, err := Read([]Source{{Name: "x.csv", Text: []byte(test.header + "\n"), Format: CSV, Kind: Kind(test.kind)}}, Defaults{})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "hidden,") || strings.Contains(err.Error(), "hidden;") || strings.Contains(err.Error(), "tokA") {
			t.Errorf("%s: %v, want %q", test.header, err, test.want)
		}
	}
	same(t, "columns without a name", listed(read(t, "", "x.csv", "type,id,secret,,\nclient,a,s,,\n")), []string{`2 client a s "" [xauth] [read]`})
	same(t, "types that records say", listed(read(t, Token, "x.csv", "type,id,secret,name\nclient,a,s,A\n")), []string{`2 client a s "A" [xauth] [read]`})
}

// FuzzCSV holds that reading goes on, and never loses count of the lines.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"a,b\n\"c\n\",d\n", "\"a\"b,c\nd\"e\n\n\"", "a;b\r\n\"x\"\r\n\r", "\"\"\"\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := csvLines{name: "x", text: []byte(text), line: 1, comma: separator([]byte(text))}
		for before := lines; len(lines.text) > 0; before = lines {
			_, at, err := lines.next()
			read := text[:len(text)-len(lines.text)]
			if len(lines.text) > 0 && lines.line != 1+strings.Count(read, "\n") || len(lines.text) >= len(before.text) || at.Line < before.line {
				t.Fatalf("%q: %s, %v, and then line %d", text, at, err, lines.line)
			}
		}
	})
}
