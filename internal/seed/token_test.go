package seed_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/internal/oauth"
	"gatehouse/internal/oauth/seal"
	"gatehouse/internal/seed"
)

var instant = time.Date(2035, 1, 2, 3, 4, 5, 0, time.UTC)

// token is a file with a client that has imported tokens and one of them, whose
// fields begin with those given.
func token(fields string) string {
	return `{"clients":[{"id":"old","secret":"s","grants":["xauth"],"scopes":["read","write"],"imported":true},{"id":"other","grants":["xauth"]}],
		"tokens":[{` + fields + `}]}`
}

const goodToken = `"token":"t0ken","secret":"t0ken-secret","client":"old","user_id":"7"`

func TestTokenFaults(t *testing.T) {
	long := strings.Repeat("x", 300)
	without := func(field string) string {
		return token(strings.TrimSuffix(strings.Replace(goodToken+",", field+",", "", 1), ","))
	}
	for _, test := range []struct{ text, want string }{
		{without(`"token":"t0ken"`), "tokens[0].token: is missing"},
		{without(`"secret":"t0ken-secret"`), "tokens[0].secret: is missing"},
		{without(`"client":"old"`), "tokens[0].client: is missing"},
		{without(`"user_id":"7"`), "tokens[0].user_id: is missing"},
		{strings.Replace(token(goodToken), "t0ken", long, 1), "tokens[0].token: takes 1 to 256"},
		{strings.Replace(token(goodToken), "t0ken", "ä", 1), "tokens[0].token: takes"},
		{strings.Replace(token(goodToken), "t0ken", "gth1_x", 1), "tokens[0].token: begins as tokens of Gatehouse do"},
		{strings.Replace(token(goodToken), "t0ken-secret", long, 1), "tokens[0].secret: takes"},
		{strings.Replace(token(goodToken), `"7"`, `"`+long+`"`, 1), "tokens[0].user_id: takes"},
		{strings.Replace(token(goodToken), `"client":"old"`, `"client":"`+long+`"`, 1), "tokens[0].client: takes"},
		{strings.Replace(token(goodToken), `"client":"old"`, `"client":"new"`, 1), `tokens[0].client: "new" is no client of the file that says "imported": true`},
		{strings.Replace(token(goodToken), `"client":"old"`, `"client":"other"`, 1), `tokens[0].client: "other" is no client of the file`},
		{token(goodToken + `,"user_name":"a\nb"`), "tokens[0].user_name: takes"},
		{token(goodToken + `,"scopes":["a b"]`), `tokens[0].scopes[0]: "a b" is not a scope`},
		{token(goodToken + `,"created":"yesterday"`), "tokens[0].created: takes epoch seconds"},
		{token(goodToken + `,"created":"1380000000000"`), "tokens[0].created: takes epoch seconds"},
		{token(goodToken + `,"created":"0"`), "tokens[0].created: takes epoch seconds"},
		{token(goodToken + `,"expires":"-1"`), "tokens[0].expires: takes epoch seconds"},
		{token(goodToken + "},{" + goodToken), "tokens[1].token: is already that of tokens[0]"},
		{client(`,"public":true,"imported":true`), "clients[0].imported: a public client has no OAuth 1.0 tokens"},
		{`{"users":[{"name":"a","password":"b","password_hash":"c"}]}`, "users[0].password: is there beside password_hash"},
		{`{"users":[{"name":"a"}]}`, "users[0].password: is missing"},
		{`{"users":[{"name":"a","password_hash":"md5$secret"}]}`, "users[0].password_hash: it is of no known kind"},
		{`{"users":[{"name":"a","password_hash":"$2b$31$` + strings.Repeat("a", 53) + `"}]}`, "users[0].password_hash: bcrypt of cost 31, and 15 is the highest"},
	} {
		_, err := seed.Parse([]byte(test.text))
		var fault *seed.FieldError
		if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "t0ken-secret") {
			t.Errorf("%.200s: %v, want %q", test.text, err, test.want)
		}
	}
}

func TestSeedTokens(t *testing.T) {
	s := newSeeder(t)
	file := parse(t, token(goodToken+`,"created":"1380000000"},{"token":"2","secret":"x","client":"old","user_id":"8","user_name":"Bob","scopes":["read"],"expires":"2040-01-01"`))
	for range 2 { // again is no change
		if _, err := s.Seed(t.Context(), file); err != nil {
			t.Fatal(err)
		}
	}
	id, _ := seal.Imported("t0ken")
	got, err := s.Sessions.Find(t.Context(), id.Session, instant, oauth.Strong)
	if err != nil || got.Client != "old" || got.User != "7" || got.UserName != "7" || !slices.Equal(got.Scope, []string{"read", "write"}) ||
		got.Protocol != oauth.OAuth1 || got.Created.Unix() != 1380000000 || !got.Expires.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
	if secret, err := s.Keys.ImportedSecret(&got); err != nil || secret.Reveal() != "t0ken-secret" {
		t.Errorf("secret %q, %v", secret.Reveal(), err)
	}
	id, _ = seal.Imported("2")
	got, err = s.Sessions.Find(t.Context(), id.Session, instant, oauth.Strong)
	if err != nil || got.UserName != "Bob" || !slices.Equal(got.Scope, []string{"read"}) || !got.Created.Equal(instant) || got.Expires.Year() != 2040 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSeedTokensRefused(t *testing.T) {
	for text, want := range map[string]string{
		token(goodToken + `,"scopes":["admin"]`):     "tokens[0].scopes: client \"old\" may not have all of them",
		token(goodToken + `,"expires":"2035-01-02"`): "tokens[0].expires: has come",
	} {
		wantSeedRefused(t, newSeeder(t), text, want)
	}
}

// What is there already is another's.
func TestSeedTokensThatDiffer(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(token(goodToken), "t0ken-secret", "another", 1):                                                              "tokens[0].secret: is another than",
		strings.Replace(token(goodToken), `"user_id":"7"`, `"user_id":"8"`, 1):                                                       "tokens[0].user_id: is another than",
		token(goodToken + `,"scopes":["read"]`):                                                                                      "tokens[0].scopes: are others than",
		strings.Replace(strings.Replace(token(goodToken), `"client":"old"`, `"client":"third"`, 1), `"id":"old"`, `"id":"third"`, 1): "tokens[0].client: is another than",
	} {
		s := newSeeder(t)
		if _, err := s.Seed(t.Context(), parse(t, token(goodToken))); err != nil {
			t.Fatal(err)
		}
		wantSeedRefused(t, s, text, want)
	}
}

func wantSeedRefused(t *testing.T, s *house, text, want string) {
	t.Helper()
	_, err := s.Seed(t.Context(), parse(t, text))
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s: %v, want %q", text, err, want)
	}
}

// A token that was revoked, or is over, is not made anew by the file that it came
// with, and stops nothing.
func TestSeedRevivesNoToken(t *testing.T) {
	s := newSeeder(t)
	file := parse(t, token(goodToken+`,"expires":"2035-02-01"},{"token":"2","secret":"x","client":"old","user_id":"8"`))
	again := func(what string, absent int) {
		t.Helper()
		if seeded, err := s.Seed(t.Context(), file); err != nil || seeded.Absent != absent {
			t.Errorf("%s: %d tokens are absent, want %d, %v", what, seeded.Absent, absent, err)
		}
	}
	again("a new client", 0)
	again("nothing has changed", 0)
	revoked, _ := seal.Imported("2")
	if err := s.Sessions.Revoke(t.Context(), oauth.Revocation{ID: revoked.Session}); err != nil {
		t.Fatal(err)
	}
	again("one was revoked", 1)
	s.Now = instant.AddDate(0, 2, 0)
	again("the other is over", 2)
	if _, err := s.Sessions.Find(t.Context(), revoked.Session, instant, oauth.Strong); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("the token is alive: %v", err)
	}
}

// A client that is written over still knows its tokens.
func TestImportedStays(t *testing.T) {
	s := newSeeder(t)
	for _, text := range []string{token(goodToken), `{"clients":[{"id":"old","grants":["xauth"]}]}`} {
		if _, err := s.Seed(t.Context(), parse(t, text)); err != nil {
			t.Fatal(err)
		}
		if client, err := s.Registry.Client(t.Context(), "old"); err != nil || !client.Imported {
			t.Errorf("%+v, %v", client, err)
		}
	}
}

func TestSeedPasswordHash(t *testing.T) {
	s := newSeeder(t)
	const hash = "$2b$04$zSx6C7YOhrpbiE9I9mCTbu8IFI/oA9.bUSukNXjwGWs4vxk314OKS"
	if _, err := s.Seed(t.Context(), parse(t, `{"users":[{"name":"a","password_hash":"`+hash+`"}]}`)); err != nil {
		t.Fatal(err)
	}
	if user, err := s.Registry.User(t.Context(), "a"); err != nil || user.PasswordHash != hash || user.ID == "" {
		t.Errorf("%+v, %v", user, err)
	}
}
