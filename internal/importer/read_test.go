package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gatehouse/internal/oauth"
)

// read reads files, each by its name and text.
func read(t *testing.T, kind Kind, files ...string) *Input {
	t.Helper()
	var sources []Source
	for i := 0; i < len(files); i += 2 {
		sources = append(sources, Source{Name: files[i], Text: []byte(files[i+1]), Format: FormatOf(files[i]), Kind: kind})
	}
	in, err := Read(sources, Defaults{Grants: []oauth.Grant{oauth.GrantXAuth}, Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// testFile is the text of a file of testdata.
func testFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// listed are the records in a form that can be compared.
func listed(in *Input) (all []string) {
	for _, one := range in.records {
		switch {
		case one.client != nil:
			c := one.client
			all = append(all, fmt.Sprintf("%d client %s %s %q %v %v", one.Line, c.ID, c.Secret, c.Name, c.Grants, c.Scopes))
		case one.user != nil:
			all = append(all, fmt.Sprintf("%d user %s %s %s", one.Line, one.user.Name, one.user.ID, one.user.PasswordHash))
		default:
			k := one.token
			all = append(all, fmt.Sprintf("%d token %s %s %s %s %s %v %s %s", one.Line, k.Token, k.Secret, k.Client, k.UserID, k.UserName, k.Scopes, k.Created, k.Expires))
		}
	}
	return all
}

func refusals(in *Input) (all []string) {
	for _, refusal := range in.Refused {
		all = append(all, refusal.String())
	}
	return all
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// The dumps are of the older provider's own tables, made by its models, as
// sqlite3 3.40, pg_dump 15 and mariadb-dump 10.11 wrote them; the CSV is of
// sqlite3, and the hashes of redis-cli 7.0.
func TestDumps(t *testing.T) {
	clients := []string{`client Xv7cK2mQ9sLw4TzYb8NfRj3HdP6gUa1EoViB5xSt Nf3bW8qZ1rTk6YpLs0XcVm4JhGd7UeAoIi2RyEwQ "Phone app" [xauth] [read]`,
		`client aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3A B3z2y1x0wV9u8T7s6R5q4P3o2N1m0L9k8J7i6H5g "Tablet 'app'" [xauth] [read]`}
	tokens := []string{"token Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX Xv7cK2mQ9sLw4TzYb8NfRj3HdP6gUa1EoViB5xSt 42  [] 1380000000 ",
		"token k9Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey1 z1Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey2 aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3A 43  [] 1380000001 "}
	const third = "client third app_name: takes at most 256 bytes without control characters"
	for _, test := range []struct {
		files   []string
		refused []string
	}{
		{[]string{"sqlite.sql"}, nil},
		{[]string{"pgcopy.sql"}, []string{third}},
		{[]string{"pginserts.sql"}, []string{third}},
		{[]string{"pgcolumns.sql"}, []string{third}},
		{[]string{"mysqldump.sql"}, []string{third}},
		{[]string{"oauth_user_tokens.csv", "oauth_apps.csv", "oauth_consumer_tokens.csv"}, nil},
	} {
		var files []string
		for _, name := range test.files {
			files = append(files, name, testFile(t, name))
		}
		in := read(t, "", files...)
		var got []string
		for i, line := range listed(in) {
			number, rest, _ := strings.Cut(line, " ")
			got = append(got, rest)
			key := strings.Fields(rest)[1] // where it is in the file
			lines := strings.Split(testFile(t, in.records[i].File), "\n")
			if fmt.Sprint(in.records[i].Line) != number || !strings.Contains(lines[in.records[i].Line-1], key) {
				t.Errorf("%s is said to be at line %s of %s", key, number, in.records[i].File)
			}
		}
		slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:8], b[:8]) })
		if want := slices.Concat(clients, tokens); !slices.Equal(got, want) {
			t.Errorf("%v:\ngot  %s\nwant %s", test.files, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		var refused []string
		for _, line := range refusals(in) {
			_, reason, _ := strings.Cut(line, ": ")
			refused = append(refused, reason)
		}
		same(t, strings.Join(test.files, ", "), refused, test.refused)
	}
}

func TestRedis(t *testing.T) {
	in := read(t, "", "redis.jsonl", testFile(t, "redis.jsonl"))
	same(t, "records", listed(in), []string{`1 client 9b2d1f7c4e8a4b6f9c3d5e7f1a2b3c4d 0f1e2d3c4b5a69788796a5b4c3d2e1f0 "Phone app" [xauth] [read]`})
	same(t, "refused", refusals(in), []string{"redis.jsonl:1: client aaaabbbbccccddddeeeeffff00001111 cons_sec: takes 1 to 256 characters of printable ASCII (RFC 6749 A.2); leave it out to have one derived"})
	in = read(t, "", "r.jsonl", `{"hash":"ns-consumer_tokens","fields":["key","secret"]}
{"hash":"ns-consumer_tokens","fields":["key"]}
{"hash":"ns-consumer_tokens","fields":{"key":1}}
{"hash":"ns-users","fields":{}}
{"hash":"ns-app_info","fields":{"key":"{"}}`)
	same(t, "records", listed(in), []string{`1 client key secret "" [xauth] [read]`})
	same(t, "refused", refusals(in), []string{"r.jsonl:2: fields: takes an object of strings, or a list of fields and values by turns",
		"r.jsonl:3: fields: takes an object of strings, or a list of fields and values by turns",
		"r.jsonl:4: hash: ends with -consumer_tokens, -app_info or -nonces", "r.jsonl:5: fields: of app_info are JSON, and one is not"})
}

const someHash = "$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS"

func TestRecords(t *testing.T) {
	want := []string{`2 client app s3cret "The, app" [xauth password] [a b]`, "3 token t s app 7 alice [a] 1380000000 2099-01-01", "4 user alice 7 " + someHash}
	same(t, "CSV", listed(read(t, "", "x.csv", "type,id,name,secret,grants,scopes,token,client,user_id,user_name,created,expires,password_hash,imported\n"+
		"client,app,\"The, app\",s3cret,xauth password,a b,,,,,,,,TRUE\ntoken,,,s,,a,t,app,7,alice,1380000000,2099-01-01,,\nuser,7,alice,,,,,,,,,,"+someHash+",\n")), want)
	lines := `
{"type":"client","id":"app","secret":"s3cret","name":"The, app","grants":["xauth","password"],"scopes":["a","b"]}
{"type":"token","token":"t","secret":"s","client":"app","user_id":"7","user_name":"alice","scopes":["a"],"created":"1380000000","expires":"2099-01-01"}
{"type":"user","id":"7","name":"alice","password_hash":"` + someHash + `"}`
	same(t, "JSON lines", listed(read(t, "", "x.jsonl", lines)), want)
	same(t, "with a mark and other ends of lines", listed(read(t, "", "x.json", "\ufeff"+strings.ReplaceAll(lines, "\n", "\r\n"))), want)
	same(t, "a seed file", listed(read(t, "", "x.json", `{"tokens": [
{"token":"t","secret":"s","client":"app","user_id":"7","user_name":"alice","scopes":["a"],"created":"1380000000","expires":"2099-01-01"}],
"clients": [{"id":"app","secret":"s3cret","name":"The, app","grants":["xauth","password"],"scopes":["a","b"]}], "users": [{"id":"7",
"name":"alice","password_hash":"`+someHash+`"}]}`)), []string{strings.Replace(want[0], "2", "3", 1), strings.Replace(want[2], "4", "3", 1), strings.Replace(want[1], "3", "2", 1)})
	same(t, "CSV of one type", listed(read(t, User, "u.csv", "name,password_hash,id\nalice,"+someHash+",7\n")), []string{"2 user alice 7 " + someHash})
}

// Whoever has a million lines is told which field of which line is wrong, and
// what is in it stays secret.
func TestRefusedRecords(t *testing.T) {
	for _, test := range []struct{ kind, file, text, want string }{
		{"", "x.jsonl", `{"type":"token","token":"t","secret":"s","client":"c"}`, "x.jsonl:1: token 3D7gUeiugBJB9PwjKVx6-g user_id: is missing"},
		{"", "x.jsonl", "\n\n" + `{"type":"client","id":"c"}`, "x.jsonl:3: client c secret: is missing: a client that comes from elsewhere has one, or is public"},
		{"", "x.jsonl", `{"type":"client","id":"c","secret":"hidden","grants":["magic"]}`, `x.jsonl:1: client c grants[0]: "magic" is none of`},
		{"", "x.jsonl", `{"type":"user","name":"a","password_hash":"md5$hidden"}`, "x.jsonl:1: user a password_hash: it is of no known kind"},
		{"", "x.jsonl", `{"type":"user","name":"a","password_hash":"$2b$30$` + strings.Repeat("a", 53) + `"}`, "x.jsonl:1: user a password_hash: bcrypt of cost 30"},
		{"", "x.jsonl", `{"type":"users","name":"a"}`, "x.jsonl:1: type: takes client, user or token"},
		{"", "x.jsonl", `{"name":"a"}`, "x.jsonl:1: type: takes client, user or token"},
		{"", "x.jsonl", `{"type":"user","name":"a","hidden":1}`, `x.jsonl:1: user unknown field "hidden"`},
		{"", "x.jsonl", `{"type":"user","name":"a","name":"b"}`, "x.jsonl:1: user name: is there twice"},
		{"", "x.jsonl", `{"type":"client","id":"c","scopes":"a"}`, "x.jsonl:1: client scopes: takes a list of strings, not a JSON string"},
		{"", "x.jsonl", `{"type":`, "x.jsonl:1: it is not JSON"},
		{"", "x.jsonl", `["hidden"]`, "x.jsonl:1: type: takes client, user or token"},
		{"", "x.json", `{"tokens":[{"token":"t"},{"tokn":"t"}]}`, `x.json:1: token tokens[1]: unknown field "tokn"`},
		{"token", "x.csv", "token,secret,client,user_id\nt,hidden,c\n", "x.csv:2: it has 3 values for 4 columns"},
		{"token", "x.csv", "token,secret,client,user_id,expires\nt,hidden,c,7,soon\n", "x.csv:2: token 3D7gUeiugBJB9PwjKVx6-g expires: takes epoch seconds"},
		{"client", "x.csv", "id,secret,public\nc,,maybe\n", "x.csv:2: client public: takes true or false"},
		{"", "x.csv", "type,id,secret,token\nclient,app,hidden,t\n", `x.csv:2: client unknown field "token"`},
		{"", "x.csv", "type,id,secret,public\nhidden,c,,maybe\n", "x.csv:2: public: takes true or false"},
		{"", "x.csv", "type,id,secret\nhidden,c,s\n", "x.csv:2: type: takes client, user or token"},
		{"", "x.csv", "app_id,user_id,user_key,user_sec\n9,7,t,hidden\n", `x.csv:2: app_id: "9" is in no row of oauth_consumer_tokens`},
		{"", "x.csv", "app_id,cons_key,cons_sec\n9,k,\n", "x.csv:2: client k cons_sec: is missing"},
		{"", "x.csv", "app_id,cons_key,cons_sec\n9,k,s\n9,l,hidden\n", "x.csv:3: app_id: app 9 has another cons_key already"},
		{"", "x.sql", "INSERT INTO oauth_consumer_tokens VALUES (1,'k','hidden');", "x.sql:1: a row of oauth_consumer_tokens has 3 values for 4 columns"},
	} {
		in := read(t, Kind(test.kind), test.file, test.text)
		got := refusals(in)
		if len(got) == 0 || !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, test.want) }) || strings.Contains(strings.ReplaceAll(strings.Join(got, ""), `field "hidden"`, ""), "hidden") {
			t.Errorf("%s: %q, want %q", test.text, got, test.want)
		}
	}
}

// Exports may overlap: what is there again, the same, is one record. What differs
// is refused, and so is a user with the id of another, who would be the same to
// every session.
func TestTwice(t *testing.T) {
	in := read(t, "", "x.jsonl", `{"type":"user","name":"a","password":"1"}
{"type":"client","id":"a","secret":"1"}
{"type":"user","name":"a","password":"2"}
{"type":"user","name":"b","password":"1","id":"a"}`, "y.csv", "type,id,secret,name,password\nclient,a,1,,\nuser,a,,c,1\nclient,a,2,,\n")
	if len(in.records) != 3 || in.Total() != 7 || in.repeated[Client] != 1 {
		t.Errorf("%d of %d records, %v", len(in.records), in.Total(), in.repeated)
	}
	same(t, "refused", refusals(in), []string{"x.jsonl:3: user a is already at x.jsonl:1", "y.csv:3: user c id: is that of the user at x.jsonl:4",
		"y.csv:4: client a is already at x.jsonl:2"})
}

// What moves a terminal's cursor is in no line of a report.
func TestReportsArePlain(t *testing.T) {
	in := read(t, "", "x.jsonl", `{"type":"user","name":"a\u009b2J\u202e","password":"1","password_hash":"2"}`)
	if len(in.Refused) != 1 || in.Refused[0].ID != "a?2J?" {
		t.Errorf("%q", in.Refused)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for _, test := range []struct{ file, text, want string }{
		{"x.csv", "", "x.csv: it is empty: its first line is to name the columns"},
		{"x.jsonl", "\n", "x.jsonl: it is empty"},
		{"x.csv", "a,b\n1,2\n", "x.csv: none of its 2 columns is called type, so say with --type"},
		{"x.sql", "", "x.sql: it has no rows of oauth_apps, oauth_consumer_tokens, oauth_user_tokens"},
		{"x.sql", "INSERT INTO other VALUES (1);", "x.sql: it has no rows"},
		{"x.sql", "INSERT INTO oauth_apps VALUES ('a", "x.sql: line 1: a string has no end"},
		{"x.sql", "INSERT INTO oauth_apps VALUES (1", "x.sql: line 1: a list has no end"},
		{"x.sql", "\nCOPY oauth_apps FROM stdin;\n1\ta", `x.sql: line 3: the rows of a COPY have no line \. at their end`},
		{"x.txt", "", "x.txt: it is of no known format"},
	} {
		_, err := Read([]Source{{Name: test.file, Text: []byte(test.text), Format: FormatOf(test.file)}}, Defaults{})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s, %q: %v, want %q", test.file, test.text, err, test.want)
		}
	}
}

// FuzzRead holds that no file brings the reader down, and that each record is
// told in one line.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"sqlite.sql", "pgcopy.sql", "pginserts.sql", "pgcolumns.sql", "mysqldump.sql", "redis.jsonl", "oauth_apps.csv", "oauth_user_tokens.csv"} {
		f.Add(testFile(f, name), string(FormatOf(name)))
	}
	f.Add(`{"type":"user","name":"a","password":"1"}`, "json")
	f.Add(`{"tokens":[{"token":"t"},{"tokn":"t"}]}`, "json")
	f.Add("CREATE TABLE IF NOT EXISTS \"oauth_apps\" (app_id INT, PRIMARY KEY (app_id)); INSERT INTO oauth_apps VALUES (1), (NULL); COPY x FROM stdin;\n\\.\n", "sql")
	f.Fuzz(func(t *testing.T, text, format string) {
		in, err := Read([]Source{{Name: "x", Text: []byte(text), Format: Format(format), Kind: Token}}, Defaults{})
		if err != nil {
			return
		}
		for _, refusal := range in.Refused {
			if strings.ContainsAny(refusal.String(), "\n\r\x1b") {
				t.Fatalf("%q is refused with %q", text, refusal)
			}
		}
	})
}
